//! `explain`: which rule decides for a request, and why.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::file::FileArgs;
use crate::cli::format;
use crate::cli::format::Format;
use crate::cli::look;
use crate::cli::look::Look;
use crate::cli::target;
use crate::cli::target::TargetArgs;
use crate::cli::terminal::Terminal;
use crate::edge;
use crate::edge::Client;
use crate::edge::Explanation;
use crate::edge::InvalidGiven;
use crate::edge::Path as IssuedBy;
use crate::edge::Reading;
use crate::edge::State;
use crate::edge::clients;
use crate::plan::Allowed;
use crate::plan::effect;
use crate::report;
use crate::report::explain::Asked;
use crate::report::explain::Explained;
use crate::report::words;
use crate::resource::Hostname;
use crate::resource::Zone;
use crate::resource::ZoneName;
use crate::resource::zone::zone_of;

/// Show which rule decides for a request, and why
///
/// Takes a request through the zone's custom rules, one by one, with everything that is not given left open.
/// On the live account, or with --desired on the account as it will be once the file has been applied.
#[derive(Args)]
pub struct ExplainArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// The host of the request
    #[arg(long, value_name = "HOST", value_parser = Hostname::parse)]
    host: Hostname,
    /// What the client presents: `none`, `stranger`, `managed`, `revoked` (a revoked certificate of the managed
    /// CA), the name of a CA, or `below:` and the name of a CA for an intermediate that is not known
    #[arg(long, value_name = "CA", default_value = "none")]
    certificate: String,
    /// The path of the request, perhaps with a query
    #[arg(long, value_name = "PATH", value_parser = path)]
    path: Option<String>,
    /// Another field of the request; may be given several times
    #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// On the account as it will be once the file has been applied
    #[arg(long)]
    desired: bool,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format::one_of(format::OF_DATA))]
    format: Format,
}

fn path(text: &str) -> Result<String, String> {
    if text.starts_with('/') {
        Ok(text.to_owned())
    } else {
        Err("a path begins with `/`".to_owned())
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, value)) if is_field(field) => Ok((field.to_owned(), value.to_owned())),
        _ => Err("write a field and its value, such as `ip.src=192.0.2.7`".to_owned()),
    }
}

fn is_field(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    !text.is_empty() && text.chars().all(is_part)
}

pub(super) async fn run(args: &ExplainArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let (state, zone) = if args.desired {
        args.state_to_be(terminal).await?
    } else {
        args.state_as_it_is(terminal).await?
    };
    let Some(here) = state.zones.get(&zone) else {
        return Err(Failure::error(format!(
            "the custom rules or the host lists of {zone} were not read"
        ))
        .hint("give the token the permissions `Zone WAF: Read` and `SSL and Certificates: Read`"));
    };
    let authorities = here.hosts.get(&args.host).cloned().unwrap_or_default();
    let asks = state.asks(&authorities);
    let cas = state.names(&authorities);
    let given = args.given()?;
    let mut found = Vec::new();
    for client in args.clients(&state)? {
        let mut explanations = Vec::new();
        for reading in Reading::BOTH {
            let request = edge::presented(&zone, args.host.as_str(), &client, &asks, reading);
            let request = request
                .with_given(&given, &here.rules)
                .map_err(|error| not_given(&error))?;
            explanations.push((reading, Explanation::of(&here.rules, &request)));
        }
        found.push((client, explanations));
    }
    let given = given.iter();
    let given: Vec<String> = given
        .map(|(field, value)| format!("{field} is {value}"))
        .collect();
    let explained = found.iter().map(|(client, explanations)| {
        let asked = Asked {
            host: &args.host,
            zone: &zone,
            client,
            given: &given,
            cas: &cas,
            state: if args.desired {
                "once the file has been applied"
            } else {
                "as the account is now"
            },
        };
        (asked, explanations.as_slice())
    });
    for (field, _) in &args.settings {
        if !edge::is_tested(field, &here.rules) {
            terminal.say(&format!("No rule of {zone} tests `{field}`."));
        }
    }
    args.print(&explained.collect::<Vec<_>>(), terminal)?;
    Ok(ExitCode::SUCCESS)
}

