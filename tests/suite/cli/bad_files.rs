//! Files that cannot be used: exit 1 at once, with what is wrong and what to do.

use std::time::Duration;

use crate::support::golden::golden;
use crate::support::project::Project;
use crate::support::project::Ran;

/// Runs both ways that read the file, and checks that each is quick and that stdout stays empty.
#[track_caller]
fn refused(project: &Project, path: &str) -> Ran {
    let _ = project
        .run(&format!("apply --yes --sandbox -f {path}"))
        .ends(1);
    let ran = project.run(&format!("validate -f {path}")).ends(1);
    assert_eq!(ran.stdout, "");
    assert!(ran.took < Duration::from_secs(10), "{:?}", ran.took);
    for line in ran.stderr.lines().filter(|line| line.contains(" | ")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    ran
}

#[test]
fn what_is_no_file_of_text_is_named() {
    let project = Project::new()
        .with("empty", "")
        .with("folder/x", "")
        .with("blank", "\n# nothing\n");
    let binary: Vec<u8> = (0..=255).cycle().take(4096).collect();
    project.write("binary", binary);
    for (path, words) in [
        (
            "missing.yaml",
            "the file cannot be read: there is no such file",
        ),
        ("empty", "the file is empty"),
        ("blank", "the file is empty"),
        ("folder", "the file cannot be read: it is a folder"),
        ("binary", "this is not"),
    ] {
        refused(&project, path).says(words).says("help: ");
    }
    let ran = project.run("plan").ends(1);
    golden("cli/golden/no_file.txt", &ran.transcript());
}

#[test]
fn files_that_would_grow_without_end_are_refused() {
    let project = Project::new();
    project.write(
        "big.yaml",
        format!("version: 1\nowner: {}\n", "a".repeat(50 << 20)),
    );
    refused(&project, "big.yaml").says("the file has more than 5 MiB");
    project.write(
        "deep.yaml",
        format!("version: 1\nzones: {}", "[".repeat(100_000)),
    );
    refused(&project, "deep.yaml").says("the file unfolds into more than is read");
    let levels = "bcdefghij".chars().zip("abcdefghi".chars());
    let levels = levels.map(|(above, below)| {
        let aliases = vec![format!("*{below}"); 9].join(",");
        format!("{above}: &{above} [{aliases}]\n")
    });
    let bomb = format!(
        "version: 1\na: &a [x,x,x,x,x,x,x,x,x]\n{}",
        levels.collect::<String>()
    );
    project.write("bomb.yaml", bomb);
    refused(&project, "bomb.yaml").says("the file unfolds into more than is read");
}

/// A file with one CA, written as given.
fn with_ca(certificates: &str) -> String {
    format!(
        "version: 1\naccount: 9a7806061c88ada191ed06f989cc3dac\nowner: shop\n\
         cas:\n  - {{ name: fleet, certificates: {certificates} }}\n\
         hostnames:\n  - {{ name: shops, cas: [fleet], hosts: [api.example.com] }}\n"
    )
}

#[test]
fn ca_files_that_hold_no_ca_are_named_with_their_line() {
    let project = Project::example();
    project.write("mtls.yaml", with_ca("examples/ca/fleet-2026.pem"));
    let _ = project.run("validate").ends(0);
    for (file, words) in [
        (
            "missing.pem",
            "`missing.pem` cannot be read: there is no such file",
        ),
        (
            "examples/ca",
            "`examples/ca` cannot be read: it is a folder",
        ),
        ("empty.pem", "`empty.pem` cannot be used"),
        ("key.pem", "private key"),
        ("both.pem", "private key"),
        ("leaf.pem", "is no CA: its basic constraints"),
        ("zeros.pem", "`zeros.pem` cannot be"),
    ] {
        let ca = project.read("examples/ca/fleet-2026.pem");
        let key = rcgen::KeyPair::generate().expect("a key");
        let leaf = rcgen::CertificateParams::new(vec!["client.example.com".to_owned()])
            .and_then(|params| params.self_signed(&key))
            .expect("a leaf");
        project.write("empty.pem", "");
        project.write("key.pem", key.serialize_pem());
        project.write("both.pem", ca + &key.serialize_pem());
        project.write("leaf.pem", leaf.pem());
        project.write("zeros.pem", [0; 100]);
        project.write("mtls.yaml", with_ca(file));
        let ran = refused(&project, "mtls.yaml");
        ran.says(words).says("--> mtls.yaml:5:");
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let project = Project::example();
    let file = with_ca("missing.pem")
        .replace("owner: shop", "owner: Shop!")
        .replace("[api.example.com]", "['*.example.com']");
    project.write("mtls.yaml", file);
    let ran = project.run("validate").ends(1);
    golden("cli/golden/problems.txt", &ran.transcript());
}
