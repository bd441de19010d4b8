//! What is wrong with an expression that has no syntax error: AWS reports the gravest kind first.

/// The kinds, in the order in which AWS reports them.
#[derive(Clone, Copy, Debug)]
pub enum Rank {
    /// `((a = b))`.
    Parentheses,
    /// A function that there is not.
    Unknown,
    /// A function where none may stand.
    Misused,
    /// A name that is a keyword of AWS.
    Reserved,
    /// A section that came before.
    Section,
    /// A name or value that is not given.
    Undefined,
    /// Two paths of which one is within the other.
    Overlap,
    /// Two paths of which one wants a map and the other a list.
    Conflict,
    /// Too few or too many operands.
    Operands,
    /// Twice the same operand.
    Distinct,
    /// Operands of other types.
    Types,
}

const RANKS: usize = Rank::Types as usize + 1;

/// The first problem of each kind.
#[derive(Default)]
pub struct Problems([Option<String>; RANKS]);

impl Problems {
    /// Notes a problem unless there is one of its kind.
    pub fn note(&mut self, rank: Rank, problem: impl FnOnce() -> String) {
        self.0[rank as usize].get_or_insert_with(problem);
    }

    /// The gravest problem.
    pub fn gravest(self) -> Result<(), String> {
        self.0.into_iter().flatten().next().map_or(Ok(()), Err)
    }
}
