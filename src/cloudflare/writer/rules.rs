//! Writing custom rules: always one rule at a time, never a whole list, never anybody else's.

use crate::cloudflare::Call;
use crate::cloudflare::Error;
use crate::cloudflare::Position;
use crate::cloudflare::RuleBody;
use crate::cloudflare::Writer;
use crate::cloudflare::envelope::Opened;
use crate::cloudflare::once::Doubt;
use crate::cloudflare::once::Once;
use crate::cloudflare::wire;
use crate::live::Rules;
use crate::resource::EntryPoint;
use crate::resource::RuleId;
use crate::resource::RulesetId;
use crate::resource::ZoneId;

impl Writer {
    /// Gives a zone its first custom rules.
    ///
    /// # Errors
    /// Whatever the calls meet; 20217 where somebody else made an entry point meanwhile.
    pub async fn create_entry_point(
        &self,
        zone: &ZoneId,
        rules: &[RuleBody],
    ) -> Result<EntryPoint, Error> {
        let call = Call::CreateEntryPoint {
            zone: zone.clone(),
            rules: rules.to_vec(),
        };
        self.write_rules(zone, &call, |entry| {
            let mut meant = rules.iter();
            meant.all(|rule| {
                let mut there = entry.rules.iter();
                there.any(|live| live.reference == rule.reference)
            })
        })
        .await
    }

    /// Adds a rule, and returns all rules.
    ///
    /// # Errors
    /// Whatever the calls meet.
    pub async fn create_rule(
        &self,
        zone: &ZoneId,
        ruleset: &RulesetId,
        rule: &RuleBody,
        position: &Position,
    ) -> Result<EntryPoint, Error> {
        let call = Call::CreateRule {
            zone: zone.clone(),
            ruleset: ruleset.clone(),
            rule: rule.clone(),
            position: position.clone(),
        };
        self.write_rules(zone, &call, |entry| {
            let mut there = entry.rules.iter();
            there.any(|live| live.reference == rule.reference)
        })
        .await
    }

    /// Gives a rule another definition, and returns all rules.
    ///
    /// # Errors
    /// Whatever the calls meet.
    pub async fn change_rule(
        &self,
        zone: &ZoneId,
        ruleset: &RulesetId,
        id: &RuleId,
        rule: &RuleBody,
    ) -> Result<EntryPoint, Error> {
        let call = Call::ChangeRule {
            zone: zone.clone(),
            ruleset: ruleset.clone(),
            id: id.clone(),
            rule: rule.clone(),
        };
        self.write_rules(zone, &call, |entry| {
            let mut there = entry.rules.iter();
            there.any(|live| live.id == *id && rule.describes(live))
        })
        .await
    }

    /// Gives a rule another place, and returns all rules.
    ///
    /// # Errors
    /// Whatever the calls meet.
    pub async fn move_rule(
        &self,
        zone: &ZoneId,
        ruleset: &RulesetId,
        id: &RuleId,
        position: &Position,
    ) -> Result<EntryPoint, Error> {
        let call = Call::MoveRule {
            zone: zone.clone(),
            ruleset: ruleset.clone(),
            id: id.clone(),
            position: position.clone(),
        };
        self.write_rules(zone, &call, |entry| position.is_held_by(id, &entry.rules))
            .await
    }

    /// Deletes a rule, and returns all that is left.
    ///
    /// # Errors
    /// Whatever the calls meet. That the rule, or the whole entry point, is already gone is none.
    pub async fn delete_rule(
        &self,
        zone: &ZoneId,
        ruleset: &RulesetId,
        id: &RuleId,
    ) -> Result<Rules, Error> {
        let call = Call::DeleteRule {
            zone: zone.clone(),
            ruleset: ruleset.clone(),
            id: id.clone(),
        };
        let mut once = Once::new(self.client.retry());
        loop {
            let sent = self.send::<wire::Ruleset>(&call).await;
            let error = match sent.and_then(Opened::required) {
                Ok(ruleset) => return Ok(Rules::EntryPoint(ruleset.into())),
                Err(error) => error,
            };
            let doubt = match once.failed(error).await {
                Ok(doubt) => doubt,
                // It may speak of the rule or of the path to it: see which.
                Err(error) if error.is_not_found() => Doubt::last(error),
                Err(error) => return Err(error),
            };
            let seen = self.reader.rules(zone).await.map(|rules| {
                let is_gone = rules.as_slice().iter().all(|rule| rule.id != *id);
                is_gone.then_some(rules)
            });
            if let Some(rules) = doubt.settle(seen)? {
                return Ok(rules);
            }
        }
    }

    async fn write_rules(
        &self,
        zone: &ZoneId,
        call: &Call,
        is_there: impl Fn(&EntryPoint) -> bool,
    ) -> Result<EntryPoint, Error> {
        let mut once = Once::new(self.client.retry());
        loop {
            let sent = self.send::<wire::Ruleset>(call).await;
            let error = match sent.and_then(Opened::required) {
                Ok(ruleset) => return Ok(ruleset.into()),
                Err(error) => error,
            };
            let doubt = once.failed(error).await?;
            let seen = self.reader.rules(zone).await.map(|rules| match rules {
                Rules::EntryPoint(entry) if is_there(&entry) => Some(entry),
                Rules::EntryPoint(_) | Rules::NoEntryPoint => None,
            });
            if let Some(entry) = doubt.settle(seen)? {
                return Ok(entry);
            }
        }
    }
}
