//! Files that resemble others.

use crate::oracle::file::Ca;
use crate::oracle::file::File;
use crate::oracle::file::GROUPS;
use crate::oracle::file::NAMES;
use crate::oracle::file::Rule;
use crate::oracle::file::Size;
use crate::oracle::file::UNLESS;
use crate::oracle::file::ZONES;
use crate::oracle::file::action;
use crate::oracle::file::free_pem;
use crate::oracle::random::Random;

impl File {
    /// Another file of that size that resembles this one.
    pub(in crate::oracle) fn changed(&self, random: &mut Random, size: Size) -> Self {
        let mut file = self.clone();
        let changes = *random.one(&[1, 1, 1, 2, 2, 3]);
        for _ in 0..changes {
            file.change(random, size);
        }
        file.mended()
    }

    fn change(&mut self, random: &mut Random, size: Size) {
        match random.below(20) {
            0 | 1 => {
                let host = random.below(size.hosts);
                self.hosts[host] = Some(random.below(GROUPS));
            }
            2 => {
                let host = random.below(size.hosts);
                self.hosts[host] = None;
            }
            3 | 4 => {
                let (group, ca) = (random.below(GROUPS), random.below(NAMES.len() + 1));
                self.groups[group][ca] ^= true;
            }
            5 | 6 => self.change_rule(random, |random, rule| {
                let host = random.below(size.hosts);
                rule.hosts[host] ^= true;
                rule.everywhere = false;
            }),
            7 => {
                // A host goes from one rule to another.
                let host = random.below(size.hosts);
                for rule in &mut self.rules {
                    rule.hosts[host] ^= true;
                }
            }
            8 => self.change_rule(random, |_, rule| rule.name = (rule.name + 4) % 8),
            9 | 10 => self.change_rule(random, |random, rule| {
                rule.unless = random.chance(70).then(|| random.below(UNLESS.len()));
            }),
            11 => self.change_rule(random, |random, rule| rule.action = action(random)),
            12 => self.change_rule(random, |_, rule| rule.enabled ^= true),
            13 => self.change_rule(random, |_, rule| rule.pin ^= true),
            14 | 15 => {
                // A rotation in place.
                let taken: Vec<usize> = self.cas.iter().map(|ca| ca.pem).collect();
                let pem = free_pem(random, &taken);
                let at = random.below(self.cas.len());
                self.cas[at].pem = pem;
            }
            16 => {
                let taken: Vec<usize> = self.cas.iter().map(|ca| ca.pem).collect();
                let names = 0..size.cas.min(NAMES.len());
                let mut names = names.filter(|name| self.cas.iter().all(|ca| ca.name != *name));
                if let Some(name) = names.next() {
                    self.cas.push(Ca {
                        name,
                        pem: free_pem(random, &taken),
                        retire: None,
                        has_issuers: false,
                    });
                    let group = random.below(GROUPS);
                    self.groups[group][name] = true;
                }
            }
            17 => {
                let at = random.below(self.cas.len());
                if self.cas.len() > 1 {
                    self.cas.remove(at);
                }
            }
            18 => {
                let at = random.below(self.cas.len());
                self.cas[at].retire = random.chance(70).then(|| random.chance(70));
            }
            _ => match random.below(5) {
                0 => self.has_managed ^= true,
                1 => self.zones = random.chance(50).then(|| 1 + random.below(ZONES.len())),
                2 => self.rules.reverse(),
                3 if self.rules.len() > 1 => {
                    let at = random.below(self.rules.len());
                    self.rules.remove(at);
                }
                _ if self.rules.len() < size.rules => self.add_rule(random),
                _ => {}
            },
        }
    }

    fn change_rule(&mut self, random: &mut Random, by: impl FnOnce(&mut Random, &mut Rule)) {
        if !self.rules.is_empty() {
            let at = random.below(self.rules.len());
            by(random, &mut self.rules[at]);
        }
    }

    /// The same file without one of the things in it.
    pub(in crate::oracle) fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        let mut without = |by: &dyn Fn(&mut Self)| {
            let mut file = self.clone();
            by(&mut file);
            let file = file.mended();
            if file.text() != self.text() {
                smaller.push(file);
            }
        };
        for nth in 0..self.rules.len() {
            without(&|file| {
                file.rules.remove(nth);
            });
            without(&|file| file.rules[nth].unless = None);
        }
        for nth in 0..self.hosts.len() {
            without(&|file| file.hosts[nth] = None);
        }
        for nth in 1..self.cas.len() {
            without(&|file| {
                file.cas.remove(nth);
            });
        }
        without(&|file| file.zones = None);
        without(&|file| file.has_managed = false);
        smaller
    }
}
