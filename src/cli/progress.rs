//! Progress on a terminal: one line that says what is going on, gone when it is done.

use std::time::Duration;

use indicatif::ProgressBar;
use indicatif::ProgressStyle;

use crate::cli::terminal::Terminal;
use crate::execute::Event;
use crate::execute::StepOutcome;
use crate::report::words;

/// A line of progress, where somebody watches stderr.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// While an account is read.
    pub(super) fn reading(terminal: &Terminal) -> Self {
        Self::start(terminal, "{spinner} {wide_msg}", None).about("reading the account")
    }

    /// While a plan of that many steps is run.
    pub(super) fn running(terminal: &Terminal, steps: usize) -> Self {
        Self::start(
            terminal,
            "{bar:24} {pos}/{len} {wide_msg}",
            Some(steps as u64),
        )
    }

    fn start(terminal: &Terminal, template: &str, length: Option<u64>) -> Self {
        if !terminal.is_watched() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::no_length();
        if let Some(length) = length {
            bar.set_length(length);
        }
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    fn about(self, message: &'static str) -> Self {
        self.0.set_message(message);
        self
    }

    /// Another read is done.
    pub(super) fn read(&self, calls: u64) {
        self.0
            .set_message(format!("reading the account: {calls} calls"));
    }

    /// Shows what a run tells.
    pub(super) fn show(&self, event: &Event<'_>) {
        match event {
            Event::Settling { wait, .. } => self.settle(*wait),
            Event::WaveStarted { wave } => self.0.set_message(wave.phase.to_string()),
            Event::StepStarted { step } => self.0.set_message(step.address.to_string()),
            Event::StepEnded { outcome, .. } => {
                if matches!(outcome, StepOutcome::Applied) {
                    self.0.inc(1);
                }
            }
            Event::Waiting { step, waited } => {
                let waited = words::duration(*waited);
                self.0
                    .set_message(format!("waiting for {} to show ({waited})", step.address));
            }
            Event::Meanwhile { meanwhile } => {
                self.0.set_message(words::visible(&meanwhile.to_string()));
            }
            Event::WaveDone { .. } => self.0.set_message("read back"),
        }
    }

    /// It is waited for the edge.
    pub(super) fn settle(&self, wait: Duration) {
        let wait = words::duration(wait);
        self.0
            .set_message(format!("waiting {wait} for the edge to settle"));
    }

    /// So many hosts are connected to.
    pub(super) fn verify(&self, hosts: usize) {
        let hosts = words::count(hosts, "host");
        self.0.set_message(format!("connecting to {hosts}"));
    }

    /// Says a line without breaking the progress line.
    pub(super) fn say(&self, terminal: &Terminal, text: &str) {
        self.0.suspend(|| terminal.say(text));
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}
