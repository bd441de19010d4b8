//! `SOURCE logGroups(…)`: a query that tells itself which groups it is for.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Source.html>

use super::command::Problem;
use super::lexer::{Lexer, Token};

/// Prefixes and accounts of one query.
const PREFIXES: usize = 5;
const ACCOUNTS: usize = 20;

/// Which groups.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// What their names begin with; any, if there is none.
    pub prefixes: Vec<String>,
    /// Their classes; the standard one, if there is none.
    pub classes: Vec<String>,
    /// Their accounts; the caller's, if there is none.
    pub accounts: Vec<String>,
}

/// Parses it, if it comes next.
pub fn parse(lexer: &mut Lexer<'_>) -> Result<Option<Selection>, Problem> {
    if !lexer.word("source")? {
        return Ok(None);
    }
    if !lexer.word("logGroups")? {
        return Err(Problem::NotEmulated("SOURCE of anything but logGroups".to_owned()));
    }
    lexer.expect("(")?;
    let mut selection = Selection::default();
    let mut is_first = true;
    while !lexer.sign(")")? {
        if !std::mem::take(&mut is_first) {
            lexer.expect(",")?;
        }
        let before = lexer.clone();
        let Token::Name(name) = lexer.next()? else { return Err(before.surprise()) };
        lexer.expect(":")?;
        let values = list(lexer)?;
        let most = match name.to_ascii_lowercase().as_str() {
            "nameprefix" => {
                selection.prefixes = values;
                (selection.prefixes.len(), PREFIXES)
            }
            "class" | "loggroupclass" => {
                selection.classes = values;
                (0, 0)
            }
            "accountidentifier" | "accountidentifiers" => {
                selection.accounts = values;
                (selection.accounts.len(), ACCOUNTS)
            }
            _ => return Err(before.surprise()),
        };
        if most.0 > most.1 {
            return Err(Problem::Malformed(format!("{name} takes at most {} values.", most.1)));
        }
    }
    Ok(Some(selection))
}

fn list(lexer: &mut Lexer<'_>) -> Result<Vec<String>, Problem> {
    lexer.expect("[")?;
    let mut values = Vec::new();
    while !lexer.sign("]")? {
        if !values.is_empty() {
            lexer.expect(",")?;
        }
        let before = lexer.clone();
        match lexer.next()? {
            Token::Text(text) => values.push(text),
            _ => return Err(before.surprise()),
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selections_as_documented() {
        let parse = |text: &str| parse(&mut Lexer::new(text));
        assert_eq!(parse("SOURCE logGroups()"), Ok(Some(Selection::default())));
        let both = parse("source logGroups(accountIdentifiers:['111122223333'], namePrefix: ['a', \"b\"])");
        let expected = Selection {
            prefixes: vec!["a".to_owned(), "b".to_owned()],
            accounts: vec!["111122223333".to_owned()],
            ..Selection::default()
        };
        assert_eq!(both, Ok(Some(expected)));
        let class = parse("SOURCE logGroups(class: ['INFREQUENT_ACCESS'])").unwrap().unwrap();
        assert_eq!(class.classes, ["INFREQUENT_ACCESS"]);
        assert_eq!(parse("fields @message"), Ok(None));
        for bad in [
            "SOURCE logGroups(",
            "SOURCE logGroups(x: ['a'])",
            "SOURCE logGroups(namePrefix: a)",
            "SOURCE logGroups(namePrefix: ['a','b','c','d','e','f'])",
        ] {
            assert!(matches!(parse(bad), Err(Problem::Malformed(_))), "{bad}");
        }
    }
}
