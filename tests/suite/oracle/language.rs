//! Expressions on concrete requests, by the engine that Cloudflare publishes.
//!
//! Its last release knows no functions, so `lower(http.host)` is read as a field of its own. What the rules
//! of the generated accounts test besides the host and the certificate has a few values, each combination of
//! which is a [`Guard`].

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use wirefilter::ExecutionContext;
use wirefilter::Filter;
use wirefilter::LhsValue;
use wirefilter::Scheme;
use wirefilter::Type;

const LOWERED: &str = "http.host.lowered";
const PATHS: [&str; 3] = ["/", "/healthz", "/admin"];
const METHODS: [&str; 2] = ["GET", "POST"];
const COUNTRIES: [&str; 2] = ["DE", "RU"];

const TEXTS: [&str; 6] = [
    "http.host",
    LOWERED,
    PATH,
    METHOD,
    COUNTRY,
    "cf.tls_client_auth.cert_issuer_ski",
];
const PATH: &str = "http.request.uri.path";
const METHOD: &str = "http.request.method";
const COUNTRY: &str = "ip.src.country";
const CERTIFICATE: &str = "cf.tls_client_auth.";
const TRUTHS: [&str; 3] = [
    "cf.tls_client_auth.cert_presented",
    "cf.tls_client_auth.cert_verified",
    "cf.tls_client_auth.cert_revoked",
];

/// How many combinations of path, method and country there are.
pub(super) const GUARDS: usize = PATHS.len() * METHODS.len() * COUNTRIES.len();

/// A set of guards, one bit for each.
pub(super) type Guards = u64;

/// All combinations of path, method and country.
pub(super) const EVERY: Guards = (1 << GUARDS) - 1;

/// What a client shows of itself; nothing is all false and empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Presented {
    pub(super) is_there: bool,
    pub(super) verified: bool,
    pub(super) revoked: bool,
    /// The key id of its issuer.
    pub(super) issuer: &'static str,
}

/// What a combination is, in words.
pub(super) fn guard(nth: usize) -> String {
    let (path, method, country) = values(nth);
    format!("{method} {path} from {country}")
}

fn values(nth: usize) -> (&'static str, &'static str, &'static str) {
    let (rest, country) = (nth / COUNTRIES.len(), nth % COUNTRIES.len());
    let (path, method) = (rest / METHODS.len(), rest % METHODS.len());
    (PATHS[path], METHODS[method], COUNTRIES[country])
}

thread_local! {
    static ENGINE: RefCell<Engine> = RefCell::new(Engine::new());
}

/// The engine keeps what it has compiled and answered: worlds resemble each other.
struct Engine {
    scheme: &'static Scheme,
    filters: HashMap<String, Rc<Filter<'static>>>,
    answers: HashMap<(String, &'static str), HashMap<Presented, Guards>>,
    kept: HashMap<String, &'static str>,
}

/// A text that lives as long as the engine, which is as long as the test.
pub(super) fn kept(text: &str) -> &'static str {
    ENGINE.with_borrow_mut(|engine| engine.kept(text))
}

/// The guards on which an expression holds for a host and what a client shows.
pub(super) fn holding(text: &str, host: &str, presented: Presented) -> Guards {
    ENGINE.with_borrow_mut(|engine| engine.holding(text, host, presented))
}

impl Engine {
    fn new() -> Self {
        let texts = TEXTS.map(|name| (name.to_owned(), Type::Bytes));
        let truths = TRUTHS.map(|name| (name.to_owned(), Type::Bool));
        let fields = texts.into_iter().chain(truths);
        let scheme = Scheme::try_from_iter(fields).expect("each field once");
        Self {
            scheme: Box::leak(Box::new(scheme)),
            filters: HashMap::new(),
            answers: HashMap::new(),
            kept: HashMap::new(),
        }
    }

    fn kept(&mut self, text: &str) -> &'static str {
        if let Some(kept) = self.kept.get(text) {
            return kept;
        }
        let kept: &'static str = Box::leak(text.to_owned().into_boxed_str());
        self.kept.insert(text.to_owned(), kept);
        kept
    }

    fn filter(&mut self, text: &str) -> Rc<Filter<'static>> {
        if let Some(filter) = self.filters.get(text) {
            return Rc::clone(filter);
        }
        let readable = text.replace("lower(http.host)", LOWERED);
        let parsed = self.scheme.parse(&readable);
        let parsed = parsed.unwrap_or_else(|error| panic!("{error}"));
        let filter = Rc::new(parsed.compile());
        self.filters.insert(text.to_owned(), Rc::clone(&filter));
        filter
    }

    fn holding(&mut self, text: &str, host: &str, presented: Presented) -> Guards {
        let shown = if text.contains(CERTIFICATE) {
            presented
        } else {
            Presented::default()
        };
        let key = (text.to_owned(), self.kept(host));
        if let Some(known) = self.answers.get(&key).and_then(|of| of.get(&shown)) {
            return *known;
        }
        let filter = self.filter(text);
        let mut holding = 0;
        for nth in 0..GUARDS {
            // What the expression does not test makes no difference.
            let same = representative(text, nth);
            let holds = if same < nth {
                holding >> same & 1 == 1
            } else {
                let context = self.context(key.1, shown, nth);
                filter.execute(&context).expect("of this scheme")
            };
            holding |= Guards::from(holds) << nth;
        }
        self.answers.entry(key).or_default().insert(shown, holding);
        holding
    }

    fn context(
        &mut self,
        host: &'static str,
        presented: Presented,
        nth: usize,
    ) -> ExecutionContext<'static> {
        let (path, method, country) = values(nth);
        let lowered = self.kept(&host.to_lowercase());
        let mut context = ExecutionContext::new(self.scheme);
        let texts = [host, lowered, path, method, country, presented.issuer];
        for (name, value) in TEXTS.into_iter().zip(texts) {
            let value = LhsValue::from(value);
            context.set_field_value(name, value).expect("a text");
        }
        let truths = [presented.is_there, presented.verified, presented.revoked];
        for (name, value) in TRUTHS.into_iter().zip(truths) {
            let value = LhsValue::Bool(value);
            context.set_field_value(name, value).expect("a truth");
        }
        context
    }
}

/// The first guard that an expression cannot tell from this one.
fn representative(text: &str, nth: usize) -> usize {
    let (rest, country) = (nth / COUNTRIES.len(), nth % COUNTRIES.len());
    let (path, method) = (rest / METHODS.len(), rest % METHODS.len());
    let told = |field: &str, value: usize| if text.contains(field) { value } else { 0 };
    let (path, method) = (told(PATH, path), told(METHOD, method));
    (path * METHODS.len() + method) * COUNTRIES.len() + told(COUNTRY, country)
}
