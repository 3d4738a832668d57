//! The [`Reader`] on what stands before or beside a zone's custom rules.
//!
//! Here too, only an answer that clearly says so means that there is nothing.

use crate::cloudflare::Call;
use crate::cloudflare::Error;
use crate::cloudflare::Reader;
use crate::cloudflare::wire;
use crate::live::AccessRule;
use crate::live::DnsRecord;
use crate::resource::AccountId;
use crate::resource::CustomRule;
use crate::resource::RulesetId;
use crate::resource::ZoneId;

impl Reader {
    /// The rules of one ruleset of a zone, such as an `execute` rule names; `None` where there is none of
    /// this id.
    ///
    /// # Errors
    /// Whatever the call meets; a 404 that speaks of the zone is an error too (API reference, section 6).
    pub async fn ruleset(
        &self,
        zone: &ZoneId,
        id: &RulesetId,
    ) -> Result<Option<Vec<CustomRule>>, Error> {
        let call = Call::GetRuleset {
            zone: zone.clone(),
            ruleset: id.clone(),
        };
        match self.one::<wire::Ruleset>(&call).await {
            Ok(ruleset) => Ok(Some(ruleset.into_rules())),
            Err(error) if error.is_no_ruleset() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The account's own rules in the phase of custom rules, which run before those of its zones (API
    /// reference, section 3.8).
    ///
    /// # Errors
    /// Whatever the call meets. Only 404 with 10003 means that there are none.
    pub async fn account_rules(&self, account: &AccountId) -> Result<Vec<CustomRule>, Error> {
        let call = Call::GetAccountEntryPoint {
            account: account.clone(),
        };
        self.rules_of_entry_point(&call).await
    }

    /// The Single Redirects of a zone, which answer before custom rules run (API reference, section 3.8).
    ///
    /// # Errors
    /// Whatever the call meets. Only 404 with 10003 means that there are none.
    pub async fn redirects(&self, zone: &ZoneId) -> Result<Vec<CustomRule>, Error> {
        let call = Call::GetRedirects { zone: zone.clone() };
        self.rules_of_entry_point(&call).await
    }

    /// The IP Access rules of an account, which apply to all of its zones.
    ///
    /// # Errors
    /// Whatever the calls meet; a list that is not whole.
    pub async fn access_rules_of_account(
        &self,
        account: &AccountId,
    ) -> Result<Vec<AccessRule>, Error> {
        self.access_rules(|page| Call::ListAccountAccessRules {
            account: account.clone(),
            page,
        })
        .await
    }

    /// The IP Access rules of a zone.
    ///
    /// Some accounts answer the account's own as well
    /// (<https://github.com/cloudflare/cf-terraforming/issues/201>), which nothing documents: all that is
    /// answered is given, and what the account lists under the same id is the same rule.
    ///
    /// # Errors
    /// Whatever the calls meet; a list that is not whole.
    pub async fn access_rules_of_zone(&self, zone: &ZoneId) -> Result<Vec<AccessRule>, Error> {
        self.access_rules(|page| Call::ListZoneAccessRules {
            zone: zone.clone(),
            page,
        })
        .await
    }

    /// The DNS records of a zone.
    ///
    /// # Errors
    /// Whatever the calls meet; a list that is not whole.
    pub async fn records(&self, zone: &ZoneId) -> Result<Vec<DnsRecord>, Error> {
        let call = |page| Call::ListRecords {
            zone: zone.clone(),
            page,
        };
        let records = self
            .pages(call, |record: &wire::Record| record.id.clone())
            .await?;
        Ok(records.into_iter().map(DnsRecord::from).collect())
    }

    async fn rules_of_entry_point(&self, call: &Call) -> Result<Vec<CustomRule>, Error> {
        match self.one::<wire::Ruleset>(call).await {
            Ok(ruleset) => Ok(ruleset.into_rules()),
            Err(error) if error.is_no_entry_point() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn access_rules(&self, call: impl Fn(u32) -> Call) -> Result<Vec<AccessRule>, Error> {
        let rules = self
            .pages(call, |rule: &wire::AccessRule| rule.id.clone())
            .await?;
        Ok(rules.into_iter().map(AccessRule::from).collect())
    }
}
