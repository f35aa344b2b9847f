//! `onhand demo`: a whole sync on a shipped example, in a new folder, one command after the other.

use super::exit::Exit;
use super::folder::join;
use super::ui::Ui;
use super::{apply, check, plan, queue};
use crate::world::database::Database;
use crate::world::real;
use crate::world::sqlite::Sqlite;
use std::time::Duration;

/// What `demo` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which example: direct (a warehouse's feed to a shop's database) or erp (Tryton to Vendure)
    #[arg(default_value = "direct")]
    example: String,
    /// The new folder; by default `onhand-demo-EXAMPLE` in this one
    #[arg(long = "in", value_name = "FOLDER")]
    folder: Option<String>,
}

/// One shipped example: its name, and its files.
pub struct Example {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// Makes the shop's database from this file, where there is one.
    database: Option<(&'static str, &'static str)>,
    /// Variables without which it cannot reach its systems.
    needs: &'static [&'static str],
    /// Whether plan and apply work on it as it stands: it brings its systems along.
    runs: bool,
}

macro_rules! file {
    ($path:literal) => {
        include_str!(concat!("../../examples/", $path))
    };
}

/// Every example.
const EXAMPLES: &[Example] = &[
    Example {
        name: "direct",
        files: &[
            ("onhand.kdl", file!("direct/onhand.kdl")),
            ("catalog.csv", file!("direct/catalog.csv")),
            ("feeds/depot-2026-11-22.csv", file!("direct/feeds/depot-2026-11-22.csv")),
            ("shop.sql", file!("direct/shop.sql")),
        ],
        database: Some(("shop.sql", "shop.db")),
        needs: &[],
        runs: true,
    },
    Example {
        name: "erp",
        files: &[("onhand.kdl", file!("erp/onhand.kdl"))],
        database: None,
        needs: &["ERP_URL", "ERP_DATABASE", "ERP_USER", "ERP_PASSWORD", "SHOP_URL", "SHOP_KEY"],
        runs: true,
    },
    Example {
        name: "hub",
        files: &[
            ("README.md", file!("hub/README.md")),
            ("onhand.kdl", file!("hub/onhand.kdl")),
            ("systems.kdl", file!("hub/systems.kdl")),
            ("places.kdl", file!("hub/places.kdl")),
            ("flows.kdl", file!("hub/flows.kdl")),
            ("tests.kdl", file!("hub/tests.kdl")),
            ("catalog/items.kdl", file!("hub/catalog/items.kdl")),
            ("catalog/items.csv", file!("hub/catalog/items.csv")),
            ("feeds/depot-2026-11-22T0900.csv", file!("hub/feeds/depot-2026-11-22T0900.csv")),
            ("feeds/moves-2026-11-22.csv", file!("hub/feeds/moves-2026-11-22.csv")),
        ],
        database: None,
        needs: &[
            "ONHAND_STATE",
            "ERP_URL",
            "ERP_DATABASE",
            "ERP_USER",
            "ERP_PASSWORD",
            "WEB_URL",
            "WEB_KEY",
            "TRADE_URL",
            "TRADE_KEY",
            "TILL_DATABASE",
            "OPS_WEBHOOK",
        ],
        runs: false,
    },
    Example {
        name: "custom",
        files: &[
            ("README.md", file!("custom/README.md")),
            ("onhand.kdl", file!("custom/onhand.kdl")),
            ("systems.kdl", file!("custom/systems.kdl")),
            ("catalog.kdl", file!("custom/catalog.kdl")),
            ("catalog.csv", file!("custom/catalog.csv")),
            ("kits.csv", file!("custom/kits.csv")),
            ("flows.kdl", file!("custom/flows.kdl")),
            ("tests.kdl", file!("custom/tests.kdl")),
            ("bench/inspection.csv", file!("custom/bench/inspection.csv")),
        ],
        database: None,
        needs: &[
            "ERP_URL",
            "ERP_DATABASE",
            "ERP_USER",
            "ERP_PASSWORD",
            "SHOP_URL",
            "SHOP_KEY",
            "BOARD_DATABASE",
        ],
        runs: false,
    },
];

/// What `example` has, for those who asked for something else.
pub const THERE_ARE: &str = "There are `direct`, `erp`, `hub` and `custom`.";

impl Example {
    /// Whether plan and apply work on it as it stands: it brings its systems along.
    pub fn runs(&self) -> bool {
        self.runs
    }

    /// Its files: path and text.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.files.iter().copied()
    }

    /// Makes its database in the folder that holds its files, where it has one.
    pub async fn make_database(&self, dir: &str) -> Result<(), String> {
        let Some((script, database)) = self.database else { return Ok(()) };
        let sql = self.files.iter().find(|(path, _)| *path == script).map_or("", |(_, text)| text);
        let open = Sqlite::open(&join(dir, database), true, Duration::from_secs(5));
        let mut shop = open.map_err(|error| error.to_string())?;
        shop.batch(sql).await.map_err(|error| error.to_string())
    }

    /// The file of its database, where it has one.
    pub fn database(&self) -> Option<&'static str> {
        self.database.map(|(_, database)| database)
    }

    /// The variables without which it cannot reach its systems.
    pub fn needs(&self) -> impl Iterator<Item = &'static str> {
        self.needs.iter().copied()
    }
}

