//! The forms of values, in words.

use crate::model::quantity::LARGEST;
use crate::syntax::ast::spec::Type;

/// A form of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Its name in the schema and the reference.
    pub name: &'static str,
    /// What it is.
    pub says: &'static str,
    /// Values of the form, as they are written.
    pub examples: &'static [&'static str],
}

/// One of each type of value, so that every form can be listed.
const TYPES: &[Type] = &[
    Type::Name,
    Type::Text,
    Type::Path,
    Type::Setting,
    Type::Secret,
    Type::Column,
    Type::CountColumn,
    Type::Whole(0, LARGEST),
    Type::Number,
    Type::Amount,
    Type::Share,
    Type::Duration,
    Type::Delay,
    Type::Choice(&[]),
    Type::ShareOr(&[]),
    Type::NumberOr(&[]),
    Type::Character,
    Type::Date,
    Type::DateOr(&[]),
    Type::Time,
    Type::Rate,
];

/// The words that may stand in place of a value of this type.
pub fn words(of: Type) -> &'static [&'static str] {
    match of {
        Type::Choice(words) | Type::ShareOr(words) | Type::NumberOr(words) | Type::DateOr(words) => words,
        _ => &[],
    }
}

/// Every form, in the order of the reference.
pub fn forms() -> impl Iterator<Item = Form> {
    TYPES.iter().map(|form_of| form(*form_of))
}

/// The form of a type of value.
pub fn form(of: Type) -> Form {
    let form = |name, says, examples| Form { name, says, examples };
    match of {
        Type::Name => form(
            "name",
            "a name or code, letter for letter; in quotes where it begins with a digit or holds other \
             characters than letters, digits, `-`, `_` and `.`",
            &["paris", "TSHIRT-M", "\"0042\""],
        ),
        Type::Text => form("text", "any text", &["\"sold out, kept for its history\""]),
        Type::Path => form(
            "path",
            "a path or glob, relative to the file that says it, or a reference to one",
            &["\"feeds/*.csv\"", "(env)FEED"],
        ),
        Type::Setting => form(
            "setting",
            "text without a secret in it, or a reference to text",
            &["\"https://erp.example.com\"", "(env)ERP_URL", "(file)\"/run/secrets/url\""],
        ),
        Type::Secret => form(
            "secret",
            "a reference to a secret, never the secret itself",
            &["(env)ERP_PASSWORD", "(file)\"/run/secrets/erp\""],
        ),
        Type::Column => form(
            "column",
            "the name of a column, or a text that holds for every row",
            &["shop_sku", "(const)kg"],
        ),
        Type::CountColumn => form(
            "column of numbers",
            "the name of a column, or a number that holds for every row",
            &["case_qty", "(const)12"],
        ),
        Type::Whole(..) => form("whole number", "a whole number, without quotes", &["99", "5000"]),
        Type::Number => form(
            "number",
            "an exact decimal, without quotes: up to 10^15, up to 18 digits behind the point",
            &["12", "453.59237"],
        ),
        Type::Amount => form("number or share", "a number, or a share in quotes", &["2", "\"10%\""]),
        Type::Share => form("share", "a percentage from 0 to 100, in quotes", &["\"30%\"", "\"0.5%\""]),
        Type::Duration => form(
            "duration",
            "a whole number of seconds, minutes, hours or days above 0, in quotes",
            &["\"90s\"", "\"15m\"", "\"24h\"", "\"7d\""],
        ),
        Type::Delay => form("duration or 0", "a duration, 0 included", &["\"5m\"", "\"0s\""]),
        Type::Choice(_) => form("word", "one of the words that are listed", &["channel", "newest"]),
        Type::Character => form("character", "one ASCII character, in quotes", &["\";\"", "\"\\t\""]),
        Type::ShareOr(_) => {
            form("share or word", "a share, or one of the words that are listed", &["\"10%\"", "shadow"])
        }
        Type::NumberOr(_) => {
            form("number or word", "a number, or one of the words that are listed", &["3", "held"])
        }
        Type::Date => form("date", "a day as year, month and day, in quotes", &["\"2026-12-25\""]),
        Type::DateOr(_) => {
            form("date or word", "a date, or one of the words that are listed", &["\"2026-12-25\"", "sun"])
        }
        Type::Time => form("time", "a time of day, in quotes", &["\"16:00\""]),
        Type::Rate => form(
            "rate",
            "so many in a second, minute, hour or day, in quotes",
            &["\"4/s\"", "\"120/m\"", "\"250/d\""],
        ),
    }
}
