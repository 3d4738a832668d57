//! A server that none of this project's code made: nginx, asking for certificates and deciding by a rule.

use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::time::Duration;
use std::time::Instant;

use crate::support::golden::golden;
use crate::support::project::Project;
use crate::verify::curl;
use crate::verify::shop::HOST;
use crate::verify::shop::Shop;

/// A running nginx, which ends with it.
struct Nginx {
    process: Child,
    at: SocketAddr,
}

impl Nginx {
    /// nginx, as `asks` says: in the folder of the shop, without any right, on a port that is free.
    fn start(shop: &Shop, asks: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = port.local_addr().expect("an address");
        let project = &shop.project;
        project.write("nginx/server.pem", &shop.certificate.pem);
        project.write("nginx/server.key", &shop.certificate.key);
        project.write(
            "nginx/nginx.conf",
            configuration(&project.path("nginx"), at, asks),
        );
        drop(port);
        let process = nginx(project).spawn().expect("nginx");
        let mut started = Self { process, at };
        started.wait();
        started
    }

    fn wait(&mut self) {
        let begun = Instant::now();
        while TcpStream::connect(self.at).is_err() {
            let ended = self.process.try_wait().expect("a process of ours");
            assert_eq!(ended, None, "nginx does not start");
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "nginx takes too long"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn nginx(project: &Project) -> std::process::Command {
    let folder = project.path("nginx");
    let conf = folder.join("nginx.conf");
    let folder = format!("{}/", folder.display());
    project.program(
        "nginx",
        [
            "-p",
            &folder,
            "-c",
            &conf.display().to_string(),
            "-e",
            "error.log",
        ],
    )
}

fn configuration(folder: &Path, at: SocketAddr, asks: &str) -> String {
    let folder = folder.display();
    format!(
        "daemon off;\n\
         master_process off;\n\
         pid {folder}/nginx.pid;\n\
         error_log {folder}/error.log;\n\
         events {{ worker_connections 64; }}\n\
         http {{\n\
           access_log off;\n\
           client_body_temp_path {folder}/body;\n\
           proxy_temp_path {folder}/proxy;\n\
           fastcgi_temp_path {folder}/fastcgi;\n\
           uwsgi_temp_path {folder}/uwsgi;\n\
           scgi_temp_path {folder}/scgi;\n\
           server {{\n\
             listen {at} ssl http2;\n\
             server_name {HOST};\n\
             ssl_certificate {folder}/server.pem;\n\
             ssl_certificate_key {folder}/server.key;\n\
             {asks}\n\
             location = /healthz {{ return 200 \"well\\n\"; }}\n\
             location / {{\n\
               if ($ssl_client_verify != SUCCESS) {{ return 403; }}\n\
               return 200 \"hello\\n\";\n\
             }}\n\
           }}\n\
         }}\n"
    )
}

const TESTS: &str = "\
tests:
  - { host: api.example.com, certificate: none, path: /healthz, expect: pass }
  - { host: api.example.com, certificate: partner, path: /v1, expect: block }
";

#[test]
fn nginx_that_asks_and_blocks_by_a_rule_is_as_expected() {
    if !curl::has("nginx", "-v") {
        return;
    }
    let shop = Shop::new(TESTS);
    let fleet = shop.project.path("fleet.pem");
    for verify in ["optional_no_ca", "optional"] {
        let asks = format!(
            "ssl_verify_client {verify}; ssl_client_certificate {};",
            fleet.display()
        );
        let nginx = Nginx::start(&shop, &asks);
        let ran = shop.verify(nginx.at, "");
        if verify == "optional_no_ca" {
            golden("verify/golden/nginx.txt", &ran.ends(0).transcript());
        } else {
            // It answers 400 to a certificate that it cannot verify, before any rule is asked.
            let ran = ran.ends(2);
            assert!(ran.stdout.contains("pass (400)"), "{}", ran.transcript());
            let _ = shop
                .verify(nginx.at, "--blocked-status 403 --blocked-status 400")
                .ends(0);
        }
    }
}

#[test]
fn nginx_that_does_not_ask_or_asks_for_another_ca_is_found() {
    if !curl::has("nginx", "-v") {
        return;
    }
    let shop = Shop::new("");
    let partner = shop.project.path("partner.pem");
    let wrong = format!(
        "ssl_verify_client optional_no_ca; ssl_client_certificate {};",
        partner.display()
    );
    for (asks, kind) in [
        ("", "[does-not-ask]"),
        (wrong.as_str(), "[asks-with-wrong-ca]"),
    ] {
        let nginx = Nginx::start(&shop, asks);
        let ran = shop.verify(nginx.at, "").ends(2);
        assert!(ran.stdout.contains(kind), "{}", ran.transcript());
    }
}

#[test]
fn verify_and_curl_see_the_same_of_nginx() {
    if !curl::has("nginx", "-v") || !curl::has("curl", "--version") {
        return;
    }
    let shop = Shop::new("");
    let fleet = shop.project.path("fleet.pem");
    let asks = format!(
        "ssl_verify_client optional; ssl_client_certificate {};",
        fleet.display()
    );
    let nginx = Nginx::start(&shop, &asks);
    curl::agrees(&shop, nginx.at);
}
