//! What somebody who runs a plan takes upon themselves, as arguments.

use clap::Args;

use crate::plan::Consent;
use crate::resource::Hostname;

/// What a plan may do that it otherwise must not.
#[derive(Args)]
pub(crate) struct ConsentArgs {
    /// Let clients of this host be turned away for a moment although they get in before and after; may be given
    /// several times
    #[arg(long, value_name = "HOST", value_parser = Hostname::parse, help_heading = "Consent")]
    allow_interruption: Vec<Hostname>,
}

impl ConsentArgs {
    /// What is allowed.
    pub(super) fn given(&self) -> Consent {
        Consent {
            interruptions: self.allow_interruption.iter().cloned().collect(),
        }
    }
}
