//! `sandbox fault`: what is armed beside an offline account.

use clap::Args;
use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use uuid::Uuid;

use crate::cli::failure::Failure;
use crate::cli::format;
use crate::cli::format::Format;
use crate::cli::sandbox::Folder;
use crate::cli::terminal::Terminal;
use crate::report::words;
use crate::sandbox::Armed;
use crate::sandbox::Fault;
use crate::sandbox::FaultEntry;
use crate::sandbox::Faults;
use crate::sandbox::Store;

/// Make calls go wrong while the account is served
///
/// Faults are kept beside the account, and act on what comes over HTTP from the next request on. Commands
/// with --sandbox use the account without HTTP and meet none.
#[derive(Args)]
pub(super) struct FaultArgs {
    #[command(subcommand)]
    command: FaultCommand,
}

#[derive(Subcommand)]
enum FaultCommand {
    /// Arm one more
    Add(Box<AddArgs>),
    /// Show what is armed, and how often each acted
    List(ListArgs),
    /// Disarm all, or some
    Clear(ClearArgs),
}

#[derive(Args)]
#[command(after_help = after_help())]
struct AddArgs {
    #[command(flatten)]
    folder: Folder,
    /// What goes wrong
    #[arg(value_name = "KIND", value_parser = PossibleValuesParser::new(Fault::kinds()))]
    kind: String,
    /// On calls to this endpoint, such as put-hosts, or to any; may be given several times
    #[arg(long, value_name = "ENDPOINT", required = true, value_delimiter = ',')]
    on: Vec<String>,
    /// Only on calls about this zone
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Let N such calls pass first
    #[arg(long, value_name = "N")]
    after: Option<u64>,
    /// Act N times; without, until it is cleared
    #[arg(long, value_name = "N")]
    times: Option<u64>,
    /// Act on a call with this probability, such as 0.2
    #[arg(long, value_name = "P")]
    chance: Option<f64>,
    /// What the probability is drawn with; without, a number is chosen and said
    #[arg(long, value_name = "N", requires = "chance")]
    seed: Option<u64>,
    /// How long, such as 200ms or 90s
    #[arg(long, value_name = "TIME")]
    time: Option<String>,
    /// How many calls a stale read is behind
    #[arg(long, value_name = "N")]
    calls: Option<u64>,
    /// The HTTP status
    #[arg(long, value_name = "STATUS")]
    status: Option<u16>,
    /// Let the account do what is asked, whatever the answer says
    #[arg(long)]
    lands: bool,
    /// The permission group that is taken away, such as "Zone WAF Edit"
    #[arg(long, value_name = "GROUP")]
    permission: Option<String>,
    /// When somebody else writes: before-read, in-window or after-write
    #[arg(long, value_name = "MOMENT")]
    moment: Option<String>,
    /// What somebody else does: add-host, drop-host, add-rule, edit-rule, delete-rule or delete-ca
    #[arg(long, value_name = "CHANGE")]
    change: Option<String>,
    /// The host that somebody else adds or drops
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Whose list, or which CA: how its name begins; without, that of the call
    #[arg(long, value_name = "NAME")]
    ca: Option<String>,
    /// Which rule: how its ref or description begins; without, that of the call
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,
    /// The expression of a new or edited rule
    #[arg(long, value_name = "EXPRESSION")]
    expression: Option<String>,
    /// The action of a new or edited rule
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
}

#[derive(Args)]
struct ListArgs {
    #[command(flatten)]
    folder: Folder,
    /// How it is printed; text is a file of faults, with what happened so far as comments
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format::one_of(format::OF_DATA))]
    format: Format,
}

#[derive(Args)]
struct ClearArgs {
    #[command(flatten)]
    folder: Folder,
    /// Which, as `sandbox fault list` counts them; without, all
    #[arg(value_name = "NUMBER")]
    numbers: Vec<usize>,
}

/// The endpoints by name.
fn after_help() -> String {
    let names: Vec<&str> = crate::sandbox::Endpoint::all()
        .map(crate::sandbox::Endpoint::name)
        .collect();
    format!("Endpoints: any, {}", names.join(", "))
}

pub(super) fn run(args: &FaultArgs, terminal: &Terminal) -> Result<(), Failure> {
    match &args.command {
        FaultCommand::Add(args) => add(args, terminal),
        FaultCommand::List(args) => list(args, terminal),
        FaultCommand::Clear(args) => clear(args, terminal),
    }
}

fn add(args: &AddArgs, terminal: &Terminal) -> Result<(), Failure> {
    let entry = args.entry();
    let is_drawn = is_unseeded(&entry);
    let fault = Fault::check(seeded(entry)).map_err(|error| Failure::caused(&error))?;
    let store = Store::at(&args.folder.dir);
    know_zones(&store, std::slice::from_ref(&fault))?;
    let arm = |faults: &mut Faults| faults.arm(fault.clone());
    store
        .update_faults(arm)
        .map_err(|error| Failure::caused(&error))?;
    if is_drawn {
        terminal.say(&format!("The seed is {}.", fault.entry().seed.unwrap_or(0)));
    }
    terminal.say(&format!("Armed: {fault}"));
    Ok(())
}

