//! `graph`: who is asked for whose certificates, and who gets in, as a picture.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::file;
use crate::cli::file::FileArgs;
use crate::cli::format;
use crate::cli::format::Format;
use crate::cli::look;
use crate::cli::look::Look;
use crate::cli::target;
use crate::cli::target::TargetArgs;
use crate::cli::terminal::Terminal;
use crate::config::UnsetAccount;
use crate::desired;
use crate::desired::Zones;
use crate::plan::Allowed;
use crate::plan::alone;
use crate::plan::effect;
use crate::report;
use crate::report::graph::Graph;
use crate::resource::ZoneName;

/// Where the file is, if it is needed and not named.
const USUAL: &str = "mtls.yaml";

/// Draw CAs, hosts and rules, and who gets in
///
/// Shows the live account, the file alone, or what a plan changes. A host is green if clients without a
/// certificate are blocked there, red if they get in, amber in between; hosts that nothing tells apart share a
/// box.
#[derive(Args)]
pub struct GraphArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Show what the plan of the file changes
    #[arg(long, conflicts_with = "file_only")]
    plan: bool,
    /// Show what the file alone says, without any account
    #[arg(long, conflicts_with_all = ["sandbox", "account_id", "zones"])]
    file_only: bool,
    /// A zone to look at, instead of the file's or all of them; may be given several times
    #[arg(long = "zone", value_name = "ZONE", value_parser = ZoneName::parse)]
    zones: Vec<ZoneName>,
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "mermaid", value_parser = format::one_of(format::OF_PICTURES))]
    format: Format,
}

pub(super) async fn run(args: &GraphArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let mut graph = if args.file_only {
        args.of_file(terminal)?
    } else if args.plan {
        args.of_plan(terminal).await?
    } else {
        args.of_account(terminal).await?
    };
    if !args.zones.is_empty() {
        graph.zones.retain(|zone| args.zones.contains(&zone.name));
    }
    let drawn = match args.format {
        Format::Dot => report::graph::dot(&graph),
        Format::Svg => report::graph::svg(&graph),
        _ => report::graph::mermaid(&graph),
    };
    if args.format == Format::Mermaid && report::graph::is_too_large(&drawn) {
        terminal.say(
            "careful: this is more than Mermaid draws unless its limits are raised; --format svg has no limit, and \
             --zone makes the picture smaller",
        );
    }
    terminal.document(&drawn)?;
    Ok(ExitCode::SUCCESS)
}

impl GraphArgs {
    pub(super) fn format(&self) -> Format {
        self.format
    }

    fn path(&self) -> &Path {
        self.target.path().unwrap_or(Path::new(USUAL))
    }

    fn of_file(&self, terminal: &Terminal) -> Result<Graph, Failure> {
        let config = file::load(self.path(), UnsetAccount::Allowed, terminal)?;
        let at = self.target.moment();
        let desired = desired::resolve(&config, &Zones::of_file(), at)
            .map_err(|problems| FileArgs::failure(&problems, terminal))?;
        Ok(Graph::of(&alone::state(&desired, at)))
    }

    async fn of_plan(&self, terminal: &Terminal) -> Result<Graph, Failure> {
        let file = FileArgs::at(self.path());
        let at = self.target.moment();
        let look = Look::at(at, &file, &self.target.account, terminal).await?;
        let plan = look.plan(&Allowed::default(), terminal)?;
        let (desired, live) = (&look.observed.desired, &look.observed.live);
        let before = effect::state_now(desired, live, at);
        let after = effect::state_after(desired, live, plan.steps(), at);
        Ok(Graph::change(&before, &after))
    }

    async fn of_account(&self, terminal: &Terminal) -> Result<Graph, Failure> {
        let config = self.target.config(terminal)?;
        let connection = self
            .target
            .connect(config.as_ref(), &self.zones, None, terminal)?;
        let only: BTreeSet<ZoneName> = if self.zones.is_empty() {
            let listed = config
                .iter()
                .flat_map(|config| config.zones.iter().flatten());
            listed.map(|zone| zone.value.clone()).collect()
        } else {
            self.zones.iter().cloned().collect()
        };
        let only = Some(only).filter(|only| !only.is_empty());
        let subject = self
            .target
            .survey(&connection, only.as_ref(), terminal)
            .await?;
        let unknown = only.iter().flatten();
        let mut unknown = unknown.filter(|zone| !subject.live.zones.contains_key(zone));
        if let Some(zone) = unknown.next() {
            let failure = Failure::error(format!(
                "account {} has no zone {zone} that the token shows",
                connection.account
            ));
            return Err(look::about_zones(failure, &connection));
        }
        let mut state = subject.live.state(self.target.moment());
        if let Some(config) = &config {
            state.managed_key_ids = target::managed_key_ids(config);
            for (bundle, issuers) in target::issuers(config) {
                state.note_issuers(&bundle, &issuers);
            }
        }
        for unread in &subject.unread {
            if let Some(zone) = &unread.zone {
                terminal.say(&format!(
                    "careful: {} of {zone} could not be read",
                    unread.what
                ));
            }
        }
        Ok(Graph::of(&state))
    }
}
