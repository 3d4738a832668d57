//! The examples at the end of each command's help: a line that can be copied, and what it is for.

use std::fmt::Write as _;

use clap::Command;

type Example = (&'static str, &'static str);

/// Commands with their examples. Those of the program itself stand in its own help.
const EXAMPLES: &[(&str, &[Example])] = &[
    (
        "init",
        &[
            ("mtlsctl init", "mtls.yaml, to be filled in"),
            ("mtlsctl init -f teams/api.yaml", "another file"),
        ],
    ),
    (
        "validate",
        &[
            ("mtlsctl validate", "mtls.yaml"),
            ("mtlsctl validate --strict", "before a commit"),
            ("mtlsctl validate --at 2099-01-31", "as of another day"),
        ],
    ),
    (
        "plan",
        &[
            ("mtlsctl plan", "mtls.yaml and the live account"),
            ("mtlsctl plan --sandbox", "without a token"),
            (
                "mtlsctl plan --detailed-exitcode",
                "2 if changes are pending",
            ),
            ("mtlsctl plan --out plan.json", "to be reviewed"),
            ("mtlsctl plan --format github", "in a pull request"),
        ],
    ),
    (
        "apply",
        &[
            ("mtlsctl apply", "shows the plan and asks"),
            ("mtlsctl apply plan.json", "as it was reviewed"),
            ("mtlsctl apply --yes", "in a pipeline"),
            ("mtlsctl apply --sandbox --yes", "without a token"),
        ],
    ),
    (
        "drift",
        &[
            ("mtlsctl drift", "of mtls.yaml and its account"),
            ("mtlsctl drift --fail-on any", "2 whatever differs"),
            ("mtlsctl drift --format json", "for a scheduler"),
        ],
    ),
    (
        "import",
        &[
            (
                "mtlsctl import --account ID --owner platform-mtls",
                "mtls.yaml from what is there",
            ),
            (
                "mtlsctl import --sandbox --owner platform-mtls --out imported",
                "of the offline account",
            ),
        ],
    ),
    (
        "audit",
        &[
            ("mtlsctl audit --account ID", "without a file"),
            (
                "mtlsctl audit -f mtls.yaml --fail-on high",
                "with what the file accepts",
            ),
            (
                "mtlsctl audit --sandbox --format sarif",
                "for code scanning",
            ),
        ],
    ),
    (
        "explain",
        &[
            (
                "mtlsctl explain --account ID --host api.example.com",
                "without a certificate",
            ),
            (
                "mtlsctl explain --host api.example.com --certificate fleet-2026",
                "with one of that CA",
            ),
            (
                "mtlsctl explain --desired --host api.example.com --path /healthz --set ip.src=192.0.2.7",
                "once the file is applied",
            ),
        ],
    ),
    (
        "status",
        &[
            ("mtlsctl status", "the CAs of mtls.yaml"),
            ("mtlsctl status --sandbox --format json", "for programs"),
        ],
    ),
    (
        "verify",
        &[
            ("mtlsctl verify", "without certificate, and as a stranger"),
            (
                "mtlsctl verify --client fleet-2026=client.pem,client.key --host api.example.com",
                "as a client, too",
            ),
            (
                "mtlsctl verify --resolve api.example.com:192.0.2.7:443 --format junit",
                "at an address, for systems that collect test results",
            ),
        ],
    ),
    (
        "rotate",
        &[
            (
                "mtlsctl rotate fleet-2026 --to ca/fleet-2026-renewed.pem",
                "a new content",
            ),
            (
                "mtlsctl rotate fleet-2026 --to ca/fleet-2027.pem --retire 2099-01-31",
                "both until that day",
            ),
        ],
    ),
    (
        "doctor",
        &[
            ("mtlsctl doctor", "for mtls.yaml and its account"),
            ("mtlsctl doctor --account ID", "without a file"),
            ("mtlsctl doctor --format json", "for programs"),
        ],
    ),
    (
        "graph",
        &[
            (
                "mtlsctl graph --account ID > account.mmd",
                "who gets in now",
            ),
            (
                "mtlsctl graph --plan --format svg > plan.svg",
                "before and after",
            ),
            (
                "mtlsctl graph --file-only --format dot | dot -Tpng > file.png",
                "the file alone",
            ),
        ],
    ),
    (
        "sandbox",
        &[
            ("mtlsctl sandbox reset --zone example.org", "a new account"),
            ("mtlsctl sandbox serve", "for any client of the API"),
            (
                "mtlsctl sandbox token --without \"Zone WAF Write\"",
                "a limited token",
            ),
            ("mtlsctl sandbox show", "what is in it"),
        ],
    ),
    (
        "schema",
        &[
            (
                "mtlsctl schema file > mtls.schema.json",
                "for editors that know yaml-language-server",
            ),
            ("mtlsctl schema plan", "of what plan --format json prints"),
        ],
    ),
    (
        "completions",
        &[
            (
                "mtlsctl completions bash > ~/.local/share/bash-completion/completions/mtlsctl",
                "from the next shell on",
            ),
            (
                "mtlsctl completions fish > ~/.config/fish/completions/mtlsctl.fish",
                "likewise",
            ),
        ],
    ),
    (
        "man",
        &[
            ("mtlsctl man | man -l -", "the main page"),
            ("mtlsctl man --out man1", "all of them"),
        ],
    ),
];

/// The widest example that its words stand beside.
const BESIDE: usize = 54;

/// Adds the examples to the commands that have none of their own.
pub(super) fn with_examples(command: Command) -> Command {
    command.mut_subcommands(|one| {
        let mut known = EXAMPLES.iter();
        let known = known.find(|(name, _)| *name == one.get_name());
        match known {
            Some((_, examples)) if one.get_after_help().is_none() => one.after_help(text(examples)),
            _ => one,
        }
    })
}

fn text(examples: &[Example]) -> String {
    let lengths = examples.iter().map(|(line, _)| line.chars().count());
    let longest = lengths.filter(|length| *length <= BESIDE).max();
    let longest = longest.unwrap_or_default();
    let mut text = "Examples:".to_owned();
    for (line, words) in examples {
        if line.chars().count() <= BESIDE {
            let _ = write!(text, "\n  {line:longest$}  # {words}");
        } else {
            let _ = write!(text, "\n  # {words}:\n  {line}");
        }
    }
    text
}
