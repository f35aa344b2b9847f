//! One written value against the form that is due: the value, or the finding that says what is wrong.

use super::spec::{Field, Type};
use crate::diagnostic::{Diagnostic, code, is_lone, nearest};
use crate::model::Name;
use crate::model::id::Lately;
use crate::model::quantity::{Decimal, DecimalError, LARGEST, Ratio};
use crate::model::system::Setting;
use crate::model::time::{Date, Rate, TimeOfDay, parse_duration};
use crate::source::Span;
use crate::syntax::{Entry, Value};
use std::cell::RefCell;
use std::time::Duration;

/// Something and the place where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What is written.
    pub value: T,
    /// Where.
    pub span: Span,
}

/// A name or code and its place.
pub type Word = Spanned<Name>;

/// A value that has the form that was due.
#[derive(Clone, Debug)]
pub enum Given {
    /// Names, text.
    Text(Name),
    /// A literal that stands in place of a column.
    Const(Name),
    /// A number.
    Number(Decimal),
    /// A share.
    Share(Ratio),
    /// A duration.
    Duration(Duration),
    /// A word of a closed list.
    Choice(&'static str),
    /// A value or a reference to one.
    Setting(Setting),
    /// One character.
    Character(u8),
    /// A day.
    Date(Date),
    /// A time of day.
    Time(TimeOfDay),
    /// So much in a time.
    Rate(Rate),
}

/// Reads an entry. `None`: another finding says already what is wrong.
pub fn read(
    entry: &Entry<'_>,
    field: &Field,
    node: &str,
    lately: &RefCell<Lately>,
) -> Result<Given, Option<Box<Diagnostic>>> {
    let value = entry.value();
    if value == Value::Missing {
        return Err(None);
    }
    let at = At { span: entry.value_span(), field, node, lately };
    let given = match entry.annotation() {
        Some(annotation) => at.annotated(value, &annotation.name, annotation.span),
        None => at.plain(value),
    };
    given.map_err(|finding| Some(Box::new(finding)))
}

/// Text as KDL writes it: bare where it can be, else in quotes.
pub fn spell(text: &str) -> String {
    let bare = text.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
        && !["true", "false", "null", "inf", "nan"].contains(&text);
    if bare { text.to_owned() } else { quote(text) }
}

/// Text in quotes.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Words as a sentence lists them: `a`, `b` or `c`.
pub fn one_of(words: &[&str]) -> String {
    let ticked: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match ticked.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

struct At<'a> {
    span: Span,
    field: &'a Field,
    node: &'a str,
    lately: &'a RefCell<Lately>,
}

impl At<'_> {
    fn plain(&self, value: Value<'_>) -> Result<Given, Diagnostic> {
        match value {
            Value::Text(text) => self.text(&text),
            Value::Number(written) => self.number(written),
            Value::Bool(value) => Err(self.wrong_type(&format!("#{value}"))),
            Value::Null => Err(self.wrong_type("#null")),
            Value::Missing => Err(self.wrong_type("nothing")),
        }
    }

    /// What the value is called in a sentence.
    fn title(&self) -> String {
        format!("{} of `{}`", self.field.name, self.node)
    }

    fn annotated(&self, value: Value<'_>, word: &str, span: Span) -> Result<Given, Diagnostic> {
        let known: &[&str] = match self.field.form {
            Type::Path => &["env"],
            Type::Setting | Type::Secret => &["env", "file"],
            Type::Column | Type::CountColumn => &["const"],
            _ => &[],
        };
        if !known.contains(&word) {
            let message = format!("`({word})` does not go with the {}", self.title());
            let help = match known {
                [] => "write the value itself here: only addresses, paths, secrets and columns take a mark"
                    .to_owned(),
                known => format!("what may stand in brackets here is {}", one_of(known)),
            };
            let found = Diagnostic::new(code::UNKNOWN_CHOICE, span, message).help(help);
            return Err(match nearest(word, known.iter().copied()) {
                Some(near) => found
                    .here(format!("did you mean `({near})`?"))
                    .fix(format!("write `({near})`"), span, format!("({near})"))
                    .guess_unless(is_lone(word, near, known.iter().copied())),
                None => found.here("not taken here"),
            });
        }
        let text = match (value, self.field.form) {
            (Value::Text(text), _) if !text.is_empty() => Name::from(&*text),
            (Value::Text(_), _) => return Err(self.bad("is empty", "write what it names")),
            (Value::Number(written), Type::CountColumn) => Name::from(written),
            (Value::Number(written), _) => return Err(self.quoted(written)),
            _ => return Err(self.wrong_type("no text")),
        };
        Ok(match word {
            "env" => Given::Setting(Setting::Env(text)),
            "file" => Given::Setting(Setting::File(text)),
            _ => Given::Const(text),
        })
    }

