//! Statements of a topology with their named parameters, made ready for bound values.

use crate::world::Bind;
use crate::world::placeholder::{Dialect, Piece, pieces};

/// What a name in a statement stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Param {
    /// The count that the write depends on.
    Before,
    /// The count to write.
    After,
    /// The system's code.
    Code,
    /// The system's code of the location.
    Location,
    /// The unit's word.
    Unit,
    /// A key that names this write.
    Key,
}

const NAMES: [(&str, Param); 6] = [
    ("before", Param::Before),
    ("after", Param::After),
    ("code", Param::Code),
    ("location", Param::Location),
    ("unit", Param::Unit),
    ("key", Param::Key),
];

/// A statement whose every value is bound.
#[derive(Debug, Clone)]
pub struct Statement {
    /// `set` or `create`.
    pub name: &'static str,
    /// The text, with `?1`, `?2`, … for values.
    pub sql: String,
    /// What each of them stands for.
    params: Vec<Param>,
}

impl Statement {
    /// Reads the statement `name`. Fails, in words, on a parameter that is none of the six, and where the
    /// count to write is not among them.
    pub fn parse(name: &'static str, text: &str, dialect: Dialect) -> Result<Statement, String> {
        let mut statement = Statement { name, sql: String::with_capacity(text.len()), params: Vec::new() };
        for piece in pieces(text, dialect) {
            match piece {
                Piece::Text(plain) => statement.sql.push_str(plain),
                Piece::Named(word) => {
                    let known = NAMES.iter().find(|(known, _)| *known == word);
                    let (_, param) = known.ok_or_else(|| unknown(name, &format!(":{word}")))?;
                    let place = statement.params.iter().position(|other| other == param);
                    let place = place.unwrap_or_else(|| {
                        statement.params.push(*param);
                        statement.params.len() - 1
                    });
                    statement.sql.push_str(&format!("?{}", place + 1));
                }
                Piece::Numbered(number) => return Err(unknown(name, &format!("?{number}"))),
                Piece::Strange(found) => return Err(unknown(name, found)),
            }
        }
        match statement.uses(Param::After) {
            true => Ok(statement),
            false => Err(format!("`{name}` has no `:after`, so it cannot write the count; put it in")),
        }
    }

    /// Whether a parameter stands in it.
    pub fn uses(&self, param: Param) -> bool {
        self.params.contains(&param)
    }

    /// The values in the order of the placeholders.
    pub fn binds(&self, value: impl Fn(Param) -> Bind) -> Vec<Bind> {
        self.params.iter().map(|param| value(*param)).collect()
    }
}

/// A query that may ask for what has changed since a moment.
#[derive(Debug, Clone)]
pub struct Since {
    /// The text, with `?1` for the moment.
    pub sql: String,
    /// Whether the moment stands in it.
    pub bound: bool,
}

impl Since {
    /// Reads the query `name`. Fails, in words, on a parameter other than `:since`.
    pub fn parse(name: &str, text: &str, dialect: Dialect) -> Result<Since, String> {
        let mut since = Since { sql: String::with_capacity(text.len()), bound: false };
        for piece in pieces(text, dialect) {
            let found = match piece {
                Piece::Text(plain) => {
                    since.sql.push_str(plain);
                    continue;
                }
                Piece::Named("since") => {
                    since.sql.push_str("?1");
                    since.bound = true;
                    continue;
                }
                Piece::Named(word) => format!(":{word}"),
                Piece::Numbered(number) => format!("?{number}"),
                Piece::Strange(found) => found.to_owned(),
            };
            return Err(format!(
                "`{name}` has the parameter `{found}`, for which there is no value; the only one is :since"
            ));
        }
        Ok(since)
    }
}

/// Fails, in words, where a query that takes no values has a place for one.
pub fn without_parameters(name: &str, text: &str, dialect: Dialect) -> Result<(), String> {
    for piece in pieces(text, dialect) {
        let found = match piece {
            Piece::Text(_) => continue,
            Piece::Named(word) => format!(":{word}"),
            Piece::Numbered(number) => format!("?{number}"),
            Piece::Strange(found) => found.to_owned(),
        };
        return Err(format!(
            "`{name}` has the parameter `{found}`, and no value is passed to it; take it out"
        ));
    }
    Ok(())
}

fn unknown(name: &str, found: &str) -> String {
    format!(
        "`{name}` has the parameter `{found}`, for which there is no value; the parameters are :before \
         :after :code :location :unit :key"
    )
}
