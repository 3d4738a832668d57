//! One test binary; a line for each subject.

