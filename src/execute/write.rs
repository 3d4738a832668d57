//! The write of a step, once what it rests on was found to be there.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::cloudflare;
use crate::cloudflare::Deletion;
use crate::cloudflare::Position;
use crate::cloudflare::Upload;
use crate::execute::Failure;
use crate::execute::Run;
use crate::execute::Stop;
use crate::execute::lane::Lane;
use crate::execute::look::issuer;
use crate::execute::look::without_ca;
use crate::execute::wait::Waited;
use crate::execute::zone_state::Seen;
use crate::execute::zone_state::ZoneState;
use crate::live::HostList;
use crate::live::LiveCa;
use crate::live::Rules;
use crate::plan::Address;
use crate::plan::Change;
use crate::plan::Place;
use crate::plan::RuleChange;
use crate::plan::Step;
use crate::resource::Bundle;
use crate::resource::CaId;
use crate::resource::CaMark;
use crate::resource::Name;
use crate::resource::RuleId;

impl Lane<'_> {
    /// Writes one step, and says whether that changed anything. `found` is the host list that was there
    /// right before.
    pub(super) async fn write(
        &mut self,
        run: &Run<'_>,
        step: &Step,
        (uploaded, found): (&BTreeMap<Name, CaId>, &HostList),
        halt: &Stop,
    ) -> Result<bool, Failure> {
        match &step.change {
            Change::UploadCa { mark, bundle } => {
                self.upload_ca(run, step, (mark, bundle), halt).await
            }
            Change::DeleteCa { id, .. } => self.delete_ca(run, step, id, halt).await,
            Change::ReplaceHosts { ca, after, .. } => {
                let issuer = issuer(ca, uploaded)?;
                let zone = self.zone(step)?;
                let writer = run.writer;
                let replaced = writer.replace_hosts(&zone.id, &issuer, found, after).await;
                replaced.map_err(|error| without_ca(error, step))?;
                zone.wrote_hosts(&issuer, after.clone());
                Ok(true)
            }
            Change::Rule { change, .. } => {
                write_rule(run, self.zone(step)?, change).await?;
                Ok(true)
            }
        }
    }

    /// What is known of the zone that a step is in.
    pub(super) fn zone(&mut self, step: &Step) -> Result<&mut ZoneState, Failure> {
        let (_, state) = self.zone.as_mut().ok_or_else(|| Failure::Gone {
            missing: step.address.clone(),
        })?;
        Ok(state)
    }

    /// Uploads a CA, unless somebody else has done so meanwhile.
    async fn upload_ca(
        &mut self,
        run: &Run<'_>,
        step: &Step,
        (mark, bundle): (&CaMark, &Bundle),
        halt: &Stop,
    ) -> Result<bool, Failure> {
        let name = mark.to_string();
        let mut done = Err(Failure::NotUploaded {
            name: mark.name.clone(),
        });
        // Where an answer got lost, the account refuses a second one, and its list may take as long as
        // any other read to show the first.
        let waited = run
            .until(step, run.options.read_back, halt, async || {
                match run.writer.upload(run.account, &name, bundle).await {
                    Err(error @ cloudflare::Error::NotListed { .. }) => {
                        done = Err(error.into());
                        Ok(false)
                    }
                    Err(error) if error.code(HIT_MAXIMUM) => Err(no_room(run, error).await),
                    Err(error) => Err(error.into()),
                    Ok(upload) => {
                        done = Ok(upload);
                        Ok(true)
                    }
                }
            })
            .await?;
        self.cut_short |= matches!(waited, Waited::Stopped(_));
        let upload = done?;
        self.uploaded.insert(mark.name.clone(), upload.id().clone());
        Ok(match upload {
            Upload::Created(_) => true,
            // Under this very name it is ours: an earlier attempt of the same upload.
            Upload::WasThere(ca) => ca.name == name,
        })
    }

    /// Deletes a CA; for some time after its last host list let go of it, it still counts as in use.
    async fn delete_ca(
        &mut self,
        run: &Run<'_>,
        step: &Step,
        id: &CaId,
        halt: &Stop,
    ) -> Result<bool, Failure> {
        let mut message = String::new();
        let deleted = run
            .until(step, run.options.in_use, halt, async || {
                let deletion = run.writer.delete_certificate(run.account, id).await?;
                Ok(match deletion {
                    Deletion::Deleted => true,
                    Deletion::InUse { message: words } => {
                        message = words;
                        false
                    }
                })
            })
            .await?;
        let (waited, services) = match deleted {
            Waited::Met => return Ok(true),
            Waited::TimedOut(waited) => {
                let services = run.reader.services_using(run.account, id).await;
                (waited, services.unwrap_or_default())
            }
            Waited::Stopped(waited) => {
                self.cut_short = true;
                (waited, BTreeSet::new())
            }
        };
        Err(Failure::InUse {
            message,
            services,
            waited,
        })
    }
}

