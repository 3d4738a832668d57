//! PEM text as the upload takes it, read into what the API later says about it. Knows no account.

use std::collections::BTreeSet;

use pem::EncodeConfig;
use pem::Pem;
use x509_parser::certificate::X509Certificate;
use x509_parser::objects::oid_registry;
use x509_parser::objects::oid2abbrev;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::x509::AttributeTypeAndValue;
use x509_parser::x509::X509Name;

use crate::sandbox::token::sha256_hex;

/// What the API tells about an uploaded bundle.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// SHA-256 of each certificate's DER, sorted, each once.
    pub(crate) fingerprints: Vec<String>,
    /// Whether every certificate says `CA:TRUE`.
    pub(crate) all_ca: bool,
    /// The PEM as it is answered: the certificates in reverse, 76 columns, no newline at the end. A
    /// client that compares text sees a difference at once (API reference, section 1.6).
    pub(crate) pem: String,
    /// Of the first certificate: the issuer, most specific first, without spaces.
    pub(crate) issuer: String,
    /// Of the first certificate: the signature algorithm by its Go name.
    pub(crate) signature: &'static str,
    /// Of the first certificate: the serial number in decimal.
    pub(crate) serial_number: String,
    /// Of the first certificate: notAfter, RFC 3339.
    pub(crate) expires_on: String,
}

/// Reads PEM that holds certificates and nothing else, not even text around them (API reference,
/// sections 1.3 and 1.7).
pub(crate) fn parse(text: &str) -> Option<Bundle> {
    let blocks = blocks(text)?;
    let mut parsed = Vec::with_capacity(blocks.len());
    for block in &blocks {
        match X509Certificate::from_der(block.contents()) {
            Ok(([], certificate)) => parsed.push(certificate),
            _ => return None,
        }
    }
    let first = parsed.first()?;
    let fingerprints: BTreeSet<String> = blocks
        .iter()
        .map(|block| sha256_hex(block.contents()))
        .collect();
    let reversed: Vec<Pem> = blocks.iter().rev().cloned().collect();
    let wide = EncodeConfig::new()
        .set_line_wrap(76)
        .set_line_ending(pem::LineEnding::LF);
    Some(Bundle {
        fingerprints: fingerprints.into_iter().collect(),
        all_ca: parsed
            .iter()
            .all(|certificate| certificate.tbs_certificate.is_ca()),
        pem: pem::encode_many_config(&reversed, wide)
            .trim_end()
            .to_owned(),
        issuer: distinguished_name(first.issuer()),
        signature: go_signature_name(&first.signature_algorithm.algorithm.to_id_string()),
        serial_number: first.tbs_certificate.serial.to_string(),
        expires_on: rfc3339(&first.validity().not_after),
    })
}

/// The blocks of the text, if all are certificates and nothing but blank lines stands around them.
fn blocks(text: &str) -> Option<Vec<Pem>> {
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        match line {
            "-----BEGIN CERTIFICATE-----" if !inside => inside = true,
            "-----END CERTIFICATE-----" if inside => inside = false,
            "" => {}
            _ if inside && !line.starts_with('-') => {}
            _ => return None,
        }
    }
    pem::parse_many(text)
        .ok()
        .filter(|blocks| !inside && blocks.iter().all(|block| block.tag() == "CERTIFICATE"))
}

/// RFC 2253, as Go prints it: the last name first, commas without spaces.
pub(crate) fn distinguished_name(name: &X509Name<'_>) -> String {
    let names: Vec<String> = name
        .iter()
        .map(|relative| relative.iter().map(attribute).collect::<Vec<_>>().join("+"))
        .collect();
    names.into_iter().rev().collect::<Vec<_>>().join(",")
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let kind = oid2abbrev(attribute.attr_type(), oid_registry())
        .map_or_else(|_| attribute.attr_type().to_id_string(), str::to_owned);
    let value = attribute.as_str().unwrap_or_default();
    let mut escaped = String::with_capacity(value.len());
    for (index, character) in value.char_indices() {
        let at_edge = index == 0 || index + character.len_utf8() == value.len();
        let special = matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';');
        if special || (at_edge && character == ' ') || (index == 0 && character == '#') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    format!("{kind}={escaped}")
}

pub(crate) fn go_signature_name(oid: &str) -> &'static str {
    match oid {
        "1.2.840.113549.1.1.4" => "MD5WithRSA",
        "1.2.840.113549.1.1.5" => "SHA1WithRSA",
        "1.2.840.113549.1.1.10" => "SHA256WithRSAPSS",
        "1.2.840.113549.1.1.11" => "SHA256WithRSA",
        "1.2.840.113549.1.1.12" => "SHA384WithRSA",
        "1.2.840.113549.1.1.13" => "SHA512WithRSA",
        "1.2.840.10045.4.1" => "ECDSAWithSHA1",
        "1.2.840.10045.4.3.2" => "ECDSAWithSHA256",
        "1.2.840.10045.4.3.3" => "ECDSAWithSHA384",
        "1.2.840.10045.4.3.4" => "ECDSAWithSHA512",
        "1.3.101.112" => "PureEd25519",
        _ => "UnknownSignatureAlgorithm",
    }
}

fn rfc3339(time: &ASN1Time) -> String {
    let time = time.to_datetime();
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
