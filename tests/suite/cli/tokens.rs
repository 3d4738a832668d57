//! Wrong, limited and odd tokens.

use crate::cli::served::Served;
use crate::support::golden::golden;
use crate::support::project::Project;

const PLAN: &str = "plan -f mtls.yaml.example";
const APPLY: &str = "apply --yes --settle 0s -f mtls.yaml.example";

/// A token that lacks these groups.
fn without(project: &Project, groups: &[&str]) -> String {
    let mut arguments = vec!["sandbox", "token", "--dir", "account"];
    arguments.extend(groups.iter().flat_map(|group| ["--without", *group]));
    let output = project.command(arguments).output().expect("it runs");
    String::from_utf8(output.stdout)
        .expect("UTF-8")
        .trim()
        .to_owned()
}

#[test]
fn a_wrong_token_is_told_from_a_missing_permission() {
    let (_served, project) = Served::example("");
    let project = project.variable("CLOUDFLARE_API_TOKEN", "not-a-token-of-this-account");
    let ran = project.run(PLAN).ends(1);
    // Which of the first two reads fails first is up to chance.
    ran.says("Authentication error (10000); the call needs the permission `");
    ran.says("and a wrong token is refused in the same words");
    ran.says("help: Cloudflare does not know this token: check it for a typing error");
}

/// The groups a plan needs, each with the name that the dashboard has for it.
const READS: [(&str, &str, &str); 4] = [
    ("Zone Read", "Zone Read", "Zone · Zone: Read"),
    (
        "Account: SSL and Certificates Read",
        "Account: SSL and Certificates Write",
        "Account · SSL and Certificates: Read",
    ),
    (
        "SSL and Certificates Read",
        "SSL and Certificates Write",
        "Zone · SSL and Certificates: Read",
    ),
    ("Zone WAF Read", "Zone WAF Write", "Zone · Zone WAF: Read"),
];

#[test]
fn a_plan_without_a_permission_to_read_names_it_as_the_dashboard_does() {
    let (_served, mut project) = Served::example("");
    let _ = project.run(APPLY).ends(0);
    for (group, includes, dashboard) in READS {
        let token = without(&project, &[group, includes]);
        project = project.variable("CLOUDFLARE_API_TOKEN", &token);
        let ran = project.run(PLAN).ends(1);
        ran.says(&format!("`{dashboard}`"));
        ran.says("help: the token itself is active: give it the permission in the dashboard");
    }
}

#[test]
fn a_plan_needs_the_reading_permissions_only() {
    let (_served, project) = Served::example("");
    let writes = [
        "Account: SSL and Certificates Write",
        "SSL and Certificates Write",
        "Zone WAF Write",
    ];
    let token = without(&project, &writes);
    let project = project.variable("CLOUDFLARE_API_TOKEN", &token);
    let _ = project.run(PLAN).ends(0);
}

#[test]
fn a_run_without_a_permission_to_write_names_it_and_goes_on_once_it_has_it() {
    let (served, mut project) = Served::example("");
    for (group, dashboard, code) in [
        (
            "Account: SSL and Certificates Write",
            "Account · SSL and Certificates: Edit",
            1,
        ),
        (
            "SSL and Certificates Write",
            "Zone · SSL and Certificates: Edit",
            5,
        ),
        ("Zone WAF Write", "Zone · Zone WAF: Edit", 5),
    ] {
        let token = without(&project, &[group]);
        project = project.variable("CLOUDFLARE_API_TOKEN", &token);
        let ran = project.run(APPLY).ends(code);
        ran.says(&format!("`{dashboard}`"));
        ran.says("help: the token itself is active: give it the permission in the dashboard");
    }
    let project = project.variable("CLOUDFLARE_API_TOKEN", &served.token);
    let _ = project.run(APPLY).ends(0);
}

#[test]
fn a_token_of_the_account_is_as_good_as_a_users() {
    let (_served, project) = Served::example("");
    let token = project
        .run("sandbox token --dir account --account-owned")
        .ends(0)
        .stdout;
    let project = project.variable("CLOUDFLARE_API_TOKEN", token.trim());
    let _ = project.run(APPLY).ends(0);
    let token = project
        .run("sandbox token --dir account --account-owned --without")
        .ends(1);
    token.says("a value is required for '--without <GROUP>'");
}

#[test]
fn a_token_comes_from_a_file_too_with_a_newline_at_its_end() {
    let (served, project) = Served::example("");
    let project = project.variable("CLOUDFLARE_API_TOKEN", "wrong");
    for (name, text) in [
        ("bare", served.token.clone()),
        ("lines", format!("{}\r\n", served.token)),
    ] {
        project.write(name, text);
        let _ = project.run(&format!("{PLAN} --token-file {name}")).ends(0);
    }
}

#[test]
fn a_token_that_cannot_be_one_is_not_sent() {
    let project = Project::example()
        .variable("CLOUDFLARE_ACCOUNT_ID", &"0".repeat(32))
        .with("empty", "\n")
        .with("binary", [0xFF, 0xFE, 0x00]);
    project
        .run(PLAN)
        .ends(1)
        .says("error: there is no API token");
    let ran = project.run(&format!("{PLAN} --token-file empty")).ends(1);
    golden("cli/golden/empty_token_file.txt", &ran.transcript());
    let ran = project.run(&format!("{PLAN} --token-file nowhere")).ends(1);
    ran.says("the token file nowhere cannot be read");
    let ran = project.run(&format!("{PLAN} --token-file .")).ends(1);
    ran.says("the token file . cannot be read");
    let ran = project.run(&format!("{PLAN} --token-file binary")).ends(1);
    ran.says("the token file binary cannot be read");
    for odd in ["two words", "two\nlines", "tokén"] {
        let project = Project::example()
            .variable("CLOUDFLARE_ACCOUNT_ID", &"0".repeat(32))
            .variable("CLOUDFLARE_API_TOKEN", odd);
        let ran = project.run(PLAN).ends(1);
        ran.says("the API token is not one word of plain ASCII characters");
        assert!(!ran.stderr.contains(odd), "{}", ran.stderr);
    }
}
