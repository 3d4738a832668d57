//! The file as text, as somebody would write it who tells the next reader what was found where.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::Timestamp;

use crate::config::CLOUDFLARE_MANAGED;
use crate::import::Draft;
use crate::import::groups::Group;
use crate::import::rules::FileRule;
use crate::import::rules::Piece;
use crate::import::rules::Response;
use crate::resource::AccountId;
use crate::resource::Hostname;
use crate::resource::Name;
use crate::resource::ZoneName;

/// Lines are not longer than this, in characters, where they can be broken.
const WIDTH: usize = 98;

/// Where the certificates of a CA lie, beside the file.
pub(super) fn path(name: &Name) -> String {
    format!("ca/{name}.pem")
}

/// The text of the file.
pub(super) fn text(
    draft: &Draft<'_>,
    account: &AccountId,
    zones: &BTreeSet<ZoneName>,
    quota: usize,
    at: Timestamp,
) -> String {
    let mut text = comment(
        "",
        &format!(
            "Made by `mtlsctl import` from account {account} as it was on {}. Planning it right after changes \
             nothing: what it does not say stays as it is, and is listed at the end.",
            day(at)
        ),
    );
    let zones = zones.iter().map(ToString::to_string).collect::<Vec<_>>();
    let _ = write!(
        text,
        "\nversion: 1\naccount: {account}\nowner: {}\n",
        draft.ground.owner
    );
    text.push_str(&list("", "zones", &zones));
    let _ = write!(
        text,
        "quota: {quota}  # CA certificates that the account may hold, by its contract\n\n"
    );
    text.push_str(&cas(draft, at));
    text.push_str(&hostnames(draft));
    text.push_str(&rules(draft));
    if !draft.left_out.is_empty() {
        text.push('\n');
        text.push_str(&comment("", "Not in this file, and left as it is:"));
        for one in &draft.left_out {
            text.push_str(&bullet(&one.to_string()));
        }
    }
    text
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn cas(draft: &Draft<'_>, at: Timestamp) -> String {
    let used = |name: &Name| {
        draft
            .ground
            .hosts
            .values()
            .any(|host| host.cas.contains(name))
    };
    let managed = draft.ground.managed.as_ref();
    let managed = managed.filter(|_| draft.ground.hosts.values().any(|host| host.is_managed));
    if draft.ground.cas.is_empty() && managed.is_none() {
        return "cas: []\n\n".to_owned();
    }
    let mut text = "cas:\n".to_owned();
    for (name, (ca, bundle)) in &draft.ground.cas {
        let mut told = format!("\"{}\" in the account", ca.label());
        if let Some(on) = ca.uploaded_on {
            let _ = write!(told, ", uploaded on {}", day(on));
        }
        let _ = write!(told, ", valid until {}", day(bundle.not_after()));
        text.push_str(&comment("  ", &told));
        // A missing key id matters to rules that pin, and those are compared host by host.
        for defect in bundle.defects(at, false) {
            text.push_str(&comment("  ", &format!("careful: {defect}")));
        }
        if !used(name) {
            text.push_str(&comment("  ", "no host asks for its certificates"));
        }
        let path = path(name);
        text.push_str(&entry(
            "  ",
            &[("name", name.as_str()), ("certificates", &path)],
        ));
    }
    if let Some(key_ids) = managed {
        text.push_str(&comment(
            "  ",
            "the CA that Cloudflare runs, with the key ids that rules pin",
        ));
        let _ = writeln!(text, "  - name: {CLOUDFLARE_MANAGED}");
        let ids: Vec<String> = key_ids.iter().map(|id| scalar(id.as_str())).collect();
        text.push_str(&list("    ", "key_ids", &ids));
    }
    text + "\n"
}

fn hostnames(draft: &Draft<'_>) -> String {
    if draft.groups.is_empty() {
        return "hostnames: []\n\n".to_owned();
    }
    let mut text = "hostnames:\n".to_owned();
    for group in &draft.groups {
        let open: Vec<String> = group
            .hosts
            .iter()
            .filter(|host| !is_protected(draft, host))
            .map(ToString::to_string)
            .collect();
        if !open.is_empty() {
            let whole = open.len() == group.hosts.len();
            let which = if whole {
                "these hosts".to_owned()
            } else {
                open.join(", ")
            };
            text.push_str(&comment(
                "  ",
                &format!(
                    "careful: no rule of this file stops requests without a certificate to {which}"
                ),
            ));
        }
        let _ = writeln!(text, "  - name: {}", group.name);
        text.push_str(&list("    ", "cas", &group.cas));
        let hosts: Vec<String> = group.hosts.iter().map(ToString::to_string).collect();
        text.push_str(&list("    ", "hosts", &hosts));
    }
    text + "\n"
}

/// Whether a rule of the file blocks requests to a host.
fn is_protected(draft: &Draft<'_>, host: &Hostname) -> bool {
    draft.rules.iter().any(|rule| {
        rule.meaning.enabled && rule.meaning.action == "block" && rule.hosts.contains(host)
    })
}

fn rules(draft: &Draft<'_>) -> String {
    if draft.rules.is_empty() {
        return "rules: []\n".to_owned();
    }
    let rules = draft
        .rules
        .iter()
        .map(|rule| self::rule(rule, &draft.groups));
    let rules: Vec<String> = rules.collect();
    format!("rules:\n{}", rules.join("\n"))
}

fn rule(rule: &FileRule, groups: &[Group]) -> String {
    let mut text = String::new();
    for piece in &rule.pieces {
        let told = format!("\"{}\" in {}", piece.label, piece.zone);
        text.push_str(&comment("  ", &told));
    }
    if rule.pieces.iter().any(|piece| piece.is_case_sensitive) {
        text.push_str(&comment(
            "  ",
            "careful: it compares hosts without lower(), so that clients get past it by writing a host in \
             capitals; it is written anew with the first change of what it says",
        ));
    }
    let _ = writeln!(text, "  - name: {}", rule.name);
    text.push_str(&list("    ", "hostnames", &members(&rule.hosts, groups)));
    let meaning = &rule.meaning;
    if meaning.action != "block" {
        let _ = writeln!(text, "    action: {}", meaning.action);
    }
    if !meaning.pin {
        text.push_str("    pin: false\n");
    }
    if let Some(unless) = &meaning.unless {
        let _ = writeln!(text, "    unless: {}", quoted(&unless.to_string()));
    }
    if let Some(response) = &meaning.response {
        text.push_str(&self::response(response));
    }
    if !meaning.enabled {
        text.push_str("    enabled: false\n");
    }
    let adopted: Vec<&Piece> = rule
        .pieces
        .iter()
        .filter(|piece| piece.is_adopted)
        .collect();
    if !adopted.is_empty() {
        text.push_str("    adopt:\n");
        for piece in adopted {
            let reference = scalar(&piece.reference);
            text.push_str(&entry(
                "      ",
                &[("zone", piece.zone.as_str()), ("ref", &reference)],
            ));
        }
    }
    text
}

fn response(response: &Response) -> String {
    format!(
        "    response:\n      status: {}\n      content_type: {}\n      content: {}\n",
        response.status,
        quoted(&response.content_type),
        quoted(&response.content)
    )
}

/// The hosts of a rule: groups where they are all of a group, else one by one.
fn members(hosts: &BTreeSet<Hostname>, groups: &[Group]) -> Vec<String> {
    let mut members = Vec::new();
    for group in groups {
        if group.hosts.is_subset(hosts) {
            members.push(group.name.to_string());
        } else {
            let some = group.hosts.intersection(hosts);
            members.extend(some.map(ToString::to_string));
        }
    }
    members
}

/// An entry of a list, on one line where it fits.
fn entry(indent: &str, pairs: &[(&str, &str)]) -> String {
    let told: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    let line = format!("{indent}- {{ {} }}\n", told.join(", "));
    if line.chars().count() <= WIDTH {
        return line;
    }
    format!("{indent}- {}\n", told.join(&format!("\n{indent}  ")))
}

/// A list of names, on one line where it fits.
fn list(indent: &str, key: &str, items: &[String]) -> String {
    let line = format!("{indent}{key}: [{}]\n", items.join(", "));
    if line.chars().count() <= WIDTH {
        return line;
    }
    let items = items.iter().map(|item| format!("{indent}  - {item}\n"));
    format!("{indent}{key}:\n{}", items.collect::<String>())
}

/// A text that YAML takes for nothing but a text.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.'))
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "y" | "n"
        );
    if is_plain {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A text in quotes: single ones, or double ones where it has what only an escape can say.
fn quoted(text: &str) -> String {
    if !text.chars().any(is_odd) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut quoted = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                let _ = write!(quoted, "\\{c}");
            }
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if is_odd(c) => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// Whether a character ends a line, does something to a terminal, or may not stand in YAML.
fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn comment(indent: &str, text: &str) -> String {
    lines(&format!("{indent}# "), &format!("{indent}# "), text)
}

fn bullet(text: &str) -> String {
    lines("# - ", "#   ", text)
}

/// The words of a text in lines that begin so, characters that a comment cannot hold escaped.
fn lines(first: &str, next: &str, text: &str) -> String {
    let mut lines = String::new();
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in text.split_whitespace() {
        let word: String = word
            .chars()
            .flat_map(|c| {
                let escaped = is_odd(c).then(|| c.escape_unicode());
                let plain = escaped.is_none().then_some(c);
                escaped.into_iter().flatten().chain(plain)
            })
            .collect();
        let length = line.chars().count() + 1 + word.chars().count();
        if !is_empty && length > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            next.clone_into(&mut line);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(&word);
        is_empty = false;
    }
    lines.push_str(line.trim_end());
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::lines;
    use super::quoted;
    use super::scalar;

    #[test]
    fn texts_are_quoted_where_yaml_would_take_them_for_something_else() {
        for (text, written) in [
            ("3fa8c1", "'3fa8c1'"),
            ("a1", "a1"),
            ("platform/rule/1", "platform/rule/1"),
            ("no", "'no'"),
            ("it's", "'it''s'"),
        ] {
            assert_eq!(scalar(text), written);
        }
        assert_eq!(quoted("a\n\"b\"\u{7}"), "\"a\\n\\\"b\\\"\\U00000007\"");
    }

    #[test]
    fn a_comment_stays_one() {
        let text = lines(
            "# ",
            "# ",
            &format!("a\nb: c\u{85}d \u{202e} {}", "word ".repeat(30)),
        );
        assert!(text.lines().all(|line| line.starts_with("# ")), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 98),
            "{text}"
        );
        assert!(text.contains("a b: c d \\u{202e}"), "{text}");
    }
}
