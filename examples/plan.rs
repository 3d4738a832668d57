//! Plans a file against a live account, as a program of your own would.
//!
//! `CLOUDFLARE_API_TOKEN=… cargo run --example plan -- mtls.yaml`

use std::error::Error;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use mtlsctl::cloudflare::Client;
use mtlsctl::cloudflare::Network;
use mtlsctl::cloudflare::Observer;
use mtlsctl::cloudflare::Settings;
use mtlsctl::cloudflare::Timeouts;
use mtlsctl::cloudflare::network::DEFAULT_BASE_URL;
use mtlsctl::config;
use mtlsctl::config::Surroundings;
use mtlsctl::config::UnsetAccount;
use mtlsctl::observe::observe;
use mtlsctl::plan::Allowed;
use mtlsctl::plan::Plan;
use mtlsctl::report;
use secrecy::SecretString;

struct Machine;

impl Surroundings for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        config::read_file(path)
    }
}

async fn plan_file(file: &Path, client: &Client, at: Timestamp) -> Result<Plan, Box<dyn Error>> {
    let config = config::load(file, &Machine, UnsetAccount::Refused)?;
    let account = config.account.as_ref().ok_or("the file names no account")?;
    let reader = client.reader(); // it cannot write
    let observer = Observer {
        reader: &reader,
        parallel: 10,
        tell: &|| (),
    };
    let seen = observe(&config, account, &observer, at, &|_| ()).await?;
    seen.plan(&Allowed::default())
        .map_err(|refusals| report::plan::refusals(&refusals, 80).into())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "mtls.yaml".to_owned());
    let token = SecretString::from(std::env::var("CLOUDFLARE_API_TOKEN")?);
    let base = std::env::var("CLOUDFLARE_BASE_URL").unwrap_or_else(|_| DEFAULT_BASE_URL.to_owned());
    let network = Network::new(&base, &token, Timeouts::default())?;
    let client = Client::new(network, Settings::default());
    let plan = plan_file(Path::new(&file), &client, Timestamp::now()).await?;
    print!("{}", report::plan::text(&plan, 80));
    Ok(())
}