    fn text(&self, text: &str) -> Result<Given, Diagnostic> {
        match self.field.form {
            Type::Name | Type::Column | Type::CountColumn | Type::Path => {
                if text.is_empty() {
                    return Err(self.bad("is empty", "write a name that is not empty"));
                }
                if holds_control(text) {
                    return Err(
                        self.bad("holds a control character", "write it without line breaks and tabs")
                    );
                }
                Ok(match self.field.form {
                    Type::Path => Given::Setting(Setting::Literal(Name::from(text))),
                    _ => Given::Text(self.lately.borrow_mut().name(text)),
                })
            }
            Type::Text => Ok(Given::Text(Name::from(text))),
            Type::Setting if text.is_empty() => Err(self.bad(
                "is empty",
                "write the value, or \
             `(env)NAME`",
            )),
            Type::Setting => Ok(Given::Setting(Setting::Literal(Name::from(text)))),
            Type::Secret => Err(self.secret()),
            Type::Whole(..) | Type::Number => Err(self.text_for_number(text)),
            Type::Amount | Type::Share => self.share(text),
            Type::Duration | Type::Delay => self.duration(text),
            Type::Choice(words) => self.choice(text, words),
            Type::ShareOr(_) if text.ends_with('%') => self.share(text),
            Type::NumberOr(_) if Decimal::parse(text).is_ok() => Err(self.text_for_number(text)),
            Type::NumberOr(words) => {
                let found = |found: Diagnostic| found.help(format!("write a number, or {}", one_of(words)));
                self.choice(text, words).map_err(found)
            }
            Type::ShareOr(words) => self.choice(text, words),
            Type::DateOr(words) if !text.starts_with(|c: char| c.is_ascii_digit()) => {
                self.choice(text, words)
            }
            Type::Date | Type::DateOr(_) | Type::Time | Type::Rate => self.calendar_like(text),
            Type::Character => match text.as_bytes() {
                [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => {
                    Ok(Given::Character(*byte))
                }
                _ => Err(self.bad(
                    &format!("is `{}`", show(text)),
                    "write exactly one ASCII character, such as \";\" or \"\\t\"",
                )),
            },
        }
    }

    /// Dates, times of day and rates.
    fn calendar_like(&self, text: &str) -> Result<Given, Diagnostic> {
        let (given, form) = match self.field.form {
            Type::Date | Type::DateOr(_) => {
                (Date::parse(text).map(Given::Date), "write a day of the calendar, such as \"2026-12-25\"")
            }
            Type::Time => (
                TimeOfDay::parse(text).map(Given::Time),
                "write a time of day with hours and minutes, such as \"16:00\"",
            ),
            _ => (
                Rate::parse(text).map(Given::Rate),
                "write a whole number above 0 and a time: \"4/s\", \"120/m\", \"60/h\" or \"250/d\"",
            ),
        };
        given.ok_or_else(|| self.bad(&format!("is `{}`", show(text)), form))
    }

    fn number(&self, written: &str) -> Result<Given, Diagnostic> {
        match self.field.form {
            Type::Whole(least, most) => {
                let value = self.decimal(written)?;
                let bounds = format!("write a whole number from {least} to {most}");
                if value.scale != 0 {
                    return Err(self.bad(&format!("is {written}, not a whole number"), &bounds));
                }
                if value.digits < i128::from(least) || value.digits > i128::from(most) {
                    return Err(self.bad(&format!("is {written}, outside its bounds"), &bounds));
                }
                Ok(Given::Number(value))
            }
            Type::Number | Type::Amount | Type::NumberOr(_) => self.decimal(written).map(Given::Number),
            Type::Secret => Err(self.secret()),
            Type::Share | Type::ShareOr(_) => Err(self.wrong_type(written).help(
                "write a share with its sign, such \
             as \"30%\"",
            )),
            Type::Duration | Type::Delay => Err(self
                .wrong_type(written)
                .help("write a duration with its unit, such as \"10m\" or \"24h\"")),
            Type::Date | Type::DateOr(_) | Type::Time | Type::Rate => Err(self.wrong_type(written)),
            _ => Err(self.quoted(written)),
        }
    }

    fn decimal(&self, written: &str) -> Result<Decimal, Diagnostic> {
        let whole = |digits: &str, radix| {
            let plain: String = digits.chars().filter(|c| *c != '_').collect();
            let value = i64::from_str_radix(&plain, radix).ok();
            let value = value.filter(|value| value.unsigned_abs() <= LARGEST.unsigned_abs());
            value.map(Decimal::whole).ok_or(DecimalError::TooLarge)
        };
        let (sign, unsigned) = match written.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", written.strip_prefix('+').unwrap_or(written)),
        };
        let parsed = match unsigned.get(..2) {
            Some("0x") => whole(&format!("{sign}{}", &unsigned[2..]), 16),
            Some("0o") => whole(&format!("{sign}{}", &unsigned[2..]), 8),
            Some("0b") => whole(&format!("{sign}{}", &unsigned[2..]), 2),
            _ => Decimal::parse(written),
        };
        parsed.map_err(|why| match why {
            DecimalError::NotANumber => self.bad(&format!("is {written}"), "write a finite number"),
            DecimalError::TooFine => {
                self.bad("has more than 18 digits behind the point", "write a number with fewer digits")
            }
            DecimalError::TooLarge => self.bad("is above 10^15", "counts and ratios go up to 10^15"),
        })
    }

