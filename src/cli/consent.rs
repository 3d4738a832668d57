//! What somebody who runs a plan takes upon themselves, as arguments.

use clap::Args;

use crate::plan::Allowed;
use crate::plan::Consent;
use crate::resource::Hostname;
use crate::resource::Name;

const HEADING: &str = "Consent";

/// What a plan may do that it otherwise must not; each flag lifts just what it says.
#[derive(Args)]
pub(crate) struct ConsentArgs {
    /// Let clients of this host be turned away for a moment although they get in before and after; may be given
    /// several times
    #[arg(long = "allow-interruption", value_name = "HOST", value_parser = Hostname::parse, help_heading = HEADING)]
    interruption: Vec<Hostname>,
    /// Let this host stand open to clients without a certificate; may be given several times
    #[arg(long = "allow-open", value_name = "HOST", value_parser = Hostname::parse, help_heading = HEADING)]
    open: Vec<Hostname>,
    /// Let verdicts change on so many protected hosts, or let so many lose every rule
    #[arg(long = "allow-changed-hosts", value_name = "N", help_heading = HEADING)]
    changed_hosts: Option<usize>,
    /// Let so many CAs and rules of ours be deleted
    #[arg(long = "allow-deletes", value_name = "N", help_heading = HEADING)]
    deletes: Option<usize>,
    /// Upload this CA although it ends soon; may be given several times
    #[arg(long = "allow-expiring", value_name = "CA", value_parser = Name::parse, help_heading = HEADING)]
    expiring: Vec<Name>,
    /// Let verdicts change on this host, which is not ours, and rules of others for it lose a CA; a zone stands for
    /// its rules that name no host; may be given several times
    #[arg(long = "allow-side-effect", value_name = "HOST", value_parser = Hostname::parse, help_heading = HEADING)]
    side_effect: Vec<Hostname>,
    /// Let this CA go although the one that follows it has not been accepted for `min_overlap` yet; by its name
    /// in the file, or in the account where it has left the file; may be given several times
    #[arg(long = "allow-short-overlap", value_name = "CA", help_heading = HEADING)]
    short_overlap: Vec<String>,
}

impl ConsentArgs {
    /// The CAs that need not wait.
    pub(super) fn short_overlaps(&self) -> Allowed {
        Allowed {
            cas: self.short_overlap.iter().cloned().collect(),
        }
    }

    /// Whether nothing is allowed.
    pub(super) fn is_none(&self) -> bool {
        self.given() == Consent::default() && self.short_overlaps() == Allowed::default()
    }

    /// What is allowed.
    pub(super) fn given(&self) -> Consent {
        let hosts = |hosts: &[Hostname]| hosts.iter().cloned().collect();
        Consent {
            interruptions: hosts(&self.interruption),
            deletes: self.deletes,
            changed_hosts: self.changed_hosts,
            expiring: self.expiring.iter().cloned().collect(),
            opened: hosts(&self.open),
            side_effects: hosts(&self.side_effect),
        }
    }
}
