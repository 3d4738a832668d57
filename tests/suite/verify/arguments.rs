//! What cannot be run ends with 1 and says what to do.

use crate::support::golden::golden;
use crate::verify::shop::Shop;

#[test]
fn arguments_that_make_no_sense_say_why() {
    let shop = Shop::new("");
    shop.project.write("empty.pem", "");
    for (arguments, words) in [
        (
            "--host www.example.com",
            "the file declares no host www.example.com",
        ),
        (
            "--resolve www.example.com:127.0.0.1:1",
            "this host is not among those that are connected to",
        ),
        (
            "--resolve api.example.com",
            "write a host, an address and a port",
        ),
        (
            "--resolve api.example.com:::1:443",
            "write a host, an address and a port",
        ),
        (
            "--client fleet=fleet-client.pem",
            "write a name and two files",
        ),
        (
            "--client none=fleet-client.pem,fleet-client.key",
            "`none` is always there",
        ),
        (
            "--client a=gone.pem,fleet-client.key",
            "gone.pem cannot be read",
        ),
        (
            "--client a=empty.pem,fleet-client.key",
            "it holds no certificate",
        ),
        (
            "--client a=fleet-client.pem,fleet-client.key --client a=fleet-client.pem,fleet-client.key",
            "`--client a` is given twice",
        ),
        ("--cacert empty.pem", "it holds no certificate"),
        ("--cacert gone.pem", "gone.pem cannot be read"),
        ("--path v1", "a path begins with `/`"),
        ("--path /v1#top", "no request can have this path"),
        (
            "--resolve api.example.com:127.0.0.1:1 --resolve api.example.com:127.0.0.1:2",
            "`--resolve api.example.com:…` is given twice",
        ),
        ("--timeout 0s", "nothing can be waited for that long"),
        ("--timeout soon", "no length of time"),
        ("--blocked-status 42", "42 is not in 100..=599"),
        ("--parallel 0", "0 is not in 1..=64"),
        ("--http 3", "invalid value '3'"),
        ("--ipv4 --ipv6", "cannot be used with"),
        ("-f gone.yaml", "gone.yaml"),
    ] {
        let ran = shop.project.run(&format!("verify {arguments}")).ends(1);
        let _ = ran.says(words);
        assert_eq!(ran.stdout, "", "{}", ran.transcript());
    }
}

#[test]
fn the_help_says_what_happens_to_keys() {
    let shop = Shop::new("");
    let ran = shop.project.run("verify --help").ends(0);
    golden("verify/golden/help.txt", &ran.transcript());
}

#[cfg(unix)]
#[test]
fn a_file_without_end_is_not_read_to_it() {
    let shop = Shop::new("");
    let server = Shop::serve(&shop.right());
    let ran = shop.verify_as("--client a=/dev/zero,fleet-client.key", server.at, "");
    let _ = ran
        .ends(1)
        .says("/dev/zero cannot be read: it is longer than any certificate or key");
}
