//! Packing: how the hosts of one rule in one zone are spread over Cloudflare rules of limited length.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::desired::Accepts;
use crate::desired::Requirement;
use crate::plan::compile;
use crate::resource::EXPRESSION_LIMIT;
use crate::resource::Hostname;

/// A host whose pins and exceptions leave no room for it even in a rule of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRoom {
    /// The host.
    pub host: Hostname,
    /// How long its rule would be.
    pub length: usize,
}

/// Spreads a requirement over pieces, numbered from 1.
///
/// Sticky: a host stays in the piece that names it, so that adding one host touches one rule. What is
/// new, or has no room any more, goes to the first piece that can take it, else to a new one.
///
/// # Errors
/// [`NoRoom`] for the first host that fits nowhere.
pub fn pack(
    want: &Requirement,
    live: &BTreeMap<u32, BTreeSet<Hostname>>,
) -> Result<BTreeMap<u32, Requirement>, NoRoom> {
    let mut pieces: BTreeMap<u32, Piece<'_>> = BTreeMap::new();
    let mut homeless: Vec<(&Accepts, &Hostname)> = Vec::new();
    for (host, accepts) in &want.hosts {
        match live.iter().find(|(_, named)| named.contains(host)) {
            Some((number, _)) => {
                pieces
                    .entry(*number)
                    .or_insert_with(|| Piece::empty(want))
                    .add(host, accepts);
            }
            None => homeless.push((accepts, host)),
        }
    }
    for piece in pieces.values_mut() {
        homeless.extend(piece.evict(want));
    }
    homeless.sort_unstable();
    for (accepts, host) in homeless {
        if pieces
            .values_mut()
            .any(|piece| piece.try_add(host, accepts))
        {
            continue;
        }
        let alone = Piece::of(want, host, accepts);
        if alone.length > EXPRESSION_LIMIT {
            return Err(NoRoom {
                host: host.clone(),
                length: alone.length,
            });
        }
        let free = (1..=u32::MAX).find(|number| !pieces.contains_key(number));
        pieces.insert(free.unwrap_or(u32::MAX), alone);
    }
    Ok(pieces
        .into_iter()
        .map(|(number, piece)| (number, piece.requirement))
        .collect())
}

struct Piece<'a> {
    requirement: Requirement,
    /// What its clauses accept, one each.
    clauses: BTreeSet<&'a Accepts>,
    /// In characters, of the printed expression.
    length: usize,
}

impl<'a> Piece<'a> {
    fn empty(want: &Requirement) -> Self {
        let requirement = Requirement {
            hosts: BTreeMap::new(),
            unless: want.unless.clone(),
        };
        Self {
            requirement,
            clauses: BTreeSet::new(),
            length: 0,
        }
    }

    fn of(want: &Requirement, host: &Hostname, accepts: &'a Accepts) -> Self {
        let mut piece = Self::empty(want);
        piece.add(host, accepts);
        piece.measure();
        piece
    }

    fn add(&mut self, host: &Hostname, accepts: &'a Accepts) {
        self.requirement.hosts.insert(host.clone(), accepts.clone());
        self.clauses.insert(accepts);
    }

    fn measure(&mut self) {
        self.length = compile::print(&self.requirement).chars().count();
    }

    /// Adds the host if the piece stays within the limit.
    fn try_add(&mut self, host: &Hostname, accepts: &'a Accepts) -> bool {
        // In a clause that is there, a host takes its own length, two quotes and a blank; only a new
        // clause has to be printed to be measured.
        let longer = self.length + host.as_str().len() + 3;
        if longer > EXPRESSION_LIMIT {
            return false;
        }
        if self.clauses.contains(accepts) {
            self.add(host, accepts);
            self.length = longer;
            return true;
        }
        let before = self.length;
        self.add(host, accepts);
        self.measure();
        if self.length > EXPRESSION_LIMIT {
            self.requirement.hosts.remove(host);
            self.clauses.remove(accepts);
            self.length = before;
            return false;
        }
        true
    }

