//! Wildcard patterns
//! (<https://developers.cloudflare.com/ruleset-engine/rules-language/operators/#wildcard-matching>):
//! the whole value, `*` standing for any bytes, `\*` and `\\` for themselves.

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// This byte.
    Byte(u8),
    /// Any bytes, or none.
    Star,
}

/// The pieces of a pattern; `None` if it is not one, as an argument of a function may be.
pub(super) fn pieces(pattern: &[u8]) -> Option<Vec<Piece>> {
    let mut pieces = Vec::with_capacity(pattern.len());
    let mut bytes = pattern.iter();
    while let Some(byte) = bytes.next() {
        pieces.push(match byte {
            b'*' if pieces.last() == Some(&Piece::Star) => return None,
            b'*' => Piece::Star,
            b'\\' => match bytes.next() {
                Some(escaped @ (b'*' | b'\\')) => Piece::Byte(*escaped),
                _ => return None,
            },
            byte => Piece::Byte(*byte),
        });
    }
    Some(pieces)
}

/// Whether `value` matches as a whole. Letter case, where it does not count, is that of ASCII, as
/// for `lower()`.
///
/// Takes time in proportion to both lengths multiplied: after a mismatch only the last star may
/// take one byte more.
pub(super) fn matches(pieces: &[Piece], strict: bool, value: &[u8]) -> bool {
    let same =
        |piece: u8, byte: u8| piece == byte || (!strict && piece.eq_ignore_ascii_case(&byte));
    let (mut piece, mut at) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    loop {
        match (pieces.get(piece), value.get(at)) {
            (Some(Piece::Star), _) => {
                last_star = Some((piece, at));
                piece += 1;
            }
            (Some(Piece::Byte(expected)), Some(byte)) if same(*expected, *byte) => {
                piece += 1;
                at += 1;
            }
            (None, None) => return true,
            _ => match last_star {
                Some((star, from)) if from < value.len() => {
                    last_star = Some((star, from + 1));
                    piece = star + 1;
                    at = from + 1;
                }
                _ => return false,
            },
        }
    }
}
