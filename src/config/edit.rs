//! Edits of the file: a CA replaced or joined by its successor, with every other byte as it was.
//!
//! Text is spliced in at the places that reading recorded. Nothing here is trusted: whoever edits reads the
//! result again, and takes it only if it means what was meant ([`Edited::is_as_meant`]).

mod meaning;
mod splice;

use std::fmt;

use jiff::civil::Date;

use crate::config::Ca;
use crate::config::CaContent;
use crate::config::Config;
use crate::resource::Name;

use meaning::Meaning;
use splice::Splices;

/// What is to become of a CA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// Its name in the file.
    pub name: Name,
    /// The path of the new content, as it shall stand in the file.
    pub to: String,
    /// The day from which the old content counts as absent; with it, the new one gets a name of its own.
    pub retire: Option<Date>,
}

/// A file with a rotation in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// What it says, without a byte order mark.
    pub text: String,
    /// The name that the new content has.
    pub name: Name,
    rotation: Rotation,
}

/// Why a file is not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotEdited {
    /// No CA has this name.
    #[error("the file has no CA `{name}`")]
    NoSuchCa {
        /// The name.
        name: Name,
        /// The names that there are.
        known: Vec<Name>,
    },
    /// It is the CA that Cloudflare runs.
    #[error("CA `{name}` is run by Cloudflare: there is nothing to replace")]
    Managed {
        /// The name.
        name: Name,
    },
    /// The path would be read as something else.
    #[error("the path `{path}` cannot stand in the file: `${{…}}` would be replaced")]
    Path {
        /// The path.
        path: String,
    },
    /// No name is left for the new content.
    #[error("there is no free name for the CA that follows `{name}`")]
    NoName {
        /// The name of the old one.
        name: Name,
    },
}

/// Writes a rotation into a file.
///
/// # Errors
/// [`NotEdited`]: a rotation that makes no sense for it.
pub fn rotate(config: &Config, rotation: &Rotation) -> Result<Edited, NotEdited> {
    let Rotation { name, to, retire } = rotation;
    let ca = config.cas.iter().find(|ca| ca.name.value == *name);
    let ca = ca.ok_or_else(|| NotEdited::NoSuchCa {
        name: name.clone(),
        known: config.cas.iter().map(|ca| ca.name.value.clone()).collect(),
    })?;
    let CaContent::Uploaded { bundle, .. } = &ca.content else {
        return Err(NotEdited::Managed { name: name.clone() });
    };
    if to.contains("${") {
        return Err(NotEdited::Path { path: to.clone() });
    }
    let mut splices = Splices::of(config.source.text());
    let new = match retire {
        None => {
            splices.replace_value(bundle.at, &scalar(to));
            name.clone()
        }
        Some(day) => {
            let new = successor(config, ca)?;
            match &ca.retire {
                Some(old) => splices.replace_value(old.at, &day.to_string()),
                None => splices.add_key(ca.name.at, &format!("retire: {day}")),
            }
            let keys = [
                format!("name: {new}"),
                format!("certificates: {}", scalar(to)),
            ];
            splices.add_entry(ca.name.at, &keys);
            for group in &config.groups {
                for member in group.cas.iter().filter(|member| member.value == *name) {
                    splices.add_item(member.at, new.as_str());
                }
            }
            new
        }
    };
    Ok(Edited {
        text: splices.apply(),
        name: new,
        rotation: rotation.clone(),
    })
}

/// `NAME-2`, or with the next number that is free; what ends in such a number counts on from there.
fn successor(config: &Config, ca: &Ca) -> Result<Name, NotEdited> {
    let name = ca.name.value.as_str();
    let counted = name.rsplit_once('-').and_then(|(stem, number)| {
        let number: u32 = number.parse().ok().filter(|number| *number < 1000)?;
        (number >= 2).then_some((stem, number))
    });
    let (stem, last) = counted.unwrap_or((name, 1));
    let names = (last + 1..last + 1000).filter_map(|n| Name::parse(&format!("{stem}-{n}")).ok());
    let is_free = |name: &Name| config.cas.iter().all(|ca| ca.name.value != *name);
    let no_name = || NotEdited::NoName {
        name: ca.name.value.clone(),
    };
    names.into_iter().find(is_free).ok_or_else(no_name)
}

/// A text as a value of the file: bare where nothing in it could mean something else.
fn scalar(text: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
    let begins = |c: char| c.is_ascii_alphabetic() || matches!(c, '.' | '/' | '_');
    let is_path = text.contains('/') || text.contains(".pem");
    if is_path && text.starts_with(begins) && text.chars().all(bare) {
        return text.to_owned();
    }
    // A JSON text is one of YAML, too.
    serde_json::Value::from(text).to_string()
}

impl Edited {
    /// Whether the edited file, read again, means what the rotation makes of the one before.
    #[must_use]
    pub fn is_as_meant(&self, before: &Config, after: &Config) -> bool {
        let mut meant = Meaning::of(before);
        let found = Meaning::of(after);
        let new = after.cas.iter().find(|ca| ca.name.value == self.name);
        let Some(CaContent::Uploaded { bundle, .. }) = new.map(|ca| &ca.content) else {
            return false;
        };
        meant.rotate(&self.rotation, &self.name, &bundle.value);
        meant == found
    }

    /// The edit for somebody who makes it by hand.
    #[must_use]
    pub fn by_hand(&self) -> String {
        let Rotation { name, to, retire } = &self.rotation;
        match retire {
            None => format!("give CA `{name}` the value `certificates: {}`", scalar(to)),
            Some(day) => format!(
                "give CA `{name}` the value `retire: {day}`, add `{{ name: {new}, certificates: {path} }}` to \
                 `cas`, and name {new} in every group that has {name}",
                new = self.name,
                path = scalar(to),
            ),
        }
    }
}

impl fmt::Display for Edited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rotation { name, to, retire } = &self.rotation;
        match retire {
            None => write!(f, "CA {name} is now {to}"),
            Some(day) => write!(
                f,
                "CA {} ({to}) stands beside {name}, which retires on {day}",
                self.name
            ),
        }
    }
}