    /// Takes the last hosts out until the piece is within the limit.
    fn evict(&mut self, want: &'a Requirement) -> Vec<(&'a Accepts, &'a Hostname)> {
        let mut evicted = Vec::new();
        self.measure();
        while self.length > EXPRESSION_LIMIT {
            let Some((host, _)) = self.requirement.hosts.pop_last() else {
                break;
            };
            evicted.extend(
                want.hosts
                    .get_key_value(&host)
                    .map(|(host, accepts)| (accepts, host)),
            );
            self.measure();
        }
        let left = self.requirement.hosts.keys();
        self.clauses = left.filter_map(|host| want.hosts.get(host)).collect();
        evicted
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::collections::BTreeSet;

    use super::pack;
    use crate::desired::Accepts;
    use crate::desired::Requirement;
    use crate::plan::compile;
    use crate::resource::EXPRESSION_LIMIT;
    use crate::resource::Hostname;
    use crate::resource::KeyId;

    fn host(n: usize) -> Hostname {
        Hostname::parse(&format!("h{n}.{}.example.com", "x".repeat(n % 50 + 1))).unwrap()
    }

    /// So many hosts, in as many clauses as there are key ids.
    fn want(hosts: usize, key_ids: usize) -> Requirement {
        let accepts = |n: usize| Accepts {
            pins: Some(BTreeSet::from([KeyId::parse(&format!(
                "{:040X}",
                n % key_ids
            ))
            .unwrap()])),
            revocable: false,
        };
        Requirement {
            hosts: (0..hosts).map(|n| (host(n), accepts(n))).collect(),
            unless: None,
        }
    }

    fn named(pieces: &BTreeMap<u32, Requirement>) -> BTreeMap<u32, BTreeSet<Hostname>> {
        let hosts = |piece: &Requirement| piece.hosts.keys().cloned().collect();
        pieces
            .iter()
            .map(|(number, piece)| (*number, hosts(piece)))
            .collect()
    }

    #[test]
    fn each_host_is_in_one_piece_and_no_piece_is_too_long() {
        for (hosts, key_ids) in [(1, 1), (90, 1), (500, 1), (500, 3), (200, 200)] {
            let want = want(hosts, key_ids);
            let pieces = pack(&want, &BTreeMap::new()).unwrap();
            let spread: Vec<_> = pieces
                .values()
                .flat_map(|piece| piece.hosts.clone())
                .collect();
            assert_eq!(spread.len(), hosts);
            assert_eq!(BTreeMap::from_iter(spread), want.hosts);
            for piece in pieces.values() {
                assert!(compile::print(piece).chars().count() <= EXPRESSION_LIMIT);
            }
            assert_eq!(pack(&want, &named(&pieces)).unwrap(), pieces);
        }
    }

    #[test]
    fn a_piece_is_filled_to_its_last_character() {
        let long = pack(&want(500, 1), &BTreeMap::new()).unwrap();
        let room = EXPRESSION_LIMIT - compile::print(&long[&1]).chars().count();
        // Every later host was too long for what is left of the first piece.
        let later = long.iter().filter(|(number, _)| **number > 1);
        for host in later.flat_map(|(_, piece)| piece.hosts.keys()) {
            assert!(host.as_str().len() + 3 > room, "{host} has room");
        }
    }

    #[test]
    fn what_grows_gives_up_its_last_hosts_and_keeps_the_others() {
        let before = pack(&want(300, 1), &BTreeMap::new()).unwrap();
        let after = pack(&want(300, 2), &named(&before)).unwrap();
        for (number, piece) in &before {
            let kept = piece
                .hosts
                .keys()
                .filter(|host| after[number].hosts.contains_key(*host));
            assert!(kept.count() + 10 > piece.hosts.len());
        }
    }

    #[test]
    fn a_host_that_has_no_room_alone_is_named() {
        let mut want = want(2, 1);
        let pins = (0..100).map(|n| KeyId::parse(&format!("{n:040X}")).unwrap());
        let too_many = Accepts {
            pins: Some(pins.collect()),
            revocable: false,
        };
        want.hosts.insert(host(1), too_many);
        let full = pack(&want, &BTreeMap::new()).unwrap_err();
        assert_eq!(full.host, host(1));
        assert!(full.length > EXPRESSION_LIMIT);
    }
}
