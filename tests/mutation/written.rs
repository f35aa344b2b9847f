//! A topology as it is written, in a form that mistakes are planted in: nodes, values, and catalogs by cell.

use super::grow::Folder;
use crate::support::chance::Dice;
use kdl::{KdlDocument, KdlNode, KdlValue};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

/// A file and the bytes of it that hold the planted mistake.
pub type Place = (String, Range<usize>);

/// All files of a topology.
#[derive(Clone)]
pub struct Written {
    pub files: BTreeMap<String, Vec<Node>>,
    pub tables: BTreeMap<String, Table>,
    /// Where the mistake is, if it is not in the marked node.
    pub place: Option<Spot>,
}

/// A place that is no node.
#[derive(Clone)]
pub enum Spot {
    Cell { file: String, row: usize, column: usize },
    Row { file: String, row: usize },
    Start(String),
}

#[derive(Clone, Debug)]
pub struct Node {
    pub name: String,
    pub entries: Vec<Entry>,
    pub children: Vec<Node>,
    /// Whether it holds the planted mistake.
    pub marked: bool,
    /// Whether its block is left open.
    pub torn: bool,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub key: Option<String>,
    pub note: Option<String>,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    /// As it is written: numbers, keywords, and what is no KDL.
    Raw(String),
}

/// A catalog.
#[derive(Clone)]
pub struct Table {
    pub mark: char,
    pub wide: bool,
    pub rows: Vec<Vec<String>>,
}

/// A text as nodes.
pub fn nodes(text: &str) -> Vec<Node> {
    let document: KdlDocument = text.parse().unwrap_or_else(|error| panic!("{error:?} in\n{text}"));
    document.nodes().iter().map(Node::from).collect()
}

impl From<&KdlNode> for Node {
    fn from(node: &KdlNode) -> Node {
        let entry = |entry: &kdl::KdlEntry| Entry {
            key: entry.name().map(|name| name.value().to_owned()),
            note: entry.ty().map(|note| note.value().to_owned()),
            value: match entry.value() {
                KdlValue::String(text) => Value::Text(text.clone()),
                other => {
                    Value::Raw(entry.format().map_or(other.to_string(), |as_is| as_is.value_repr.clone()))
                }
            },
        };
        Node {
            name: node.name().value().to_owned(),
            entries: node.entries().iter().map(entry).collect(),
            children: node.iter_children().map(Node::from).collect(),
            marked: false,
            torn: false,
        }
    }
}

impl Node {
    /// Where its arguments are among its entries.
    pub fn arguments(&self) -> Vec<usize> {
        (0..self.entries.len()).filter(|at| self.entries[*at].key.is_none()).collect()
    }

    /// The text of an argument.
    pub fn argument(&self, at: usize) -> Option<&str> {
        match &self.entries[*self.arguments().get(at)?].value {
            Value::Text(text) | Value::Raw(text) => Some(text),
        }
    }

    pub fn property(&self, name: &str) -> Option<&str> {
        match &self.entries.iter().find(|entry| entry.key.as_deref() == Some(name))?.value {
            Value::Text(text) | Value::Raw(text) => Some(text),
        }
    }

    pub fn set(&mut self, name: &str, text: &str) {
        self.entries.retain(|entry| entry.key.as_deref() != Some(name));
        let value = Value::Text(text.to_owned());
        self.entries.push(Entry { key: Some(name.to_owned()), note: None, value });
    }

    pub fn without(&mut self, name: &str) {
        self.entries.retain(|entry| entry.key.as_deref() != Some(name));
    }

    pub fn set_argument(&mut self, at: usize, value: Value) {
        let place = self.arguments()[at];
        self.entries[place].value = value;
        self.entries[place].note = None;
    }

    pub fn argue(&mut self, text: &str) {
        self.entries.push(Entry { key: None, note: None, value: Value::Text(text.to_owned()) });
    }

    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    pub fn child_mut(&mut self, name: &str) -> Option<&mut Node> {
        self.children.iter_mut().find(|child| child.name == name)
    }

    pub fn drop_children(&mut self, name: &str) {
        self.children.retain(|child| child.name != name);
    }

    /// Adds what a text says; answers the last node of it.
    pub fn add(&mut self, text: &str) -> &mut Node {
        self.children.extend(nodes(text));
        self.children.last_mut().expect("a text with a node")
    }

    pub fn mark(&mut self) {
        self.marked = true;
    }

    pub fn allows(&self, rule: &str) -> bool {
        self.children.iter().any(|child| child.name == "allow" && child.argument(0) == Some(rule))
    }

    fn print(&self, depth: usize, out: &mut String, marked: &mut Option<Range<usize>>) {
        let space = "    ".repeat(depth);
        out.push_str(&space);
        let start = out.len();
        out.push_str(&word(&self.name));
        for entry in &self.entries {
            let key = entry.key.as_ref().map(|key| word(key) + "=").unwrap_or_default();
            let note = entry.note.as_ref().map(|note| format!("({note})")).unwrap_or_default();
            let value = match &entry.value {
                Value::Text(text) => quoted(text),
                Value::Raw(text) => text.clone(),
            };
            write!(out, " {key}{note}{value}").unwrap();
        }
        if !self.children.is_empty() || self.torn {
            out.push_str(" {\n");
            self.children.iter().for_each(|child| child.print(depth + 1, out, marked));
            out.push_str(&space);
            out.push_str(if self.torn { "" } else { "}" });
        }
        if self.marked {
            *marked = Some(start..out.len());
        }
        out.push('\n');
    }
}

fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(plain) {
        true => text.to_owned(),
        false => quoted(text),
    }
}

fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t")
    )
}

