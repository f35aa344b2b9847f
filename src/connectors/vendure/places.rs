//! Vendure's stock locations, which have ids and names but no codes.

use super::admin::{Admin, Ask};
use crate::connectors::{Context, Failure};
use crate::model::LocationId;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

const QUERY: &str = "query($o: StockLocationListOptions) { activeChannel { token } \
                     stockLocations(options: $o) { totalItems items { id name } } }";

/// Locations in one question.
const PAGE: usize = 100;

/// The mapped locations, both ways.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Vendure's id of each.
    pub(super) ids: BTreeMap<LocationId, String>,
    /// The topology's location of each id.
    pub(super) locations: BTreeMap<String, LocationId>,
    /// The location with the lowest id: it bears the variants' thresholds.
    pub(super) lowest: Option<LocationId>,
    /// How many the shop has, mapped or not.
    pub(super) total: usize,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "activeChannel")]
    channel: Channel,
    #[serde(rename = "stockLocations")]
    list: List,
}

#[derive(Deserialize)]
struct Channel {
    token: String,
}

#[derive(Deserialize)]
struct List {
    #[serde(rename = "totalItems")]
    total: usize,
    items: Vec<Stock>,
}

#[derive(Deserialize, Clone)]
struct Stock {
    id: String,
    name: String,
}

/// Finds every mapped location: by id, else by a name that only one has. Anything else is
/// [`Failure::Rejected`], with the ids to choose from. It also is the check that key and channel work.
pub(super) async fn find(admin: &mut Admin, context: &Context) -> Result<Places, Failure> {
    let stock = list(admin).await?;
    let mut places = Places { total: stock.len(), ..Places::default() };
    for (index, location) in context.model.locations.iter().enumerate() {
        let Some(code) = location.code_in(context.system).and_then(|code| code.code.as_deref()) else {
            continue;
        };
        let id = choose(&stock, code).map_err(|why| admin.wire.rejected(&why))?;
        let here = LocationId::at(index);
        if let Some(other) = places.locations.insert(id.clone(), here) {
            let what = format!(
                "locations `{}` and `{}` of the topology both mean Vendure's location {id}: map one of them",
                context.model.location(other).name,
                location.name
            );
            return Err(admin.wire.rejected(&what));
        }
        places.ids.insert(here, id);
    }
    let by_id = places.ids.iter().min_by_key(|(_, id)| (id.parse::<u64>().unwrap_or(u64::MAX), id.as_str()));
    places.lowest = by_id.map(|(location, _)| *location);
    Ok(places)
}

fn choose(stock: &[Stock], code: &str) -> Result<String, String> {
    if let Some(found) = stock.iter().find(|place| place.id == code) {
        return Ok(found.id.clone());
    }
    let named: Vec<&Stock> = stock.iter().filter(|place| place.name == code).collect();
    let ids = |places: &[&Stock]| {
        let shown: Vec<String> = places.iter().take(8).map(|p| format!("{} ({})", p.id, p.name)).collect();
        shown.join(", ")
    };
    match named[..] {
        [place] => Ok(place.id.clone()),
        [] => {
            let all: Vec<&Stock> = stock.iter().collect();
            Err(format!(
                "no stock location has the id or name `{code}`; there are {}: use one of them",
                ids(&all)
            ))
        }
        _ => Err(format!("several stock locations are named `{code}`: {}: use the id", ids(&named))),
    }
}

async fn list(admin: &mut Admin) -> Result<Vec<Stock>, Failure> {
    let mut stock: Vec<Stock> = Vec::new();
    loop {
        let variables = json!({"o": {"take": PAGE, "skip": stock.len(), "sort": {"id": "ASC"}}});
        let data: Data = admin.ask(Ask { query: QUERY, variables, safe: true }).await?;
        if let Some(channel) = admin.channel().filter(|channel| *channel != data.channel.token) {
            // A shop with one channel answers for it whatever token is sent.
            let what = format!("the shop has no channel `{channel}`: correct `channel`, or leave it out");
            return Err(admin.wire.rejected(&what));
        }
        let empty = data.list.items.is_empty();
        stock.extend(data.list.items);
        if empty || stock.len() >= data.list.total {
            return Ok(stock);
        }
    }
}
