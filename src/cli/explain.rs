//! `explain`: which rule decides for a request, and why.
