//! Which resource of a deployment a path means.

use api_apigateway::{Method, Resource};
use kernel::Map;
use percent_encoding::percent_decode_str;

/// A resource that matches, with its path parameters.
pub struct Match<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// The method: the one asked for, or `ANY`.
    pub method: &'a Method,
    /// The parameters of the path, decoded.
    pub parameters: Map<String, String>,
}

/// How closely a part of a template fits: literal text before a parameter before the rest of the path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Greedy,
    Parameter,
    Literal,
}

/// The best match for a path and method, if any.
pub fn find<'a>(resources: &'a [Resource], path: &str, method: &str) -> Option<Match<'a>> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let mut best: Option<(Vec<Fit>, Match<'a>)> = None;
    for resource in resources {
        let Some((fit, parameters)) = fits(resource.path.as_deref().unwrap_or_default(), &parts) else {
            continue;
        };
        let methods = resource.resource_methods.as_ref();
        let Some(method) = methods.and_then(|methods| methods.get(method).or_else(|| methods.get("ANY")))
        else {
            continue;
        };
        if best.as_ref().is_none_or(|(known, _)| fit > *known) {
            best = Some((fit, Match { resource, method, parameters }));
        }
    }
    best.map(|(_, found)| found)
}

fn fits(template: &str, parts: &[&str]) -> Option<(Vec<Fit>, Map<String, String>)> {
    let mut fit = Vec::new();
    let mut parameters = Map::new();
    let wanted: Vec<&str> = template.split('/').filter(|part| !part.is_empty()).collect();
    for (index, part) in wanted.iter().enumerate() {
        let inner = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        match inner {
            Some(inner) if inner.ends_with('+') => {
                let rest = parts.get(index..).filter(|rest| !rest.is_empty())?;
                fit.push(Fit::Greedy);
                parameters.insert(inner.trim_end_matches('+').to_owned(), decoded(&rest.join("/")));
                return Some((fit, parameters));
            }
            Some(inner) => {
                fit.push(Fit::Parameter);
                parameters.insert(inner.to_owned(), decoded(parts.get(index)?));
            }
            None if parts.get(index) == Some(part) => fit.push(Fit::Literal),
            None => return None,
        }
    }
    (wanted.len() == parts.len()).then_some((fit, parameters))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resources() -> Vec<Resource> {
        ["/", "/items", "/items/{id}", "/items/new", "/{proxy+}"]
            .iter()
            .map(|path| Resource {
                path: Some((*path).to_owned()),
                resource_methods: Some([("ANY".to_owned(), Method::default())].into_iter().collect()),
                ..Resource::default()
            })
            .collect()
    }

    #[test]
    fn the_closest_resource_wins() {
        let resources = resources();
        for (path, wanted, parameter) in [
            ("/", "/", None),
            ("/items/new", "/items/new", None),
            ("/items/a%20b", "/items/{id}", Some(("id", "a b"))),
            ("/items/a/b", "/{proxy+}", Some(("proxy", "items/a/b"))),
            ("/other", "/{proxy+}", Some(("proxy", "other"))),
        ] {
            let found = find(&resources, path, "GET").unwrap();
            assert_eq!(found.resource.path.as_deref(), Some(wanted), "{path}");
            let first = found.parameters.first().map(|(name, value)| (name.as_str(), value.as_str()));
            assert_eq!(first, parameter, "{path}");
        }
    }

    #[test]
    fn a_greedy_part_needs_something() {
        let resources = vec![resources().remove(4)];
        assert!(find(&resources, "/", "GET").is_none());
    }
}
