//! A way around for one zone in which the normal order is not safe.
//!
//! Verdicts on a host depend on its own CAs and on what each rule says *about that host*. So every kind of
//! hosts ([`Band`]) looks for itself for the shortest way from now to the end by the smallest steps there are:
//! it joins or leaves one list, or one rule comes to say about it what it says now, what it shall say, both or
//! either of them; and one temporary rule at the top ([`bridge`]) may do the same for all of them. The ways are
//! then walked in step ([`itinerary`]), so that what several kinds do at the same time is one call.
//!
//! Whatever comes out is judged like any other order.

mod band;
mod bridge;
mod itinerary;
mod terrain;
mod way;

use crate::desired::Desired;
use crate::edge::Client;
use crate::live::Live;
use crate::plan::Phase;
use crate::plan::Step;
use crate::plan::route::Timed;
use crate::plan::safety::Course;
use crate::plan::safety::ground::Ground;
use crate::plan::safety::kin::Kin;
use crate::plan::safety::trial::Trial;
use crate::resource::ZoneName;

use band::Band;
use itinerary::Itinerary;
use terrain::Terrain;

/// More ways to place what happens to a whole zone among what happens to CAs than this are not tried.
const MAX_COURSES: usize = 24;

/// A zone, what changes in it, and the hosts that have to get through that.
pub(super) struct Detour<'a> {
    zone: &'a ZoneName,
    terrain: Terrain,
    ground: Ground<'a>,
}

impl<'a> Detour<'a> {
    /// For the zone's steps, each thing changed once; `ground` knows those of the account, too. `None` where they
    /// cannot be taken apart.
    pub(super) fn of(
        zone: &'a ZoneName,
        steps: &[(Phase, Step)],
        ground: Ground<'a>,
        files: (&Desired, &Live),
    ) -> Option<Self> {
        Some(Self {
            zone,
            terrain: Terrain::of(steps, &ground, files)?,
            ground,
        })
    }

    /// The hosts of the zone; `None` where a rule that changes is about hosts that have no name.
    pub(super) fn bands<'d>(
        &'d self,
        desired: &Desired,
        course: &Course,
        clients: &'d [Client],
    ) -> Option<Vec<Band<'d>>> {
        let groups = self.ground.groups(desired).into_iter();
        let bands = groups.map(|hosts| {
            let kin = Kin::of(&self.ground, hosts);
            let trials = Trial::of(&kin, &course.tests, &[&course.now, &course.after]);
            Band::of(kin, trials, (&self.ground, &self.terrain), clients)
        });
        bands.collect()
    }

    /// The zone's steps on a way around, if there is one, where CAs come and go at the ends of one stretch after
    /// the other.
    pub(super) fn find<'d>(
        &'d self,
        bands: &mut [Band<'d>],
        turns: &[Vec<(Phase, Step)>],
        live: &Live,
    ) -> Option<Timed> {
        let courses = self.terrain.courses(turns, live).into_iter();
        courses.take(MAX_COURSES).find_map(|events| {
            let ways = bands.iter_mut().map(|band| band.way(&events));
            let ways = ways.collect::<Option<Vec<_>>>()?;
            Itinerary::new(self.zone, &self.terrain, bands).walk(&events, &ways)
        })
    }
}
