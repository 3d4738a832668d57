//! The columns of the coverage matrix: which clients are shown, and what heads them.

use std::collections::BTreeSet;

use crate::audit::Cell;
use crate::audit::Coverage;
use crate::audit::Outcome;
use crate::audit::Row;
use crate::edge::Client;
use crate::edge::KeyIds;
use crate::edge::Reading;
use crate::edge::Verdict;
use crate::report::words;

/// A longer name of a CA makes way for a number.
const LONGEST_HEADING: usize = 16;

/// A client that has a column of its own.
pub(super) struct Column {
    /// What stands above it.
    pub(super) heading: String,
    /// The client in full, where the heading does not say it.
    pub(super) explained: Option<String>,
    /// Which cell of a row is its.
    pub(super) client: usize,
}

/// Where a column stands: strangers first, then CAs by their names and by their numbers, and last what
/// Cloudflare runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    First,
    Named(String),
    Numbered,
    Last,
}

/// A client by its place in the matrix.
enum Who<'c> {
    Fixed(&'static str),
    /// Clients of a CA, by its name.
    Of(&'c str),
    /// Like the client at that place, but for one thing: who would be expected to get in no further.
    Like(usize, Shade<'c>),
}

/// What sets a client apart from one that is otherwise the same.
#[derive(Clone, Copy)]
enum Shade<'c> {
    /// Its certificate is of an intermediate below the CA of that name.
    Below(&'c str),
    /// Its certificate is revoked.
    Revoked,
}

/// The columns, and sentences about clients that have none.
pub(super) fn columns(coverage: &Coverage) -> (Vec<Column>, Vec<String>) {
    let mut headings = Headings::default();
    let (mut columns, mut silent) = (Vec::new(), Vec::new());
    for (client, who) in who(&coverage.clients).into_iter().enumerate() {
        let full = coverage.clients.get(client).map_or("", String::as_str);
        let (heading, explained) = match &who {
            Who::Fixed(word) => ((*word).to_owned(), Some(full.to_owned())),
            Who::Of(name) => headings.of(name, full),
            Who::Like(other, shade) => match (Alike::of(&coverage.rows, client, *other), *shade) {
                (Alike::Further, Shade::Below(_)) => headings.numbered(full),
                (Alike::Further, Shade::Revoked) => ("revoked".to_owned(), Some(full.to_owned())),
                (alike, shade) => {
                    silent.push((alike, shade));
                    continue;
                }
            },
        };
        let place = match (&who, &explained) {
            (Who::Fixed(_), _) if client < 2 => Place::First,
            (Who::Fixed(_) | Who::Like(_, Shade::Revoked), _) => Place::Last,
            (_, None) => Place::Named(heading.clone()),
            (_, Some(_)) => Place::Numbered,
        };
        let column = Column {
            heading: words::visible(&heading),
            explained,
            client,
        };
        columns.push((place, column));
    }
    columns.sort_by(|(one, _), (other, _)| one.cmp(other));
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    (columns, remarks(&silent))
}

/// What is said of clients without a column: that they get in where their like do. That they are stopped is
/// what everybody expects.
fn remarks(silent: &[(Alike, Shade<'_>)]) -> Vec<String> {
    let mut remarks = Vec::new();
    for (wanted, place) in [
        (Alike::Everywhere, ""),
        (Alike::Somewhere, " on some of these hosts"),
    ] {
        let those = silent.iter().filter(|(alike, _)| *alike == wanted);
        let (mut cas, mut revoked) = (Vec::new(), false);
        for (_, shade) in those {
            match shade {
                Shade::Below(ca) => cas.push((*ca).to_owned()),
                Shade::Revoked => revoked = true,
            }
        }
        if !cas.is_empty() {
            let cas = words::list(&cas);
            remarks.push(format!(
                "Certificates of intermediates below {cas} get in like those of the CA itself{place}."
            ));
        }
        if revoked {
            remarks.push(format!(
                "Revoked certificates of the Cloudflare-managed CA get in like its others{place}."
            ));
        }
    }
    remarks
}

/// Who the clients are. The first two and the last two are always the same; between them each CA is
/// followed by the intermediates below it.
fn who(clients: &[String]) -> Vec<Who<'_>> {
    let managed = |revoked| {
        Client::Managed {
            revoked,
            key_ids: KeyIds::NoneOf(BTreeSet::new()),
        }
        .to_string()
    };
    let (none, stranger) = (Client::None.to_string(), Client::Stranger.to_string());
    let (managed, revoked) = (managed(false), managed(true));
    let mut found: Vec<Who<'_>> = Vec::new();
    for (at, client) in clients.iter().enumerate() {
        let issuer = client.strip_prefix("of ").unwrap_or(client);
        let above = match found.last() {
            Some(Who::Of(above)) if issuer == format!("an intermediate below {above}") => {
                Some(*above)
            }
            _ => None,
        };
        found.push(if *client == none && at == 0 {
            Who::Fixed("none")
        } else if *client == stranger && at == 1 {
            Who::Fixed("stranger")
        } else if *client == managed && at + 2 == clients.len() {
            Who::Fixed("managed")
        } else if *client == revoked && at + 1 == clients.len() {
            Who::Like(at.saturating_sub(1), Shade::Revoked)
        } else if let Some(above) = above {
            Who::Like(at - 1, Shade::Below(above))
        } else {
            Who::Of(issuer)
        });
    }
    found
}

/// The headings of CAs, each once.
#[derive(Default)]
struct Headings {
    taken: BTreeSet<String>,
    numbered: usize,
}

impl Headings {
    /// The CA's name where it is short and nothing else is called so.
    fn of(&mut self, name: &str, full: &str) -> (String, Option<String>) {
        let shown = words::visible(name);
        let is_word = ["none", "stranger", "managed", "revoked"].contains(&shown.as_str());
        let fits = shown.chars().count() <= LONGEST_HEADING && !shown.starts_with("CA ");
        if fits && !is_word && !shown.trim().is_empty() && self.taken.insert(shown.clone()) {
            (shown, None)
        } else {
            self.numbered(full)
        }
    }

    fn numbered(&mut self, full: &str) -> (String, Option<String>) {
        self.numbered += 1;
        (format!("CA {}", self.numbered), Some(full.to_owned()))
    }
}

/// How the cells of a client compare with those of one that is expected to get in at least as far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alike {
    /// It gets in somewhere where the other does not.
    Further,
    /// It gets in wherever the other does.
    Everywhere,
    /// It gets in at some places where the other does.
    Somewhere,
    /// It gets in nowhere where others need a certificate.
    Stopped,
}

impl Alike {
    fn of(rows: &[Row], client: usize, other: usize) -> Self {
        let (mut gets_in, mut stays_out) = (false, false);
        for row in rows {
            let (Some(cell), Some(beside), Some(bare)) = (
                row.cells.get(client),
                row.cells.get(other),
                row.cells.first(),
            ) else {
                continue;
            };
            for reading in Reading::BOTH {
                let rank = |cell: &Cell| openness(cell.under(reading));
                if rank(cell) > rank(beside) {
                    return Self::Further;
                }
                // Where it gets in without a certificate too, it says nothing.
                if rank(beside) > rank(bare) {
                    gets_in |= rank(cell) > rank(bare);
                    stays_out |= rank(cell) < rank(beside);
                }
            }
        }
        match (gets_in, stays_out) {
            (false, _) => Self::Stopped,
            (true, false) => Self::Everywhere,
            (true, true) => Self::Somewhere,
        }
    }
}

/// How far an outcome lets in; what is unknown may let in, but is not said to.
pub(super) fn openness(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Always(Verdict::Pass) => 4,
        Outcome::Depends => 3,
        Outcome::Unknown => 2,
        Outcome::Always(Verdict::Challenge) => 1,
        Outcome::Always(Verdict::Block) => 0,
    }
}
