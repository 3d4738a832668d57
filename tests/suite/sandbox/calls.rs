//! Random calls on an account.

use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_oneof;
use proptest::sample::select;

/// A call that may or may not make sense; numbers pick from what there is.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    Upload {
        pem: usize,
    },
    DeleteCertificate {
        which: usize,
    },
    Associate {
        which: usize,
        hosts: Vec<usize>,
    },
    Replace {
        rules: Vec<(usize, usize)>,
    },
    Add {
        name: usize,
        position: Option<(usize, usize)>,
    },
    Edit {
        which: usize,
        name: usize,
        position: Option<(usize, usize)>,
        pure: bool,
    },
    DeleteRule {
        which: usize,
    },
    DeleteRuleset,
    Noise {
        method: &'static str,
        tail: String,
        body: String,
    },
    Wait {
        seconds: i64,
    },
}

pub(crate) fn call() -> impl Strategy<Value = Call> {
    let small = 0..7_usize;
    let position = proptest::option::of((0..4_usize, small.clone()));
    let methods = select(vec!["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
    prop_oneof![
        small.clone().prop_map(|pem| Call::Upload { pem }),
        small
            .clone()
            .prop_map(|which| Call::DeleteCertificate { which }),
        (small.clone(), proptest::collection::vec(0..4_usize, 0..3))
            .prop_map(|(which, hosts)| Call::Associate { which, hosts }),
        proptest::collection::vec((small.clone(), small.clone()), 0..4)
            .prop_map(|rules| Call::Replace { rules }),
        (small.clone(), position.clone()).prop_map(|(name, position)| Call::Add { name, position }),
        (small.clone(), small.clone(), position, any::<bool>()).prop_map(
            |(which, name, position, pure)| Call::Edit {
                which,
                name,
                position,
                pure
            }
        ),
        small.prop_map(|which| Call::DeleteRule { which }),
        proptest::strategy::Just(Call::DeleteRuleset),
        (
            methods,
            "(/[a-z0-9_]{0,8}){0,4}(\\?[a-z_]{1,8}=[%a-f0-9]{0,4})?",
            "\\PC{0,40}"
        )
            .prop_map(|(method, tail, body)| Call::Noise { method, tail, body }),
        (0..40_i64).prop_map(|seconds| Call::Wait { seconds }),
    ]
}
