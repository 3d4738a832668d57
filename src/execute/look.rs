//! What has to be read: before a step, what it rests on; after it, what it wrote, since reads lag writes.

use std::collections::BTreeMap;

use crate::cloudflare;
use crate::execute::Failure;
use crate::execute::Run;
use crate::execute::Stop;
use crate::execute::lane::Lane;
use crate::execute::wait::Waited;
use crate::execute::zone_state::Seen;
use crate::execute::zone_state::ZoneState;
use crate::live::HostList;
use crate::plan::Address;
use crate::plan::CaRef;
use crate::plan::Change;
use crate::plan::Step;
use crate::resource::CaId;
use crate::resource::Issuer;
use crate::resource::Name;

impl Lane<'_> {
    /// Looks whether what a step rests on is still what the run knows, and gives the host list that was
    /// found where the step is about one.
    ///
    /// A host list as an earlier write of this run left it will do: that only means that the read lags.
    /// Rules that lag are waited for, since their version must be the last one.
    pub(super) async fn check(
        &mut self,
        run: &Run<'_>,
        step: &Step,
        uploaded: &BTreeMap<Name, CaId>,
        halt: &Stop,
    ) -> Result<Option<HostList>, Failure> {
        match &step.change {
            Change::UploadCa { .. } | Change::DeleteCa { .. } => Ok(None),
            Change::ReplaceHosts { ca, .. } => {
                let issuer = issuer(ca, uploaded)?;
                let zone = self.zone(step)?;
                let read = hosts(run, zone, &issuer, step).await?;
                match zone.judge_hosts(&issuer, &read, &step.address) {
                    Seen::Moved(failure) => Err(failure),
                    Seen::Expected | Seen::Lagging => Ok(Some(read)),
                }
            }
            Change::Rule { .. } => {
                let looked = match rules_show(run, self.zone(step)?, step, halt).await {
                    Err(moved @ Failure::RulesMoved { .. }) if self.may_go_on() => {
                        self.go_on(run, step, moved, halt).await?
                    }
                    looked => looked?,
                };
                match looked {
                    Waited::TimedOut(waited) => Err(Failure::Behind {
                        zone: self.zone(step)?.name.clone(),
                        waited,
                    }),
                    Waited::Met | Waited::Stopped(_) => Ok(None),
                }
            }
        }
    }

    /// Waits until reads show what a step wrote.
    pub(super) async fn confirm(
        &mut self,
        run: &Run<'_>,
        step: &Step,
        uploaded: &BTreeMap<Name, CaId>,
        halt: &Stop,
    ) -> Result<Waited, Failure> {
        let patience = run.options.read_back;
        match &step.change {
            Change::UploadCa { mark, .. } => {
                let Some(id) = self.uploaded.get(&mark.name) else {
                    return Err(Failure::NotUploaded {
                        name: mark.name.clone(),
                    });
                };
                let look = async || Ok(run.reader.certificate(run.account, id).await?.is_some());
                run.until(step, patience, halt, look).await
            }
            Change::DeleteCa { id, .. } => {
                let look = async || Ok(run.reader.certificate(run.account, id).await?.is_none());
                run.until(step, patience, halt, look).await
            }
            Change::ReplaceHosts { ca, .. } => {
                let issuer = issuer(ca, uploaded)?;
                let zone = self.zone(step)?;
                let look = async || {
                    let read = hosts(run, zone, &issuer, step).await?;
                    zone.judge_hosts(&issuer, &read, &step.address).shown()
                };
                run.until(step, patience, halt, look).await
            }
            Change::Rule { .. } => rules_show(run, self.zone(step)?, step, halt).await,
        }
    }
}

/// Waits until reads show the rules as the run knows them.
pub(super) async fn rules_show(
    run: &Run<'_>,
    zone: &ZoneState,
    step: &Step,
    halt: &Stop,
) -> Result<Waited, Failure> {
    let look = async || {
        let read = run.reader.rules(&zone.id).await?;
        zone.judge_rules(&read).shown()
    };
    run.until(step, run.options.read_back, halt, look).await
}

async fn hosts(
    run: &Run<'_>,
    zone: &ZoneState,
    issuer: &Issuer,
    step: &Step,
) -> Result<HostList, Failure> {
    let read = run.reader.hosts(&zone.id, issuer).await;
    read.map_err(|error| without_ca(error, step))
}

/// A call about the host list of a CA that somebody deleted is about something that is gone.
pub(super) fn without_ca(error: cloudflare::Error, step: &Step) -> Failure {
    match &step.address {
        Address::Hosts { ca, .. } if error.is_no_certificate() => Failure::Gone {
            missing: Address::Ca { label: ca.clone() },
        },
        _ => error.into(),
    }
}

/// The CA whose list is meant: known by id, or uploaded by an earlier wave.
pub(super) fn issuer(ca: &CaRef, uploaded: &BTreeMap<Name, CaId>) -> Result<Issuer, Failure> {
    Ok(match ca {
        CaRef::CloudflareManaged => Issuer::CloudflareManaged,
        CaRef::Known(id) => Issuer::Uploaded(id.clone()),
        CaRef::UploadedBy(name) => {
            let id = uploaded
                .get(name)
                .ok_or_else(|| Failure::NotUploaded { name: name.clone() })?;
            Issuer::Uploaded(id.clone())
        }
    })
}
