//! Mistakes in catalogs and in the codes of items.

use super::Table;
use crate::mutation::written::{Node, Spot, Value, Written};
use crate::support::chance::Dice;
use onhand::diagnostic::code;
use onhand::model::Model;

pub const PLANTS: Table = &[
    (code::CATALOG_UNREADABLE, "a catalog that is not there", not_there),
    (code::CATALOG_UNREADABLE, "an (env) without a value", no_value),
    (code::CATALOG_COLUMN, "a column that is not there", no_column),
    (code::CATALOG_ROW, "a bad cell", bad_cell),
    (code::CATALOG_ROW, "a row without a name", no_name),
    (code::CATALOG_ROW, "a row cut short", cut_row),
    (code::DUPLICATE_NAME, "a row twice", row_twice),
    (code::DUPLICATE_CODE, "a code twice", code_twice),
    (code::DUPLICATE_CODE, "a code twice in a catalog", cell_twice),
    (code::LOOKALIKE_CODE, "a code in other letters", lookalike),
    (code::ITEM_UNMAPPED, "an item that no system knows", unmapped),
    (code::ITEM_UNMAPPED, "an item that no one accepts any more", unaccepted),
];

/// A catalog node, or one added with its file where there is none.
fn catalog<'w>(all: &'w mut Written, model: &Model, dice: &mut Dice) -> &'w mut Node {
    let is_catalog = |node: &Node| node.name == "items" || node.name == "bundles";
    if !all.tops().any(is_catalog) {
        let erp = &model.systems[0].name;
        let rows = ["name,uom,size,code", "ROW-1,ea,6,ROW1", "ROW-2,ea,,ROW2"];
        let rows = rows.iter().map(|row| row.split(',').map(str::to_owned).collect());
        let table = crate::mutation::written::Table { mark: ',', wide: false, rows: rows.collect() };
        all.tables.insert("more.csv".to_owned(), table);
        all.append(&format!(
            "items \"more.csv\" {{ sku name; unit uom; pack tray size; in {erp} code unit=uom }}"
        ));
    }
    all.pick(dice, is_catalog).expect("there is one now")
}

/// The file of a catalog node, whichever folder it is relative to.
fn file(all: &Written, node: &Node) -> String {
    let path = node.argument(0).unwrap_or_default().trim_start_matches("../");
    let path = if path == "CATALOG" { "catalog.csv" } else { path };
    all.tables.keys().find(|name| name.ends_with(path)).cloned().unwrap_or_default()
}

fn not_there(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let node = catalog(all, model, dice);
    node.set_argument(0, Value::Text("gone.csv".to_owned()));
    node.mark();
    Some(())
}

fn no_value(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let node = catalog(all, model, dice);
    node.set_argument(0, Value::Text("NOWHERE".to_owned()));
    node.entries[0].note = Some("env".to_owned());
    node.mark();
    Some(())
}

fn no_column(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let node = catalog(all, model, dice);
    let with_column = |child: &&mut Node| {
        let last = child.arguments().last().map(|at| child.entries[*at].note.is_none());
        last == Some(true) && child.name != "allow"
    };
    let mut children: Vec<&mut Node> = node.children.iter_mut().filter(with_column).collect();
    let chosen = dice.below(children.len());
    let child = &mut children[chosen];
    let last = child.arguments().len() - 1;
    child.set_argument(last, Value::Text("no_such_column".to_owned()));
    child.mark();
    Some(())
}

/// The column that a child of a catalog node names.
fn column(all: &Written, node: &Node, child: &str) -> Option<usize> {
    let named = node.child(child)?.arguments().last().copied()?;
    let (Value::Text(name) | Value::Raw(name)) = &node.child(child)?.entries[named].value;
    all.tables[&file(all, node)].column(name)
}

