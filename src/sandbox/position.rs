//! Where a rule goes (API reference, section 3.4): exactly one of `before`, `after`, `index`.

use serde_json::Value;

use crate::sandbox::envelope::Refusal;
use crate::sandbox::fields::Fields;
use crate::sandbox::ruleset::Rule;

/// A position as sent.
#[derive(Debug)]
pub(crate) enum Position {
    /// Before the rule of this id; before all if empty.
    Before(String),
    /// After the rule of this id; after all if empty.
    After(String),
    /// At this place, counted from 1.
    Index(u64),
}

impl Position {
    /// Takes `position` out of the fields of a rule.
    pub(crate) fn take(fields: &mut Fields) -> Result<Option<Self>, Refusal> {
        let Some(mut sent) = fields.object("position")? else {
            return Ok(None);
        };
        let before = sent.string("before")?;
        let after = sent.string("after")?;
        let index = sent.take("index");
        let position = match (before, after, index) {
            (Some(id), None, None) => Self::Before(id),
            (None, Some(id), None) => Self::After(id),
            (None, None, Some(index)) => Self::Index(whole_number(&sent, &index)?),
            _ => {
                return Err(fields.refuse(
                    "position",
                    "must hold exactly one of before, after and index",
                ));
            }
        };
        sent.finish()?;
        Ok(Some(position))
    }

    /// Puts `rule` into `rules`, in which it is not.
    pub(crate) fn insert(&self, rule: Rule, rules: &mut Vec<Rule>) -> Result<(), Refusal> {
        let find = |id: &str, field: &str| {
            let found = rules.iter().position(|other| other.id == id);
            found.ok_or_else(|| {
                Refusal::invalid(format!(
                    "{field} names {id:?}, which is no other rule of this ruleset"
                ))
                .at(format!("/position/{field}"))
            })
        };
        let at = match self {
            Self::Before(id) if id.is_empty() => 0,
            Self::Before(id) => find(id, "before")?,
            Self::After(id) if id.is_empty() => rules.len(),
            Self::After(id) => find(id, "after")? + 1,
            Self::Index(index) => match usize::try_from(*index) {
                Ok(index) if (1..=rules.len() + 1).contains(&index) => index - 1,
                _ => {
                    let message =
                        format!("index must be from 1 to {}, got {index}", rules.len() + 1);
                    return Err(Refusal::invalid(message).at("/position/index"));
                }
            },
        };
        rules.insert(at, rule);
        Ok(())
    }
}

fn whole_number(sent: &Fields, index: &Value) -> Result<u64, Refusal> {
    index
        .as_u64()
        .ok_or_else(|| sent.refuse("index", "must be a whole number from 1 on"))
}
