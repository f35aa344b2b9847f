//! Reading systems for a command: sessions, the safe order, and what earlier runs remember.

use super::exit::Exit;
use super::progress::Progress;
use super::store::refuse;
use super::topology::Topology;
use super::ui::Ui;
use crate::apply::watch::Step;
use crate::apply::{Needs, Observed, Opener, Sessions, Stop, books, observe, recall};
use crate::connectors::{self, Context};
use crate::count::with_shelf_mates;
use crate::model::observation::{About, Levels};
use crate::model::time::Moment;
use crate::model::{FlowId, SystemId};
use crate::plan::Standing;
use crate::state::Store;
use crate::world::World;
use std::rc::Rc;

/// Sessions of a topology's systems, with progress shown; `writes` says whether they may change anything.
pub fn sessions(ui: &Ui, topology: &Topology, world: &Rc<World>, writes: bool) -> Sessions {
    let (model, outside, dir) = (topology.model.clone(), world.clone(), topology.dir.clone());
    let opener: Opener = Rc::new(move |system: SystemId, pace| {
        let (model, world, dir) = (model.clone(), outside.clone(), dir.clone());
        connectors::open(Context { model, system, world, writes, dir, pace })
    });
    Sessions::new(topology.model.clone(), world.clone(), opener).watched(Rc::new(Progress::new(ui)))
}

/// What some flows need to read, with all that shares a divided shelf with them.
pub fn needs(topology: &Topology, flows: &[FlowId]) -> Needs {
    let flows = with_shelf_mates(&topology.model, flows);
    Needs::of(flows.iter().map(|flow| (topology.model.flow(*flow).to, topology.graph.reads(*flow))))
}

/// Reads all that some flows need, and completes it by what is remembered. A system that could not be
/// read is there as a read of no rows that says why.
pub async fn read(
    ui: &Ui,
    topology: &Topology,
    sessions: &mut Sessions,
    store: Option<&mut Box<dyn Store>>,
    flows: &[FlowId],
) -> Result<Observed, Exit> {
    read_booked(ui, topology, sessions, store, flows).await.map(|(observed, _)| observed)
}

/// The same, with the books as these reads leave them. Nothing of them is kept.
pub async fn read_booked(
    ui: &Ui,
    topology: &Topology,
    sessions: &mut Sessions,
    store: Option<&mut Box<dyn Store>>,
    flows: &[FlowId],
) -> Result<(Observed, books::Books), Exit> {
    let mut store = store.map(|store| store.as_mut() as &mut dyn Store);
    let mut needs = needs(topology, flows);
    let now = Moment(sessions.world().clock.now_ms());
    let asked = books::ask(store.as_deref_mut(), &topology.model, &mut needs, now).await;
    asked.map_err(|error| refuse(ui, &error))?;
    let mut observed = levels(ui, topology, sessions, &needs).await?;
    let taken = books::take(store.as_deref_mut(), &topology.model, &mut observed).await;
    let books = taken.map_err(|error| refuse(ui, &error))?;
    Ok((complete(ui, topology, store, observed).await?, books))
}

/// The same from what was kept of the systems. No movements are kept with them, so nothing is taken off for
/// orders, and that is said.
pub async fn read_kept(
    ui: &Ui,
    topology: &Topology,
    sessions: &mut Sessions,
    store: &mut Box<dyn Store>,
    flows: &[FlowId],
) -> Result<Observed, Exit> {
    if !topology.model.collects.is_empty() {
        ui.talk(
            "a snapshot holds no movements: what is sold and not shown by its owner yet is not taken off",
        );
    }
    let observed = levels(ui, topology, sessions, &needs(topology, flows)).await?;
    complete(ui, topology, Some(store.as_mut()), observed).await
}

async fn levels(
    ui: &Ui,
    topology: &Topology,
    sessions: &mut Sessions,
    needs: &Needs,
) -> Result<Observed, Exit> {
    let mut observed = observe(&topology.model, needs, sessions, &mut interrupted()).await;
    sessions.tell(&Step::Done);
    if observed.interrupted {
        ui.talk("interrupted while reading; nothing was written");
        return Err(Exit::Interrupted);
    }
    for (system, why) in &observed.unreadable {
        let incomplete = Some(why.message().to_owned());
        let about = About { incomplete, ..About::default() };
        observed.observations.levels.insert(*system, Levels { about, ..Levels::default() });
    }
    Ok(observed)
}

async fn complete(
    ui: &Ui,
    topology: &Topology,
    store: Option<&mut dyn Store>,
    mut observed: Observed,
) -> Result<Observed, Exit> {
    if let Some(store) = store {
        let recalled = recall(store, &topology.model, &mut observed.observations).await;
        recalled.map_err(|error| refuse(ui, &error))?;
    }
    Ok(observed)
}

/// Stops when somebody presses Ctrl-C.
pub fn interrupted() -> Stop {
    Stop::when(Box::pin(async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler the system ends the process by itself.
            std::future::pending::<()>().await;
        }
    }))
}

/// What holds beside the topology; nothing where no state is kept yet.
pub async fn standing(
    ui: &Ui,
    store: Option<&mut Box<dyn Store>>,
    (topology, now): (&Topology, Moment),
) -> Result<Standing, Exit> {
    let Some(store) = store else { return Ok(Standing::default()) };
    recall::standing(store.as_mut(), &topology.model, now).await.map_err(|error| refuse(ui, &error))
}