/// `Hit maximum CA cert allocation.` (API reference, section 1.8)
const HIT_MAXIMUM: i64 = 1489;

/// Why there is no room for a CA although the plan counted on it: others are there now, or Cloudflare's
/// quota is another than the file's.
async fn no_room(run: &Run<'_>, refused: cloudflare::Error) -> Failure {
    let Ok(now) = run.reader.certificates(run.account).await else {
        return refused.into();
    };
    let is_planned = |ca: &LiveCa| {
        run.plan.steps().any(
            |step| matches!(&step.change, Change::UploadCa { mark, .. } if mark.to_string() == ca.name),
        )
    };
    let is_new = |ca: &&LiveCa| {
        let is_known = run.cas.iter().any(|known| known.id == ca.id);
        ca.is_uploaded_ca() && !is_known && !is_planned(ca)
    };
    let new = now.iter().filter(is_new);
    let what: Vec<String> = new.map(|ca| format!("`{}` is new", ca.label())).collect();
    if what.is_empty() {
        refused.into()
    } else {
        Failure::CasMoved { what }
    }
}

/// Writes a rule, and sees from the answer whether somebody else wrote in the same moment: there is no
/// precondition to send (API reference, section 3.4).
async fn write_rule(
    run: &Run<'_>,
    zone: &mut ZoneState,
    change: &RuleChange,
) -> Result<(), Failure> {
    let expected = zone.version().map(|version| version + 1);
    match send_rule(run, zone, change).await {
        Ok(rules) => zone.knows_rules(rules),
        Err(Failure::Api(refused)) => return Err(why_refused(run, zone, refused).await),
        Err(other) => return Err(other),
    }
    match (expected, zone.version()) {
        (Some(expected), Some(found)) if expected != found => Err(Failure::Raced {
            zone: zone.name.clone(),
            expected,
            found,
        }),
        _ => Ok(()),
    }
}

/// A rule is refused, too, if what it refers to went away, or an entry point was made (20217), since the
/// look right before: then that is what is wrong.
async fn why_refused(run: &Run<'_>, zone: &ZoneState, refused: cloudflare::Error) -> Failure {
    if !refused.is_final_refusal() || refused.is_permission() {
        return refused.into();
    }
    match run
        .reader
        .rules(&zone.id)
        .await
        .map(|read| zone.judge_rules(&read))
    {
        Ok(Seen::Moved(failure)) => failure,
        Ok(Seen::Expected | Seen::Lagging) | Err(_) => refused.into(),
    }
}

async fn send_rule(run: &Run<'_>, zone: &ZoneState, change: &RuleChange) -> Result<Rules, Failure> {
    let writer = run.writer;
    let ruleset = match (zone.rules(), change) {
        (Rules::EntryPoint(entry), _) => &entry.id,
        (Rules::NoEntryPoint, RuleChange::Create { rule, .. }) => {
            let rules = std::slice::from_ref(rule);
            let entry = writer.create_entry_point(&zone.id, rules).await?;
            return Ok(Rules::EntryPoint(entry));
        }
        (Rules::NoEntryPoint, _) => {
            return Err(Failure::Gone {
                missing: Address::Zone {
                    zone: zone.name.clone(),
                },
            });
        }
    };
    let entry = match change {
        RuleChange::Create { rule, place } => {
            let position = position(zone, place)?;
            writer
                .create_rule(&zone.id, ruleset, rule, &position)
                .await?
        }
        RuleChange::Replace { after, .. } => {
            let id = known(zone, &after.reference)?;
            writer.change_rule(&zone.id, ruleset, &id, after).await?
        }
        RuleChange::Move { rule, place } => {
            let (id, position) = (known(zone, &rule.reference)?, position(zone, place)?);
            writer.move_rule(&zone.id, ruleset, &id, &position).await?
        }
        RuleChange::Delete { rule } => {
            let id = known(zone, &rule.reference)?;
            return Ok(writer.delete_rule(&zone.id, ruleset, &id).await?);
        }
    };
    Ok(Rules::EntryPoint(entry))
}

fn position(zone: &ZoneState, place: &Place) -> Result<Position, Failure> {
    Ok(match place {
        Place::First => Position::First,
        Place::After(reference) => Position::After(known(zone, reference)?),
    })
}

/// The id behind a `ref`, from the last state of the zone that this run knows.
fn known(zone: &ZoneState, reference: &str) -> Result<RuleId, Failure> {
    let missing = || Address::Rule {
        zone: zone.name.clone(),
        label: reference.to_owned(),
    };
    zone.rule_id(reference)
        .ok_or_else(|| Failure::Gone { missing: missing() })
}
