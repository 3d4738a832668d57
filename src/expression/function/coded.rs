//! Functions that decode and encode: URLs, Base64, JSON, digests.

use base64::Engine;
use base64::alphabet::Alphabet;
use base64::alphabet::STANDARD;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;
use base64::engine::general_purpose::PAD;
use sha2::Digest;
use sha2::Sha256;

use super::textual::bytes;
use crate::expression::request::Value;

/// Nobody encodes anything more often than this.
const MAX_ROUNDS: usize = 16;

/// `%20` and `+`; with `r` again and again, with `u` also `%u2601`. The documentation does not say
/// what a percent sign without digits becomes, nor a plus that an earlier round has made.
pub(super) fn url_decode(arguments: &[&Value]) -> Option<Value> {
    let (text, options) = match arguments {
        [Value::Text(text)] => (text, &b""[..]),
        [Value::Text(text), Value::Text(options)] => (text, options.as_bytes()),
        _ => return None,
    };
    if options.iter().any(|option| !b"ru".contains(option)) {
        return None;
    }
    let unicode = options.contains(&b'u');
    let mut decoded = decoded_once(text.as_bytes(), unicode)?;
    let mut rounds = 1;
    while options.contains(&b'r') && decoded.contains(&b'%') {
        rounds += 1;
        if decoded.contains(&b'+') || rounds > MAX_ROUNDS {
            return None;
        }
        decoded = decoded_once(&decoded, unicode)?;
    }
    if options.contains(&b'r') && decoded.contains(&b'+') {
        return None;
    }
    Some(bytes(decoded))
}

fn decoded_once(text: &[u8], unicode: bool) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' => decoded.push(b' '),
            b'%' if unicode && after.first() == Some(&b'u') => {
                let character = char::from_u32(hexadecimal(after.get(1..5)?)?)?;
                let mut buffer = [0; 4];
                decoded.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
                rest = after.get(5..)?;
            }
            b'%' => {
                decoded.push(u8::try_from(hexadecimal(after.get(..2)?)?).ok()?);
                rest = after.get(2..)?;
            }
            other => decoded.push(*other),
        }
    }
    Some(decoded)
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok()?;
    let all_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    all_digits
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
}

pub(super) fn decode_base64(arguments: &[&Value]) -> Option<Value> {
    match arguments {
        [Value::Text(text)] => {
            let engine = GeneralPurpose::new(&STANDARD, PAD);
            engine.decode(text.as_bytes()).ok().map(bytes)
        }
        _ => None,
    }
}

/// Without padding unless `p` is among the flags; `u` takes the alphabet of URLs.
pub(super) fn encode_base64(arguments: &[&Value]) -> Option<Value> {
    let (text, flags) = match arguments {
        [Value::Text(text)] => (text, &b""[..]),
        [Value::Text(text), Value::Text(flags)] => (text, flags.as_bytes()),
        _ => return None,
    };
    if flags.iter().any(|flag| !b"up".contains(flag)) {
        return None;
    }
    let alphabet: &Alphabet = if flags.contains(&b'u') {
        &URL_SAFE
    } else {
        &STANDARD
    };
    let padding = if flags.contains(&b'p') { PAD } else { NO_PAD };
    let encoded = GeneralPurpose::new(alphabet, padding).encode(text.as_bytes());
    Some(Value::from(encoded.as_str()))
}

/// The 32 bytes of the digest.
pub(super) fn sha256(arguments: &[&Value]) -> Option<Value> {
    match arguments {
        [Value::Text(text)] => Some(bytes(Sha256::digest(text.as_bytes()).to_vec())),
        _ => None,
    }
}

pub(super) fn lookup_json_string(arguments: &[&Value]) -> Option<Value> {
    looked_up(arguments)?.as_str().map(Value::from)
}

pub(super) fn lookup_json_integer(arguments: &[&Value]) -> Option<Value> {
    looked_up(arguments)?.as_i64().map(Value::from)
}

/// The value at the end of a path of keys and positions.
fn looked_up(arguments: &[&Value]) -> Option<serde_json::Value> {
    let [Value::Text(document), keys @ ..] = arguments else {
        return None;
    };
    let mut value: serde_json::Value = serde_json::from_slice(document.as_bytes()).ok()?;
    for key in keys {
        let inside = match key {
            Value::Text(key) => value.get_mut(std::str::from_utf8(key.as_bytes()).ok()?),
            Value::Integer(position) => value.get_mut(usize::try_from(*position).ok()?),
            _ => None,
        };
        value = inside?.take();
    }
    Some(value)
}

/// The query string without the parameters that are named. The documentation does not say how an
/// encoded name is compared.
pub(super) fn remove_query_args(arguments: &[&Value]) -> Option<Value> {
    let [Value::Text(query), names @ ..] = arguments else {
        return None;
    };
    let mut unwanted = Vec::with_capacity(names.len());
    for name in names {
        match name {
            Value::Text(name) => unwanted.push(name.as_bytes()),
            _ => return None,
        }
    }
    let mut kept = Vec::new();
    for parameter in query.as_bytes().split(|byte| *byte == b'&') {
        let name = parameter.split(|byte| *byte == b'=').next()?;
        if name.iter().any(|byte| b"%+".contains(byte)) {
            return None;
        }
        if !unwanted.contains(&name) {
            kept.push(parameter);
        }
    }
    Some(bytes(kept.join(&b"&"[..])))
}
