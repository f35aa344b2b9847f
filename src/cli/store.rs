//! Opening the state that a topology names.

use super::exit::Exit;
use super::folder::join;
use super::topology::Topology;
use super::ui::Ui;
use crate::model::system::Setting;
use crate::state::sqlite::SqliteStore;
use crate::state::{StateError, Store};
use crate::world::World;

/// Opens the state; a failure is shown, with the exit status that it means.
pub async fn open(ui: &Ui, world: &World, topology: &Topology) -> Result<Box<dyn Store>, Exit> {
    let path = path(world, topology).map_err(|(what, todo)| {
        ui.error(&what, &todo);
        Exit::Wrong
    })?;
    match SqliteStore::open(&path).await {
        Ok(store) => Ok(Box::new(store)),
        Err(error) => Err(refuse(ui, &error)),
    }
}

/// Opens the state where there is some; reading never makes a file.
pub async fn open_existing(
    ui: &Ui,
    world: &World,
    topology: &Topology,
) -> Result<Option<Box<dyn Store>>, Exit> {
    if let Ok(path) = path(world, topology) {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let entries = world.files.list(folder).unwrap_or_default();
        if !entries.iter().any(|entry| entry.name == name) {
            return Ok(None);
        }
    }
    open(ui, world, topology).await.map(Some)
}

/// Shows a failure of the state; answers the exit status that it means.
pub fn refuse(ui: &Ui, error: &StateError) -> Exit {
    ui.error(&error.to_string(), "");
    match error {
        StateError::Locked(_) => Exit::Locked,
        StateError::Newer(_) | StateError::Broken(_) => Exit::Wrong,
    }
}

/// The path of the state file, or what is wrong with it and what to do.
fn path(world: &World, topology: &Topology) -> Result<String, (String, String)> {
    let text = match &topology.model.state {
        Setting::Literal(text) => text.to_string(),
        Setting::Env(name) => world.env.get(name).ok_or_else(|| {
            let what = format!("the state is named by the environment variable `{name}`, which is not set");
            (what, format!("Set {name} to `sqlite:PATH`."))
        })?,
        Setting::File(name) => {
            let what = format!("the state is named by the file `{name}`, which this version does not read");
            return Err((what, "Name it with (env) or as `sqlite:PATH`.".to_owned()));
        }
    };
    match text.strip_prefix("sqlite:") {
        Some(relative) => Ok(join(&join(&topology.dir, &topology.model.state_dir), relative)),
        None if text.starts_with("postgres") => {
            let what = "state in PostgreSQL is not built yet".to_owned();
            Err((what, "Use `sqlite:PATH` on a disk that the pipeline keeps between runs.".to_owned()))
        }
        // The value may be a secret that landed in the wrong variable: it is not shown.
        None => {
            Err(("the state does not begin with `sqlite:`".to_owned(), "Write `sqlite:PATH`.".to_owned()))
        }
    }
}
