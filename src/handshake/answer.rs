//! An HTTP answer, as far as it tells who gave it.

use http::HeaderMap;

/// An answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Whether Cloudflare challenges the client instead of letting it through.
    ///
    /// <https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/>
    pub is_challenge: bool,
    /// Whether Cloudflare's edge gave the answer, or passed it on: it has a `cf-ray`.
    ///
    /// <https://developers.cloudflare.com/fundamentals/reference/http-headers/#cf-ray>
    pub is_cloudflare: bool,
    /// The number of the error, where Cloudflare's edge says one in the body, such as 1020.
    ///
    /// <https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/>
    pub cloudflare_error: Option<u16>,
}

impl Answer {
    pub(super) fn of(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let mitigated = headers.get("cf-mitigated");
        Self {
            status,
            is_challenge: mitigated.is_some_and(|value| value.as_bytes() == b"challenge"),
            is_cloudflare: headers.contains_key("cf-ray"),
            cloudflare_error: error_code(body),
        }
    }
}

/// The number after `error code: `, with which short answers of the edge begin.
fn error_code(body: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(body).ok()?;
    let rest = text.trim_start().strip_prefix("error code: ")?;
    rest.lines().next()?.trim().parse().ok()
}
