//! Ranges of numbers.

use serde_json::Value;

/// Numbers between two bounds, each of which may be open or absent.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    bottom: Option<Bound>,
    top: Option<Bound>,
}

#[derive(Clone, Copy, Debug)]
struct Bound {
    value: f64,
    is_included: bool,
}

impl Range {
    /// Parses `["=", 5]`, `[">", 0, "<=", 5]` or one half of the latter.
    pub fn parse(terms: &[Value]) -> Result<Self, String> {
        let Some(operator) = terms.first().and_then(Value::as_str) else {
            return Err(format!("Invalid member in numeric match: {}", printed(terms.first())));
        };
        match operator {
            "=" => {
                let bound = Bound { value: number("equals", terms.get(1))?, is_included: true };
                end(terms, 2)?;
                Ok(Self { bottom: Some(bound), top: Some(bound) })
            }
            "<" | "<=" => {
                let top = bound(operator, terms.get(1))?;
                end(terms, 2)?;
                Ok(Self { bottom: None, top: Some(top) })
            }
            ">" | ">=" => {
                let bottom = bound(operator, terms.get(1))?;
                Ok(Self { bottom: Some(bottom), top: upper(bottom, terms)? })
            }
            other => Err(format!("Unrecognized numeric range operator: {other}")),
        }
    }

    /// Whether a number lies within.
    pub fn contains(self, number: f64) -> bool {
        let above = self
            .bottom
            .is_none_or(|bound| number > bound.value || bound.is_included && number == bound.value);
        let below =
            self.top.is_none_or(|bound| number < bound.value || bound.is_included && number == bound.value);
        above && below
    }
}

/// The upper bound behind a lower one.
fn upper(bottom: Bound, terms: &[Value]) -> Result<Option<Bound>, String> {
    let Some(term) = terms.get(2) else { return Ok(None) };
    let Some(operator) = term.as_str() else {
        return Err(format!("Bad value in numeric range: {}", printed(Some(term))));
    };
    if !matches!(operator, "<" | "<=") {
        return Err(format!("Bad numeric range operator: {operator}"));
    }
    let top = bound(operator, terms.get(3))?;
    if bottom.value >= top.value {
        return Err("Bottom must be less than top".to_owned());
    }
    if terms.len() > 4 {
        return Err("Too many terms in numeric range expression".to_owned());
    }
    Ok(Some(top))
}

fn bound(operator: &str, term: Option<&Value>) -> Result<Bound, String> {
    Ok(Bound { value: number(operator, term)?, is_included: operator.ends_with('=') })
}

fn number(operator: &str, term: Option<&Value>) -> Result<f64, String> {
    term.and_then(Value::as_f64).ok_or_else(|| format!("Value of {operator} must be numeric"))
}

fn end(terms: &[Value], count: usize) -> Result<(), String> {
    if terms.len() > count { Err("Too many elements in numeric expression".to_owned()) } else { Ok(()) }
}

fn printed(term: Option<&Value>) -> String {
    match term {
        None => "]".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
