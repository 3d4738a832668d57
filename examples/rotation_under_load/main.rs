//! Changes an account while clients of every kind knock at every host, and counts who was turned away or let in
//! wrongly.
//!
//! ```sh
//! cargo run --release --example rotation_under_load
//! ```
//!
//! The account is the sandbox's, its hosts are served by the sandbox's TLS edge, which each change reaches after a
//! time of its own, and calls of its API fail now and then. What a request has to get stands in [`story`], written
//! by hand: the answer from before the change or the one from after it, and never the old one after the new.
//!
//! Two ways to see it fail: `--order naive` makes each change in the order of what depends on what, without a wait,
//! and `--lag 3000` makes the edge slower than `settle` says.

mod account;
mod authorities;
mod judge;
mod naive;
mod ours;
mod story;
mod traffic;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use clap::Parser;
use clap::ValueEnum;
use mtlsctl::sandbox::edge::Reading;

use account::Account;
use authorities::Authorities;
use judge::Tally;
use judge::Window;
use traffic::Traffic;

/// Change an account under load, and count the wrong answers
#[derive(Parser)]
struct Arguments {
    /// Who decides on the order of calls
    #[arg(long, value_enum, default_value_t = Order::Project)]
    order: Order,
    /// The longest time that a change takes to reach the edge, in milliseconds
    #[arg(long, default_value_t = 900)]
    lag: u64,
    /// The `settle` of the file, in milliseconds
    #[arg(long, default_value_t = 1_000)]
    settle: u64,
    /// Which certificates the edge verifies; both, one after the other, if not given
    #[arg(long, value_enum)]
    reading: Option<Verified>,
    /// What delays and faults are drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Let no call of the API fail
    #[arg(long)]
    no_faults: bool,
    /// How many requests at least are sent while the changes run; they are made over and over until then
    #[arg(long, default_value_t = 100_000)]
    requests: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    /// mtlsctl's plan, wave by wave
    Project,
    /// What depends on something comes after it, and nothing else counts
    Naive,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Verified {
    /// Those of CAs of this very host
    PerHost,
    /// Those of any CA of the account
    AccountWide,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // 2 is for wrong answers.
        Err(error) => {
            error.print()?;
            return Ok(ExitCode::from(u8::from(error.use_stderr())));
        }
    };
    let readings = match arguments.reading {
        Some(Verified::PerHost) => vec![Reading::PerHost],
        Some(Verified::AccountWide) => vec![Reading::AccountWide],
        None => vec![Reading::PerHost, Reading::AccountWide],
    };
    let mut wrong = 0;
    for reading in readings {
        let tally = run(&arguments, reading).await?;
        println!("{}", tally.text());
        wrong += tally.wrong();
    }
    Ok(if wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    })
}

/// How many requests are sent before the changes, and after them.
const AROUND: u64 = 300;

/// The whole story under one reading.
async fn run(arguments: &Arguments, reading: Reading) -> Result<Tally, Box<dyn Error>> {
    let lag = Duration::from_millis(arguments.lag);
    let settle = Duration::from_millis(arguments.settle);
    println!(
        "Verified are certificates of {} CAs, changes take up to {lag:?} to the edge, settle is {settle:?}, the \
         order is {:?}, the seed {}.",
        reading.word(),
        arguments.order,
        arguments.seed
    );
    let authorities = Arc::new(Authorities::new()?);
    let account = Account::start(&authorities, settle).await?;
    ours::apply(&account, &story::STAGES[0]).await?;
    account.serve_edge(reading, lag, arguments.seed).await?;
    // The naive order has no client that could cope with any.
    if !arguments.no_faults && arguments.order == Order::Project {
        account.arm_faults(arguments.seed)?;
    }
    let traffic = Traffic::start(&account, &authorities)?;
    traffic.wait_for(AROUND).await;
    let began = Instant::now();
    let before = traffic.sent();
    let mut windows = Vec::new();
    let [beginning, changes @ ..] = &story::STAGES;
    while traffic.sent() - before < arguments.requests {
        for stage in changes.iter().chain([beginning]) {
            let opens = traffic.now();
            match arguments.order {
                Order::Project => ours::apply(&account, stage).await?,
                Order::Naive => naive::apply(&account, stage).await?,
            }
            // The last of what was written is on its way to the edge.
            tokio::time::sleep(lag).await;
            let closes = traffic.now();
            let at = began.elapsed().as_secs_f64();
            println!("  {at:7.1} s  {}", stage.title);
            windows.push(Window {
                opens,
                closes,
                stage,
            });
        }
    }
    println!(
        "  {} requests while the changes ran.",
        traffic.sent() - before
    );
    println!("  {} faults acted on calls of the API.", account.faults()?);
    traffic.wait_for(AROUND).await;
    Ok(judge::judge(traffic.end().await?, beginning, &windows))
}
