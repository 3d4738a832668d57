//! The access tests of the file, with the contents of the CAs that they name.

use crate::config;
use crate::config::CaContent;
use crate::config::Config;
use crate::config::Expectation;
use crate::config::Presented;
use crate::config::Scalar;
use crate::config::Span;
use crate::desired::Content;
use crate::resource::Certificate;
use crate::resource::Hostname;
use crate::resource::Name;

/// Requests, and what must become of every one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessTest {
    /// Where the test stands in the file.
    pub at: Span,
    /// A declared host.
    pub host: Hostname,
    /// What the clients present.
    pub credential: Credential,
    /// The path of the requests, perhaps with a query; begins with `/`.
    pub path: String,
    /// Other fields of the requests, as texts, in file order.
    pub given: Vec<(String, String)>,
    /// What must become of them.
    pub expect: Expectation,
}

/// What the clients of an access test present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// No certificate.
    None,
    /// A certificate whose issuer is not known.
    Stranger,
    /// A certificate of a declared CA, also of one that a date has retired.
    IssuedBy {
        /// Its name in the file.
        name: Name,
        /// What it is.
        content: Content,
        /// Intermediates below it that are not uploaded.
        issuers: Vec<Certificate>,
    },
}

/// The access tests of a file.
#[must_use]
pub fn access_tests(config: &Config) -> Vec<AccessTest> {
    let tests = config.tests.iter();
    tests.filter_map(|test| of(config, test)).collect()
}

/// A test, whose CA is declared in a file without errors.
fn of(config: &Config, test: &config::AccessTest) -> Option<AccessTest> {
    let credential = match &test.certificate {
        Presented::None => Credential::None,
        Presented::Stranger => Credential::Stranger,
        Presented::IssuedBy(name) => issued_by(config, name)?,
    };
    let written = |value: &Scalar| match value {
        Scalar::Bool(value) => value.to_string(),
        Scalar::Integer(value) => value.to_string(),
        Scalar::Text(value) => value.clone(),
    };
    let given = test.given.iter();
    Some(AccessTest {
        at: test.at,
        host: test.host.value.clone(),
        credential,
        path: test.path.clone(),
        given: given
            .map(|(field, value)| (field.value.clone(), written(value)))
            .collect(),
        expect: test.expect,
    })
}

fn issued_by(config: &Config, name: &Name) -> Option<Credential> {
    let mut cas = config.cas.iter();
    let (content, issuers) = match &cas.find(|ca| ca.name.value == *name)?.content {
        CaContent::CloudflareManaged { .. } => (Content::CloudflareManaged, Vec::new()),
        CaContent::Uploaded {
            bundle, issuers, ..
        } => {
            let below = issuers.iter().flat_map(|one| one.value.certificates());
            (
                Content::Uploaded(bundle.value.clone()),
                below.cloned().collect(),
            )
        }
    };
    Some(Credential::IssuedBy {
        name: name.clone(),
        content,
        issuers,
    })
}