    fn share(&self, text: &str) -> Result<Given, Diagnostic> {
        let form = "write a share from \"0%\" to \"100%\"";
        let amount = matches!(self.field.form, Type::Amount);
        let Some(number) = text.strip_suffix('%') else {
            if amount && Decimal::parse(text).is_ok() {
                return Err(self.text_for_number(text));
            }
            let help = if amount { "write a number, or a share such as \"10%\"" } else { form };
            return Err(self.bad(&format!("is `{}`", show(text)), help));
        };
        let parsed = Decimal::parse(number).ok().filter(|d| d.digits >= 0 && *d <= Decimal::whole(100));
        let Some(percent) = parsed else {
            return Err(self.bad(&format!("is `{}`", show(text)), form));
        };
        let zero = Ratio { numerator: 0, denominator: 1 };
        let hundredth = Ratio { numerator: 1, denominator: 100 };
        if percent.digits == 0 {
            return Ok(Given::Share(zero));
        }
        match Ratio::from_decimal(percent).and_then(|ratio| ratio.times(hundredth)) {
            Some(ratio) => Ok(Given::Share(ratio)),
            None => Err(self.bad(&format!("is `{}`", show(text)), form)),
        }
    }

    fn duration(&self, text: &str) -> Result<Given, Diagnostic> {
        let form = "write a whole number and its unit: \"90s\", \"15m\", \"24h\" or \"7d\", up to \
         10000 days";
        match parse_duration(text) {
            Some(zero) if zero.is_zero() && matches!(self.field.form, Type::Duration) => {
                Err(self.bad("is no time at all", form))
            }
            Some(duration) => Ok(Given::Duration(duration)),
            None => Err(self.bad(&format!("is `{}`, which is no duration", show(text)), form)),
        }
    }

