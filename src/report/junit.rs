//! Access tests as `JUnit` XML, which build servers show.
//!
//! There is no one standard; this keeps to what Jenkins and GitLab read
//! (<https://github.com/testmoapp/junitxml>).

use std::io;

use quick_xml::Writer;
use quick_xml::events::BytesDecl;
use quick_xml::events::BytesText;
use quick_xml::events::Event;

use crate::config::Problem;
use crate::config::Severity;
use crate::report::check::Checked;
use crate::report::check::Judged;
use crate::report::shown::Failed;
use crate::report::words;

/// A case of a suite.
struct Case {
    name: String,
    line: Option<usize>,
    wrong: Option<Wrong>,
}

/// Why a case did not pass.
struct Wrong {
    /// `failure` for a test that does not hold, `error` for what could not be tested.
    element: &'static str,
    message: String,
    /// More lines.
    body: Vec<String>,
}

/// A file that was checked: a case for the file itself, and one for each of its access tests.
#[must_use]
pub fn check(checked: &Checked<'_>) -> String {
    let file = checked.file.file;
    let whole = Case {
        name: "the file is valid".to_owned(),
        line: None,
        wrong: checked.error().map(|message| Wrong {
            element: "error",
            message: message.into_owned(),
            body: checked
                .file
                .problems
                .iter()
                .map(|one| told(file, one))
                .collect(),
        }),
    };
    let tests = checked.tests.iter().map(of_test);
    let cases: Vec<Case> = std::iter::once(whole).chain(tests).collect();
    suite(file, &cases)
}

/// A failure: a suite with one case that is an error.
#[must_use]
pub fn failure(failed: &Failed<'_>) -> String {
    let case = Case {
        name: format!("mtlsctl {}", failed.command),
        line: None,
        wrong: Some(Wrong {
            element: "error",
            message: failed.text.to_owned(),
            body: failed
                .hints
                .iter()
                .map(|hint| format!("help: {hint}"))
                .collect(),
        }),
    };
    suite("mtlsctl", &[case])
}

fn of_test(test: &Judged) -> Case {
    let Judged {
        line,
        column: _,
        asks,
        expects,
        failure,
    } = test;
    Case {
        name: format!("line {line}: {asks} expects {expects}"),
        line: Some(*line),
        wrong: failure.as_ref().map(|problem| Wrong {
            element: "failure",
            message: problem.message.clone(),
            body: problem
                .help
                .iter()
                .map(|help| format!("help: {help}"))
                .collect(),
        }),
    }
}

fn told(file: &str, problem: &Problem) -> String {
    let place = problem
        .at
        .map_or_else(String::new, |at| format!(":{}:{}", at.line, at.column));
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let help = problem.help.iter().map(|help| format!(" (help: {help})"));
    let help: String = help.collect();
    format!("{file}{place}: {severity}: {}{help}", problem.message)
}

fn suite(name: &str, cases: &[Case]) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Memory takes everything.
    let _ = write(&mut writer, name, cases);
    String::from_utf8(writer.into_inner()).unwrap_or_default() + "\n"
}

fn write(writer: &mut Writer<Vec<u8>>, name: &str, cases: &[Case]) -> io::Result<()> {
    let count = |element: &str| {
        let wrong = cases.iter().filter_map(|case| case.wrong.as_ref());
        wrong
            .filter(|wrong| wrong.element == element)
            .count()
            .to_string()
    };
    let sums = [
        ("tests", cases.len().to_string()),
        ("failures", count("failure")),
        ("errors", count("error")),
    ];
    let sums = || sums.iter().map(|(name, value)| (*name, value.as_str()));
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suites = writer.create_element("testsuites").with_attributes(sums());
    suites.write_inner_content(|writer| {
        let suite = writer.create_element("testsuite");
        let suite = suite.with_attribute(("name", legal(name).as_str()));
        suite
            .with_attributes(sums())
            .write_inner_content(|writer| {
                cases
                    .iter()
                    .try_for_each(|case| of_case(writer, name, case))
            })?;
        Ok(())
    })?;
    Ok(())
}

fn of_case(writer: &mut Writer<Vec<u8>>, suite: &str, case: &Case) -> io::Result<()> {
    let (suite, name) = (legal(suite), legal(&case.name));
    let line = case.line.map(|line| line.to_string());
    let mut attributes = vec![
        ("name", name.as_str()),
        ("classname", suite.as_str()),
        ("file", suite.as_str()),
    ];
    attributes.extend(line.as_deref().map(|line| ("line", line)));
    let element = writer
        .create_element("testcase")
        .with_attributes(attributes);
    let Some(Wrong {
        element: kind,
        message,
        body,
    }) = &case.wrong
    else {
        element.write_empty()?;
        return Ok(());
    };
    element.write_inner_content(|writer| {
        let message = legal(message);
        let wrong = writer
            .create_element(*kind)
            .with_attribute(("message", message.as_str()));
        let body: Vec<String> = body.iter().map(|line| legal(line)).collect();
        let body = std::iter::once(message.clone())
            .chain(body)
            .collect::<Vec<_>>();
        wrong.write_text_content(BytesText::new(&body.join("\n")))?;
        Ok(())
    })?;
    Ok(())
}

/// On one line, without what XML has no place for (XML 1.0, section 2.2, <https://www.w3.org/TR/xml/#charsets>).
fn legal(text: &str) -> String {
    let text = words::visible(text);
    let is_legal = |c: &char| !matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().filter(is_legal).collect()
}
