//! The kinds for real servers, against those servers.

use super::Server;
use crate::connectors::conformance::{self, Subject};
use crate::connectors::{tryton, vendure};
use crate::support::erp::{self, Fields};
use crate::support::exchange::{self, Recorder};
use onhand::connectors::{self, Cell, Context, Failure};
use onhand::model::CodeId;
use onhand::world::{Request, Secret, Task, World, real};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// A client of its own, so that what a connector says is checked behind its back.
pub struct Client {
    world: World,
    url: String,
    secrets: Vec<(String, Secret)>,
}

impl Client {
    fn new(url: String, secrets: Vec<(String, Secret)>) -> Client {
        Client { world: real::world(true), url, secrets }
    }

    async fn post(&self, body: Value) -> (Value, Option<String>) {
        let request = Request {
            method: "POST",
            url: self.url.clone(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            secrets: self.secrets.clone(),
            body: body.to_string().into_bytes(),
            timeout: Duration::from_secs(30),
            limit: 1 << 24,
            safe: false,
        };
        let answer = self.world.http.send(request).await.unwrap();
        let value: Value = serde_json::from_slice(&answer.body).unwrap();
        (value, answer.header("vendure-auth-token").map(str::to_owned))
    }
}

/// Tryton, as the user of its seed, by HTTP Basic.
pub struct Erp {
    client: Client,
    company: i64,
    user: String,
}

impl Erp {
    fn new(server: &Server) -> Erp {
        let path = if server.seed["rest_key"] == "" { "" } else { "rpc/" };
        let url = format!("{}/{}/{path}", server.url, server.text("database"));
        let basic = tryton::base64(&format!("{}:{}", server.text("user"), server.text("password")));
        let secrets = vec![("authorization".to_owned(), Secret::new(format!("Basic {basic}")))];
        let company = server.seed["company"].as_i64().unwrap();
        Erp { client: Client::new(url, secrets), company, user: server.text("user").to_owned() }
    }

