//! A survey of one zone without CAs, against answers that a feature is not there.

use std::collections::BTreeSet;

use mtlsctl::cloudflare::Error;
use mtlsctl::cloudflare::Observer;
use mtlsctl::cloudflare::Survey;
use mtlsctl::live::Looked;
use mtlsctl::resource::ZoneName;
use serde_json::Value;
use serde_json::json;

use crate::cloudflare::script::Reply;
use crate::cloudflare::script::Script;
use crate::cloudflare::script::account;
use crate::cloudflare::script::ok;
use crate::cloudflare::script::page;
use crate::cloudflare::script::refused;
use crate::cloudflare::script::zone;

/// The calls of such a survey, in order.
#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Rules,
    Hosts,
    AccountRules,
    AccountAccess,
    Access,
    Redirects,
    Records,
}

const ALL: [At; 7] = [
    At::Rules,
    At::Hosts,
    At::AccountRules,
    At::AccountAccess,
    At::Access,
    At::Redirects,
    At::Records,
];

fn usual(at: At) -> Reply {
    match at {
        At::Rules | At::AccountRules | At::Redirects => {
            refused(404, 10003, "could not find entrypoint ruleset")
        }
        At::Hosts => ok(json!({ "hostnames": ["api.example.com"] })),
        At::AccountAccess | At::Access | At::Records => page(vec![], 1, 1, 0),
    }
}

fn zone_json() -> Value {
    json!({ "id": zone().as_str(), "name": "example.com", "status": "active", "paused": false })
}

/// Surveys with one answer in place of the usual one.
async fn survey(at: At, reply: Reply) -> Result<Survey, Error> {
    let mut reply = Some(reply);
    let mut replies = vec![page(vec![zone_json()], 1, 1, 1), page(vec![], 1, 1, 0)];
    for one in ALL {
        replies.push(match &mut reply {
            reply @ Some(_) if one == at => reply.take().expect("there"),
            _ => usual(one),
        });
    }
    let script = Script::new(replies);
    let reader = script.client().reader();
    let observer = Observer {
        reader: &reader,
        parallel: 1,
        tell: &|| {},
    };
    let name = ZoneName::parse("example.com").unwrap();
    let only = BTreeSet::from([name]);
    let survey = observer.survey(&account(), Some(&only), &|_| {}).await;
    if survey.is_ok() {
        assert_eq!(script.unplayed(), 0, "{at:?}");
    }
    survey
}

#[tokio::test]
async fn what_is_not_there_is_empty_only_where_that_is_clear() {
    let seen = survey(At::Rules, usual(At::Rules)).await.unwrap();
    assert!(seen.unread.is_empty());
    assert_eq!(seen.neighbours.rules, Some(vec![]));
    let zone = seen.neighbours.zones.values().next().unwrap();
    assert_eq!(zone.redirects, Some(vec![]));

    let gone = || {
        [
            refused(403, 50002, "not entitled"),
            refused(400, 50002, "not entitled"),
            refused(404, 7003, "Could not route"),
            refused(404, 9999, "could not find something"),
        ]
    };
    for (at, what) in [
        (At::AccountRules, Looked::AccountRules),
        (At::AccountAccess, Looked::AccessRules),
        (At::Access, Looked::AccessRules),
        (At::Redirects, Looked::Redirects),
        (At::Records, Looked::Records),
    ] {
        for reply in gone() {
            let seen = survey(at, reply).await.unwrap();
            let [unread] = &seen.unread[..] else {
                panic!("{at:?}: {:?}", seen.unread);
            };
            assert_eq!(unread.what, what);
            assert_eq!(unread.permission, None, "{at:?}");
            let of_account = matches!(at, At::AccountRules | At::AccountAccess);
            assert_eq!(unread.zone.is_none(), of_account, "{at:?}");
            let beside = &seen.neighbours;
            let zone = beside.zones.values().next().unwrap();
            let is_empty = match at {
                At::AccountRules => beside.rules.is_some(),
                At::AccountAccess => beside.access.is_some(),
                At::Access => zone.access.is_some(),
                At::Redirects => zone.redirects.is_some(),
                _ => zone.records.is_some(),
            };
            assert!(!is_empty, "{at:?}");
        }
    }
    // 10003 is the answer of an entry point; elsewhere it is unclear.
    let odd = refused(404, 10003, "odd");
    let seen = survey(At::Records, odd).await.unwrap();
    assert_eq!(seen.unread.len(), 1);
}

#[tokio::test]
async fn one_zone_that_tells_nothing_is_an_error() {
    for (at, reply) in [
        (At::Rules, refused(403, 10000, "Authentication error")),
        (At::Rules, refused(404, 7003, "Could not route")),
        (At::Hosts, refused(403, 10000, "Authentication error")),
        (At::Hosts, refused(404, 7003, "Could not route")),
        (At::Hosts, refused(403, 50002, "not entitled")),
    ] {
        let error = survey(at, reply).await.unwrap_err();
        assert!(error.to_string().contains("/zones/"), "{error}");
    }
}

#[tokio::test]
async fn what_is_wrong_otherwise_ends_it() {
    for at in ALL {
        for reply in [
            refused(400, 1004, "bad request"),
            ok(json!({ "id": 7, "hostnames": 7 })),
            ok(json!([{ "id": [] }])),
        ] {
            assert!(survey(at, reply).await.is_err(), "{at:?}");
        }
    }
}
