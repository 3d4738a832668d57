//! Access tests: what must become of some requests, judged on a state for everything that a test leaves open.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use crate::edge::Asks;
use crate::edge::Authority;
use crate::edge::Ca;
use crate::edge::Client;
use crate::edge::Course;
use crate::edge::Decider;
use crate::edge::Effect;
use crate::edge::Failure;
use crate::edge::Found;
use crate::edge::Model;
use crate::edge::Path;
use crate::edge::Place;
use crate::edge::Reading;
use crate::edge::Rule;
use crate::edge::State;
use crate::edge::Verdict;
use crate::edge::Why;
use crate::edge::clients;
use crate::edge::given;
use crate::edge::presented;
use crate::expression::Bound;
use crate::expression::Guard;
use crate::expression::GuardSet;
use crate::resource::Certificate;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// Requests, and what must become of every one of them.
///
/// A test is about rules and host lists. What Cloudflare does with a CA that is expired is unconfirmed (API
/// reference, section 1.7) and told elsewhere; here every CA counts as valid, so that the tests do not stand
/// against the change that replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessTest {
    /// Where it stands, such as `line 12 of mtls.yaml`.
    pub origin: String,
    /// The host of the requests.
    pub host: Hostname,
    /// What the clients present.
    pub credential: Credential,
    /// The path of the requests, perhaps with a query; begins with `/`.
    pub path: String,
    /// Other fields of the requests, as they were written.
    pub given: Vec<(String, String)>,
    /// What must become of them.
    pub expect: Verdict,
}

/// What the clients of an access test present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// No certificate.
    None,
    /// A certificate whose issuer is not known.
    Stranger,
    /// A certificate of the CA that Cloudflare runs, one that was not revoked.
    Managed,
    /// A certificate of this CA, be it in the account or not: of any of its certificates, or of an
    /// intermediate below it that is known.
    IssuedBy(Ca),
}

impl AccessTest {
    /// Whether it holds in a state, for every request that it means and under both readings.
    ///
    /// # Errors
    /// Why it does not.
    pub fn judge(&self, zone: &ZoneName, state: &State) -> Result<(), Failure> {
        let Some(here) = state.zones.get(zone) else {
            return Err(Why::NotRead(zone.clone()).into());
        };
        let authorities = here.hosts.get(&self.host).cloned().unwrap_or_default();
        let asks = state.asks(&authorities);
        let clients = self.clients(&[state]);
        let [per_host, account_wide] = Reading::BOTH
            .map(|reading| self.judge_under(zone, &here.rules, &asks, &clients, reading));
        let only = |why, reading| {
            let reading = Some(reading);
            Err(Failure { reading, why })
        };
        match (per_host, account_wide) {
            (Ok(()), Ok(())) => Ok(()),
            (Err(why), Ok(())) => only(why, Reading::PerHost),
            (Ok(()), Err(why)) => only(why, Reading::AccountWide),
            (Err(why), Err(_)) => Err(why.into()),
        }
    }

    /// The clients that it means, among those of some states.
    #[must_use]
    pub fn clients(&self, states: &[&State]) -> Vec<Client> {
        let mut own = State::default();
        if let Credential::IssuedBy(ca) = &self.credential {
            // Its clients are known by their issuer even where the account does not have it.
            let content = ca.certificates.iter();
            let content = content.map(Certificate::fingerprint).collect();
            own.cas
                .insert(Authority::Uploaded(Arc::new(content)), ca.clone());
        }
        let all = clients(states.iter().copied().chain([&own]));
        all.into_iter().filter(|one| self.means(one)).collect()
    }

    fn means(&self, client: &Client) -> bool {
        match (&self.credential, client) {
            (Credential::None, Client::None)
            | (Credential::Stranger, Client::Stranger)
            | (Credential::Managed, Client::Managed { revoked: false, .. }) => true,
            (Credential::IssuedBy(ca), Client::Issued(issued)) => {
                issued.path == Path::Direct && issued.is_of_or_below(ca)
            }
            _ => false,
        }
    }

    /// Whether it holds under one reading, with these rules, on a host that asks for this.
    ///
    /// # Errors
    /// Why it does not.
    pub fn judge_under<R: Borrow<Rule>>(
        &self,
        zone: &ZoneName,
        rules: &[R],
        asks: &Asks,
        clients: &[Client],
        reading: Reading,
    ) -> Result<(), Why> {
        let asks = asks.clone().as_if_valid();
        let fields = given::fields(Some(&self.path), &self.given).map_err(Why::Given)?;
        for client in clients {
            let request = presented(zone, self.host.as_str(), client, &asks, reading);
            let request = request.with_given(&fields, rules).map_err(Why::Given)?;
            let all = rules.iter().map(Borrow::borrow);
            let mut model = Model::over(all, &request.also, &request.known);
            let course = model.course(rules, &request).map_err(Why::Bound)?;
            let found = Inquest {
                rules,
                course,
                model,
            };
            found.of(client, self.expect)?;
        }
        if clients.is_empty() {
            return Err(Why::Nobody);
        }
        Ok(())
    }