    /// Calls a method; the context is added.
    pub async fn call(&self, method: &str, params: Value, more: Value) -> Value {
        let mut context = json!({"company": self.company});
        context.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut params = params.as_array().unwrap().clone();
        params.push(context);
        let body = json!({"id": 1, "method": format!("model.{method}"), "params": params});
        let (answer, _) = self.client.post(body).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// What a product shows at a location, as text.
    pub async fn count(&self, product: i64, place: i64) -> Option<String> {
        let domain = json!([[["id", "=", product]], 0, null, null, ["quantity"]]);
        let rows = self.call("product.product.search_read", domain, json!({"locations": [place]})).await;
        let text = rows.get(0)?["quantity"].to_string();
        Some(text.strip_suffix(".0").unwrap_or(&text).to_owned())
    }

    /// Counts a product at a location by hand.
    pub async fn set(&self, product: i64, place: i64, value: &str) {
        self.activate(product, true).await;
        let quantity: Value = serde_json::from_str(value).unwrap();
        let lines = json!([["create", [{"product": product, "quantity": quantity}]]]);
        let values = json!([[{"location": place, "company": self.company, "lines": lines}]]);
        let id = self.call("stock.inventory.create", values, json!({})).await;
        self.call("stock.inventory.confirm", json!([id]), json!({})).await;
    }

    /// Deactivates a product, whose stock Tryton warns of, or activates it again.
    async fn activate(&self, product: i64, active: bool) {
        let params = json!([[product], {"active": active}, {"company": self.company}]);
        let body = json!({"id": 1, "method": "model.product.product.write", "params": params});
        let (answer, _) = self.client.post(body.clone()).await;
        let Some(error) = answer.get("error") else { return };
        let user =
            self.call("res.user.search", json!([[["login", "=", self.user]]]), json!({})).await[0].clone();
        let warning = json!([[{"user": user, "name": error[1][0]}]]);
        self.call("res.user.warning.create", warning, json!({})).await;
        let (answer, _) = self.client.post(body).await;
        assert!(answer.get("error").is_none(), "{answer}");
    }

    /// Puts back what the seed had where these tests change it.
    async fn restore(&self, server: &Server) {
        let seed = &server.seed;
        let all: [(&str, &[(&str, f64)]); 3] = [
            (
                "RTM-A",
                &[
                    ("MUG-WHT", 120.0),
                    ("MUG-BLK", 80.0),
                    ("BTL-750", 36.0),
                    ("BEAN-ETH", 0.0),
                    ("TEA-EG", 0.0),
                ],
            ),
            ("RTM-B", &[("MUG-WHT", 0.0), ("TEA-EG", 240.0), ("BEAN-ETH", 52.5)]),
            ("LIL-STO", &[("MUG-WHT", 40.0), ("MUG-BLK", 0.0), ("BTL-750", 12.0), ("TEA-EG", 24.0)]),
        ];
        for (place, counts) in all {
            let mut lines = Vec::new();
            for (code, quantity) in counts {
                let product = seed["products"][code].as_i64().unwrap();
                self.activate(product, true).await;
                lines.push(json!({"product": product, "quantity": quantity}));
            }
            let place = &seed["locations"][place];
            let values =
                json!([[{"location": place, "company": self.company, "lines": [["create", lines]]}]]);
            let id = self.call("stock.inventory.create", values, json!({})).await;
            self.call("stock.inventory.confirm", json!([id]), json!({})).await;
        }
    }

    /// Cancels what a sale would ship.
    async fn cancel(&self, sale: i64) {
        let found = self.call("sale.sale.read", json!([[sale], ["shipments"]]), json!({})).await;
        let shipments = found[0]["shipments"].clone();
        self.call("stock.shipment.out.cancel", json!([shipments]), json!({})).await;
    }

    /// The numbers of all draft inventories.
    pub async fn drafts(&self) -> Vec<Value> {
        let domain = json!([[["state", "=", "draft"]], 0, null, null, ["number"]]);
        let rows = self.call("stock.inventory.search_read", domain, json!({})).await;
        rows.as_array().unwrap().iter().map(|row| row["number"].clone()).collect()
    }

    /// Sells: quotes, confirms and processes a sale, which makes a shipment of unassigned moves.
    pub async fn sell(&self, server: &Server, reference: &str, product: i64, quantity: i64) -> i64 {
        let price = json!({"__class__": "Decimal", "decimal": "9"});
        let line =
            json!({"type": "line", "product": product, "quantity": quantity, "unit": 1, "unit_price": price});
        let party = &server.seed["customer"];
        let values = json!([[{
            "party": party, "company": self.company, "currency": server.seed["currency"],
            "warehouse": server.seed["locations"]["RTM"], "reference": reference, "invoice_address": 1,
            "shipment_address": 1, "invoice_method": "manual", "shipment_method": "order",
            "sale_date": null, "lines": [["create", [line]]],
        }]]);
        let id = self.call("sale.sale.create", values, json!({})).await[0].as_i64().unwrap();
        for step in ["quote", "confirm", "process"] {
            self.call(&format!("sale.sale.{step}"), json!([[id]]), json!({})).await;
        }
        id
    }
}

/// The settings of a Tryton server.
pub fn tryton_fields(server: &Server) -> [(&'static str, &str); 4] {
    let seed = ["database", "user", "password"].map(|field| (field, server.text(field)));
    [("url", &server.url), seed[0], seed[1], seed[2]]
}

pub fn tryton_context(server: &Server, places: &[&str], codes: &[&str], writes: bool) -> Context {
    let model = erp::model(&connectors::tryton::DESCRIPTOR, &tryton_fields(server), places, codes);
    erp::context(model, real::world(writes), writes)
}

struct LiveTryton {
    server: Rc<Server>,
    erp: Erp,
}

const TRYTON_PLACES: [&str; 2] = ["RTM-A", "LIL-STO"];
const TRYTON_CODES: [&str; 4] = ["MUG-WHT", "MUG-BLK", "BTL-750", "BEAN-ETH*"];

impl LiveTryton {
    fn ids(&self, cell: Cell) -> (i64, i64) {
        let context = self.context(false);
        let code = &*context.model.code(cell.code).code;
        let place = TRYTON_PLACES[cell.location.index()];
        let seed = &self.server.seed;
        (seed["products"][code].as_i64().unwrap(), seed["locations"][place].as_i64().unwrap())
    }
}

impl Subject for LiveTryton {
    fn name(&self) -> String {
        "tryton".to_owned()
    }

    fn context(&self, writes: bool) -> Context {
        tryton_context(&self.server, &TRYTON_PLACES, &TRYTON_CODES, writes)
    }

    fn column(&self) -> &'static str {
        "on-hand"
    }

    fn fractional(&self) -> Option<CodeId> {
        Some(CodeId(3))
    }

    fn apart(&self) -> bool {
        false
    }

    fn set<'a>(&'a mut self, cell: Cell, value: Option<&'a str>) -> Task<'a, ()> {
        Box::pin(async move {
            let (product, place) = self.ids(cell);
            match value {
                Some(value) => self.erp.set(product, place, value).await,
                None => self.erp.activate(product, false).await,
            }
        })
    }

    fn get(&mut self, cell: Cell) -> Task<'_, Option<String>> {
        Box::pin(async move {
            let (product, place) = self.ids(cell);
            self.erp.count(product, place).await
        })
    }

