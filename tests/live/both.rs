//! Both servers at once, the example that joins them, and the real binary.

use super::api::{Tryton, Vendure};
use super::{Server, tryton, vendure};
use serde_json::Value;
use std::process::{Command, Output};

/// Both servers, one test at a time.
pub struct Live {
    pub erp: Tryton,
    pub shop: Vendure,
    pub folder: tempfile::TempDir,
    pub env: Vec<(String, String)>,
    _turns: (Server, Server),
}

/// The servers; `None`, with a line that says so, where they are not at hand.
pub fn live() -> Option<Live> {
    let (tryton, vendure) = (tryton()?, vendure()?);
    let (url, tryton_seed, vendure_seed) = (tryton.url.clone(), tryton.seed.clone(), vendure.seed.clone());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let env = [
        ("ERP_URL", url.clone()),
        ("ERP_DATABASE", text(&tryton_seed["database"])),
        ("ERP_USER", text(&tryton_seed["user"])),
        ("ERP_PASSWORD", text(&tryton_seed["password"])),
        ("SHOP_URL", text(&vendure_seed["base"])),
        ("SHOP_KEY", text(&vendure_seed["apiKey"])),
    ];
    let env = env.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let folder = tempfile::tempdir().unwrap();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/erp/onhand.kdl");
    std::fs::copy(example, folder.path().join("onhand.kdl")).unwrap();
    let (erp, shop) = (Tryton::login(&url, tryton_seed), Vendure::login(vendure_seed));
    Some(Live { erp, shop, folder, env, _turns: (tryton, vendure) })
}

impl Live {
    /// Runs the binary in the folder; answers status, stdout, stderr.
    pub fn onhand(&self, arguments: &[&str]) -> (i32, String, String) {
        self.onhand_with(arguments, &[])
    }

    /// The same, with other values for some variables.
    pub fn onhand_with(&self, arguments: &[&str], env: &[(&str, &str)]) -> (i32, String, String) {
        let Output { status, stdout, stderr } =
            self.command(arguments).envs(env.iter().copied()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(stdout), text(stderr));
        println!("$ onhand {}\n{out}{err}[exit {:?}]", arguments.join(" "), status.code());
        (status.code().unwrap_or(-1), out, err)
    }

    /// The binary in the folder, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onhand"));
        command.args(arguments).current_dir(self.folder.path()).env("NO_COLOR", "1").env("COLUMNS", "80");
        command.envs(self.env.iter().map(|(k, v)| (k, v)));
        command
    }

    /// Plans into a file and answers the plan's lines.
    pub fn plan(&self) -> (i32, Vec<Value>) {
        let (status, out, err) = self.onhand(&["plan", "--out", "plan.jsonl", "--format", "json"]);
        let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(!lines.is_empty(), "no plan: {err}");
        crate::support::check_plan(&out);
        (status, lines)
    }
}

/// The lines of one type.
pub fn of_type<'p>(plan: &'p [Value], kind: &str) -> Vec<&'p Value> {
    plan.iter().filter(|line| line["type"] == kind).collect()
}

/// The change of one code at one location.
pub fn change<'p>(plan: &'p [Value], code: &str, location: &str) -> Option<&'p Value> {
    of_type(plan, "change").into_iter().find(|line| line["code"] == code && line["location"] == location)
}
