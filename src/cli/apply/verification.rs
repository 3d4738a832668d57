//! `apply --verify` and `--verify-each-wave`: what hosts should do after a wave and in the end, and what they do.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use clap::ArgGroup;
use clap::Args;
use futures::FutureExt as _;
use futures::future::BoxFuture;

use crate::cli::failure::Failure;
use crate::cli::look::Look;
use crate::cli::probing::Probing;
use crate::cli::probing::ProbingArgs;
use crate::cli::terminal::Terminal;
use crate::desired::Desired;
use crate::edge::State;
use crate::execute::Gate;
use crate::execute::Patience;
use crate::live::Rules;
use crate::observe::Observed;
use crate::plan::Allowed;
use crate::plan::Change;
use crate::plan::Plan;
use crate::plan::Wave;
use crate::plan::effect;
use crate::plan::effective;
use crate::report;
use crate::report::verify::Origin;
use crate::resource::Hostname;
use crate::verify;
use crate::verify::Options;
use crate::verify::Report;
use crate::verify::Scope;

/// Whether and how the hosts are looked at from outside.
#[derive(Args)]
#[command(
    next_help_heading = "Verification",
    group(ArgGroup::new("verifies").args(["verify", "verify_each_wave"]).multiple(true)),
    mut_group("ProbingArgs", |group| group.requires("verifies")),
)]
pub(super) struct VerificationArgs {
    /// After the last wave, connect to the hosts as `verify` does, and compare them with the account as the plan leaves it
    #[arg(long)]
    verify: bool,
    /// Do so after every wave too, for the hosts that it may have changed, and stop if one does not do what it should
    #[arg(long)]
    verify_each_wave: bool,
    #[command(flatten)]
    probing: ProbingArgs,
}

/// What was asked for, with everything read that it takes.
pub(super) struct Verification<'a> {
    probing: Probing<'a>,
    is_each_wave: bool,
    parallel: usize,
}

impl VerificationArgs {
    /// Reads what is given; `None` where nothing is to be looked at.
    pub(super) fn read(
        &self,
        look: &Look,
        parallel: usize,
        terminal: &Terminal,
    ) -> Result<Option<Verification<'_>>, Failure> {
        if !self.verify && !self.verify_each_wave {
            return Ok(None);
        }
        let Observed { desired, at, .. } = &look.observed;
        let scope = Scope::of_file(desired, *at);
        let probing = self.probing.read(&scope, terminal)?;
        // The hosts of an offline account are nowhere but at its edge: their names may lead to somebody real.
        if look.connection.sandbox.is_some()
            && let Some(host) = scope.hosts.keys().find(|host| !probing.is_placed(host))
        {
            return Err(Failure::error(format!(
                "`--verify` with --sandbox does not look names up, and {host} has no --resolve"
            ))
            .hint(format!(
                "serve the edge of the account with `mtlsctl sandbox serve --edge 127.0.0.1:8443`, and give \
                 --resolve {host}:127.0.0.1:8443 and --cacert"
            )));
        }
        Ok(Some(Verification {
            probing,
            is_each_wave: self.verify_each_wave,
            parallel,
        }))
    }
}

impl Verification<'_> {
    /// What is to be looked at when a plan is run.
    pub(super) fn checks<'p>(
        &self,
        look: &Look,
        plan: &'p Plan,
        allowed: &Allowed,
    ) -> Result<Checks<'p>, Failure> {
        let Observed {
            desired, live, at, ..
        } = &look.observed;
        let desired = &effective(desired, live, *at, allowed);
        let before = effect::state_now(desired, live, *at);
        let mut state = before.clone();
        let mut waves = BTreeMap::new();
        for (nth, wave) in plan.waves.iter().enumerate() {
            state = effect::state_from(state, (desired, live), wave.steps.iter(), *at);
            let is_last = nth + 1 == plan.waves.len();
            if self.is_each_wave && !is_last {
                let scope = scope((state.clone(), &before), desired, look);
                let hosts = touched(wave, &scope);
                if let (false, Ok(mut scope)) = (hosts.is_empty(), scope.only(&hosts)) {
                    // They say what holds in the end.
                    scope.tests.clear();
                    waves.insert(nth, self.check(scope, look)?);
                }
            }
        }
        let scope = scope((state, &before), desired, look);
        Ok(Checks {
            plan,
            waves,
            end: self.check(scope, look)?,
        })
    }

    fn check(&self, scope: Scope, look: &Look) -> Result<Check, Failure> {
        let options = self
            .probing
            .options(&scope, look.observed.at, self.parallel)?;
        Ok(Check { scope, options })
    }
}

/// The hosts of the file in a state; clients of CAs that were there before are told apart in every one.
fn scope((state, before): (State, &State), desired: &Desired, look: &Look) -> Scope {
    let mut scope = Scope::of(state, desired, look.observed.at);
    let gone = before.cas.values().filter(|ca| {
        let mut known = scope.cas.iter();
        !known.any(|known| known.certificates == ca.certificates)
    });
    let gone: Vec<_> = gone.cloned().collect();
    scope.cas.extend(gone);
    // Rules that are there before, of whoever, answer in their own ways.
    let zones = look.observed.live.zones.iter();
    let rules = zones.flat_map(|(name, zone)| {
        let listed = zone.rules.as_ref().map_or(&[][..], Rules::as_slice);
        let deployed = zone.deployed.values().flatten();
        listed.iter().chain(deployed).map(move |rule| (name, rule))
    });
    rules
        .filter_map(|(zone, rule)| Some((zone, rule.own_status()?)))
        .fold(scope, |scope, (zone, status)| {
            scope.blocking_with(zone, status)
        })
}