    fn strangers(&mut self) -> Task<'_, u64> {
        Box::pin(async move {
            let seed = &self.server.seed;
            let [tea, aisle, other] = [
                seed["products"]["TEA-EG"].as_i64().unwrap(),
                seed["locations"]["RTM-A"].as_i64().unwrap(),
                seed["locations"]["RTM-B"].as_i64().unwrap(),
            ];
            self.erp.set(tea, aisle, "7").await;
            self.erp.set(seed["products"]["MUG-WHT"].as_i64().unwrap(), other, "8").await;
            // Only mapped codes are asked for.
            0
        })
    }
}

/// The shop's admin API, as its owner.
pub struct Shop {
    client: Client,
}

impl Shop {
    async fn new(server: &Server) -> Shop {
        let url = server.text("adminApi").to_owned();
        let query =
            "mutation { login(username: \"superadmin\", password: \"superadmin-pw\") { __typename } }";
        let (_, token) = Client::new(url.clone(), vec![]).post(json!({"query": query})).await;
        let bearer = Secret::new(format!("Bearer {}", token.expect("the owner can log in")));
        Shop { client: Client::new(url, vec![("authorization".to_owned(), bearer)]) }
    }

    /// Asks, and answers the only field of `data`.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        let (answer, _) = self.client.post(json!({"query": query, "variables": variables})).await;
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        answer["data"].as_object().unwrap().values().next().unwrap().clone()
    }

    /// The level of a variant at a location: on hand and allocated.
    pub async fn level(&self, variant: &str, place: &str) -> Option<(i64, i64)> {
        let query = "query($i: ID!) { productVariant(id: $i) { stockLevels { stockLocationId stockOnHand stockAllocated } } }";
        let found = self.ask(query, json!({"i": variant})).await;
        let levels = found["stockLevels"].as_array()?.clone();
        let level = levels.iter().find(|level| level["stockLocationId"] == place)?;
        Some((level["stockOnHand"].as_i64()?, level["stockAllocated"].as_i64()?))
    }

    /// Changes a variant.
    pub async fn update(&self, variant: &str, change: Value) {
        let mut input = json!({"id": variant});
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let query = "mutation($i: [UpdateProductVariantInput!]!) { updateProductVariants(input: $i) { id } }";
        self.ask(query, json!({"i": [input]})).await;
    }

    /// Sets what is on hand.
    pub async fn set(&self, variant: &str, place: &str, value: i64) {
        self.update(variant, json!({"stockLevels": [{"stockLocationId": place, "stockOnHand": value}]}))
            .await;
    }

    /// Makes a variant of a new product; answers its id.
    pub async fn make(&self, sku: &str) -> String {
        let tax = self.ask("{ taxCategories { items { id } } }", json!({})).await["items"][0]["id"].clone();
        let name =
            json!([{"languageCode": "en", "name": sku, "slug": sku.to_lowercase(), "description": ""}]);
        let query = "mutation($i: CreateProductInput!) { createProduct(input: $i) { id } }";
        let product =
            self.ask(query, json!({"i": {"enabled": true, "translations": name}})).await["id"].clone();
        let name = json!([{"languageCode": "en", "name": sku}]);
        let input = json!([{"productId": product, "sku": sku, "price": 1, "taxCategoryId": tax,
                            "trackInventory": "TRUE", "translations": name, "optionIds": []}]);
        let query = "mutation($i: [CreateProductVariantInput!]!) { createProductVariants(input: $i) { id } }";
        self.ask(query, json!({"i": input})).await[0]["id"].as_str().unwrap().to_owned()
    }

    /// Takes a variant away for good.
    pub async fn remove(&self, variant: &str) {
        let query = "mutation($i: ID!) { deleteProductVariant(id: $i) { result } }";
        self.ask(query, json!({"i": variant})).await;
    }
}

