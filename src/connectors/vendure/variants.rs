//! Reading variants and their stock levels.

use super::admin::{Admin, Ask};
use super::places::Places;
use crate::connectors::wire::Wire;
use crate::connectors::{Cell, Context, Failure, Seen, page};
use crate::model::CodeId;
use crate::model::counts::Counts;
use crate::model::id::Name;
use crate::model::observation::{Column, Levels, RowFailure};
use crate::model::quantity::Decimal;
use serde::Deserialize;
use serde_json::json;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

const LIST: &str = "query($o: ProductVariantListOptions) { \
    globalSettings { trackInventory outOfStockThreshold } \
    productVariants(options: $o) { totalItems items { id sku trackInventory outOfStockThreshold \
    useGlobalOutOfStockThreshold stockLevels { stockLocationId stockOnHand stockAllocated } } } }";

const LIST_WITH_LOG: &str = "query($o: ProductVariantListOptions) { \
    globalSettings { trackInventory outOfStockThreshold } \
    productVariants(options: $o) { totalItems items { id sku trackInventory outOfStockThreshold \
    useGlobalOutOfStockThreshold stockLevels { stockLocationId stockOnHand stockAllocated } \
    stockMovements(options: { take: 1 }) { totalItems } } } }";

/// Variants in one page of a full read. Vendure's own limit is 1000.
pub(super) const PAGE: usize = 500;

/// SKUs in one question about some of them: the body stays well below 100 KiB.
const CHUNK: usize = 200;

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "globalSettings")]
    settings: Settings,
    #[serde(rename = "productVariants")]
    list: List,
}

#[derive(Deserialize, Clone, Copy)]
struct Settings {
    #[serde(rename = "trackInventory")]
    track: bool,
    #[serde(rename = "outOfStockThreshold")]
    threshold: i64,
}

#[derive(Deserialize)]
struct List {
    #[serde(rename = "totalItems")]
    total: usize,
    items: Vec<Variant>,
}

#[derive(Deserialize, Clone)]
struct Variant {
    id: String,
    sku: String,
    #[serde(rename = "trackInventory")]
    track: String,
    #[serde(rename = "outOfStockThreshold")]
    threshold: i64,
    #[serde(rename = "useGlobalOutOfStockThreshold")]
    global_threshold: bool,
    #[serde(rename = "stockLevels")]
    levels: Vec<Level>,
    #[serde(default, rename = "stockMovements")]
    log: Option<Log>,
}

#[derive(Deserialize, Clone)]
struct Level {
    #[serde(rename = "stockLocationId")]
    location: String,
    #[serde(rename = "stockOnHand")]
    on_hand: i64,
    #[serde(rename = "stockAllocated")]
    allocated: i64,
}

#[derive(Deserialize, Clone)]
struct Log {
    #[serde(rename = "totalItems")]
    total: u64,
}

impl Variant {
    fn threshold(&self, settings: Settings) -> i64 {
        if self.global_threshold { settings.threshold } else { self.threshold }
    }

    /// Why no count of this variant can be used, with the field at fault.
    fn fault(&self, settings: Settings, places: &Places) -> Option<(&'static str, String)> {
        let tracked = match self.track.as_str() {
            "TRUE" => true,
            "FALSE" => false,
            _ => settings.track,
        };
        if !tracked {
            let what = format!(
                "`{}` does not track its inventory, so the shop sells it without end: switch tracking on in \
                 Vendure, or take it out of the topology",
                self.sku
            );
            return Some(("trackInventory", what));
        }
        // A threshold below 0 sells more than there is; it is only made up for at the level that bears it.
        let bearer = places.lowest.and_then(|lowest| places.ids.get(&lowest));
        let borne = self.levels.iter().any(|level| Some(&level.location) == bearer);
        if self.threshold(settings) < 0 && !borne {
            let what = format!(
                "`{}` has the out-of-stock threshold {}, so the shop sells that many more than it has, and \
                 no level at the mapped location with the lowest id to set against it: add the level there \
                 with 0 on hand, or make the threshold 0",
                self.sku,
                self.threshold(settings)
            );
            return Some(("outOfStockThreshold", what));
        }
        let foreign = |level: &&Level| level.on_hand != 0 && !places.locations.contains_key(&level.location);
        self.levels.iter().find(foreign).map(|level| {
            let what = format!(
                "`{}` has {} on hand at Vendure's location {}, which the topology does not map, and the \
                 shop sells \
                 from all of them: set it to 0 there, or map the location",
                self.sku, level.on_hand, level.location
            );
            ("foreign-stock", what)
        })
    }
}

