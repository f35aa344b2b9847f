//! The columns of a source beside those that a node of the topology names.

use super::count::shown;
use crate::model::id::Name;
use crate::model::system::Levels;

/// Where each column that `levels` names stands, from 0.
#[derive(Debug)]
pub struct Header {
    /// The code.
    pub code: usize,
    /// The location.
    pub location: Option<usize>,
    /// The unit's word.
    pub unit: Option<usize>,
    /// When the row was true.
    pub as_of: Option<usize>,
    /// When the row last moved.
    pub changed: Option<usize>,
    /// The counts, in the order of `levels`.
    pub counts: Vec<usize>,
    only: Vec<(usize, Name)>,
}

impl Header {
    /// Finds the columns by name, letter for letter. Fails, in words, where one is missing or stands
    /// twice; a column that nobody names may do either.
    pub fn find(shape: &Levels, names: &[&str]) -> Result<Header, String> {
        let one = |wanted: &Name| column("levels", names, wanted);
        let maybe = |wanted: &Option<Name>| wanted.as_ref().map(one).transpose();
        Ok(Header {
            code: one(&shape.code)?,
            location: maybe(&shape.location)?,
            unit: maybe(&shape.unit)?,
            as_of: maybe(&shape.as_of)?,
            changed: maybe(&shape.changed)?,
            counts: shape.counts.iter().map(|(_, name)| one(name)).collect::<Result<_, _>>()?,
            only: shape
                .only
                .iter()
                .map(|(column, value)| Ok((one(column)?, value.clone())))
                .collect::<Result<_, String>>()?,
        })
    }

    /// Whether `only` lets a row through: for each column that it names, one of the values named for it.
    pub fn lets_through<T: AsRef<str>>(&self, field: impl Fn(usize) -> Option<T>) -> bool {
        self.only.iter().all(|(column, _)| {
            let value = field(*column);
            let value = value.as_ref().map_or("", T::as_ref);
            self.only.iter().any(|(other, wanted)| other == column && &**wanted == value)
        })
    }

    /// The value with which a new row passes `only`, for each column that `only` names.
    pub fn wanted(&self) -> &[(usize, Name)] {
        &self.only
    }
}

/// Where the column stands that a node of the topology names, letter for letter. Fails, in words, where it is
/// missing or stands twice.
pub fn column(node: &str, names: &[&str], wanted: &Name) -> Result<usize, String> {
    let mut places = names.iter().enumerate().filter(|(_, name)| **name == &**wanted);
    match (places.next(), places.next()) {
        (Some((at, _)), None) => Ok(at),
        (Some(_), Some(_)) => Err(format!(
            "two columns are called `{wanted}`, and nothing says which of the two counts; rename one"
        )),
        (None, _) => Err(format!(
            "there is no column `{wanted}`, which `{node}` names; the columns are {}",
            list(names)
        )),
    }
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().take(30).map(|name| format!("`{}`", shown(name))).collect();
    match names.len() {
        0 => "none at all".to_owned(),
        more if more > 30 => format!("{} and {} more", quoted.join(" "), more - 30),
        _ => quoted.join(" "),
    }
}