pub fn vendure_context(server: &Server, places: &[&str], codes: &[&str], writes: bool) -> Context {
    let fields: Fields<'_> =
        &[("url", &server.url), ("key", server.text("apiKey")), ("channel", server.text("channelToken"))];
    let model = erp::model(&connectors::vendure::DESCRIPTOR, fields, places, codes);
    erp::context(model, real::world(writes), writes)
}

struct LiveVendure {
    server: Rc<Server>,
    shop: Shop,
    ids: [String; 3],
}

const SKUS: [&str; 3] = ["SUITE-A", "SUITE-B", "SUITE-C"];

impl LiveVendure {
    async fn fresh(server: Rc<Server>) -> LiveVendure {
        let shop = Shop::new(&server).await;
        let mut ids = [const { String::new() }; 3];
        for (id, sku) in ids.iter_mut().zip(SKUS) {
            clear(&shop, sku).await;
            *id = shop.make(sku).await;
        }
        clear(&shop, "SUITE-STRANGER").await;
        LiveVendure { server, shop, ids }
    }

    fn place(&self, cell: Cell) -> String {
        let name = ["Rotterdam", "Lille"][cell.location.index()];
        self.server.seed["locations"][name].as_str().unwrap().to_owned()
    }
}

/// Takes away every variant of a SKU.
async fn clear(shop: &Shop, sku: &str) {
    let query = "query($o: ProductVariantListOptions) { productVariants(options: $o) { items { id } } }";
    let found = shop.ask(query, json!({"o": {"filter": {"sku": {"eq": sku}}}})).await;
    for item in found["items"].as_array().unwrap() {
        shop.remove(item["id"].as_str().unwrap()).await;
    }
}

impl Subject for LiveVendure {
    fn name(&self) -> String {
        "vendure".to_owned()
    }

    fn context(&self, writes: bool) -> Context {
        // One location by its name, one by its id.
        vendure_context(&self.server, &["Rotterdam", "2"], &SKUS, writes)
    }