impl ExplainArgs {
    /// How it was asked to print.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    fn print(&self, explained: &[Explained<'_>], terminal: &Terminal) -> Result<(), Failure> {
        if self.format.is_for_programs() {
            return terminal.document(&report::json::explanation(explained));
        }
        let width = terminal.width();
        let texts = explained
            .iter()
            .map(|(asked, explanations)| report::explain::text(asked, explanations, width));
        terminal.print(&texts.collect::<Vec<_>>().join("\n"))
    }

    /// The live account, as far as the zone of the host goes.
    async fn state_as_it_is(&self, terminal: &Terminal) -> Result<(State, ZoneName), Failure> {
        let config = self.target.config(terminal)?;
        let connection = self.target.connect(config.as_ref(), &[], None, terminal)?;
        let reader = connection.client.reader();
        let zones = reader.zones(&connection.account).await;
        let zones = match zones {
            Ok(zones) => zones,
            Err(error) => {
                return Err(look::explain(&error, &connection).await);
            }
        };
        let zone = self.zone(&zones)?;
        let only = BTreeSet::from([zone.clone()]);
        let subject = self
            .target
            .survey(&connection, Some(&only), terminal)
            .await?;
        let mut state = subject.live.state(self.target.moment());
        if let Some(config) = &config {
            state.managed_key_ids = target::managed_key_ids(config);
            for (bundle, issuers) in target::issuers(config) {
                state.note_issuers(&bundle, &issuers);
            }
        }
        Ok((state, zone))
    }

    /// The account after the plan.
    async fn state_to_be(&self, terminal: &Terminal) -> Result<(State, ZoneName), Failure> {
        let file = FileArgs::at(self.target.path().unwrap_or(Path::new("mtls.yaml")));
        let at = self.target.moment();
        let look = Look::at(at, &file, &self.target.account, terminal).await?;
        let plan = look.plan(&Allowed::default(), terminal)?;
        let observed = &look.observed;
        let zones: Vec<Zone> = observed.live.zones().cloned().collect();
        let zone = self.zone(&zones)?;
        let state = effect::state_after(&observed.desired, &observed.live, plan.steps(), at);
        Ok((state, zone))
    }

    fn zone(&self, zones: &[Zone]) -> Result<ZoneName, Failure> {
        let names = zones.iter().map(|zone| &zone.name);
        zone_of(&self.host, names).cloned().ok_or_else(|| {
            Failure::error(format!(
                "the account has no zone for {}, or the token does not show it",
                self.host
            ))
        })
    }

    /// The fields that are given, by name.
    fn given(&self) -> Result<BTreeMap<String, String>, Failure> {
        edge::fields(self.path.as_deref(), &self.settings).map_err(|error| not_given(&error))
    }

    /// The clients that are meant: several where a CA has several issuers.
    fn clients(&self, state: &State) -> Result<Vec<Client>, Failure> {
        let all = clients([state]);
        let wanted = self.certificate.as_str();
        let (wanted, path) = match wanted.strip_prefix("below:") {
            Some(ca) => (ca, IssuedBy::Subordinate),
            None => (wanted, IssuedBy::Direct),
        };
        let is_meant = |client: &&Client| match client {
            Client::None => wanted == "none",
            Client::Stranger => wanted == "stranger",
            Client::Managed { revoked: false, .. } => {
                wanted == "managed" || wanted == "cloudflare-managed"
            }
            Client::Managed { revoked: true, .. } => wanted == "revoked",
            Client::Issued(issued) => {
                issued.path == path
                    && state
                        .cas
                        .values()
                        .any(|ca| ca.name == wanted && issued.is_of(ca))
            }
        };
        let meant: Vec<Client> = all.iter().filter(is_meant).cloned().collect();
        if meant.is_empty() {
            let mut names: Vec<String> = state
                .cas
                .values()
                .map(|ca| format!("`{}`", ca.name))
                .collect();
            names.sort();
            let known = if names.is_empty() {
                "the account has no CA".to_owned()
            } else {
                format!("the account has {}", words::list(&names))
            };
            return Err(Failure::error(format!("there is no CA `{}`: {known}", self.certificate))
                .hint("besides the names of CAs there are `none`, `stranger`, `managed` and `revoked`"));
        }
        Ok(meant)
    }
}

/// Why a field cannot be given.
fn not_given(error: &InvalidGiven) -> Failure {
    let failure = Failure::error(error.to_string());
    match error {
        InvalidGiven::Fixed { .. } => failure.hint("use --host and --certificate"),
        InvalidGiven::Twice { .. } => failure.hint("--path says what the path and the query are"),
        InvalidGiven::Kind { .. } => failure,
    }
}