    /// The command that shows rule by rule what becomes of its requests, now or once the file is applied; without
    /// the names of the file and of the account.
    #[must_use]
    pub fn question(&self, desired: bool) -> String {
        let mut command = format!(
            "mtlsctl explain{} --host {} --certificate {} --path {}",
            if desired { " --desired" } else { "" },
            self.host,
            self.credential.word(),
            quoted(&self.path)
        );
        for (field, value) in &self.given {
            command.push_str(" --set ");
            command.push_str(&quoted(&format!("{field}={value}")));
        }
        command
    }
}

/// As one argument in a shell.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:,@%+".contains(c);
    if text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

impl Credential {
    /// The word for it.
    fn word(&self) -> &str {
        match self {
            Self::None => "none",
            Self::Stranger => "stranger",
            Self::Managed => "cloudflare-managed",
            Self::IssuedBy(ca) => &ca.name,
        }
    }
}

/// What became of one kind of requests, and the search for those that something else should become of.
struct Inquest<'r, R> {
    rules: &'r [R],
    course: Course,
    model: Model,
}

impl<R: Borrow<Rule>> Inquest<'_, R> {
    /// A request with another verdict than expected; one in whose way is no unreadable rule, where there is one.
    fn of(mut self, client: &Client, expect: Verdict) -> Result<(), Why> {
        if self.witness(self.course.possible)?.is_none() {
            return Err(Why::Nobody);
        }
        let (guessed, unreadable) = self.guessed().map_err(Why::Bound)?;
        let mut doubtful = None;
        for found in Verdict::ALL.into_iter().filter(|one| *one != expect) {
            for (rule, decided) in self.deciding(found) {
                let wrong = self.model.both(decided, self.course.with(found));
                let wrong = wrong.map_err(Why::Bound)?;
                let certain = self.model.without(wrong, guessed).map_err(Why::Bound)?;
                let why = |guard, unreadable| {
                    Why::Verdict(Box::new(Found {
                        client: client.clone(),
                        verdict: found,
                        guard,
                        rule: rule.clone(),
                        unreadable,
                    }))
                };
                if let Some(guard) = self.witness(certain)? {
                    return Err(why(guard, None));
                }
                if doubtful.is_none() {
                    let guard = self.witness(wrong)?;
                    doubtful = guard.map(|guard| why(guard, unreadable.clone()));
                }
            }
        }
        doubtful.map_or(Ok(()), Err)
    }

    fn witness(&self, set: GuardSet) -> Result<Option<Guard>, Why> {
        self.model.witness(set).map_err(Why::Bound)
    }

    /// The guards on which a rule that cannot be read may decide, and the first such rule.
    fn guessed(&mut self) -> Result<(GuardSet, Option<Decider>), Bound> {
        let mut guessed = GuardSet::NONE;
        let mut first = None;
        for decision in &self.course.decisions {
            let Some(rule) = rule_at(self.rules, decision.place) else {
                continue;
            };
            let set = match (&rule.condition, &rule.effect) {
                (_, Effect::Nothing) => continue,
                (Err(_), _) => decision.reached,
                (Ok(_), Effect::Unknown) => decision.matched,
                (Ok(_), _) => continue,
            };
            if self.model.witness(set)?.is_some() {
                guessed = self.model.either(guessed, set)?;
                first = first.or_else(|| Some(Decider::from(rule)));
            }
        }
        Ok((guessed, first))
    }

    /// What decides on a verdict, and for which guards; those last of which it is not known.
    fn deciding(&self, found: Verdict) -> Vec<(Option<Decider>, GuardSet)> {
        let by = |is_meant: &dyn Fn(&Rule, Option<Verdict>) -> bool| {
            let decisions = self.course.decisions.iter();
            let meant = decisions.filter_map(|decision| {
                let rule = rule_at(self.rules, decision.place)?;
                let is_meant = is_meant(rule, decision.verdict);
                is_meant.then(|| (Some(Decider::from(rule)), decision.matched))
            });
            meant.collect::<Vec<_>>()
        };
        let mut deciding = by(&|_, verdict| verdict == Some(found));
        if found == Verdict::Pass {
            deciding.push((None, self.course.undecided));
        }
        deciding.extend(by(&|rule, _| rule.effect == Effect::Unknown));
        deciding
    }
}

fn rule_at<R: Borrow<Rule>>(rules: &[R], place: Place) -> Option<&Rule> {
    let rule: &Rule = rules.get(place.rule)?.borrow();
    match (place.executed, &rule.effect) {
        (None, _) => Some(rule),
        (Some(index), Effect::Execute(inner)) => inner.get(index),
        (Some(_), _) => None,
    }
}

impl fmt::Display for AccessTest {
    /// As in `api.example.com, certificate none, path /v1, http.request.method POST`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let credential = self.credential.word();
        write!(
            f,
            "{}, certificate {credential}, path {}",
            self.host, self.path
        )?;
        for (field, value) in &self.given {
            write!(f, ", {field} {value}")?;
        }
        Ok(())
    }
}