/// What a read found, by code.
#[derive(Default)]
pub(super) struct Known {
    /// The variants of each code: more than one, and none can be used.
    variants: BTreeMap<CodeId, Vec<Variant>>,
    settings: Option<Settings>,
}

impl Known {
    /// Vendure's id of the one variant of a code.
    pub(super) fn id(&self, code: CodeId) -> Option<&str> {
        match self.variants.get(&code)?.as_slice() {
            [variant] => Some(&variant.id),
            _ => None,
        }
    }

    fn take(&mut self, context: &Context, settings: Settings, variants: Vec<Variant>) -> u64 {
        self.settings = Some(settings);
        let mut ignored = 0;
        for variant in variants {
            match context.model.find_code(context.system, &variant.sku) {
                Some(code) => self.variants.entry(code).or_default().push(variant),
                None => ignored += 1,
            }
        }
        ignored
    }
}

/// All levels of every mapped variant and location.
pub(super) async fn levels(admin: &mut Admin, context: &Context, places: &Places) -> Result<Levels, Failure> {
    let take = page(context, PAGE);
    let ask = |skip: usize| {
        let variables = json!({"o": {"take": take, "skip": skip, "sort": {"id": "ASC"}}});
        Ask { query: LIST, variables, safe: true }
    };
    let first: Data = admin.ask(ask(0)).await?;
    // A shop that gives fewer at a time than it was asked for is asked at its own step.
    let (total, step) = (first.list.total, first.list.items.len());
    let mut listed = Listed { total, ..Listed::default() };
    if listed.take(context, first) {
        admin.ask_each((step..total).step_by(step).map(ask), |page| listed.take(context, page)).await?;
    }
    let (mut levels, known) = listed.finish();
    fill(&mut levels, &known, context, places, &admin.wire);
    Ok(levels)
}

/// The pages of a full read as they come.
#[derive(Default)]
struct Listed {
    levels: Levels,
    known: Known,
    ids: BTreeSet<String>,
    /// How many variants the first page announced.
    total: usize,
}

impl Listed {
    /// Takes one page, and says whether another is wanted.
    fn take(&mut self, context: &Context, data: Data) -> bool {
        let about = &mut self.levels.about;
        about.pages += 1;
        let count = data.list.items.len();
        about.rows += count as u64;
        let before = self.ids.len();
        self.ids.extend(data.list.items.iter().map(|variant| variant.id.clone()));
        about.ignored += self.known.take(context, data.settings, data.list.items);
        if data.list.total != self.total || self.ids.len() != before + count {
            about.incomplete =
                Some("the list of variants changed while it was read: read it again".to_owned());
            return false;
        }
        count > 0 && self.ids.len() < self.total
    }

    /// What has come, and whether it is all.
    fn finish(self) -> (Levels, Known) {
        let Listed { mut levels, known, ids, total } = self;
        let ended = match ids.len().cmp(&total) {
            Ordering::Less => Some(format!("the list of variants ended after {} of {total}", ids.len())),
            Ordering::Greater => Some(format!("more than the {total} variants announced came")),
            Ordering::Equal => None,
        };
        levels.about.incomplete = levels.about.incomplete.take().or(ended);
        (levels, known)
    }
}