/// The hosts of which a wave may change what they do.
fn touched(wave: &Wave, scope: &Scope) -> Vec<Hostname> {
    let hosts = scope.hosts.iter().filter(|(host, zone)| {
        wave.steps.iter().any(|step| match &step.change {
            Change::UploadCa { .. } | Change::DeleteCa { .. } => false,
            Change::ReplaceHosts {
                zone: there,
                before,
                after,
                ..
            } => {
                there == *zone
                    && before.0.contains(host.as_str()) != after.0.contains(host.as_str())
            }
            Change::Rule { zone: there, .. } => there == *zone,
        })
    });
    hosts.map(|(host, _)| host.clone()).collect()
}

/// Hosts, with what they should do at one moment.
struct Check {
    scope: Scope,
    options: Options,
}

impl Check {
    /// Looks until everything is as it should be or patience is at its end: the edge may lag.
    async fn look(&self, patience: Patience) -> Report {
        let started = Instant::now();
        let mut seen = verify::run(&self.scope, &self.options).await;
        let mut looks = 1;
        while !seen.is_as_expected()
            && let Some(wait) = patience.wait(looks, started.elapsed())
        {
            tokio::time::sleep(wait).await;
            seen = self.again(seen).await;
            looks += 1;
        }
        seen
    }

    /// Looks again at those hosts that were not as they should be.
    async fn again(&self, seen: Report) -> Report {
        let Ok(scope) = self.scope.clone().only(&wrong(&seen)) else {
            return seen;
        };
        let mut again = verify::run(&scope, &self.options).await.hosts;
        let hosts = seen.hosts.into_iter().map(|host| {
            let place = again.iter().position(|one| one.host == host.host);
            place.map_or(host, |place| again.swap_remove(place))
        });
        Report {
            hosts: hosts.collect(),
            remarks: seen.remarks,
        }
    }
}

/// The hosts with which something is wrong.
pub(super) fn wrong(seen: &Report) -> Vec<Hostname> {
    let wrong = seen.hosts.iter().filter(|host| !host.findings.is_empty());
    wrong.map(|host| host.host.clone()).collect()
}

/// Everything that is looked at when a plan is run.
pub(super) struct Checks<'p> {
    plan: &'p Plan,
    /// By the wave that was before, counted from 0.
    waves: BTreeMap<usize, Check>,
    end: Check,
}

/// What was seen.
pub(super) struct Seen<'p> {
    /// After which wave; `None` at the end.
    pub(super) wave: Option<&'p Wave>,
    origin: Origin,
    pub(super) report: Report,
}

impl Seen<'_> {
    /// All of it, for people.
    pub(super) fn text(&self, width: usize) -> String {
        report::verify::text(&self.report, self.origin, width)
    }
}

impl<'p> Checks<'p> {
    /// How many hosts are looked at in the end.
    pub(super) fn hosts(&self) -> usize {
        self.end.scope.hosts.len()
    }

    /// Looks at all hosts, and again for `settle` at those that are not as they should be.
    pub(super) async fn at_end(&self, settle: Duration) -> Seen<'p> {
        Seen {
            wave: None,
            origin: Origin::Account,
            report: self.end.look(Patience::DEFAULT.within(settle)).await,
        }
    }
}

/// Looks at hosts between waves.
pub(super) struct WaveGate<'c, 'p> {
    checks: &'c Checks<'p>,
    /// How long the edge may lag.
    settle: Duration,
    /// Hears how many hosts are about to be connected to.
    begin: &'c (dyn Fn(usize) + Sync),
    /// Hears what was seen.
    tell: &'c (dyn Fn(&Seen<'p>) + Sync),
    /// What closed it.
    closed: Mutex<Option<Seen<'p>>>,
}

impl<'c, 'p> WaveGate<'c, 'p> {
    pub(super) fn new(
        checks: &'c Checks<'p>,
        settle: Duration,
        begin: &'c (dyn Fn(usize) + Sync),
        tell: &'c (dyn Fn(&Seen<'p>) + Sync),
    ) -> Self {
        Self {
            checks,
            settle,
            begin,
            tell,
            closed: Mutex::new(None),
        }
    }

    /// What closed it, if it is closed.
    pub(super) fn closed(self) -> Option<Seen<'p>> {
        let closed = self.closed.into_inner();
        closed.unwrap_or_else(PoisonError::into_inner)
    }

    async fn look(&self, wave: usize) -> bool {
        let Some(check) = self.checks.waves.get(&wave) else {
            return true;
        };
        (self.begin)(check.scope.hosts.len());
        let seen = Seen {
            wave: self.checks.plan.waves.get(wave),
            origin: Origin::Wave(wave + 1),
            report: check.look(Patience::DEFAULT.within(self.settle)).await,
        };
        (self.tell)(&seen);
        let is_open = seen.report.is_as_expected();
        if !is_open {
            let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
            *closed = Some(seen);
        }
        is_open
    }
}

impl Gate for WaveGate<'_, '_> {
    fn looks_after(&self, wave: usize) -> bool {
        self.checks.waves.contains_key(&wave)
    }

    fn is_open(&self, wave: usize) -> BoxFuture<'_, bool> {
        self.look(wave).boxed()
    }
}
