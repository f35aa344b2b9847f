//! One column of counts, as dense as they allow.

use super::quantity::Decimal;

/// Counts, row by row; a row may have none. Whole numbers of up to two thousand million take four bytes each;
/// as soon as one is none of these the whole column keeps decimals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts(Kept);

#[derive(Debug, Clone)]
enum Kept {
    /// Whole numbers; [`NONE`] where a row has none.
    Narrow(Vec<i32>),
    /// Any.
    Wide(Vec<Option<Decimal>>),
}

/// What stands in a narrow column where a row has no count.
const NONE: i32 = i32::MIN;

/// A count as a narrow column keeps it; `None` where it cannot.
fn narrow(value: Option<Decimal>) -> Option<i32> {
    match value {
        None => Some(NONE),
        Some(Decimal { digits, scale: 0 }) => i32::try_from(digits).ok().filter(|value| *value != NONE),
        Some(_) => None,
    }
}

fn widened(value: i32) -> Option<Decimal> {
    (value != NONE).then(|| Decimal::whole(i64::from(value)))
}

impl Default for Counts {
    fn default() -> Counts {
        Counts(Kept::Narrow(Vec::new()))
    }
}

impl PartialEq for Kept {
    /// The same counts are the same column, however they are kept.
    fn eq(&self, other: &Kept) -> bool {
        match (self, other) {
            (Kept::Narrow(one), Kept::Narrow(other)) => one == other,
            (Kept::Wide(one), Kept::Wide(other)) => one == other,
            (Kept::Narrow(narrow), Kept::Wide(wide)) | (Kept::Wide(wide), Kept::Narrow(narrow)) => {
                narrow.len() == wide.len()
                    && narrow.iter().zip(wide).all(|(one, other)| widened(*one) == *other)
            }
        }
    }
}

impl Eq for Kept {}

impl Counts {
    /// A column of rows without a count.
    pub fn empty(rows: usize) -> Counts {
        Counts(Kept::Narrow(vec![NONE; rows]))
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kept::Narrow(values) => values.len(),
            Kept::Wide(values) => values.len(),
        }
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The count of a row; `None` where the row has none, and for a row that there is not.
    pub fn get(&self, row: usize) -> Option<Decimal> {
        match &self.0 {
            Kept::Narrow(values) => widened(*values.get(row)?),
            Kept::Wide(values) => *values.get(row)?,
        }
    }

    /// Adds a row.
    pub fn push(&mut self, value: Option<Decimal>) {
        match (&mut self.0, narrow(value)) {
            (Kept::Narrow(values), Some(value)) => values.push(value),
            (Kept::Wide(values), _) => values.push(value),
            (Kept::Narrow(_), None) => {
                self.widen();
                self.push(value);
            }
        }
    }

    /// Changes the count of a row that there is.
    pub fn set(&mut self, row: usize, value: Option<Decimal>) {
        match (&mut self.0, narrow(value)) {
            (Kept::Narrow(values), Some(value)) => values[row] = value,
            (Kept::Wide(values), _) => values[row] = value,
            (Kept::Narrow(_), None) => {
                self.widen();
                self.set(row, value);
            }
        }
    }

    /// Makes room for so many more rows.
    pub fn reserve(&mut self, rows: usize) {
        match &mut self.0 {
            Kept::Narrow(values) => values.reserve(rows),
            Kept::Wide(values) => values.reserve(rows),
        }
    }

    /// Adds the rows of another column.
    pub fn append(&mut self, more: &Counts) {
        match (&mut self.0, &more.0) {
            (Kept::Narrow(values), Kept::Narrow(more)) => values.extend_from_slice(more),
            _ => more.iter().for_each(|value| self.push(value)),
        }
    }

    /// Leaves only the first rows.
    pub fn truncate(&mut self, rows: usize) {
        match &mut self.0 {
            Kept::Narrow(values) => values.truncate(rows),
            Kept::Wide(values) => values.truncate(rows),
        }
    }

    /// The counts, row by row.
    pub fn iter(&self) -> impl Iterator<Item = Option<Decimal>> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Adds some rows of another column, in this order.
    pub fn take(&mut self, from: &Counts, rows: &[u32]) {
        match (&mut self.0, &from.0) {
            (Kept::Narrow(values), Kept::Narrow(from)) => {
                values.extend(rows.iter().map(|row| from[*row as usize]));
            }
            _ => rows.iter().for_each(|row| self.push(from.get(*row as usize))),
        }
    }

    fn widen(&mut self) {
        if let Kept::Narrow(values) = &self.0 {
            self.0 = Kept::Wide(values.iter().map(|value| widened(*value)).collect());
        }
    }
}

impl FromIterator<Option<Decimal>> for Counts {
    fn from_iter<T: IntoIterator<Item = Option<Decimal>>>(values: T) -> Counts {
        let mut counts = Counts::default();
        values.into_iter().for_each(|value| counts.push(value));
        counts
    }
}
