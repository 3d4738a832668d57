//! The Writer: one effect for one step, whatever becomes of the answers.

use mtlsctl::cloudflare::Deletion;
use mtlsctl::cloudflare::Error;
use mtlsctl::cloudflare::Upload;
use mtlsctl::live::HostList;
use mtlsctl::resource::Issuer;
use serde_json::Value;
use serde_json::json;

use crate::cloudflare::script::HTML;
use crate::cloudflare::script::Reply;
use crate::cloudflare::script::Script;
use crate::cloudflare::script::account;
use crate::cloudflare::script::broken;
use crate::cloudflare::script::bundle;
use crate::cloudflare::script::ca;
use crate::cloudflare::script::listed;
use crate::cloudflare::script::ok;
use crate::cloudflare::script::page;
use crate::cloudflare::script::refused;
use crate::cloudflare::script::text;
use crate::cloudflare::script::timed_out;
use crate::cloudflare::script::unreachable;
use crate::cloudflare::script::with_header;
use crate::cloudflare::script::zone;

const NAME: &str = "platform-mtls/fleet-2026@0a1b2c3d";

async fn upload(replies: impl FnOnce(Value) -> Vec<Reply>) -> (Result<Upload, Error>, Script) {
    let content = bundle("Fleet CA");
    let script = Script::new(replies(listed(&ca(1), NAME, &content)));
    let outcome = script
        .client()
        .writer()
        .upload(&account(), NAME, &content)
        .await;
    assert_eq!(script.unplayed(), 0, "{outcome:?}");
    (outcome, script)
}

fn store(items: Vec<Value>) -> Reply {
    let total = items.len();
    page(items, 1, 1, total)
}

