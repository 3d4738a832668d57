//! The pages that people get to see instead of the origin. The words are our own; status and headers are
//! those of Cloudflare.

/// What a block rule without an answer of its own shows.
pub(crate) const BLOCKED: &str = "<!doctype html>
<title>Blocked</title>
<h1>This request was blocked</h1>
<p>A custom rule of the zone refused it. This is the offline account of mtlsctl, not Cloudflare.</p>
";

/// What a rule with a challenge shows.
pub(crate) const CHALLENGED: &str = "<!doctype html>
<title>Challenge</title>
<h1>This request was challenged</h1>
<p>A custom rule of the zone wants to see a browser. Here nobody can solve it: this is the offline account of
mtlsctl, not Cloudflare.</p>
";