    fn column(&self) -> &'static str {
        "on-hand"
    }

    fn set<'a>(&'a mut self, cell: Cell, value: Option<&'a str>) -> Task<'a, ()> {
        Box::pin(async move {
            let (place, at) = (self.place(cell), cell.code.index());
            if let Some(value) = value {
                self.shop.set(&self.ids[at], &place, value.parse().unwrap()).await;
                return;
            }
            // Through its API Vendure takes no level away; one is missing where a location is younger
            // than the variant. The test makes that state in the shop's database.
            let database = rusqlite::Connection::open(self.server.folder.join("vendure.sqlite")).unwrap();
            database.busy_timeout(Duration::from_secs(10)).unwrap();
            let statement = "delete from stock_level where productVariantId = ?1 and stockLocationId = ?2";
            database.execute(statement, [&self.ids[at], &place]).unwrap();
        })
    }

    fn get(&mut self, cell: Cell) -> Task<'_, Option<String>> {
        Box::pin(async move {
            let level = self.shop.level(&self.ids[cell.code.index()], &self.place(cell)).await;
            level.map(|(on_hand, _)| on_hand.to_string())
        })
    }

    fn strangers(&mut self) -> Task<'_, u64> {
        Box::pin(async move {
            let id = self.shop.make("SUITE-STRANGER").await;
            self.shop.set(&id, "1", 5).await;
            1
        })
    }
}

#[test]
fn tryton_conforms() {
    let Some(server) = super::tryton() else { return };
    let server = Rc::new(server);
    conformance::run(&|| {
        let server = server.clone();
        Box::pin(async move {
            let erp = Erp::new(&server);
            for product in ["MUG-WHT", "MUG-BLK", "BTL-750"] {
                erp.activate(server.seed["products"][product].as_i64().unwrap(), true).await;
            }
            Box::new(LiveTryton { server, erp }) as Box<dyn Subject>
        })
    });
    wait(async { Erp::new(&server).restore(&server).await });
}

/// Runs to the end what is not inside a test of tokio's.
fn wait<T>(task: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(task)
}

#[test]
fn vendure_conforms() {
    let Some(server) = super::vendure() else { return };
    let server = Rc::new(server);
    conformance::run(&|| {
        let server = server.clone();
        Box::pin(async move { Box::new(LiveVendure::fresh(server).await) as Box<dyn Subject> })
    });
    wait(async {
        let shop = Shop::new(&server).await;
        for sku in SKUS.into_iter().chain(["SUITE-STRANGER"]) {
            clear(&shop, sku).await;
        }
    });
}

/// Takes a recording of a scenario, where ONHAND_RECORD names the folder to put it in.
pub fn keep(name: &str, title: &str, log: &[Value], hidden: &[(&str, &str)]) {
    let Ok(folder) = std::env::var("ONHAND_RECORD") else { return };
    std::fs::write(format!("{folder}/{name}.jsonl"), exchange::write(title, log, hidden)).unwrap();
}

/// A world on the real network that notes what goes through it, and its notes.
pub fn recorded() -> (World, Rc<RefCell<Vec<Value>>>) {
    let world = real::world(true);
    let (recorder, log) = Recorder::around(world.http);
    (World { http: Box::new(recorder), ..world }, log)
}

/// The same steps that the recordings are played back with, on the server itself.
#[tokio::test]
async fn tryton_counts_as_it_was_recorded() {
    let Some(server) = super::tryton() else { return };
    let erp = Erp::new(&server);
    let seed = &server.seed;
    let id = |kind: &str, name: &str| seed[kind][name].as_i64().unwrap();
    for (code, place, value) in tryton::START {
        erp.set(id("products", code), id("locations", place), value).await;
    }
    let sale = erp.sell(&server, "web#1001", id("products", "MUG-BLK"), 6).await;
    let (world, log) = recorded();
    let model =
        erp::model(&connectors::tryton::DESCRIPTOR, &tryton_fields(&server), &tryton::PLACES, &tryton::CODES);
    let run =
        if std::env::var_os("ONHAND_RECORD").is_some() { "plan7".to_owned() } else { conformance::key() };
    tryton::scenario(erp::context(model, world, true), &run).await;
    let log = log.take();
    let version = if seed["rest_key"] == "" { "7.0" } else { "8.0" };
    let mut token = log.iter().filter(|exchange| exchange["body"]["method"] == "common.db.login");
    let answer: Value = serde_json::from_str(token.next_back().unwrap()["answer"].as_str().unwrap()).unwrap();
    let token = answer["result"][1].as_str().unwrap();
    let hidden = [(token, "recorded-token"), (server.text("password"), tryton::PASSWORD)];
    keep(&format!("tryton-{version}"), &format!("Tryton {version}, seeded"), &log, &hidden);
    assert_eq!(erp.count(id("products", "MUG-WHT"), id("locations", "RTM-A")).await.as_deref(), Some("115"));
    assert_eq!(erp.drafts().await, Vec::<Value>::new(), "no draft is left behind");
    erp.cancel(sale).await;
    erp.restore(&server).await;
}

