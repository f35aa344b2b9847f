//! Writes a tree in the one form in which the official cases give their results.

use onhand::syntax::{Annotation, Document, Entry, Node, Value};
use std::collections::BTreeMap;

/// The whole file: a node a line, four spaces a level, properties by name, the last of a name alone.
pub fn write(document: &Document, text: &str) -> String {
    let mut out = String::new();
    for node in document.nodes(text) {
        write_node(&mut out, node, 0);
    }
    if out.is_empty() { "\n".to_owned() } else { out }
}

fn write_node(out: &mut String, node: Node<'_>, depth: usize) {
    out.push_str(&"    ".repeat(depth));
    write_annotation(out, node.annotation());
    write_text(out, &node.name());
    for argument in node.arguments() {
        out.push(' ');
        write_value(out, argument);
    }
    let named = node.properties().filter_map(|entry| Some((entry.name()?.into_owned(), entry)));
    for (name, entry) in named.collect::<BTreeMap<_, _>>() {
        out.push(' ');
        write_text(out, &name);
        out.push('=');
        write_value(out, entry);
    }
    let mut children = node.children().peekable();
    if children.peek().is_some() {
        out.push_str(" {\n");
        children.for_each(|child| write_node(out, child, depth + 1));
        out.push_str(&"    ".repeat(depth));
        out.push('}');
    }
    out.push('\n');
}

fn write_annotation(out: &mut String, annotation: Option<Annotation<'_>>) {
    if let Some(annotation) = annotation {
        out.push('(');
        write_text(out, &annotation.name);
        out.push(')');
    }
}

fn write_value(out: &mut String, entry: Entry<'_>) {
    write_annotation(out, entry.annotation());
    match entry.value() {
        Value::Text(text) => write_text(out, &text),
        Value::Number(number) => out.push_str(&canonical_number(number)),
        Value::Bool(value) => out.push_str(if value { "#true" } else { "#false" }),
        Value::Null => out.push_str("#null"),
        Value::Missing => out.push_str("MISSING"),
    }
}

fn write_text(out: &mut String, text: &str) {
    if is_plain_word(text) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{C}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn is_plain_word(text: &str) -> bool {
    let signless = text.strip_prefix(['+', '-']).unwrap_or(text);
    let pointless = signless.strip_prefix('.').unwrap_or(signless);
    let number = pointless.starts_with(|c: char| c.is_ascii_digit());
    let reserved = matches!(text, "true" | "false" | "null" | "inf" | "-inf" | "nan");
    let word = |c: char| !c.is_whitespace() && !c.is_control() && !"\\/(){};[]\"#=".contains(c);
    !text.is_empty() && !number && !reserved && text.chars().all(word)
}

/// Whole numbers in decimal, exponents as `E+10`, no `_`, no `+` in front.
pub fn canonical_number(written: &str) -> String {
    if written.starts_with('#') {
        return written.to_owned();
    }
    let digits = written.replace('_', "");
    let (sign, unsigned) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits.strip_prefix('+').unwrap_or(&digits)),
    };
    let radix = match unsigned.get(..2) {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => return sign.to_owned() + &canonical_decimal(unsigned),
    };
    let value = u128::from_str_radix(&unsigned[2..], radix).expect("the cases fit into 128 bits");
    format!("{sign}{value}")
}

fn canonical_decimal(unsigned: &str) -> String {
    let Some((mantissa, exponent)) = unsigned.split_once(['e', 'E']) else {
        return if unsigned.contains('.') { unsigned.to_owned() } else { without_zeros(unsigned) };
    };
    let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
    format!("{mantissa}E{sign}{exponent}")
}

fn without_zeros(digits: &str) -> String {
    let rest = digits.trim_start_matches('0');
    if rest.is_empty() { "0".to_owned() } else { rest.to_owned() }
}
