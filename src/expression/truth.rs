//! Truth in three values: what is not known stays so unless the rest decides.

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It does.
    True,
    /// It does not.
    False,
    /// What is known does not say.
    Unknown,
}

impl Truth {
    /// True or false, or `None` if unknown.
    #[must_use]
    pub fn known(self) -> Option<bool> {
        match self {
            Self::True => Some(true),
            Self::False => Some(false),
            Self::Unknown => None,
        }
    }

    /// The opposite; what is unknown stays so.
    pub(super) fn negated(self) -> Self {
        self.known().map_or(Self::Unknown, |known| (!known).into())
    }

    /// True if all are: one false part decides, however little is known of the others.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::True;
        for part in parts {
            match part {
                Self::False => return Self::False,
                Self::Unknown => all = Self::Unknown,
                Self::True => {}
            }
        }
        all
    }

    /// True if one is.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::all(parts.into_iter().map(Self::negated)).negated()
    }

    /// True if an odd number is.
    pub(super) fn odd(parts: impl IntoIterator<Item = Self>) -> Self {
        let known: Option<Vec<bool>> = parts.into_iter().map(Self::known).collect();
        known.map_or(Self::Unknown, |parts| {
            parts.into_iter().fold(false, |odd, part| odd ^ part).into()
        })
    }
}

impl From<bool> for Truth {
    fn from(known: bool) -> Self {
        if known { Self::True } else { Self::False }
    }
}

impl From<Option<bool>> for Truth {
    fn from(known: Option<bool>) -> Self {
        known.map_or(Self::Unknown, Self::from)
    }
}