fn list(args: &ListArgs, terminal: &Terminal) -> Result<(), Failure> {
    let faults = Store::at(&args.folder.dir)
        .faults()
        .map_err(|error| Failure::caused(&error))?;
    if args.format.is_for_programs() {
        let json =
            serde_json::to_string_pretty(&faults).map_err(|error| Failure::caused(&error))?;
        return terminal.document(&format!("{json}\n"));
    }
    if faults.armed().is_empty() {
        terminal.say("No fault is armed.");
        return Ok(());
    }
    let lines = faults.armed().iter().enumerate().map(|(index, armed)| {
        let number = index + 1;
        format!("# {number}: {}\n- {}\n", told(armed), armed.fault())
    });
    terminal.print(&lines.collect::<String>())
}

impl FaultArgs {
    /// How it was asked to print.
    pub(super) fn format(&self) -> Format {
        match &self.command {
            FaultCommand::List(args) => args.format,
            FaultCommand::Add(_) | FaultCommand::Clear(_) => Format::Text,
        }
    }
}

fn clear(args: &ClearArgs, terminal: &Terminal) -> Result<(), Failure> {
    let store = Store::at(&args.folder.dir);
    let mut numbers = args.numbers.clone();
    // From the last on, so that the numbers of the others stay what they were.
    numbers.sort_unstable();
    numbers.dedup();
    let cleared = store.update_faults(|faults| {
        let armed = faults.armed().len();
        if let Some(unknown) = numbers.iter().find(|number| !(1..=armed).contains(*number)) {
            return Err(*unknown);
        }
        if numbers.is_empty() {
            *faults = Faults::default();
            return Ok(armed);
        }
        for number in numbers.iter().rev() {
            faults.disarm(*number);
        }
        Ok(numbers.len())
    });
    match cleared.map_err(|error| Failure::caused(&error))? {
        Ok(cleared) => {
            terminal.say(&format!("Disarmed {}.", words::count(cleared, "fault")));
            Ok(())
        }
        Err(unknown) => Err(Failure::error(format!("no fault has the number {unknown}"))
            .hint("see `mtlsctl sandbox fault list`")),
    }
}

impl AddArgs {
    fn entry(&self) -> FaultEntry {
        let Self {
            folder: _,
            kind,
            on,
            zone,
            after,
            times,
            chance,
            seed,
            time,
            calls,
            status,
            lands,
            permission,
            moment,
            change,
            host,
            ca,
            rule,
            expression,
            action,
        } = self;
        FaultEntry {
            fault: kind.clone(),
            on: on.clone(),
            zone: zone.clone(),
            after: *after,
            times: *times,
            chance: *chance,
            seed: *seed,
            time: time.clone(),
            calls: *calls,
            status: *status,
            lands: lands.then_some(true),
            permission: permission.clone(),
            moment: moment.clone(),
            change: change.clone(),
            host: host.clone(),
            ca: ca.clone(),
            rule: rule.clone(),
            expression: expression.clone(),
            action: action.clone(),
        }
    }
}

pub(super) fn is_unseeded(entry: &FaultEntry) -> bool {
    entry.chance.is_some() && entry.seed.is_none()
}

/// With a seed, where one is needed. Short, so that it can be typed again.
pub(super) fn seeded(mut entry: FaultEntry) -> FaultEntry {
    if is_unseeded(&entry) {
        entry.seed = Some(u64::from(Uuid::new_v4().as_fields().1));
    }
    entry
}

/// Refuses zones that the account does not have: such a fault would never act.
pub(super) fn know_zones(store: &Store, faults: &[Fault]) -> Result<(), Failure> {
    let account = store.account().map_err(|error| Failure::caused(&error))?;
    let zones: Vec<String> = account.zone_names().map(str::to_owned).collect();
    let mut named = faults
        .iter()
        .filter_map(|fault| fault.entry().zone.as_deref());
    match named.find(|named| !zones.iter().any(|zone| zone == named)) {
        None => Ok(()),
        Some(unknown) => Err(Failure::error(format!(
            "the offline account has no zone {unknown}; it has {}",
            words::list(&zones)
        ))),
    }
}

fn told(armed: &Armed) -> String {
    let told = format!(
        "met {}, acted on {}",
        words::count(usize::try_from(armed.met()).unwrap_or(usize::MAX), "call"),
        armed.fired()
    );
    match armed.in_vain() {
        None => told,
        Some((times, why)) => format!("{told}, in vain on {times}: {}", words::visible(why)),
    }
}
