//! Matching of REST requests against the URI templates of a service's operations.

use std::collections::HashMap;

use http::Method;
use kernel::schema::{Location, OperationSchema, ServiceSchema};
use percent_encoding::percent_decode_str;
use protocol::Labels;

/// One operation's template, taken apart.
struct Template {
    operation: &'static OperationSchema,
    segments: Vec<Segment>,
    /// Query parameters that must be there; some with a value.
    query: Vec<(&'static str, Option<&'static str>)>,
    /// How many of them the template itself names; the others are members that are required.
    literals: usize,
    /// Headers that must be there.
    headers: Vec<&'static str>,
}

enum Segment {
    Literal(&'static str),
    Label(&'static str),
    Greedy(&'static str),
}

/// The templates of one service, by method.
pub struct Templates(HashMap<&'static str, Vec<Template>>);

/// What a template is matched against.
pub struct Asked<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path, percent-encoded.
    pub path: &'a str,
    /// The query string.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a http::HeaderMap,
}

impl Templates {
    /// The templates of a service.
    pub fn of(service: &'static ServiceSchema) -> Self {
        let mut methods: HashMap<_, Vec<_>> = HashMap::new();
        for operation in service.operations {
            methods.entry(operation.method).or_default().push(Template::of(operation));
        }
        // The most demanding template comes first: what it asks for tells it from the plainer ones.
        for templates in methods.values_mut() {
            templates.sort_by_key(|template| std::cmp::Reverse(template.weight()));
        }
        Self(methods)
    }

    /// The operation of a request and its labels. Of equally demanding templates, the first that is answered wins.
    pub fn find(
        &self,
        asked: &Asked<'_>,
        is_answered: impl Fn(&str) -> bool,
    ) -> Option<(&'static OperationSchema, Labels)> {
        let templates = self.0.get(asked.method.as_str())?;
        let parameters: Vec<(&str, &str)> = asked
            .query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .collect();
        // What lacks a required parameter is still told by its path, and then refused for what it lacks.
        let find = |is_strict| find(templates, asked, &parameters, is_strict, &is_answered);
        find(true).or_else(|| find(false))
    }
}

fn find(
    templates: &[Template],
    asked: &Asked<'_>,
    parameters: &[(&str, &str)],
    is_strict: bool,
    is_answered: &impl Fn(&str) -> bool,
) -> Option<(&'static OperationSchema, Labels)> {
    let mut found: Option<(&Template, Labels)> = None;
    for template in templates {
        if found.as_ref().is_some_and(|(best, _)| best.weight() > template.weight()) {
            break;
        }
        let Some(labels) = template.matches(asked, parameters, is_strict) else { continue };
        let answered = is_answered(template.operation.name);
        if answered {
            return Some((template.operation, labels));
        }
        if found.is_none() {
            found = Some((template, labels));
        }
    }
    found.map(|(template, labels)| (template.operation, labels))
}

impl Template {
    fn of(operation: &'static OperationSchema) -> Self {
        let (path, query) = operation.uri.split_once('?').unwrap_or((operation.uri, ""));
        let segments =
            path.split('/').skip(1).filter(|segment| !segment.is_empty()).map(Segment::of).collect();
        let mut query: Vec<_> = query
            .split('&')
            .filter(|part| !part.is_empty())
            .map(|part| part.split_once('=').map_or((part, None), |(key, value)| (key, Some(value))))
            .collect();
        let literals = query.len();
        let mut headers = Vec::new();
        for member in operation.input.members.iter().filter(|member| member.required) {
            match member.location {
                Location::QueryString => query.push((member.wire, None)),
                // A required header tells CopyObject from PutObject.
                Location::Header if member.wire.ends_with("copy-source") => headers.push(member.wire),
                _ => {}
            }
        }
        Self { operation, segments, query, literals, headers }
    }

    fn weight(&self) -> (usize, usize, usize) {
        let literals = self.segments.iter().filter(|segment| matches!(segment, Segment::Literal(_))).count();
        (literals, self.segments.len(), self.query.len() + self.headers.len())
    }

    fn matches(&self, asked: &Asked<'_>, parameters: &[(&str, &str)], is_strict: bool) -> Option<Labels> {
        let has = |(key, value): &(&str, Option<&str>)| {
            parameters.iter().any(|(name, given)| name == key && value.is_none_or(|value| value == *given))
        };
        let query = if is_strict { &self.query[..] } else { &self.query[..self.literals] };
        if !query.iter().all(has) || !self.headers.iter().all(|name| asked.headers.contains_key(*name)) {
            return None;
        }
        let mut rest = asked.path.strip_prefix('/')?;
        let mut labels = Labels::new();
        for segment in &self.segments {
            if let Segment::Greedy(name) = segment {
                if rest.is_empty() {
                    return None;
                }
                labels.push((name, decoded(rest)?));
                return Some(labels);
            }
            let (first, after) = rest.split_once('/').unwrap_or((rest, ""));
            match segment {
                Segment::Literal(literal) if *literal == first => {}
                Segment::Label(name) if !first.is_empty() => labels.push((name, decoded(first)?)),
                _ => return None,
            }
            rest = after;
        }
        rest.is_empty().then_some(labels)
    }
}

impl Segment {
    fn of(text: &'static str) -> Self {
        match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(label) => label.strip_suffix('+').map_or(Self::Label(label), Self::Greedy),
            None => Self::Literal(text),
        }
    }
}

fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}