#[tokio::test]
async fn vendure_writes_as_it_was_recorded() {
    let Some(server) = super::vendure() else { return };
    let shop = Shop::new(&server).await;
    let variant = |sku: &str| server.seed["variants"][sku].as_str().unwrap();
    for (sku, place, value) in vendure::START {
        shop.set(variant(sku), place, value).await;
    }
    shop.update(
        variant("WEB-TEA-EG"),
        json!({"useGlobalOutOfStockThreshold": false, "outOfStockThreshold": 3}),
    )
    .await;
    shop.update(variant("WEB-TEA-GRN"), json!({"trackInventory": "FALSE"})).await;
    let (world, log) = recorded();
    let fields: Fields<'_> =
        &[("url", &server.url), ("user", server.text("user")), ("password", server.text("password"))];
    let model = erp::model(&connectors::vendure::DESCRIPTOR, fields, &vendure::PLACES, &vendure::CODES);
    vendure::scenario(erp::context(model, world, true)).await;
    let log = log.take();
    let token = log
        .iter()
        .find_map(|exchange| exchange["headers"].as_array()?.iter().find(|h| h[0] == "vendure-auth-token"));
    let token = token.unwrap()[1].as_str().unwrap();
    let hidden = [(token, "recorded-token"), (server.text("password"), vendure::PASSWORD)];
    keep("vendure-3.7", "Vendure 3.7.3, seeded", &log, &hidden);
    assert_eq!(shop.level(variant("WEB-MUG-WHT"), "1").await, Some((118, 0)));
    shop.set(variant("WEB-MUG-WHT"), "1", 120).await;
    shop.update(
        variant("WEB-TEA-EG"),
        json!({"useGlobalOutOfStockThreshold": true, "outOfStockThreshold": 0}),
    )
    .await;
    shop.update(variant("WEB-TEA-GRN"), json!({"trackInventory": "TRUE"})).await;
}

/// A sale that is processed and not assigned is demand once, wherever the warehouse is looked at.
#[tokio::test]
async fn an_unassigned_sale_is_read_once() {
    let Some(server) = super::tryton() else { return };
    let erp = Erp::new(&server);
    let tea = server.seed["products"]["TEA-EG"].as_i64().unwrap();
    let open = async |place: &str| {
        let context = tryton_context(&server, &[place], &["TEA-EG"], false);
        let lines = connectors::open(context).await.unwrap().lines().await.unwrap();
        assert_eq!((lines.about.incomplete, lines.failures), (None, vec![]));
        lines.lines
    };
    let before = [open("RTM").await.len(), open("RTM-STO").await.len()];
    let sale = erp.sell(&server, "web#77", tea, 5).await;
    for (place, before) in ["RTM", "RTM-STO"].into_iter().zip(before) {
        let lines = open(place).await;
        assert_eq!(lines.len(), before + 1, "one line more at {place}");
        let ours: Vec<_> = lines.iter().filter(|line| line.open.to_string() == "5").collect();
        assert!(!ours.is_empty() && ours[0].unit.as_deref() == Some("u"), "{lines:?}");
        if place == "RTM" {
            assert!(ours.iter().any(|line| line.cause.as_deref() == Some("web#77")), "{ours:?}");
        }
    }
    erp.cancel(sale).await;
}

