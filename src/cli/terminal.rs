//! Where text goes: data to stdout, everything else to stderr, colours only where they are wanted.

use std::fmt::Write as _;
use std::io;
use std::io::IsTerminal as _;
use std::io::Write as _;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use anstream::AutoStream;
use anstream::ColorChoice;
use clap::ValueEnum;

use crate::cli::failure::Failure;
use crate::report::paint;
use crate::report::paint::paint;
use crate::report::words;

/// When colours are used.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The streams of this process.
pub(crate) struct Terminal {
    choice: ColorChoice,
    /// Whether something for programs was printed, or at least begun.
    has_document: AtomicBool,
}

/// Text is never wider than this, however wide the window.
const WIDEST: usize = 120;
/// Where nothing says how wide it is.
const USUAL: usize = 80;

impl Terminal {
    pub(super) fn new(color: ColorWhen) -> Self {
        let choice = match color {
            ColorWhen::Auto => ColorChoice::Auto,
            ColorWhen::Always => ColorChoice::Always,
            ColorWhen::Never => ColorChoice::Never,
        };
        Self {
            choice,
            has_document: AtomicBool::new(false),
        }
    }

    /// Prints data. A reader that went away is no error, and ends nothing: `mtlsctl plan | head` stays
    /// quiet, and a run that is piped into `head` goes on.
    ///
    /// # Errors
    /// The data is lost for another reason, such as a full disk.
    pub(super) fn print(&self, text: &str) -> Result<(), Failure> {
        written(AutoStream::new(io::stdout().lock(), self.choice), text)
    }

    /// Prints what programs read: all of stdout, and never in colours.
    ///
    /// # Errors
    /// As [`Self::print`].
    pub(super) fn document(&self, text: &str) -> Result<(), Failure> {
        self.has_document.store(true, Ordering::Relaxed);
        written(io::stdout().lock(), text)
    }

    /// Whether something for programs was printed, or at least begun.
    pub(super) fn has_document(&self) -> bool {
        self.has_document.load(Ordering::Relaxed)
    }

    /// Says a sentence on stderr, broken into lines.
    pub(super) fn say(&self, text: &str) {
        self.show(&words::wrap(text, 0, self.err_width()).join("\n"));
    }

    /// Shows what is laid out already on stderr, which nobody has to read.
    pub(super) fn show(&self, text: &str) {
        let mut err = AutoStream::new(io::stderr().lock(), self.choice);
        let _ = writeln!(err, "{}", text.trim_end());
    }

    /// Says why a command failed and what to do.
    pub(super) fn fail(&self, failure: &Failure) {
        let Failure {
            text,
            is_report,
            hints,
            ..
        } = failure;
        let mut out = String::new();
        if *is_report {
            out.push_str(text.trim_end());
        } else {
            let lines = words::wrap(&format!("error: {text}"), 2, self.err_width()).join("\n");
            let rest = lines.trim_start().trim_start_matches("error:");
            let _ = write!(out, "{}{rest}", paint(paint::WRONG, "error:"));
        }
        for hint in hints {
            let lines = words::wrap(&format!("help: {hint}"), 8, self.err_width());
            let _ = write!(out, "\n  {}", lines.join("\n").trim_start());
        }
        self.show(&out);
    }

    /// Asks on stderr and reads a line from the terminal; `None` where there is none to ask.
    pub(super) fn ask(&self, question: &str) -> Option<String> {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return None;
        }
        let mut err = AutoStream::new(io::stderr().lock(), self.choice);
        let _ = write!(err, "{question} ");
        let _ = err.flush();
        drop(err);
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).ok()?;
        Some(answer.trim().to_owned())
    }

    /// How wide text on stdout may be.
    #[expect(clippy::unused_self, reason = "it is asked of the terminal")]
    pub(super) fn width(&self) -> usize {
        width(terminal_size::terminal_size_of(io::stdout()))
    }

    /// How wide text on stderr may be.
    #[expect(clippy::unused_self, reason = "it is asked of the terminal")]
    pub(super) fn err_width(&self) -> usize {
        width(terminal_size::terminal_size_of(io::stderr()))
    }

    /// Whether somebody watches stderr.
    #[expect(clippy::unused_self, reason = "it is asked of the terminal")]
    pub(super) fn is_watched(&self) -> bool {
        io::stderr().is_terminal()
    }
}

fn written(mut out: impl io::Write, text: &str) -> Result<(), Failure> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::error(format!(
            "the standard output cannot be written to: {error}"
        ))),
        _ => Ok(()),
    }
}

fn width(size: Option<(terminal_size::Width, terminal_size::Height)>) -> usize {
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok())
        .filter(|columns| *columns > 0);
    let seen = size.map(|(terminal_size::Width(columns), _)| usize::from(columns));
    columns.or(seen).unwrap_or(USUAL).clamp(20, WIDEST)
}
