//! Working from a snapshot: reading its file, and observing a topology by it instead of by its systems.

use super::exit::Exit;
use super::reading::read_kept;
use super::store::refuse;
use super::topology::Topology;
use super::ui::Ui;
use crate::apply::{Observed, Opener, Sessions};
use crate::connectors::Context;
use crate::model::{FlowId, SystemId};
use crate::snapshot::{self, Snapshot, file};
use crate::state::Store;
use crate::world::World;
use std::rc::Rc;

/// Reads a snapshot's file; one that cannot be used ends the command.
pub fn read_snapshot(ui: &Ui, world: &World, path: &str) -> Result<Rc<Snapshot>, Exit> {
    let todo = "Take a new one: `onhand snapshot --out FILE`.";
    let bytes = world.files.read(path).map_err(|error| {
        ui.error(&format!("the snapshot `{path}` cannot be read: {error}"), todo);
        Exit::Wrong
    })?;
    let Ok(text) = String::from_utf8(bytes) else {
        ui.error(&format!("the snapshot `{path}` cannot be used: it is not UTF-8 text"), todo);
        return Err(Exit::Wrong);
    };
    file::read(&text).map(Rc::new).map_err(|refusal| {
        ui.error(&format!("the snapshot `{path}` cannot be used: {refusal}"), todo);
        Exit::Wrong
    })
}

/// What some flows would have read when the snapshot was taken, completed by what was remembered then. It
/// opens no connection: its sessions answer from the snapshot.
pub async fn observe(
    ui: &Ui,
    topology: &Topology,
    (world, snapshot): (&Rc<World>, &Rc<Snapshot>),
    flows: &[FlowId],
) -> Result<Observed, Exit> {
    let (model, outside, dir) = (topology.model.clone(), world.clone(), topology.dir.clone());
    let kept = snapshot.clone();
    let opener: Opener = Rc::new(move |system: SystemId, pace| {
        let (model, world, dir) = (model.clone(), outside.clone(), dir.clone());
        let context = Context { model, system, world, writes: false, dir, pace };
        let session = snapshot::open(&kept, context);
        Box::pin(async move { Ok(session) })
    });
    let mut sessions = Sessions::new(topology.model.clone(), world.clone(), opener);
    let state = snapshot::remembered(snapshot, &topology.model).await.map_err(|error| refuse(ui, &error))?;
    let mut store: Box<dyn Store> = Box::new(state);
    read_kept(ui, topology, &mut sessions, &mut store, flows).await
}