/// Somebody else's open count of the same product stops ours; an old draft of ours does not.
#[tokio::test]
async fn an_open_count_stops_ours() {
    let Some(server) = super::tryton() else { return };
    let erp = Erp::new(&server);
    let seed = &server.seed;
    let (mug, aisle) =
        (seed["products"]["MUG-WHT"].as_i64().unwrap(), seed["locations"]["RTM-A"].as_i64().unwrap());
    erp.set(mug, aisle, "30").await;
    let draft = async |number: &str| {
        let lines = json!([["create", [{"product": mug, "quantity": 29}]]]);
        let values = json!([[{"location": aisle, "number": number, "lines": lines}]]);
        erp.call("stock.inventory.create", values, json!({})).await[0].as_i64().unwrap()
    };
    let theirs = draft("AUDIT-9").await;
    let context = tryton_context(&server, &["RTM-A"], &["MUG-WHT"], true);
    let mut session = connectors::open(context).await.unwrap();
    let row = tryton::row(&conformance::key(), 0, 0, [30, 25]);
    let answers = session.write(std::slice::from_ref(&row)).await.unwrap();
    let [connectors::RowAnswer::Rejected { field, message }] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!(field, "inventory");
    assert!(message.contains("AUDIT-9"), "{message}");
    assert_eq!(erp.count(mug, aisle).await.as_deref(), Some("30"));
    erp.call("stock.inventory.delete", json!([[theirs]]), json!({})).await;
    draft("onhand-left-over").await;
    let answers = session.write(&[row]).await.unwrap();
    assert_eq!(answers, [connectors::RowAnswer::Written { compared: true }]);
    assert_eq!(erp.count(mug, aisle).await.as_deref(), Some("25"));
    assert_eq!(erp.drafts().await, Vec::<Value>::new());
    erp.restore(&server).await;
}

/// Two variants of one SKU, stock in a location that is not mapped, an unknown location, a wrong key.
#[tokio::test]
async fn vendure_traps_are_told() {
    let Some(server) = super::vendure() else { return };
    let shop = Shop::new(&server).await;
    for sku in ["TRAP-TWICE", "TRAP-AWAY"] {
        clear(&shop, sku).await;
    }
    let (first, second, away) =
        (shop.make("TRAP-TWICE").await, shop.make("TRAP-TWICE").await, shop.make("TRAP-AWAY").await);
    shop.set(&away, "2", 4).await;
    let context =
        |places: &[&str]| vendure_context(&server, places, &["TRAP-TWICE", "TRAP-AWAY", "TRAP-NONE"], false);
    let levels = connectors::open(context(&["Rotterdam"])).await.unwrap().levels().await.unwrap();
    let told: Vec<_> = levels.failures.iter().map(|f| (f.record.clone(), &*f.field)).collect();
    assert_eq!(
        told,
        [
            (format!("variant {first}"), "sku"),
            (format!("variant {second}"), "sku"),
            (format!("variant {away}"), "foreign-stock"),
            ("sku TRAP-NONE".to_owned(), "sku"),
        ]
    );
    let Err(Failure::Rejected { message }) = connectors::open(context(&["Paris"])).await else {
        panic!("no such place")
    };
    assert!(message.contains("1 (Rotterdam), 2 (Lille)"), "{message}");
    for sku in ["TRAP-TWICE", "TRAP-AWAY"] {
        clear(&shop, sku).await;
    }
    let fields: Fields<'_> = &[("url", &server.url), ("key", "wrong-key")];
    let model = erp::model(&connectors::vendure::DESCRIPTOR, fields, &["1"], &["TRAP-AWAY"]);
    let Err(failure) = connectors::open(erp::context(model, real::world(false), false)).await else {
        panic!()
    };
    assert!(matches!(failure, Failure::Denied { .. }), "{failure:?}");
}
