//! The file, and the plan that it leads to.

use crate::doctor::Check;
use crate::doctor::File;
use crate::doctor::Planned;
use crate::doctor::State;

pub(super) fn check(file: &File) -> Check {
    match file {
        File::None => Check::new(
            "file",
            State::Ok,
            "there is none: the account is judged without one",
        ),
        File::Broken { path, reason } => Check::new(
            "file",
            State::Problem,
            format!("{} cannot be used: {reason}", path.display()),
        )
        .remedy("see all of it with `mtlsctl validate`"),
        File::Read { path, .. } => {
            Check::new("file", State::Ok, format!("{} is valid", path.display()))
        }
    }
}

pub(super) fn planned(plan: &Planned) -> Check {
    match plan {
        Planned::Ready(plan) if plan.0.is_empty() => Check::new(
            "plan",
            State::Ok,
            "the account is as the file says, nothing is left to do",
        ),
        Planned::Ready(plan) => {
            let steps = plan.0.steps().count();
            let steps = match steps {
                1 => "1 step".to_owned(),
                _ => format!("{steps} steps"),
            };
            Check::new(
                "plan",
                State::Ok,
                format!("the file leads to a safe plan of {steps}"),
            )
        }
        Planned::Refused { reason, .. } => Check::new(
            "plan",
            State::Warning,
            format!("the file leads to no plan that is carried out: {reason}"),
        )
        .remedy("see the whole refusal with `mtlsctl plan`"),
    }
}
