//! A folder with files, and the binary run in it.
//!
//! Nothing of this machine reaches the binary: its environment is cleared but for `PATH`, `HOME` is the
//! folder, text is 80 columns wide, and standard input is at its end.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use snapbox::cmd::cargo_bin;
use tempfile::TempDir;

/// The README's file and the CAs it names.
const EXAMPLE: [&str; 5] = [
    "mtls.yaml.example",
    "examples/ca/fleet-2025.pem",
    "examples/ca/fleet-2026.pem",
    "examples/ca/fleet-issuing.pem",
    "examples/ca/partner-2026.pem",
];

/// Far longer than anything here takes; a test fails then instead of hanging.
const PATIENCE: Duration = Duration::from_secs(90);

/// A folder with files.
pub(crate) struct Project {
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

impl Project {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            folder,
            variables: BTreeMap::new(),
        }
    }

    /// One with `mtls.yaml.example` and its CAs.
    pub(crate) fn example() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        EXAMPLE.into_iter().fold(Self::new(), |project, path| {
            let contents = fs::read(root.join(path)).expect("a file of the repository");
            project.with(path, contents)
        })
    }

    /// With that file.
    #[must_use]
    pub(crate) fn with(self, path: &str, contents: impl AsRef<[u8]>) -> Self {
        self.write(path, contents);
        self
    }

    /// With that variable in the environment.
    #[must_use]
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Brings the day on which the example retires a CA into the past, and has it go at once.
    pub(crate) fn retiring(&self) -> &Self {
        let file = fs::read_to_string(self.path("mtls.yaml.example")).expect("the example");
        let retired = file.replace("retire: 2099-01-31", "retire: 2020-01-31");
        assert_ne!(retired, file, "the example has another date");
        let retired = retired.replace("min_overlap: 14d", "min_overlap: 0d ");
        self.write("mtls.yaml.example", retired);
        self
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
        fs::write(path, contents).expect("a file that can be written");
    }

    /// What a file holds.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("a file that can be read")
    }

    /// Where a file is.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The binary with these arguments, ready to be started.
    pub(crate) fn command<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        self.program(cargo_bin!("mtlsctl"), arguments)
    }

    /// Another program, surrounded as the binary is.
    pub(crate) fn program<A: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
            .env("HOME", self.folder.path())
            .env("COLUMNS", "80")
            .envs(&self.variables);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the binary; arguments are separated by blanks.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        Ran::of(self.command(arguments.split_whitespace()))
    }

    /// Runs a shell script, in which `$MTLSCTL` is the binary.
    #[track_caller]
    pub(crate) fn shell(&self, script: &str) -> Ran {
        let mut command = self.program("sh", ["-c", script]);
        command.env("MTLSCTL", cargo_bin!("mtlsctl"));
        Ran::of(command)
    }
}

/// What a run came to.
pub(crate) struct Ran {
    /// What it printed.
    pub(crate) stdout: String,
    /// What it said.
    pub(crate) stderr: String,
    /// How it ended; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// How long it took.
    pub(crate) took: Duration,
}

impl Ran {
    #[track_caller]
    fn of(command: Command) -> Self {
        let started = Instant::now();
        let command = snapbox::cmd::Command::from_std(command)
            .timeout(PATIENCE)
            .stdin("");
        let output = command.output().expect("a program that starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        let ran = Self {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            code: output.status.code(),
            took: started.elapsed(),
        };
        assert!(!ran.stderr.contains("panicked"), "{}", ran.transcript());
        ran
    }

    /// Checks the exit code, showing everything where it is another.
    #[track_caller]
    #[must_use]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.transcript());
        self
    }

    /// Checks that stderr has these words, whatever its line breaks.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        let said = self.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            said.contains(words),
            "`{words}` is missing in:\n{}",
            self.transcript()
        );
        self
    }

    /// Both streams and the end as one text, without what differs from run to run.
    pub(crate) fn transcript(&self) -> String {
        let Self {
            stdout,
            stderr,
            code,
            took: _,
        } = self;
        let end = code.map_or("a signal".to_owned(), |code| code.to_string());
        let text = format!("--- stdout\n{stdout}--- stderr\n{stderr}--- exit {end}\n");
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find("cf-ray ") {
            let (before, ray) = rest.split_at(at + "cf-ray ".len());
            out.push_str(before);
            out.push('…');
            rest = ray.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-');
        }
        out + rest
    }
}