fn renamed(mut listed: Value) -> Value {
    listed["name"] = json!("by hand");
    listed
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_answer_is_lost_is_looked_for_before_it_is_sent_again() {
    for lost in [
        broken(),
        timed_out(),
        text(502, HTML),
        text(200, r#"{"success":true,"resu"#),
        text(200, HTML),
        ok(json!({ "id": "odd" })),
    ] {
        let words = format!("{lost:?}");
        let (outcome, script) = upload(|there| vec![lost, store(vec![there])]).await;
        assert_eq!(outcome.unwrap(), Upload::Created(ca(1)), "{words}");
        assert_eq!(script.methods(), "POST GET", "{words}");
    }
    let (outcome, script) = upload(|there| vec![broken(), store(vec![]), ok(there)]).await;
    assert_eq!(outcome.unwrap(), Upload::Created(ca(1)));
    assert_eq!(script.methods(), "POST GET POST");
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_was_certainly_not_made_is_sent_again_at_once() {
    for missed in [
        unreachable(),
        with_header(refused(429, 971, "wait"), "retry-after", "3"),
    ] {
        let (outcome, script) = upload(|there| vec![missed, ok(there)]).await;
        assert_eq!(outcome.unwrap(), Upload::Created(ca(1)));
        assert_eq!(script.methods(), "POST POST");
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_is_already_there_is_found_by_its_content() {
    let exists = || refused(409, 1471, "This certificate already exists.");
    let (outcome, script) = upload(|there| vec![exists(), store(vec![renamed(there)])]).await;
    let Upload::WasThere(found) = outcome.unwrap() else {
        panic!("it was there");
    };
    assert_eq!((found.id, found.name.as_str()), (ca(1), "by hand"));
    assert_eq!(script.methods(), "POST GET");

    // The list lags behind: looked at again, and in the end said.
    let (outcome, script) = upload(|there| vec![exists(), store(vec![]), store(vec![there])]).await;
    assert_eq!(outcome.unwrap().id(), &ca(1));
    assert_eq!(script.methods(), "POST GET GET");
    let (outcome, _) = upload(|_| {
        std::iter::once(exists())
            .chain((0..5).map(|_| store(vec![])))
            .collect()
    })
    .await;
    let error = outcome.unwrap_err();
    assert!(
        error.to_string().ends_with(
            "the account already has this certificate (1471), but its list does not show it yet; try \
             again in some minutes"
        ),
        "{error}"
    );

    // Our own upload, whose answer was lost and which the list showed too late.
    let (outcome, script) =
        upload(|there| vec![broken(), store(vec![]), exists(), store(vec![there])]).await;
    assert_eq!(outcome.unwrap(), Upload::Created(ca(1)));
    assert_eq!(script.methods(), "POST GET POST GET");
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_is_refused_is_not_sent_again() {
    let (outcome, script) =
        upload(|_| vec![refused(400, 1489, "Hit maximum CA cert allocation.")]).await;
    assert!(outcome.unwrap_err().code(1489));
    assert_eq!(script.methods(), "POST");
}

#[tokio::test(start_paused = true)]
async fn a_doubt_that_cannot_be_settled_is_said() {
    let denied = refused(403, 10000, "Authentication error");
    let (outcome, _) = upload(|_| vec![broken(), denied]).await;
    let error = outcome.unwrap_err();
    assert!(error.may_have_taken_effect());
    let words = error.to_string();
    assert!(
        words.contains(
            "broke: connection reset by peer; whether it took effect could not be found out: GET "
        ),
        "{words}"
    );
    // Attempts are spent: the last failure, after a last look.
    let (outcome, script) =
        upload(|_| (0..5).flat_map(|_| [broken(), store(vec![])]).collect()).await;
    assert!(outcome.unwrap_err().may_have_taken_effect());
    assert_eq!(script.methods().matches("POST").count(), 5);
}

#[tokio::test(start_paused = true)]
async fn deleting_what_is_gone_succeeds_and_what_is_in_use_is_said() {
    let table = [
        (vec![ok(json!({ "id": ca(1).as_str() }))], Deletion::Deleted),
        (vec![text(204, "")], Deletion::Deleted),
        (
            vec![refused(404, 1472, "Certificate not found")],
            Deletion::Deleted,
        ),
        (
            vec![refused(400, 1, "Certificate is already deleted")],
            Deletion::Deleted,
        ),
        (
            vec![broken(), refused(404, 1472, "Certificate not found")],
            Deletion::Deleted,
        ),
        (
            vec![refused(
                400,
                1,
                "Certificate cannot be deleted while in use by API Shield",
            )],
            Deletion::InUse {
                message: "Certificate cannot be deleted while in use by API Shield".into(),
            },
        ),
    ];
    for (replies, expected) in table {
        let script = Script::new(replies);
        let writer = script.client().writer();
        let outcome = writer.delete_certificate(&account(), &ca(1)).await.unwrap();
        assert_eq!(outcome, expected);
        assert_eq!(script.unplayed(), 0);
    }
    for reply in [
        refused(404, 7003, "Could not route"),
        refused(403, 10000, "Unauthorized"),
    ] {
        let writer = Script::new([reply]).client().writer();
        assert!(writer.delete_certificate(&account(), &ca(1)).await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_list_of_hosts_is_looked_for_before_it_is_sent_again() {
    let list = |names: &[&str]| HostList(names.iter().map(ToString::to_string).collect());
    let (found, meant) = (
        list(&["a.example.com"]),
        list(&["a.example.com", "b.example.com"]),
    );
    let shows = |list: &HostList| ok(json!({ "hostnames": list.0 }));
    for (look, sent) in [
        (shows(&meant), Ok("PUT GET")),
        (shows(&found), Ok("PUT GET PUT")),
        (shows(&list(&["c.example.com"])), Err("PUT GET")),
    ] {
        let script = Script::new([broken(), look, ok(json!({ "hostnames": null }))]);
        let writer = script.client().writer();
        let own = Issuer::Uploaded(ca(1));
        let outcome = writer.replace_hosts(&zone(), &own, &found, &meant).await;
        assert_eq!(outcome.is_ok(), sent.is_ok());
        assert_eq!(script.methods(), sent.unwrap_or_else(|methods| methods));
        if let Err(error) = outcome {
            assert!(
                error
                    .to_string()
                    .ends_with("and then somebody else changed the list")
            );
            assert!(error.may_have_taken_effect());
        }
    }
}
