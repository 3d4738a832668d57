//! How rules see what stands in a certificate: names, numbers and dates as text (API reference, section 4.1).

use x509_parser::certificate::X509Certificate;
use x509_parser::objects::oid_registry;
use x509_parser::objects::oid2abbrev;
use x509_parser::prelude::ParsedExtension;
use x509_parser::prelude::RelativeDistinguishedName;
use x509_parser::prelude::X509Extension;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A serial number: upper-case hex, without the sign byte that DER puts before a high one.
pub(crate) fn serial(raw: &[u8]) -> String {
    match raw {
        [0, rest @ ..] if !rest.is_empty() => upper_hex(rest),
        all => upper_hex(all),
    }
}

/// The subject key identifier, upper-case hex without colons.
pub(crate) fn key_id(parsed: &X509Certificate<'_>) -> Option<String> {
    extensions(parsed).find_map(|extension| match extension {
        ParsedExtension::SubjectKeyIdentifier(id) => Some(upper_hex(id.0)),
        _ => None,
    })
}

/// The key identifier of the issuer, as the certificate itself tells it.
pub(crate) fn authority_key_id(parsed: &X509Certificate<'_>) -> Option<String> {
    extensions(parsed).find_map(|extension| match extension {
        ParsedExtension::AuthorityKeyIdentifier(id) => {
            id.key_identifier.as_ref().map(|id| upper_hex(id.0))
        }
        _ => None,
    })
}

/// The names in the order of the certificate, each behind a slash.
pub(crate) fn legacy(name: &X509Name<'_>) -> String {
    let attributes = name.iter().flat_map(RelativeDistinguishedName::iter);
    let spelled = attributes.map(|attribute| {
        let kind = oid2abbrev(attribute.attr_type(), oid_registry())
            .map_or_else(|_| attribute.attr_type().to_id_string(), str::to_owned);
        format!("/{kind}={}", attribute.as_str().unwrap_or_default())
    });
    spelled.collect()
}

/// As in `Mar 21 13:35:00 2022 GMT`.
pub(crate) fn date(time: &ASN1Time) -> String {
    let time = time.to_datetime();
    let month = usize::from(u8::from(time.month())).checked_sub(1);
    let month = month.and_then(|month| MONTHS.get(month)).copied();
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!(
        "{} {:>2} {hour:02}:{minute:02}:{second:02} {} GMT",
        month.unwrap_or_default(),
        time.day(),
        time.year()
    )
}

/// Two upper-case digits for each byte.
pub(crate) fn upper_hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02X}"));
    digits.collect()
}

fn extensions<'c>(
    parsed: &'c X509Certificate<'c>,
) -> impl Iterator<Item = &'c ParsedExtension<'c>> {
    parsed
        .extensions()
        .iter()
        .map(X509Extension::parsed_extension)
}
