//! The whole state of the offline account, and the one function that answers a request.
//!
//! Values in, values out: no clock, no randomness, no files. What each endpoint does is in the file
//! of its noun.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::Response;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use crate::sandbox::access_rule::AccessRule;
use crate::sandbox::certificate::Certificate;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::envelope::render;
use crate::sandbox::ids::Ids;
use crate::sandbox::ids::ray;
use crate::sandbox::level::Level;
use crate::sandbox::level::RulesetHome;
use crate::sandbox::level::Terms;
use crate::sandbox::route;
use crate::sandbox::ruleset::Ruleset;
use crate::sandbox::token;
use crate::sandbox::token::Caller;
use crate::sandbox::token::IssuedToken;
use crate::sandbox::token::Token;
use crate::sandbox::zone::Zone;
use crate::sandbox::zone::ZoneFacts;

/// The form in which this version writes an account. It reads every older one: 1 had custom rules of
/// zones as the only rules, and no DNS records.
pub(crate) const FORMAT_VERSION: u32 = 2;

/// How many tokens an account remembers (API reference, section 6: 50 per user).
const TOKENS: usize = 50;

/// How long reads lag behind writes, by kind. All zero by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lag {
    /// Between a PUT of hostnames and the GET that shows it.
    pub associations: SignedDuration,
    /// Between an upload or a delete of a certificate and the GETs that show it.
    pub certificates: SignedDuration,
    /// Between the moment a certificate loses its last hostname and the moment it can be deleted.
    pub in_use: SignedDuration,
}

/// An offline Cloudflare account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    format_version: u32,
    id: String,
    name: String,
    quota: usize,
    lag: Lag,
    ids: Ids,
    zones: Vec<Zone>,
    /// Deleted ones, too: Cloudflare remembers them.
    certificates: BTreeMap<String, Certificate>,
    tokens: Vec<IssuedToken>,
    /// Rulesets of the account itself.
    #[serde(default)]
    rulesets: Vec<Ruleset>,
    /// IP Access rules for all of its zones.
    #[serde(default)]
    access_rules: Vec<AccessRule>,
}