/// The example of a name; or why there is none.
pub fn example(name: &str) -> Result<&'static Example, String> {
    let found = EXAMPLES.iter().find(|example| example.name == name);
    found.ok_or_else(|| format!("there is no example `{}`", name.escape_debug()))
}

/// Runs the demo.
pub async fn run(args: &Args, ui: &Ui) -> Exit {
    let example = match example(&args.example) {
        Ok(example) => example,
        Err(what) => {
            ui.error(&what, THERE_ARE);
            return Exit::Wrong;
        }
    };
    if !example.runs {
        let name = example.name;
        let what = format!(
            "the example `{name}` names systems that have to run somewhere, so it cannot be demonstrated here"
        );
        let todo =
            format!("`onhand init --from {name}` copies it: `onhand check` and `onhand test` work on it.");
        ui.error(&what, &todo);
        return Exit::Wrong;
    }
    let dir = match copy(example, args.folder.as_deref()).await {
        Ok(dir) => dir,
        Err(why) => {
            ui.error(
                &format!("the example cannot be copied: {why}"),
                "Name another folder with --in FOLDER.",
            );
            return Exit::Wrong;
        }
    };
    ui.line(&format!(
        "The example `{}` is copied to {dir}/. Change it and run it again as you like.\n",
        example.name
    ));
    let missing: Vec<&str> =
        example.needs.iter().copied().filter(|name| std::env::var(name).is_err()).collect();
    if !missing.is_empty() {
        let exit = checked(ui, &dir);
        let needed = missing.join(", ");
        ui.line(&format!("To plan and apply it, say where its systems are: set {needed}."));
        return exit;
    }
    walk(ui, &dir).await
}

fn checked(ui: &Ui, dir: &str) -> Exit {
    title(ui, &format!("onhand check {dir}"));
    status(ui, check::run(&check::Args::of(dir), ui, &real::world(false)))
}

/// Check, plan, apply, queue, and a second plan that has nothing left to do.
async fn walk(ui: &Ui, dir: &str) -> Exit {
    if checked(ui, dir) != Exit::Done {
        return Exit::Wrong;
    }
    let file = join(dir, "plan.jsonl");
    title(ui, &format!("onhand plan {dir} --out {file}"));
    let planned =
        status(ui, plan::run(&plan::Args::of(dir, Some(file.clone())), ui, real::world(false)).await);
    if planned != Exit::Done {
        return planned;
    }
    title(ui, &format!("onhand apply {file} --dir {dir}"));
    let applied = status(ui, apply::run(&apply::Args::of(dir, &file), ui, real::world(true)).await);
    // The direct example has one broken row, which is no reason to stop: it is there to be seen.
    if !matches!(applied, Exit::Done | Exit::Partial) {
        return applied;
    }
    title(ui, &format!("onhand queue list {dir}"));
    status(ui, queue::run(&queue::Args::list(dir), ui, &real::world(false)).await);
    title(ui, &format!("onhand plan {dir}"));
    let again = plan::show(&plan::Args::of(dir, None), ui, real::world(false)).await;
    match again {
        Ok((plan, exit)) if plan.summary.changes == 0 => {
            status(ui, exit);
            ui.line("The second plan has nothing left to write.");
            exit
        }
        Ok((plan, _)) => {
            let left = plan.summary.changes;
            ui.error(&format!("{left} changes are left after the apply"), "Plan once more to see why.");
            Exit::Partial
        }
        Err(exit) => exit,
    }
}

/// Shows the command that comes next.
fn title(ui: &Ui, command: &str) {
    ui.line(&ui.bold(&format!("$ {command}")));
}

/// Shows how a command ended.
fn status(ui: &Ui, exit: Exit) -> Exit {
    ui.line(&format!("[exit status {}]\n", exit.status()));
    exit
}

/// Copies an example into a folder that does not exist yet; answers the folder.
async fn copy(example: &Example, folder: Option<&str>) -> Result<String, String> {
    let files = real::world(true).files;
    let taken = |path: &str| files.list(path).is_ok() || files.read(path).is_ok();
    let dir = match folder {
        Some(folder) if taken(folder) => return Err(format!("`{folder}` is there already")),
        Some(folder) => folder.to_owned(),
        None => {
            let name = format!("onhand-demo-{}", example.name);
            let numbered = (2..1_000).map(|n| format!("{name}-{n}"));
            let free = std::iter::once(name.clone()).chain(numbered).find(|path| !taken(path));
            free.ok_or_else(|| format!("there are a thousand folders like `{name}` already"))?
        }
    };
    for (path, text) in example.files {
        files.write(&join(&dir, path), text.as_bytes()).map_err(|error| error.to_string())?;
    }
    example.make_database(&dir).await?;
    Ok(dir)
}