fn cell(
    all: &mut Written,
    (model, dice): (&Model, &mut Dice),
    child: &[&str],
    change: impl Fn(&str) -> String,
) -> Option<()> {
    let node = catalog(all, model, dice).clone();
    let columns: Vec<usize> = child.iter().filter_map(|child| column(all, &node, child)).collect();
    let column = *columns.get(dice.below(columns.len().max(1)))?;
    let file = file(all, &node);
    let table = all.tables.get_mut(&file)?;
    let row = 1 + dice.below(table.rows.len() - 1);
    table.rows[row][column] = change(&table.rows[row][column]);
    all.place = Some(Spot::Cell { file, row, column });
    Some(())
}

fn bad_cell(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    cell(all, (model, dice), &["unit", "pack", "component", "quantity"], |_| "n/a".to_owned())
}

fn no_name(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    cell(all, (model, dice), &["sku"], |_| String::new())
}

fn cut_row(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let node = catalog(all, model, dice).clone();
    let file = file(all, &node);
    let table = all.tables.get_mut(&file)?;
    let row = 1 + dice.below(table.rows.len() - 1);
    table.rows[row].pop();
    all.place = Some(Spot::Row { file, row });
    Some(())
}

fn row_twice(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let node = catalog(all, model, dice).clone();
    if node.name == "bundles" {
        return None;
    }
    let file = file(all, &node);
    let table = all.tables.get_mut(&file)?;
    let row = 1 + dice.below(table.rows.len() - 1);
    let copy = table.rows[row].clone();
    table.rows.push(copy);
    let row = table.rows.len() - 1;
    all.place = Some(Spot::Row { file, row });
    Some(())
}

fn code_twice(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let counts = |code: &&onhand::model::item::Code| {
        model.owners.iter().any(|owner| owner.system == code.system) && code.at.is_none()
    };
    let codes: Vec<_> = model.codes.iter().filter(counts).collect();
    let code = codes[dice.below(codes.len())];
    let (system, text) = (&model.system(code.system).name, &code.code);
    let unit = &model.units.get(model.items[0].unit).name;
    let item = all.append(&format!("item SECOND unit={unit} {{ in {system} \"{text}\" }}"));
    item.children[0].mark();
    Some(())
}

fn cell_twice(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let node = all.pick(dice, |node| node.name == "items")?.clone();
    let file = file(all, &node);
    let codes: Vec<usize> = node
        .children
        .iter()
        .filter(|child| child.name == "in")
        .filter_map(|child| all.tables[&file].column(child.argument(1)?))
        .collect();
    let table = all.tables.get_mut(&file)?;
    let column = codes[dice.below(codes.len())];
    let filled: Vec<usize> =
        (1..table.rows.len()).filter(|row| !table.rows[*row][column].is_empty()).collect();
    let (first, second) = (*filled.first()?, *filled.get(1)?);
    table.rows[second][column] = table.rows[first][column].clone();
    all.place = Some(Spot::Cell { file, row: second, column });
    Some(())
}

fn lookalike(all: &mut Written, model: &Model, dice: &mut Dice) -> Option<()> {
    let spaces = dice.in_ten(5);
    let counting = model.owners[dice.below(model.owners.len())].system;
    let codes = model.codes.iter().filter(|code| code.system == counting && code.at.is_none());
    let codes: Vec<_> = codes.collect();
    let code = codes[dice.below(codes.len())];
    let text = match code.code.chars().any(|c| c.is_ascii_alphabetic()) && !spaces {
        true => code.code.to_lowercase().to_string(),
        false => format!("{} ", code.code),
    };
    let text = if text == *code.code { format!("{} ", code.code) } else { text };
    let system = &model.system(code.system).name;
    let unit = &model.units.get(model.items[0].unit).name;
    let item = all.append(&format!("item SECOND unit={unit} {{ in {system} \"{text}\" }}"));
    item.children[0].mark();
    Some(())
}

fn unmapped(all: &mut Written, model: &Model, _: &mut Dice) -> Option<()> {
    let unit = &model.units.get(model.items[0].unit).name;
    all.append(&format!("item LONELY unit={unit} {{ tag lonely }}")).mark();
    Some(())
}

fn unaccepted(all: &mut Written, _: &Model, dice: &mut Dice) -> Option<()> {
    let node = all.pick(dice, |node| node.allows("item-unmapped"))?;
    node.drop_children("allow");
    node.mark();
    Some(())
}
