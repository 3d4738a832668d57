//! The words for what differs and whose side changed.

use crate::drift::Difference;
use crate::drift::Object;
use crate::drift::Side;
use crate::drift::What;
use crate::plan::Reason;
use crate::report::words;

/// What is different, in words that follow the object.
pub(in crate::report) fn what(difference: &Difference) -> String {
    let with_hosts = match &difference.object {
        Object::Ca { hosts, .. } if !hosts.is_empty() => {
            format!(", with {}", words::count(hosts.len(), "host"))
        }
        _ => String::new(),
    };
    match &difference.what {
        What::Missing => format!("in the file, not in the account{with_hosts}"),
        What::Surplus => format!("in the account, not in the file{with_hosts}"),
        What::Differs { fields, .. } => {
            let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
            format!("file and account differ: {}", words::list(&fields))
        }
        What::Misplaced { reason } => match reason {
            Reason::Bypassed { by } => {
                format!("the rule `{by}` above it could let requests past it")
            }
            Reason::OutOfOrder { first } => format!("the file names {first} first"),
            _ => "it stands in another place than in the file".to_owned(),
        },
    }
}

/// Whose side changed.
pub(in crate::report) fn side(difference: &Difference) -> String {
    let side = match (difference.side, &difference.what) {
        (Side::FileChanged, _) => "the file changed",
        (Side::ChangedOutside, What::Missing) => "changed outside: somebody took it away",
        (Side::ChangedOutside, _) => "changed outside",
        (Side::AddedOutside, What::Misplaced { .. }) => "added outside: that rule is not ours",
        (Side::AddedOutside, _) => "added outside",
        (Side::NotTold, _) => "whose side changed cannot be told",
    };
    let stopped = if difference.may_be_stopped {
        ", or left by a run that was stopped"
    } else {
        ""
    };
    format!("{side}{stopped}")
}
