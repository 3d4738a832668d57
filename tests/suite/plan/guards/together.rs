//! All guards at once.

use mtlsctl::plan::Consent;
use mtlsctl::plan::Refusal;

use crate::plan::guards::beside;
use crate::plan::guards::hosts;
use crate::plan::guards::kind;
use crate::plan::guards::kinds;
use crate::plan::guards::none;
use crate::plan::guards::objections;
use crate::support::consent::granting;

#[test]
fn each_flag_lifts_its_own_and_nothing_else() {
    let world = beside::everything();
    let refusals = world.approved_with(&none()).unwrap_err();
    let all = kinds(&world, &none());
    let expected = [
        "opened",
        "changed hosts",
        "side effects",
        "relied",
        "deletions",
        "expiring",
    ];
    assert_eq!(all, expected, "{}", world.text_with(&none()));
    for refusal in &refusals {
        let Refusal::Guarded { objection } = refusal else {
            panic!("{refusal}");
        };
        let others: Vec<&str> = all
            .iter()
            .copied()
            .filter(|one| *one != kind(objection))
            .collect();
        let left = kinds(&world, &granting(none(), refusal));
        assert_eq!(left, others, "{refusal}");
    }
    let consent = refusals.iter().fold(none(), granting);
    assert!(objections(&world, &consent).is_empty());
    // What guards ask for lifts nothing that is unsafe, and no interruption lifts a guard.
    assert!(consent.interruptions.is_empty());
    let interrupting = Consent {
        interruptions: hosts(&["h0.example.com", "h3.example.com"]),
        ..none()
    };
    assert_eq!(kinds(&world, &interrupting), all);
}
