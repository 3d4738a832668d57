//! Reading an account while a terminal tells how it gets on: what all commands that look at one have in common.

use crate::cli::account::Connection;
use crate::cli::progress::Progress;
use crate::cli::terminal::Terminal;
use crate::cloudflare::Observer;
use crate::report::words;

impl Connection {
    /// What an observer reads, with up to `parallel` calls at once; and how many calls that took.
    pub(super) async fn read<T>(
        &self,
        parallel: usize,
        terminal: &Terminal,
        work: impl AsyncFnOnce(&Observer<'_>, &Progress) -> T,
    ) -> (T, u64) {
        let reader = self.client.reader();
        let before = self.client.calls();
        let progress = Progress::reading(terminal);
        let tell = || progress.read(self.client.calls() - before);
        let observer = Observer {
            reader: &reader,
            parallel,
            tell: &tell,
        };
        let read = work(&observer, &progress).await;
        progress.end();
        (read, self.client.calls() - before)
    }

    /// Says what was read, and with how many calls.
    pub(super) fn say_read(&self, calls: u64, terminal: &Terminal) {
        let calls = words::count(usize::try_from(calls).unwrap_or(usize::MAX), "API call");
        terminal.say(&format!("Read account {} with {calls}.", self.account));
    }
}