impl Written {
    pub fn read(folder: &Folder) -> Written {
        let mut written = Written { files: BTreeMap::new(), tables: BTreeMap::new(), place: None };
        for (name, bytes) in folder {
            if name.ends_with(".kdl") {
                let text = std::str::from_utf8(bytes).expect("KDL is in UTF-8");
                written.files.insert(name.clone(), nodes(text));
            } else if name.ends_with(".csv") && !name.contains("feeds/") {
                written.tables.insert(name.clone(), Table::read(bytes));
            }
        }
        written
    }

    /// The files as bytes, and where the mistake is in them.
    pub fn print(&self) -> (Folder, Option<Place>) {
        let mut folder = Folder::new();
        let mut place = None;
        for (name, nodes) in &self.files {
            let (mut text, mut marked) = (String::new(), None);
            nodes.iter().for_each(|node| node.print(0, &mut text, &mut marked));
            // What is left open ends with the file.
            let torn = nodes.iter().any(|node| node.torn);
            let marked = marked.map(|range| if torn { range.start..text.len() } else { range });
            place = place.or(marked.map(|range| (name.clone(), range)));
            folder.insert(name.clone(), text.into_bytes());
        }
        for (name, table) in &self.tables {
            folder.insert(name.clone(), table.bytes());
        }
        let spot = self.place.as_ref().map(|spot| match spot {
            Spot::Start(file) => (file.clone(), 0..0),
            Spot::Row { file, row } => {
                let table = &self.tables[file];
                let last = table.rows[*row].len() - 1;
                (file.clone(), table.cell(*row, 0).start..table.cell(*row, last).end)
            }
            Spot::Cell { file, row, column } => (file.clone(), self.tables[file].cell(*row, *column)),
        });
        (folder, spot.or(place))
    }

    /// All nodes that stand at the top, in the order of their files.
    pub fn tops(&self) -> impl Iterator<Item = &Node> {
        self.files.values().flatten()
    }

    /// A node at the top that fits, by chance.
    pub fn pick(&mut self, dice: &mut Dice, fits: impl Fn(&Node) -> bool) -> Option<&mut Node> {
        let count = self.tops().filter(|node| fits(node)).count();
        if count == 0 {
            return None;
        }
        let chosen = dice.below(count);
        self.files.values_mut().flatten().filter(|node| fits(node)).nth(chosen)
    }

    /// The node of a kind and a name.
    pub fn find(&mut self, kind: &str, name: &str) -> Option<&mut Node> {
        let mut all = self.files.values_mut().flatten();
        all.find(|node| node.name == kind && node.argument(0) == Some(name))
    }

    /// A node at any depth, by chance, with one of the things that `offers` finds to do there.
    pub fn pick_deep<T>(
        &mut self,
        dice: &mut Dice,
        offers: impl Fn(&Node, &[&Node]) -> Vec<T>,
    ) -> Option<(&mut Node, T)> {
        let (mut count, mut all) = (0, Vec::new());
        for node in self.tops() {
            walk(node, &mut Vec::new(), &mut |node, above| {
                all.extend(offers(node, above).into_iter().map(|offer| (count, offer)));
                count += 1;
            });
        }
        if all.is_empty() {
            return None;
        }
        let (mut left, offer) = all.swap_remove(dice.below(all.len()));
        let mut tops = self.files.values_mut().flatten();
        let node = tops.find_map(|top| nth(top, &mut left)).expect("as many nodes as before");
        Some((node, offer))
    }

    /// Adds what a text says at the end of the root file, which is read last; answers its last node.
    pub fn append(&mut self, text: &str) -> &mut Node {
        let root = self.files.get_mut("onhand.kdl").expect("there is a root");
        root.extend(nodes(text));
        root.last_mut().expect("a text with a node")
    }
}

/// Shows a node and all below it, each with what is above.
pub fn walk<'n>(node: &'n Node, above: &mut Vec<&'n Node>, visit: &mut dyn FnMut(&'n Node, &[&'n Node])) {
    visit(node, above);
    above.push(node);
    node.children.iter().for_each(|child| walk(child, above, visit));
    above.pop();
}

/// The node after so many others, in the order of [`walk`].
fn nth<'n>(node: &'n mut Node, left: &mut usize) -> Option<&'n mut Node> {
    if *left == 0 {
        return Some(node);
    }
    *left -= 1;
    node.children.iter_mut().find_map(|child| nth(child, left))
}

impl Table {
    fn read(bytes: &[u8]) -> Table {
        let wide = bytes.starts_with(&[0xFF, 0xFE]);
        let text = match wide {
            true => {
                let units = bytes[2..].chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
                String::from_utf16(&units.collect::<Vec<_>>()).expect("UTF-16")
            }
            false => String::from_utf8(bytes.to_vec()).expect("UTF-8"),
        };
        let head = text.lines().next().unwrap_or_default();
        let mark = [';', '\t'].into_iter().find(|mark| head.contains(*mark)).unwrap_or(',');
        let rows = text.lines().map(|line| line.split(mark).map(str::to_owned).collect());
        Table { mark, wide, rows: rows.collect() }
    }

    fn lines(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.join(&self.mark.to_string()) + "\n").collect()
    }

    fn bytes(&self) -> Vec<u8> {
        let text = self.lines().concat();
        match self.wide {
            true => std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
            false => text.into_bytes(),
        }
    }

    /// Where a cell is in the text, in bytes of UTF-8.
    fn cell(&self, row: usize, column: usize) -> Range<usize> {
        let before: usize = self.lines()[..row].iter().map(String::len).sum();
        let before = before + self.rows[row][..column].iter().map(|cell| cell.len() + 1).sum::<usize>();
        before..before + self.rows[row][column].len()
    }

    /// The number of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.rows[0].iter().position(|own| own == name)
    }
}
