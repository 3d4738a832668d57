//! Who asks whom, and who gets in: CA → host → rule.
