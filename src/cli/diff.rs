//! `onhand diff`: what a change of the topology does to published counts.

use super::exit::Exit;
use super::offline::{observe, read_snapshot};
use super::revision::{Revision, Source, load};
use super::ui::Ui;
use crate::apply::Observed;
use crate::diagnostic::render::Options;
use crate::model::SystemId;
use crate::plan::render::revisions as render;
use crate::plan::revisions::{self, Comparison, FORMAT, Header, Missing};
use crate::snapshot::{Snapshot, unasked};
use crate::world::World;
use std::collections::BTreeSet;
use std::rc::Rc;

/// What `diff` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The first revision, as git names it: a branch, a tag, a commit
    #[arg(value_name = "REV_A", required_unless_present = "a", conflicts_with = "a")]
    rev_a: Option<String>,
    /// The second revision; by default, or with `.`, the working tree
    #[arg(value_name = "REV_B", conflicts_with = "b")]
    rev_b: Option<String>,
    /// The topology's folder; by default this one, or the nearest above it with an onhand.kdl
    dir: Option<String>,
    /// What the systems showed, from `onhand snapshot`
    #[arg(long, value_name = "FILE")]
    snapshot: String,
    /// A folder in place of the first revision
    #[arg(long, value_name = "DIR")]
    a: Option<String>,
    /// A folder in place of the second revision
    #[arg(long, value_name = "DIR")]
    b: Option<String>,
    /// How the difference is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// End with 2 when a published count differs
    #[arg(long)]
    detailed_exitcode: bool,
}

/// How a difference is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One JSON object a line, for programs
    Json,
    /// For a comment on a pull request
    Markdown,
}

/// Compares two revisions.
pub async fn run(args: &Args, ui: &Ui, world: World) -> Exit {
    compare(args, ui, world).await.unwrap_or_else(|exit| exit)
}

async fn compare(args: &Args, ui: &Ui, world: World) -> Result<Exit, Exit> {
    let world = Rc::new(world.offline().writing_only(None));
    let snapshot = read_snapshot(ui, &world, &args.snapshot)?;
    let source = |revision: &Option<String>, folder: &Option<String>| match (revision, folder) {
        (_, Some(folder)) => Source::Folder(Some(folder.clone())),
        (None, None) => Source::Folder(None),
        (Some(revision), None) if revision == "." => Source::Folder(None),
        (Some(revision), None) => Source::Git(revision.clone()),
    };
    let dir = args.dir.as_deref();
    let a = load(ui, &world, dir, &source(&args.rev_a, &args.a))?;
    let b = load(ui, &world, dir, &source(&args.rev_b, &args.b))?;
    if [a.show_errors(ui), b.show_errors(ui)].contains(&true) {
        return Err(Exit::Wrong);
    }
    let (a, b) = (a.ready(), b.ready());
    let observed_a = observe_all(ui, &a, (&world, &snapshot)).await?;
    let observed_b = observe_all(ui, &b, (&world, &snapshot)).await?;
    let comparison = put_together((&a, &observed_a), (&b, &observed_b), &snapshot);
    ui.result(&match args.format {
        Format::Human => {
            render::human(&comparison, Options { width: ui.width, colour: ui.colour, unicode: ui.unicode })
        }
        Format::Json => render::json(&comparison),
        Format::Markdown => render::markdown(&comparison),
    });
    let differs = args.detailed_exitcode && comparison.summary.differ > 0;
    Ok(if differs { Exit::Pending } else { Exit::Done })
}

/// What all flows of a revision need of the snapshot.
async fn observe_all(
    ui: &Ui,
    revision: &Revision,
    from: (&Rc<World>, &Rc<Snapshot>),
) -> Result<Observed, Exit> {
    let flows = revision.topology.graph.flow_order().to_vec();
    observe(ui, &revision.topology, from, &flows).await
}

fn put_together(
    (a, seen_a): (&Revision, &Observed),
    (b, seen_b): (&Revision, &Observed),
    snapshot: &Snapshot,
) -> Comparison {
    fn side<'r>(revision: &'r Revision, seen: &'r Observed) -> revisions::Revision<'r> {
        let topology = &revision.topology;
        revisions::Revision { model: &topology.model, graph: &topology.graph, seen: &seen.observations }
    }
    let mut comparison = revisions::compare(side(a, seen_a), side(b, seen_b), snapshot.taken);
    comparison.header = Header {
        format: FORMAT.to_owned(),
        a: a.named.clone(),
        b: b.named.clone(),
        snapshot: snapshot.digest.clone(),
        taken: snapshot.taken.rfc3339(),
    };
    let (findings, mended) = revisions::fresh(&a.diagnostics, (&b.diagnostics, &b.sources));
    comparison.findings = findings;
    comparison.summary.mended = mended;
    let (lacks_a, lacks_b) = (lacks(a, seen_a, snapshot), lacks(b, seen_b, snapshot));
    let missing =
        |revision: &str, what: &String| Missing { revision: revision.to_owned(), what: what.clone() };
    for what in &lacks_a {
        let revision = if lacks_b.contains(what) { "both" } else { a.named.revision.as_str() };
        comparison.missing.push(missing(revision, what));
    }
    for what in lacks_b.iter().filter(|what| !lacks_a.contains(what)) {
        comparison.missing.push(missing(&b.named.revision, what));
    }
    comparison.seal();
    comparison
}

/// What a revision needs and the snapshot does not have, or has in part only.
fn lacks(revision: &Revision, seen: &Observed, snapshot: &Snapshot) -> Vec<String> {
    let (model, graph) = (&revision.topology.model, &revision.topology.graph);
    let flows = graph.flow_order().iter();
    let systems: BTreeSet<SystemId> = flows.flat_map(|flow| graph.reads(*flow)).copied().collect();
    let mut lacks = unasked(snapshot, model, &systems);
    for (system, levels) in &seen.observations.levels {
        let Some(why) = &levels.about.incomplete else { continue };
        if !lacks.contains(why) {
            lacks.push(format!("system `{}` was not read to its end: {why}", model.system(*system).name));
        }
    }
    lacks
}