    fn choice(&self, text: &str, words: &'static [&'static str]) -> Result<Given, Diagnostic> {
        if let Some(word) = words.iter().find(|word| **word == text) {
            return Ok(Given::Choice(word));
        }
        let message = format!("the {} cannot be `{}`", self.title(), show(text));
        Err(unknown_choice(text, self.span, message, words))
    }

    fn bad(&self, what: &str, help: &str) -> Diagnostic {
        Diagnostic::new(code::BAD_VALUE, self.span, format!("the {} {what}", self.title()))
            .here("cannot be used")
            .help(help)
    }

    fn wrong_type(&self, found: &str) -> Diagnostic {
        let due = match self.field.form {
            Type::Whole(..) | Type::Number | Type::NumberOr(_) => "a number",
            Type::Date | Type::DateOr(_) => "a date such as \"2026-12-25\"",
            Type::Time => "a time such as \"16:00\"",
            Type::Rate => "a rate such as \"4/s\"",
            Type::Amount => "a number, or a share such as \"10%\"",
            Type::Share => "a share such as \"30%\"",
            Type::Duration | Type::Delay => "a duration such as \"10m\"",
            _ => "text",
        };
        let message = format!("the {} is {found} where {due} is due", self.title());
        Diagnostic::new(code::WRONG_TYPE, self.span, message)
            .here(format!("{due} is due here"))
            .help(format!("write {due}"))
    }

    /// A number where text is due, with the fix that quotes it letter for letter.
    fn quoted(&self, written: &str) -> Diagnostic {
        self.wrong_type(&format!("the bare number {written}"))
            .help(
                "names and codes are text, or 0042 and 42 would be one code: put it in quotes, so \
                 that every \
                 digit counts",
            )
            .fix("quote the number", self.span, format!("\"{written}\""))
    }

    fn text_for_number(&self, text: &str) -> Diagnostic {
        let found = self.wrong_type(&format!("the text `{}`", show(text)));
        match Decimal::parse(text) {
            Ok(_) => found.help("numbers stand without quotes").fix("remove the quotes", self.span, text),
            Err(_) => found.help("write a number without quotes"),
        }
    }

    /// The value itself appears nowhere in the finding.
    fn secret(&self) -> Diagnostic {
        literal_secret(self.span, &self.title())
    }
}

/// Whether a text holds a control character. Nearly all are plain ASCII, which needs no decoding.
fn holds_control(text: &str) -> bool {
    match text.is_ascii() {
        true => text.bytes().any(|byte| byte.is_ascii_control()),
        false => text.chars().any(char::is_control),
    }
}

/// A secret is written into the text; `title` says which.
pub fn literal_secret(span: Span, title: &str) -> Diagnostic {
    Diagnostic::new(code::LITERAL_SECRET, span, format!("the {title} is written into the topology"))
        .here("the secret itself")
        .help(
            "whoever can read the repository can use it: put it into an environment variable or a \
             file, write \
             `(env)NAME` or `(file)\"PATH\"` here, and change the secret, since it has been seen",
        )
}

/// Text of any length as a message shows it.
pub fn show(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(MOST).collect();
    cut.push('…');
    cut
}

/// The guess that writes a known name in place of a wrong one.
pub fn rename(found: Diagnostic, span: Span, near: &str) -> Diagnostic {
    let found = found.here(format!("did you mean `{near}`?"));
    found.fix(format!("write `{near}`"), span, spell(near)).guess_unless(false)
}

/// A word that is none of those that may stand there. The nearest is sure where no other is as near.
pub fn unknown_choice(word: &str, span: Span, message: String, known: &[&str]) -> Diagnostic {
    let found = Diagnostic::new(code::UNKNOWN_CHOICE, span, message).help(format!("write {}", one_of(known)));
    match nearest(word, known.iter().copied()) {
        Some(near) => rename(found, span, near).guess_unless(is_lone(word, near, known.iter().copied())),
        None => found.here("not one of its words"),
    }
}
