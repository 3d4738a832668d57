//! Integers, addresses, and ranges of both.

use std::net::IpAddr;
use std::num::IntErrorKind;

use winnow::Parser;
use winnow::ascii::digit1;
use winnow::token::take_while;

use super::lexeme::Input;
use super::lexeme::Parsed;
use super::lexeme::fault;
use super::lexeme::here;
use super::lexeme::is_word;
use super::lexeme::lexeme;
use crate::expression::fault::Fault;
use crate::expression::found::shown;
use crate::expression::value::Addresses;
use crate::expression::value::Member;

/// Everything that could belong to one number, address, range or network.
pub(super) fn chunk<'i>(input: &mut Input<'i>) -> Parsed<&'i str> {
    take_while(1.., in_chunk).parse_next(input)
}

fn in_chunk(c: char) -> bool {
    is_word(c) || matches!(c, '.' | ':' | '/' | '-')
}

/// Whether a number or address starts here. One that begins with a letter has a colon in it, as no
/// field has.
pub(super) fn looks_like_one(rest: &str) -> bool {
    let colon = || {
        let end = rest
            .find(|c: char| !(c.is_ascii_hexdigit() || c == '.'))
            .unwrap_or(rest.len());
        rest[end..].starts_with(':')
    };
    rest.starts_with(|c: char| c.is_ascii_digit() || c == '-') || colon()
}

/// What `chunk`, which starts at `start`, says as a member of a set.
pub(super) fn member(chunk: &str, start: usize) -> Parsed<Member> {
    let whole = start..start + chunk.len();
    if let Some((first, last)) = chunk.split_once("..") {
        if first.is_empty() || last.is_empty() {
            return fault(whole, Fault::BadRange);
        }
        let ends = (
            one(first, start)?,
            one(last, start + first.len() + "..".len())?,
        );
        return match ends {
            (One::Integer(first), One::Integer(last)) if first <= last => {
                Ok(Member::Integers { first, last })
            }
            (One::Address(first), One::Address(last)) => match Addresses::range(first, last) {
                Some(range) => Ok(Member::Addresses(range)),
                None => fault(whole, Fault::BadRange),
            },
            _ => fault(whole, Fault::BadRange),
        };
    }
    if let Some((address, prefix)) = chunk.split_once('/') {
        let bad = || fault(whole.clone(), Fault::BadNetwork { text: shown(chunk) });
        let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
        let (Ok(address), Ok(prefix), true) = (address.parse(), prefix.parse(), digits) else {
            return bad();
        };
        return match Addresses::network(address, prefix) {
            None => bad(),
            Some(network) if network.first() != address => {
                let (text, network) = (chunk.to_owned(), network.to_string());
                fault(whole, Fault::HostBits { text, network })
            }
            Some(network) => Ok(Member::Addresses(network)),
        };
    }
    Ok(match one(chunk, start)? {
        One::Integer(value) => Member::Integers {
            first: value,
            last: value,
        },
        One::Address(address) => Member::Addresses(Addresses::single(address)),
    })
}

/// The position between square brackets.
pub(super) fn position(input: &mut Input<'_>) -> Parsed<u32> {
    let start = here(input);
    let digits = lexeme(digit1).parse_next(input)?;
    match str::parse(digits) {
        Ok(position) => Ok(position),
        Err(_) => fault(
            start..input.state.end,
            Fault::IntegerTooLarge {
                text: shown(digits),
            },
        ),
    }
}

enum One {
    Integer(i64),
    Address(IpAddr),
}

/// One integer or address. As in Cloudflare's engine `0x` starts a hexadecimal integer and `0` an
/// octal one.
fn one(text: &str, start: usize) -> Parsed<One> {
    if let Ok(address) = text.parse() {
        return Ok(One::Address(address));
    }
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None if text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    let bad = Fault::BadNumber { text: shown(text) };
    let at = start..start + text.len();
    if radix == 16 && digits.starts_with(['+', '-']) {
        return fault(at, bad);
    }
    match i64::from_str_radix(digits, radix) {
        Ok(value) => Ok(One::Integer(value)),
        Err(error) => match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => {
                fault(at, Fault::IntegerTooLarge { text: shown(text) })
            }
            _ => fault(at, bad),
        },
    }
}
