//! Names for things that the account calls anything, or nothing.

use std::collections::BTreeSet;

use crate::config::CLOUDFLARE_MANAGED;
use crate::resource::Name;

/// Names that a file may not give: the managed CA's, and those of clients without a known CA.
const RESERVED: [&str; 4] = [CLOUDFLARE_MANAGED, "none", "unknown", "stranger"];

/// How long a name made from a text may become; people have to read it.
const LONGEST: usize = 40;

/// Names of one kind, each given once.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(BTreeSet<Name>);

impl Names {
    /// Gives the name if it is free.
    pub(super) fn exactly(&mut self, name: &Name) -> bool {
        !RESERVED.contains(&name.as_str()) && self.0.insert(name.clone())
    }

    /// Gives a name like the text, or like `otherwise` where nothing of the text can be kept; with a number
    /// behind it where it is taken.
    pub(super) fn like(&mut self, text: &str, otherwise: &str) -> Name {
        let made = slug(text);
        let made = if made.is_empty() { otherwise } else { &made };
        let numbered = (2..).map(|number| format!("{made}-{number}"));
        let mut names = std::iter::once(made.to_owned())
            .chain(numbered)
            .filter_map(|name| Name::parse(&name).ok());
        loop {
            // Only so many are taken, and there is no end of numbers.
            if let Some(name) = names.next()
                && self.exactly(&name)
            {
                return name;
            }
        }
    }
}

/// The letters and digits of a text, lower case, with a hyphen for whatever stands between them.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let whole = slug.len() <= LONGEST;
    slug.truncate(LONGEST);
    if !whole && let Some((words, _)) = slug.rsplit_once('-') {
        slug.truncate(words.len());
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn any_text_makes_a_name_and_none_is_given_twice() {
        let mut names = Names::default();
        let texts = [
            "Fleet 2026 (prod)",
            "fleet-2026--PROD",
            "none",
            "Ünïcode — ✓",
            "✓",
            "",
            "a.b.example.com",
            "require a client certificate on all of the hosts there are",
        ];
        let given = texts.map(|text| names.like(text, "ca").to_string());
        assert_eq!(
            given,
            [
                "fleet-2026-prod",
                "fleet-2026-prod-2",
                "none-2",
                "n-code",
                "ca",
                "ca-2",
                "a-b-example-com",
                "require-a-client-certificate-on-all-of",
            ]
        );
    }
}
