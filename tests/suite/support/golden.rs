//! Expected texts as files that a person can read aloud.

use std::path::Path;

use snapbox::Data;
use snapbox::data::DataFormat;

/// Compares `actual` with the file at `path`, counted from `tests/suite`.
///
/// With `SNAPSHOTS=overwrite` in the environment the file is written instead.
#[track_caller]
pub(crate) fn golden(path: &str, actual: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/suite")
        .join(path);
    let expected = Data::read_from(&file, Some(DataFormat::Text)).raw();
    snapbox::assert_data_eq!(Data::text(actual).raw(), expected);
}
