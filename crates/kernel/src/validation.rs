//! What a request lacks or breaks of the model's constraints.

/// A required member that the request lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its path, as AWS writes it.
    pub path: String,
    /// Its name in the model.
    pub name: &'static str,
}

/// One constraint that a value breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The path to the value.
    pub path: String,
    /// The value, as Java prints it; nothing where it is absent.
    pub value: Option<String>,
    /// What it breaks, such as `Member must not be null`.
    pub constraint: String,
}

impl Problem {
    /// The sentence AWS's Coral services print for it.
    pub fn sentence(&self) -> String {
        let value = self.value.as_ref().map_or("null".to_owned(), |value| format!("'{value}'"));
        format!("Value {value} at '{}' failed to satisfy constraint: {}", self.path, self.constraint)
    }

    /// Whether the value is absent.
    pub fn is_missing(&self) -> bool {
        self.value.is_none()
    }
}

/// The message of all problems together, as most services print it.
pub fn message(problems: &[Problem]) -> String {
    let sentences: Vec<_> = problems.iter().map(Problem::sentence).collect();
    let plural = if problems.len() == 1 { "error" } else { "errors" };
    format!("{} validation {plural} detected: {}", problems.len(), sentences.join("; "))
}