/// Rows and failures from what is known.
fn fill(levels: &mut Levels, known: &Known, context: &Context, places: &Places, wire: &Wire) {
    let Some(settings) = known.settings else { return };
    let mut rows: BTreeMap<(crate::model::LocationId, CodeId), (u32, [i64; 3])> = BTreeMap::new();
    for code in context.model.codes_of(context.system).map(CodeId) {
        let named = context.model.code(code);
        let mut fail = |record: String, field: &str, reason: String| {
            let (source, field) = (wire.host().to_owned(), field.to_owned());
            let (record, reason) = (wire.clean(&record), wire.clean(&reason));
            levels.failures.push(RowFailure {
                record,
                source,
                field,
                reason,
                code: Some(code),
                location: None,
            });
        };
        match known.variants.get(&code).map(Vec::as_slice) {
            None | Some([]) if levels.about.incomplete.is_some() => {}
            None | Some([]) => fail(format!("sku {}", named.code), "sku", unknown(&named.code)),
            Some([variant]) => {
                let record = variant.id.parse().unwrap_or(0);
                if let Some((field, reason)) = variant.fault(settings, places) {
                    fail(format!("variant {}", variant.id), field, reason);
                    continue;
                }
                for level in &variant.levels {
                    let Some(location) = places.locations.get(&level.location).copied() else { continue };
                    if named.at.is_some_and(|at| at != location) {
                        continue;
                    }
                    let threshold =
                        if places.lowest == Some(location) { variant.threshold(settings) } else { 0 };
                    rows.insert((location, code), (record, [level.on_hand, level.allocated, threshold]));
                }
            }
            Some(several) => {
                for variant in several {
                    fail(format!("variant {}", variant.id), "sku", shared(&named.code, several));
                }
            }
        }
    }
    let mut columns = ["on-hand", "allocated", "threshold"]
        .map(|name| Column { name: Name::from(name), values: Counts::default() });
    for ((location, code), (record, values)) in rows {
        levels.codes.push(code);
        levels.locations.push(location);
        levels.records.push(record);
        for (column, value) in columns.iter_mut().zip(values) {
            column.values.push(Some(Decimal::whole(value)));
        }
    }
    levels.columns = columns.into();
}

fn unknown(sku: &str) -> String {
    format!("no variant has the SKU `{sku}`: correct it, or make the variant in Vendure")
}

fn shared(sku: &str, variants: &[Variant]) -> String {
    let ids: Vec<&str> = variants.iter().map(|variant| variant.id.as_str()).collect();
    format!(
        "variants {} share the SKU `{sku}`, so neither can be told from the other: give each its own",
        ids.join(" and ")
    )
}

/// Looks some codes up again, with the length of their logs.
pub(super) async fn look_up(
    admin: &mut Admin,
    context: &Context,
    codes: &[CodeId],
) -> Result<Known, Failure> {
    let mut known = Known::default();
    let wanted: BTreeSet<CodeId> = codes.iter().copied().collect();
    let wanted: Vec<CodeId> = wanted.into_iter().collect();
    for chunk in wanted.chunks(CHUNK) {
        let skus: Vec<&str> = chunk.iter().map(|code| &*context.model.code(*code).code).collect();
        let options = json!({"take": 1000, "sort": {"id": "ASC"}, "filter": {"sku": {"in": skus}}});
        let ask = Ask { query: LIST_WITH_LOG, variables: json!({"o": options}), safe: true };
        let data: Data = admin.ask(ask).await?;
        if data.list.items.len() < data.list.total {
            return Err(admin
                .wire
                .rejected("more than 1000 variants answer to 200 SKUs: give each variant its own"));
        }
        known.take(context, data.settings, data.list.items);
    }
    Ok(known)
}

/// What some cells show, with all that a write to them depends on.
pub(super) fn seen(wire: &Wire, context: &Context, (known, places): (&Known, &Places), cell: Cell) -> Seen {
    let refused = |why: String| Seen { refused: Some(wire.clean(&why)), ..Seen::default() };
    let sku = &context.model.code(cell.code).code;
    let Some(id) = places.ids.get(&cell.location) else {
        let name = &context.model.location(cell.location).name;
        return refused(format!("location `{name}` is not mapped in this system"));
    };
    let (variant, settings) = match (known.variants.get(&cell.code).map(Vec::as_slice), known.settings) {
        (Some([variant]), Some(settings)) => (variant, settings),
        (Some(several @ [_, _, ..]), _) => return refused(shared(sku, several)),
        _ => return refused(unknown(sku)),
    };
    let threshold = if places.lowest == Some(cell.location) { variant.threshold(settings) } else { 0 };
    let level = variant.levels.iter().find(|level| level.location == *id);
    let mut values = vec![("allocated".to_owned(), level.map_or(0, |level| level.allocated))];
    values.extend(level.map(|level| ("on-hand".to_owned(), level.on_hand)));
    values.push(("threshold".to_owned(), threshold));
    Seen {
        exists: level.is_some(),
        values,
        log: variant.log.as_ref().map(|log| log.total),
        refused: variant.fault(settings, places).map(|(_, why)| wire.clean(&why)),
    }
}
