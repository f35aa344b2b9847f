//! The topology as a picture, in the language of Graphviz.

use super::Graph;
use crate::model::flow::Flow;
use crate::model::owner::Owner;
use crate::model::system::{Orders, Role, System};
use crate::model::time::show_duration;
use crate::model::{FlowId, LocationId, Model, SystemId};
use std::fmt::Write;

/// Line colours of flows, told apart also by most of the colour-blind; a ninth flow starts again.
const COLOURS: [&str; 8] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56799c", "#b8860b", "#5b3f8c", "#444444"];

/// A picture for `dot`: systems with what they own, pools, and an edge for each flow from each system
/// whose counts it needs. The same topology gives the same text.
pub fn dot(graph: &Graph, model: &Model) -> String {
    let mut lines = vec![
        "digraph onhand {".to_owned(),
        "  rankdir=LR; nodesep=0.4; ranksep=1.6; fontname=\"Helvetica\";".to_owned(),
        "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", margin=\"0.2,0.12\"];"
            .to_owned(),
        "  edge [fontname=\"Helvetica\", fontsize=10];".to_owned(),
    ];
    for (index, system) in model.systems.iter().enumerate() {
        lines.push(system_node(model, SystemId::at(index), system));
    }
    pools(model, &mut lines);
    for (index, flow) in model.flows.iter().enumerate() {
        flow_edges(graph, model, FlowId::at(index), flow, &mut lines);
    }
    for system in &model.systems {
        if let Some((Orders::Direct { to, within }, _)) = &system.orders {
            let (from, to) = (name("system", &system.name), name("system", &model.system(*to).name));
            let label = quoted(&format!("orders, within {}", show_duration(*within)));
            lines.push(format!("  {from} -> {to} [label={label}, style=dashed, color=\"#888888\"];"));
        }
    }
    lines.push("}\n".to_owned());
    lines.join("\n")
}

fn system_node(model: &Model, id: SystemId, system: &System) -> String {
    let mut rows = vec![format!("<b>{}</b>", escaped(&system.name))];
    rows.push(small(&format!("{}, {}", system.kind.kind, role(system.role))));
    let owners = model.owners.iter().filter(|owner| owner.system == id);
    rows.extend(owners.map(|owner| small(&owns(model, owner))));
    let colour = match system.role {
        Role::Erp => "#fff3d6",
        Role::Warehouse => "#e3f1e0",
        Role::Channel => "#dfeaf7",
        Role::Reporting => "#eeeeee",
    };
    let node = name("system", &system.name);
    format!("  {node} [label=<{}>, fillcolor=\"{colour}\"];", rows.join("<br/>"))
}

/// What an owner owns, as people say it: `owns on-hand at paris`.
fn owns(model: &Model, owner: &Owner) -> String {
    let quantities = owner.quantities.iter().map(|(id, _)| &*model.quantity(*id).name);
    let mut says = format!("owns {}", few(quantities.collect()));
    if !owner.at.is_empty() {
        let _ = write!(says, " at {}", few(owner.at.iter().map(|(at, _)| place(model, *at)).collect()));
    }
    let items = owner.items.count();
    if items < model.items.len() {
        let _ = write!(says, " ({items} of {} items)", model.items.len());
    }
    says
}

fn pools(model: &Model, lines: &mut Vec<String>) {
    for location in model.locations.iter().filter(|location| location.is_pool()) {
        let members = few(location.pool.iter().map(|member| place(model, *member)).collect());
        let node = name("pool", &location.name);
        let label =
            format!("<b>{}</b><br/>{}", escaped(&location.name), small(&format!("pool of {members}")));
        lines.push(format!("  {node} [label=<{label}>, shape=folder, style=filled, fillcolor=white];"));
        for code in &location.codes {
            let label = code.code.as_deref().map(|code| format!("as {code}")).unwrap_or_default();
            let (system, label) = (name("system", &model.system(code.system).name), quoted(&label));
            lines.push(format!("  {node} -> {system} [label={label}, style=dotted, arrowhead=none];"));
        }
    }
}

fn flow_edges(graph: &Graph, model: &Model, id: FlowId, flow: &Flow, lines: &mut Vec<String>) {
    let mut label = format!("{}\n{}", flow.name, model.quantity(flow.quantity).name);
    if let Some(lag) = &flow.lag {
        let target = lag.target.map(|target| format!("lag {}", show_duration(target)));
        let every = lag.every.map(|every| format!("every {}", show_duration(every)));
        let _ = write!(label, "\n{}", [target, every].into_iter().flatten().collect::<Vec<_>>().join(", "));
    }
    let target = name("system", &model.system(flow.to).name);
    let colour = COLOURS[id.index() % COLOURS.len()];
    let look = format!("color=\"{colour}\", fontcolor=\"{colour}\"");
    let sources = &graph.flow(id).sources;
    if sources.is_empty() {
        let nobody = name("nobody", &flow.name);
        lines.push(format!("  {nobody} [label=\"no owner\", style=dashed];"));
        lines.push(format!("  {nobody} -> {target} [label={}, {look}];", quoted(&label)));
    }
    for source in sources {
        let source = name("system", &model.system(*source).name);
        lines.push(format!("  {source} -> {target} [label={}, {look}];", quoted(&label)));
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Erp => "erp",
        Role::Warehouse => "warehouse",
        Role::Channel => "channel",
        Role::Reporting => "reporting",
    }
}

fn place(model: &Model, id: LocationId) -> &str {
    &model.location(id).name
}

/// The first names of a list, and how many more there are.
fn few(names: Vec<&str>) -> String {
    match names.len() {
        0..=4 => names.join(", "),
        all => format!("{} and {} more", names[..3].join(", "), all - 3),
    }
}

fn name(kind: &str, name: &str) -> String {
    quoted(&format!("{kind} {name}"))
}

/// A quoted string of the language; line breaks become centred lines.
fn quoted(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect();
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

fn small(text: &str) -> String {
    format!("<font point-size=\"10\">{}</font>", escaped(text))
}

/// Text inside a label of marked-up text.
fn escaped(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
