//! Production code in seeded worlds: what it oversells, what it turns away, and what must hold in all of them.

mod examples;
mod hard;
mod pressure;
mod story;

use crate::compile;
use onhand::compile::Compiled;
use onhand::connectors::memory;
use onhand::model::capability::{Descriptor, WriteClass};
use onhand::simulate::{Faults, Pace, Played, Scene, Settings};
use std::collections::BTreeSet;

/// Systems in memory by how a write to them is protected; they put back what is cancelled.
pub const ABSOLUTE: Descriptor =
    Descriptor { class: WriteClass::Absolute, restocks_on_cancel: true, ..memory::DESCRIPTOR };
pub const COMPARED: Descriptor = Descriptor { class: WriteClass::CompareAndSet, ..ABSOLUTE };
pub const KEYED: Descriptor = Descriptor { class: WriteClass::KeyedDelta, key_seconds: 86_400, ..ABSOLUTE };

/// One item at one place, an owner that takes orders in late by itself, and some channels.
pub struct Town {
    pub channels: usize,
    pub divided: bool,
    /// Whether onhand posts orders; else the owner takes them in late by itself.
    pub posted: bool,
    /// What the owner's node says beside its counts.
    pub owner: &'static str,
    /// What the last flow says beside its target.
    pub last: &'static str,
    pub kind: &'static Descriptor,
}

impl Town {
    pub fn new(channels: usize, divided: bool, kind: &'static Descriptor) -> Town {
        Town { channels, divided, posted: true, owner: "lines", last: "", kind }
    }

    /// The same where the owner takes orders in late by itself.
    pub fn imported(self) -> Town {
        Town { posted: false, ..self }
    }

    pub fn scene(&self) -> Scene {
        let post = if self.posted { "to=erp as=sale" } else { "none" };
        let names: Vec<String> = (1..=self.channels).map(|at| format!("shop{at}")).collect();
        let mut text = format!(
            "onhand language=1 {{ timezone \"UTC\" }}\nunit ea\nsystem erp kind=memory role=erp {{\n    levels {{ code \
             sku; location site; on-hand h; reserved r }}\n    {}\n}}\n",
            self.owner
        );
        for name in &names {
            text.push_str(&format!(
                "system {name} kind=memory role=channel {{ levels {{ code sku; location site; available q {{ net-of \
                 own-sales }} }} }}\n"
            ));
        }
        let of_all = |code: &str| names.iter().map(|name| format!("; in {name} {code}")).collect::<String>();
        text.push_str(&format!("location hall {{ in erp H{} }}\n", of_all("H")));
        text.push_str(&format!("item THING unit=ea {{ in erp T{} }}\n", of_all("T")));
        text.push_str("owner erp { of on-hand reserved }\n");
        for (at, name) in names.iter().enumerate() {
            let last = if at + 1 == names.len() { self.last } else { "" };
            text.push_str(&format!(
                "flow {name}-stock {{ publish available to={name}; lag \"10m\" every=\"5m\"; {last} }}\n"
            ));
            text.push_str(&format!(
                "flow {name}-orders {{\n    collect orders cancellations shipments returns from={name}\n    post {post} {{ \
                 reference \"{{system}}#{{order}}\" }}\n    lag \"10m\" every=\"5m\" reconcile=\"24h\"\n}}\n"
            ));
        }
        if self.divided {
            let weights = names.iter().map(|name| format!("{name}=1")).collect::<Vec<_>>().join(" ");
            let among = names.join(" ");
            text.push_str(&format!("allocation fronts {{ among {among}; weights {weights} }}\n"));
        }
        scene(compile::text(&text), Some(self.kind))
    }
}

/// The scene of a topology without errors; every channel of `kind`, where one is given.
pub fn scene(mut compiled: Compiled, kind: Option<&'static Descriptor>) -> Scene {
    assert!(!compiled.has_errors(), "{}", compile::told(&compiled));
    let channel = onhand::model::system::Role::Channel;
    let systems = compiled.model.systems.iter_mut().filter(|system| system.role == channel);
    systems.zip(kind.into_iter().cycle()).for_each(|(system, kind)| system.kind = kind);
    Scene::new(compiled.model)
}

/// The world of high pressure: 20 units at first, and a step of the world for every request.
pub fn pressure() -> Pace {
    Pace {
        call_ms: Some(STEP_MS),
        grain_ms: STEP_MS,
        order_ms: STEP_MS * 100 / 18,
        import_ms: STEP_MS * 20,
        ship_ms: STEP_MS * 50,
        cancel_ms: STEP_MS * 250,
        return_ms: 0,
        receipt_ms: STEP_MS * 100 / 3,
        transfer_ms: 0,
        inspect_ms: 0,
        start: (20, 20),
        receipt: (1, 4),
        nameless: 0,
    }
}

/// One step.
pub const STEP_MS: i64 = 1_000;

pub fn settings(seed: u64, pace: Pace, faults: Faults) -> Settings {
    let (skip, tells) = (BTreeSet::new(), false);
    let (unguarded, fails_on_oversold) = (true, false);
    Settings { seed, lasts_ms: 0, pace, faults, skip, unguarded, fails_on_oversold, tells }
}

/// Sold, oversold, turned away, over all flows.
pub fn sums(played: &Played) -> [i64; 3] {
    played.tallies.iter().fold([0; 3], |[a, b, c], own| [a + own.sold, b + own.oversold, c + own.turned_away])
}
