//! The bytes that an automaton tells apart, and which of them look well in an example.

/// One byte of each kind.
pub(super) struct Alphabet {
    /// The kind of each byte.
    kinds: Vec<usize>,
    /// A byte of each kind, and its kind; the most readable first.
    chosen: Vec<(u8, usize)>,
}

impl Alphabet {
    /// Bytes are of one kind if no range has only one of them.
    pub(super) fn of(ranges: impl Iterator<Item = (u8, u8)>) -> Self {
        let mut cuts = [false; 256];
        for (first, last) in ranges {
            let after_last = last.checked_add(1);
            for cut in [Some(first), after_last].into_iter().flatten() {
                if let Some(cut) = cuts.get_mut(usize::from(cut)) {
                    *cut = true;
                }
            }
        }
        let mut kinds = Vec::with_capacity(cuts.len());
        let mut chosen: Vec<(u8, usize)> = Vec::new();
        for (byte, cut) in (0..=u8::MAX).zip(cuts) {
            match chosen.last_mut() {
                Some((plainest, _)) if !cut => {
                    if unreadable(byte) < unreadable(*plainest) {
                        *plainest = byte;
                    }
                }
                _ => chosen.push((byte, chosen.len())),
            }
            kinds.push(chosen.len() - 1);
        }
        chosen.sort_by_key(|(byte, _)| unreadable(*byte));
        Self { kinds, chosen }
    }

    /// How many kinds there are.
    pub(super) fn len(&self) -> usize {
        self.chosen.len()
    }

    /// The kind of a byte. Kinds are numbered from zero, in the order of their bytes.
    pub(super) fn kind(&self, byte: u8) -> usize {
        self.kinds.get(usize::from(byte)).copied().unwrap_or(0)
    }

    /// A byte of each kind, and its kind; the most readable first.
    pub(super) fn chosen(&self) -> &[(u8, usize)] {
        &self.chosen
    }
}

/// How badly a byte reads in an example: a letter is best, and `x` the plainest.
fn unreadable(byte: u8) -> (u8, u8) {
    let rank = match byte {
        b'x' => 0,
        b'a'..=b'z' => 1,
        b'0'..=b'9' => 2,
        b'-' | b'/' | b'.' | b'_' => 3,
        b'A'..=b'Z' => 4,
        b'!'..=b'~' => 5,
        b' ' => 6,
        _ => 7,
    };
    (rank, byte)
}
