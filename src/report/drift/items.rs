//! What differs, in words: objects of which the same is to be said are one item.

use crate::drift::Difference;
use crate::drift::Drift;
use crate::drift::Extent;
use crate::drift::Grade;
use crate::drift::Object;
use crate::drift::What;
use crate::report::drift::words as told;
use crate::report::words;

/// How many hosts of one list are named before the rest is counted.
const HOSTS_SHOWN: usize = 6;

/// One object, or several hosts of one list.
pub(in crate::report) struct Item {
    /// `-` for what is missing in the account, `+` for what it has beyond the file, `~` for what differs.
    pub(in crate::report) symbol: char,
    /// What it is about.
    pub(in crate::report) object: String,
    /// What is different, whose side changed and what else there is to say; a sentence each.
    pub(in crate::report) said: Vec<String>,
}

/// How bad all of it is, in a sentence.
pub(in crate::report) fn grade(drift: &Drift) -> String {
    match (drift.differences.len(), drift.tests.len()) {
        (0, 0) => "No drift: the account is what the file asks for.".to_owned(),
        (0, _) => "Nothing differs, but the account does not do what the file expects.".to_owned(),
        _ if drift.grade.is_neutral() => {
            "Drift: neutral, nobody gets in or is stopped by it.".to_owned()
        }
        _ => format!("Drift: {}.", drift.grade),
    }
}

/// How much it is, in a sentence; nothing where there is none.
pub(in crate::report) fn sums(drift: &Drift) -> Option<String> {
    let (count, failing) = (drift.differences.len(), drift.tests.len());
    let mut sums = Vec::new();
    if count > 0 {
        sums.push(words::count(count, "difference"));
    }
    if failing > 0 {
        let noun = words::count(failing, "access test");
        let verb = if failing == 1 { "does" } else { "do" };
        sums.push(format!("{noun} {verb} not hold"));
    }
    (!sums.is_empty()).then(|| format!("{}.", sums.join("; ")))
}

/// The differences of each grade, the worst first.
pub(in crate::report) fn by_grade(differences: &[Difference]) -> Vec<(&'static str, Vec<Item>)> {
    let of = |exposed: bool, locked_out: bool| -> Vec<&Difference> {
        let is_meant = |difference: &&Difference| {
            let Grade {
                exposed: one,
                locked_out: other,
            } = difference.grade;
            (one != Extent::Nobody, other != Extent::Nobody) == (exposed, locked_out)
        };
        differences.iter().filter(is_meant).collect()
    };
    let groups = [
        ("Exposed and locked out", of(true, true)),
        ("Exposed", of(true, false)),
        ("Locked out", of(false, true)),
        ("Neutral", of(false, false)),
    ];
    let groups = groups.into_iter().filter(|(_, group)| !group.is_empty());
    groups
        .map(|(title, group)| {
            let alike = group.chunk_by(|one, other| are_of_one_list(one, other));
            (title, alike.filter_map(item).collect())
        })
        .collect()
}

/// Whether two differences are hosts of one list, of which the same is to be said.
fn are_of_one_list(one: &Difference, other: &Difference) -> bool {
    let list = |difference: &Difference| match &difference.object {
        Object::Pair { zone, ca, .. } => Some((zone.clone(), ca.clone())),
        Object::Ca { .. } | Object::Rule { .. } => None,
    };
    list(one).is_some()
        && list(one) == list(other)
        && (&one.what, one.side, one.may_be_stopped)
            == (&other.what, other.side, other.may_be_stopped)
        && (one.grade, one.is_hidden) == (other.grade, other.is_hidden)
}

fn item(same: &[&Difference]) -> Option<Item> {
    let first = same.first()?;
    let symbol = match first.what {
        What::Missing => '-',
        What::Surplus => '+',
        What::Differs { .. } | What::Misplaced { .. } => '~',
    };
    let mut said = vec![format!("{}; {}", told::what(first), told::side(first))];
    let grade = first.grade.to_string();
    if grade.contains("possibly") {
        said.push(grade);
    }
    if first.is_hidden {
        said.push("it shows only once another difference is put right".to_owned());
    }
    Some(Item {
        symbol,
        object: object(same)?,
        said,
    })
}

fn object(same: &[&Difference]) -> Option<String> {
    let hosts = same
        .iter()
        .filter_map(|difference| match &difference.object {
            Object::Pair { host, .. } => Some(host.clone()),
            Object::Ca { .. } | Object::Rule { .. } => None,
        });
    let mut hosts: Vec<String> = hosts.collect();
    let first = same.first()?;
    let Object::Pair { zone, ca, .. } = &first.object else {
        return Some(first.object.to_string());
    };
    if hosts.len() > HOSTS_SHOWN {
        let more = hosts.split_off(HOSTS_SHOWN).len();
        hosts.push(format!("{more} more"));
    }
    Some(format!("{} for CA {ca} in {zone}", words::list(&hosts)))
}
