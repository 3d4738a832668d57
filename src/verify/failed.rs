//! Words for requests that got no answer.

use crate::handshake::Distrust;
use crate::handshake::Failure;
use crate::handshake::Stage;
use crate::resource::Hostname;
use crate::verify::Check;
use crate::verify::Finding;
use crate::verify::Kind;
use crate::verify::Seen;
use crate::verify::answered::line;

/// A finding for each way in which requests failed.
pub(super) fn findings(host: &Hostname, checks: &[Check]) -> Vec<Finding> {
    let mut groups: Vec<(&Failure, Vec<&Check>)> = Vec::new();
    for check in checks {
        let Some(Seen::Failure(failure)) = &check.seen else {
            continue;
        };
        match groups.iter_mut().find(|(known, _)| *known == failure) {
            Some((_, alike)) => alike.push(check),
            None => groups.push((failure, vec![check])),
        }
    }
    let answered = checks.iter().any(|check| {
        let verdict = check.seen.as_ref().and_then(Seen::verdict);
        verdict.is_some()
    });
    let findings = groups.into_iter().map(|(failure, alike)| Finding {
        kind: kind(failure),
        what: failure.to_string(),
        // Where every request ends alike, there is nothing to tell apart.
        evidence: if answered {
            alike.into_iter().map(line).collect()
        } else {
            Vec::new()
        },
        why: why(failure).to_owned(),
        remedy: remedy(failure, host),
    });
    findings.collect()
}

fn kind(failure: &Failure) -> Kind {
    match failure {
        Failure::Unresolved { .. }
        | Failure::NoAddress { .. }
        | Failure::Refused { .. }
        | Failure::NoConnection { .. } => Kind::Unreachable,
        Failure::Hangs { .. } => Kind::Hangs,
        Failure::Reset { .. } => Kind::Resets,
        Failure::Untrusted(_) => Kind::UntrustedServer,
        Failure::Alert { .. }
        | Failure::NoTls
        | Failure::Tls { .. }
        | Failure::KeptBack
        | Failure::NoHttp2
        | Failure::NoHttp { .. }
        | Failure::Request { .. } => Kind::Protocol,
    }
}

fn why(failure: &Failure) -> &'static str {
    match failure {
        Failure::Unresolved { .. } | Failure::NoAddress { .. } => {
            "clients look the name up in the same way, and get no further either"
        }
        Failure::Refused { .. } | Failure::NoConnection { .. } => {
            "no TLS connection comes about, whoever the client is"
        }
        Failure::Hangs {
            stage: Stage::Connecting,
            ..
        } => "packets get lost on the way, as behind a firewall, or nobody has the address",
        Failure::Hangs {
            stage: Stage::Handshake,
            ..
        } => "somebody takes the connection and then does not speak TLS on it",
        Failure::Hangs {
            stage: Stage::Answer,
            ..
        } => {
            "the handshake works; the rules let the request through or were not asked, and the origin does not answer, or too slowly"
        }
        Failure::Reset { .. } => {
            "a server that is overloaded does so, a firewall on the way, or a server that turns clients away without a word"
        }
        Failure::Untrusted(Distrust::Expired(_) | Distrust::NotYetValid(_)) => {
            "clients that check the server's certificate, as they should, do not connect"
        }
        Failure::Untrusted(Distrust::Name(_)) => {
            "the server holds a certificate for other hosts: the edge has none for this one, or something else stands at this address"
        }
        Failure::Untrusted(Distrust::Unfit(_)) => {
            "clients that check the server's certificate, as they should, do not connect, whoever issued it"
        }
        Failure::Untrusted(Distrust::UnknownIssuer) => {
            "the certificate is of a CA that this machine does not know, and nothing was sent to a server that cannot prove who it is"
        }
        Failure::Alert { .. } => "the server ends the connection before any rule is asked",
        Failure::NoTls => "what listens there answers in the clear",
        Failure::Tls { .. } | Failure::NoHttp { .. } => {
            "what listens there is perhaps no web server, or something on the way interferes"
        }
        Failure::KeptBack => {
            "a client like that presents nothing and is treated like one without a certificate"
        }
        Failure::NoHttp2 => "HTTP/2 is off for the zone, or something else stands at this address",
        Failure::Request { .. } => "it was not sent",
    }
}

fn remedy(failure: &Failure, host: &Hostname) -> String {
    match failure {
        Failure::Unresolved { .. } | Failure::NoAddress { .. } => format!(
            "create a proxied DNS record for {host}, or say where it is with --resolve {host}:ADDRESS:PORT"
        ),
        Failure::Refused { .. } | Failure::NoConnection { .. } => format!(
            "check that the DNS record of {host} is proxied and that this machine may connect; --ipv4 or --ipv6 \
             takes only one kind of address, --resolve another address"
        ),
        Failure::Hangs {
            stage: Stage::Answer,
            ..
        } => "check that the origin is up; give it longer with --timeout, or choose a --path that it answers fast"
            .to_owned(),
        Failure::Hangs {
            stage: Stage::Connecting,
            ..
        } => "check the way there from this machine; --ipv4 or --ipv6 takes only one kind of address, --timeout gives \
              it longer"
            .to_owned(),
        Failure::Hangs { .. } => {
            "check the way there from this machine, or give it longer with --timeout".to_owned()
        }
        Failure::Reset { .. } => format!(
            "try again, and from another network; check that the DNS record of {host} is proxied, so that \
             Cloudflare answers"
        ),
        Failure::Untrusted(Distrust::Expired(_) | Distrust::NotYetValid(_)) => format!(
            "renew the edge certificate of {host} (Cloudflare dashboard: SSL/TLS, Edge Certificates), and check \
             the clock of this machine"
        ),
        Failure::Untrusted(Distrust::Name(_)) => format!(
            "order an edge certificate that covers {host} (a universal one covers one level below the zone), or \
             check where its DNS record leads"
        ),
        Failure::Untrusted(Distrust::Unfit(_)) => {
            format!("give {host} another certificate, made for servers by a CA that clients trust")
        }
        Failure::Untrusted(Distrust::UnknownIssuer) => {
            "give the CA of the server with --cacert FILE if it is to be trusted; otherwise find out who answers \
             in its place"
                .to_owned()
        }
        Failure::Alert { .. } => format!(
            "check that {host} has an edge certificate and that its DNS record is proxied, and the zone's \
             minimum TLS version"
        ),
        Failure::NoTls => format!("check the address and the port that {host} was looked for at"),
        Failure::Tls { .. } | Failure::NoHttp { .. } => {
            format!("check what answers for {host}; --http 1.1 and --http 2 tell the versions apart")
        }
        Failure::KeptBack => {
            "give the client a key that the server takes: RSA, or ECDSA on P-256".to_owned()
        }
        Failure::NoHttp2 => "leave --http out, or turn HTTP/2 on for the zone".to_owned(),
        Failure::Request { .. } => "give another --path".to_owned(),
    }
}
