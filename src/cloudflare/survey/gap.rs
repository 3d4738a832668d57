//! What a survey could not read, and whether it can do without.

use std::collections::BTreeSet;

use crate::cloudflare::Error;
use crate::live::Looked;
use crate::live::Unread;
use crate::resource::ZoneName;

/// What was read, or why it was not.
pub(super) type Read<T> = Result<T, Box<Gap>>;

/// Something that was left unread, and the answer because of which it was.
#[derive(Debug)]
pub(super) struct Gap {
    unread: Unread,
    error: Error,
}

/// Everything that was left unread so far.
#[derive(Debug, Default)]
pub(super) struct Gaps(BTreeSet<Unread>);

/// Tells an answer that leaves a gap from one that ends the survey.
///
/// The first kind is a missing permission, and an answer that the feature is not there: 50002, or a 404
/// where it does not clearly mean *none*, such as the route error that zones without a feature may give
/// (API reference, section 2.2). Custom rules are everywhere, so for them such a 404 is an error.
pub(super) fn or_gap<T>(
    read: Result<T, Error>,
    what: Looked,
    zone: Option<&ZoneName>,
) -> Result<Read<T>, Error> {
    let error = match read {
        Ok(read) => return Ok(Ok(read)),
        Err(error) => error,
    };
    let is_absent =
        error.is_not_entitled() || (error.is_not_found() && what != Looked::CustomRules);
    if !is_absent && !error.is_permission() {
        return Err(error);
    }
    let needs = error.needs().filter(|_| !is_absent);
    let unread = Unread {
        what,
        zone: zone.cloned(),
        permission: needs.map(str::to_owned),
    };
    Ok(Err(Box::new(Gap { unread, error })))
}

/// A gap of which no answer tells: what should be read is gone.
pub(super) fn gone(what: Looked, zone: &ZoneName) -> Unread {
    Unread {
        what,
        zone: Some(zone.clone()),
        permission: None,
    }
}

impl Gaps {
    /// Notes what was left unread.
    pub(super) fn note(&mut self, unread: Unread) {
        self.0.insert(unread);
    }

    /// What was read; a gap is noted.
    pub(super) fn fill<T>(&mut self, read: Read<T>) -> Option<T> {
        match read {
            Ok(read) => Some(read),
            Err(gap) => {
                self.note(gap.unread);
                None
            }
        }
    }

    /// What was read of all zones; the first gap's error where nothing was.
    pub(super) fn fill_some<T>(
        &mut self,
        read: impl IntoIterator<Item = (ZoneName, Read<T>)>,
    ) -> Result<Vec<(ZoneName, T)>, Error> {
        let mut found = Vec::new();
        let mut first = None;
        for (zone, read) in read {
            match read {
                Ok(read) => found.push((zone, read)),
                Err(gap) => {
                    self.note(gap.unread);
                    first.get_or_insert(gap.error);
                }
            }
        }
        match first {
            Some(error) if found.is_empty() => Err(error),
            _ => Ok(found),
        }
    }

    /// All of it, in order.
    pub(super) fn into_list(self) -> Vec<Unread> {
        self.0.into_iter().collect()
    }
}
