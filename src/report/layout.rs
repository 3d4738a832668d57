//! Expressions over several lines, so that people can read them and a diff has lines to compare.

/// Breaks an expression at its conjunctions and inside its sets, indenting by nesting.
///
/// Only white space is added, and never inside a quoted string.
#[must_use]
pub fn lines(expression: &str) -> Vec<String> {
    let mut layout = Layout {
        lines: Vec::new(),
        line: String::new(),
        depth: 0,
        in_set: false,
    };
    for token in tokens(expression) {
        layout.take(token);
    }
    layout.end_line();
    layout.lines
}

struct Layout {
    lines: Vec<String>,
    line: String,
    depth: usize,
    in_set: bool,
}

impl Layout {
    fn take(&mut self, token: &str) {
        match token {
            "{" => {
                self.word(token);
                self.end_line();
                self.depth += 1;
                self.in_set = true;
            }
            "}" => {
                self.end_line();
                self.depth = self.depth.saturating_sub(1);
                self.in_set = false;
                self.word(token);
            }
            "and" | "or" | "xor" if !self.in_set => {
                self.end_line();
                self.word(token);
            }
            "(" => {
                self.word(token);
                self.depth += 1;
            }
            ")" => {
                self.line.push_str(token);
                self.depth = self.depth.saturating_sub(1);
            }
            other if self.in_set => {
                self.word(other);
                self.end_line();
            }
            other => self.word(other),
        }
    }

    fn word(&mut self, token: &str) {
        if self.line.is_empty() {
            self.line = "  ".repeat(self.depth);
        } else if !self.line.ends_with('(') {
            self.line.push(' ');
        }
        self.line.push_str(token);
    }

    fn end_line(&mut self) {
        if !self.line.is_empty() {
            self.lines.push(std::mem::take(&mut self.line));
        }
    }
}

/// Strings, brackets, and what stands between them and blanks; a call keeps its opening bracket.
fn tokens(expression: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            '(' | ')' | '{' | '}' => 1,
            _ => word_length(rest),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// A word, with the brackets of a call and whatever is in them.
fn word_length(text: &str) -> usize {
    let mut open = 0_usize;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match c {
            '"' => {
                at += string_length(&text[at..]);
                continue;
            }
            '(' => open += 1,
            ')' if open == 0 => break,
            ')' => open -= 1,
            c if open == 0 && (c.is_whitespace() || c == '{' || c == '}') => break,
            _ => {}
        }
        at += c.len_utf8();
    }
    at
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn each_host_and_each_conjunct_has_a_line_of_its_own() {
        let expression = r#"(lower(http.host) in {"a.example.com" "b.example.com"} and not (cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski in {"A5"}) and not (http.request.uri.path eq "/a) \" {b"))"#;
        let expected = r#"(lower(http.host) in {
    "a.example.com"
    "b.example.com"
  }
  and not (cf.tls_client_auth.cert_verified
    and cf.tls_client_auth.cert_issuer_ski in {
      "A5"
    })
  and not (http.request.uri.path eq "/a) \" {b"))"#;
        assert_eq!(lines(expression).join("\n"), expected);
    }

    #[test]
    fn nothing_but_white_space_is_added() {
        for text in [
            "",
            "(",
            "}",
            "\"open",
            "a(b\"c",
            "x in {1 2 3}",
            "((a) or (b)) xor not c",
        ] {
            let bare = |text: &str| {
                text.chars()
                    .filter(|c| !c.is_whitespace())
                    .collect::<String>()
            };
            assert_eq!(bare(&lines(text).join("\n")), bare(text), "{text}");
        }
    }
}
