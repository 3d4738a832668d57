//! What shows nowhere, at any level of logging: tokens, authorization headers, private keys.

use crate::cli::served::Served;
use crate::support::project::Project;
use crate::support::project::Ran;

/// Every way to log, with the loudest level.
const LOUD: [&str; 2] = ["-vvv", "-vvv --log-format json"];

#[track_caller]
fn hides(ran: &Ran, secrets: &[&str]) {
    for secret in secrets {
        assert!(
            !ran.stdout.contains(secret) && !ran.stderr.contains(secret),
            "{}",
            ran.transcript()
        );
    }
}

/// Runs a command in every loud way, and checks that it logs and that no secret shows.
#[track_caller]
fn loudly(project: &Project, arguments: &str, secrets: &[&str]) {
    for loud in LOUD {
        let ran = project.run(&format!("{arguments} {loud}"));
        assert!(
            ran.stderr.contains("GET"),
            "{loud} logs nothing: {}",
            ran.transcript()
        );
        hides(&ran, secrets);
    }
}

#[test]
fn a_token_shows_in_no_log_of_a_plan_or_a_run() {
    let (served, project) = Served::example("");
    let secrets = [
        served.token.as_str(),
        "Bearer",
        "authorization",
        "Authorization:",
    ];
    loudly(&project, "plan -f mtls.yaml.example", &secrets);
    loudly(
        &project,
        "apply --yes --settle 0s -f mtls.yaml.example",
        &secrets,
    );
    loudly(
        project.retiring(),
        "apply --yes --settle 0s -f mtls.yaml.example",
        &secrets,
    );
}

#[test]
fn a_token_shows_in_no_log_of_a_failure() {
    let (_served, project) = Served::example("");
    let secret = "s3cr3t-token-that-is-refused";
    let project = project.variable("CLOUDFLARE_API_TOKEN", secret);
    loudly(&project, "plan -f mtls.yaml.example", &[secret, "Bearer"]);
    let project = project.variable("CLOUDFLARE_ACCOUNT_ID", &"0".repeat(32));
    loudly(
        &project,
        "apply --yes -f mtls.yaml.example",
        &[secret, "Bearer"],
    );
    let odd = "s3cr3t token\nof two lines";
    let project = project.variable("CLOUDFLARE_API_TOKEN", odd);
    hides(
        &project.run("plan -f mtls.yaml.example -vvv").ends(1),
        &["s3cr3t", "two lines"],
    );
    hides(&project.run("plan --token s3cr3t").ends(1), &["s3cr3t"]);
    hides(&project.run("plan --token=s3cr3t").ends(1), &["s3cr3t"]);
}

#[test]
fn a_user_and_password_in_the_base_url_are_refused_and_not_shown() {
    let (served, project) = Served::example("");
    let base = served.base.replace("http://", "http://me:s3cr3t@");
    let project = project.variable("CLOUDFLARE_BASE_URL", &base);
    for loud in LOUD {
        let ran = project
            .run(&format!("plan -f mtls.yaml.example {loud}"))
            .ends(1);
        ran.says("a user or password does not belong there");
        hides(&ran, &["s3cr3t", &served.token, "Bearer"]);
    }
}

#[test]
fn a_private_key_shows_nowhere() {
    let project = Project::example();
    let pem = rcgen::KeyPair::generate().expect("a key").serialize_pem();
    let lines: Vec<&str> = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let file = |certificates: &str| {
        format!(
            "version: 1\naccount: 9a7806061c88ada191ed06f989cc3dac\nowner: shop\n\
             cas:\n  - name: fleet\n    certificates: {certificates}\n\
             hostnames:\n  - {{ name: shops, cas: [fleet], hosts: [api.example.com] }}\n"
        )
    };
    let indented = pem
        .lines()
        .map(|line| format!("      {line}"))
        .collect::<Vec<_>>()
        .join("\n");
    project.write("key.pem", &pem);
    project.write("in_file.yaml", file("key.pem"));
    project.write("inline.yaml", file(&format!("|\n{indented}")));
    project.write(
        "folded.yaml",
        file(&format!("\"{}\"", pem.replace('\n', "\\n"))),
    );
    project.write("broken.yaml", file(&format!("|\n{indented}\n  : [")));
    project.write("as_file.yaml", &pem);
    project.write(
        "as_owner.yaml",
        file("key.pem").replace("shop\n", &format!("|\n{indented}\n")),
    );
    for name in [
        "in_file", "inline", "folded", "broken", "as_file", "as_owner",
    ] {
        for loud in LOUD {
            let ran = project
                .run(&format!("validate -f {name}.yaml {loud}"))
                .ends(1);
            hides(&ran, &lines);
            let ran = project
                .run(&format!("apply --yes --sandbox -f {name}.yaml {loud}"))
                .ends(1);
            ran.says("private key");
            hides(&ran, &lines);
        }
    }
    let ran = project.run("plan --sandbox -f mtls.yaml.example --token-file key.pem");
    hides(&ran, &lines);
    let project = project.variable("CLOUDFLARE_ACCOUNT_ID", &"0".repeat(32));
    hides(
        &project
            .run("plan -f mtls.yaml.example --token-file key.pem")
            .ends(1),
        &lines,
    );
}
