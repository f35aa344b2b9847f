//! Keep-back as the record of orders suggests it, in words and as data: for `status` and `explain`.

use super::exit::Exit;
use super::store::refuse;
use super::topology::Topology;
use super::ui::Ui;
use crate::diagnostic::escape;
use crate::diagnostic::wrap::wrap;
use crate::model::ItemId;
use crate::model::time::Moment;
use crate::plan::explain::Cell;
use crate::report::gather;
use crate::report::keep::{Advice, Ground, Verdict};
use crate::state::Store;
use serde_json::{Value, json};

/// What the record says of the shelves behind some published numbers: one answer a number, in their order;
/// nothing of any where no state is kept yet.
pub async fn advise(
    ui: &Ui,
    store: Option<&mut Box<dyn Store>>,
    (topology, now): (&Topology, Moment),
    cells: &[Cell],
) -> Result<Vec<Vec<Advice>>, Exit> {
    let Some(store) = store else { return Ok(vec![Vec::new(); cells.len()]) };
    let (model, graph) = (&*topology.model, &*topology.graph);
    let items: Vec<ItemId> =
        cells.iter().flat_map(|(_, code, _)| model.items_of(model.code(*code).thing)).collect();
    let record = gather::record(store.as_mut(), (model, &items), now).await;
    let record = record.map_err(|error| refuse(ui, &error))?;
    let ground = Ground { model, graph, record: &record, now };
    let one = |cell: &Cell| ground.thing(cell.0, model.code(cell.1).thing, cell.2);
    Ok(cells.iter().map(one).collect())
}

/// Advice for people: each shelf once, and what is the same of several once.
pub fn tell(ui: &Ui, all: &[Vec<Advice>]) {
    let mut told: Vec<(String, Vec<String>, &str)> = Vec::new();
    for own in all.iter().flatten() {
        let (words, shelf) = (own.words(), format!("{} at {}", own.item, own.location));
        match told.iter_mut().find(|(other, _, flow)| *other == words && *flow == own.flow) {
            Some((_, shelves, _)) if shelves.contains(&shelf) => {}
            Some((_, shelves, _)) => shelves.push(shelf),
            None => told.push((words, vec![shelf], &own.flow)),
        }
    }
    if told.is_empty() {
        return;
    }
    ui.line("");
    ui.line(&ui.bold("Keep-back by what was sold (a suggestion: nothing is changed by it)"));
    for (words, shelves, flow) in told {
        let text = format!("{}, flow {flow}: {words}", shelves.join(", "));
        let text = escape::line(&text).into_owned();
        for (at, line) in wrap(&text, ui.width.saturating_sub(4)).iter().enumerate() {
            ui.line(&format!("{}{line}", if at == 0 { "  " } else { "    " }));
        }
    }
}

/// Advice for programs.
pub fn data(advice: &Advice) -> Value {
    let suggested = match advice.verdict {
        Verdict::Suggested(units) => Some(units),
        _ => None,
    };
    let pooled = match advice.verdict {
        Verdict::Pooled { above, wanted } if above < wanted => Some(wanted),
        _ => None,
    };
    let rate = advice.rate;
    let (kept, share) = advice.kept;
    json!({
        "flow": advice.flow, "item": advice.item, "location": advice.location, "unit": advice.unit,
        "verdict": advice.verdict.word(), "keep_back": suggested, "pooled_above": pooled,
        "kept": kept, "kept_share": share.map(|own| format!("{}/{}", own.numerator, own.denominator)),
        "lag_ms": advice.lag_ms, "days": rate.map(|own| own.days), "orders": rate.map(|own| own.orders),
        "sold": rate.map(|own| own.sold), "most_in_one_lag": rate.map(|own| own.most),
        "sold_by": advice.counted, "not_recorded": advice.unrecorded, "words": advice.words(),
    })
}