impl Account {
    /// An empty account with room for `quota` CA certificates.
    #[must_use]
    pub fn new(id: &str, name: &str, quota: usize) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            id: id.to_owned(),
            name: name.to_owned(),
            quota,
            lag: Lag::default(),
            ids: Ids::default(),
            zones: Vec::new(),
            certificates: BTreeMap::new(),
            tokens: Vec::new(),
            rulesets: Vec::new(),
            access_rules: Vec::new(),
        }
    }

    /// Adds a zone and returns its id; a zone that exists is left as it is.
    pub fn add_zone(&mut self, facts: ZoneFacts) -> String {
        let zone = Zone::new(&self.id, facts);
        let id = zone.id.clone();
        if self.zone(&id).is_none() {
            self.zones.push(zone);
        }
        id
    }

    /// Makes `secret` a valid token and returns the token's id. Only SHA-256 of `secret` is kept.
    /// Beyond 50 tokens the oldest is forgotten.
    pub fn add_token(&mut self, secret: &str, token: Token) -> String {
        let id = self.ids.next();
        self.tokens
            .push(IssuedToken::new(id.clone(), secret, token));
        let excess = self.tokens.len().saturating_sub(TOKENS);
        self.tokens.drain(..excess);
        id
    }

    /// Makes reads lag behind writes from now on.
    pub fn set_lag(&mut self, lag: Lag) {
        self.lag = lag;
    }

    /// The account in today's form, however old the file is that it comes from.
    pub(crate) fn renewed(mut self) -> Self {
        self.format_version = FORMAT_VERSION;
        self
    }

    /// The account id: 32 lower-case hex digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The account's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many CA certificates fit into the account.
    #[must_use]
    pub fn quota(&self) -> usize {
        self.quota
    }

    /// The zones by name.
    pub fn zone_names(&self) -> impl Iterator<Item = &str> {
        self.zones.iter().map(|zone| zone.facts.name.as_str())
    }

    /// Answers one request as Cloudflare would. A refused request changes nothing.
    pub fn answer(
        &mut self,
        request: &Request<Bytes>,
        caller: &Caller,
        now: Timestamp,
    ) -> Response<Bytes> {
        let answered = if request.method() == Method::GET {
            route::answer(self, request, caller, now)
        } else {
            let mut next = self.clone();
            let answered = route::answer(&mut next, request, caller, now);
            if answered.is_ok() {
                *self = next;
            }
            answered
        };
        self.stamp(render(answered), request, now)
    }

    /// A refusal in the envelope, with the headers of every answer.
    pub(crate) fn refuse(
        &self,
        refusal: Refusal,
        request: &Request<Bytes>,
        now: Timestamp,
    ) -> Response<Bytes> {
        self.stamp(render(Err(refusal)), request, now)
    }

    /// Who sends a request with these headers.
    pub(crate) fn authenticate(&self, headers: &HeaderMap, path: &str) -> Result<Caller, Refusal> {
        token::authenticate(&self.tokens, headers, path)
    }

    pub(crate) fn lag(&self) -> Lag {
        self.lag
    }

    pub(crate) fn zones(&self) -> &[Zone] {
        &self.zones
    }

    pub(crate) fn zone(&self, id: &str) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.id == id)
    }

    /// The rulesets of a level; `None` where there is no such zone.
    pub(crate) fn rulesets(&self, level: Level<'_>) -> Option<&[Ruleset]> {
        match level {
            Level::Account => Some(&self.rulesets),
            Level::Zone(id) => Some(&self.zone(id)?.rulesets),
        }
    }

    /// The rulesets of a level, to change.
    pub(crate) fn home(&mut self, level: Level<'_>) -> Option<RulesetHome<'_>> {
        match level {
            Level::Account => Some(RulesetHome {
                rulesets: &mut self.rulesets,
                ids: &mut self.ids,
                terms: Terms::ACCOUNT,
            }),
            Level::Zone(id) => {
                let (zone, ids) = self.zone_mut(id)?;
                Some(RulesetHome {
                    rulesets: &mut zone.rulesets,
                    ids,
                    terms: Terms::of_zone(zone.facts.plan),
                })
            }
        }
    }

    /// The IP Access rules of the account itself.
    pub(crate) fn access_rules(&self) -> &[AccessRule] {
        &self.access_rules
    }

    /// The IP Access rules of a level, to change; `None` where there is no such zone.
    pub(crate) fn access_rules_mut(
        &mut self,
        level: Level<'_>,
    ) -> Option<(&mut Vec<AccessRule>, &mut Ids)> {
        match level {
            Level::Account => Some((&mut self.access_rules, &mut self.ids)),
            Level::Zone(id) => {
                let (zone, ids) = self.zone_mut(id)?;
                Some((&mut zone.access_rules, ids))
            }
        }
    }

    /// A zone to change, with the source of new ids beside it.
    pub(crate) fn zone_mut(&mut self, id: &str) -> Option<(&mut Zone, &mut Ids)> {
        let zone = self.zones.iter_mut().find(|zone| zone.id == id)?;
        Some((zone, &mut self.ids))
    }

    pub(crate) fn all_zones_mut(&mut self) -> impl Iterator<Item = &mut Zone> {
        self.zones.iter_mut()
    }

    /// Every certificate ever uploaded, by id; deleted ones are marked.
    pub(crate) fn certificates(&self) -> &BTreeMap<String, Certificate> {
        &self.certificates
    }

    pub(crate) fn certificates_mut(&mut self) -> &mut BTreeMap<String, Certificate> {
        &mut self.certificates
    }

    /// Adds the `cf-ray` header.
    fn stamp(
        &self,
        mut response: Response<Bytes>,
        request: &Request<Bytes>,
        now: Timestamp,
    ) -> Response<Bytes> {
        let uri = request.uri().to_string();
        let ray = ray(&[&self.id, request.method().as_str(), &uri], now);
        if let Ok(value) = HeaderValue::try_from(ray) {
            response.headers_mut().insert("cf-ray", value);
        }
        response
    }
}
