//! Lists that come in numbered pages.

use std::ops::RangeInclusive;

use serde_json::Value;
use serde_json::json;

use crate::sandbox::envelope::Answer;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::query::Query;

/// Which page is asked for.
pub(crate) struct Page {
    number: usize,
    size: usize,
}

impl Page {
    /// `page` and `per_page` of a query; a size outside `sizes` is an error, never clamped.
    pub(crate) fn of(
        query: &Query,
        size: usize,
        sizes: RangeInclusive<usize>,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            number: query.number("page", 1, 1..=usize::MAX)?,
            size: query.number("per_page", size, sizes)?,
        })
    }

    /// How many items it may hold.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The page of a list, and where the list stands.
    pub(crate) fn answer(&self, list: Vec<Value>) -> Answer {
        let Self { number, size } = *self;
        let total = list.len();
        let skipped = (number - 1).saturating_mul(size);
        let shown: Vec<Value> = list.into_iter().skip(skipped).take(size).collect();
        let info = json!({
            "page": number, "per_page": size, "count": shown.len(),
            "total_count": total, "total_pages": total.div_ceil(size),
        });
        Answer::Page {
            result: Value::Array(shown),
            info,
        }
    }
}
