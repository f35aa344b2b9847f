//! The servers' own APIs, as their own clients use them: nothing here goes through our connectors.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// One request with a JSON body; the answer as JSON. Panics with the answer where it is none.
pub fn post(url: &str, headers: &[(&str, &str)], body: &Value) -> (Value, Option<String>) {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    let client = CLIENT.get_or_init(reqwest::Client::new);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut request = client.post(url).header("content-type", "application/json").body(body.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    runtime.block_on(async {
        let answer = request.send().await.unwrap_or_else(|error| panic!("{url}: {error}"));
        let token = answer.headers().get("vendure-auth-token").map(|v| v.to_str().unwrap().to_owned());
        let text = answer.text().await.unwrap();
        let value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{url} answered {text}"));
        (value, token)
    })
}

/// Tryton, by JSON-RPC, as its administrator's desktop client would.
pub struct Tryton {
    pub url: String,
    pub seed: Value,
    session: String,
}

impl Tryton {
    pub fn login(url: &str, seed: Value) -> Tryton {
        let login = json!([seed["user"], {"password": seed["password"]}, "en"]);
        let body = json!({"id": 1, "method": "common.db.login", "params": login});
        let (answer, _) = post(&format!("{url}/inv/rpc/"), &[], &body);
        let (user, id) = (seed["user"].as_str().unwrap().to_owned(), &answer["result"][0]);
        let plain = format!("{user}:{id}:{}", answer["result"][1].as_str().unwrap());
        Tryton { url: url.to_owned(), seed, session: format!("Session {}", base64(plain.as_bytes())) }
    }

    pub fn call(&self, method: &str, mut params: Vec<Value>, context: Value) -> Value {
        let mut whole = json!({"company": self.seed["company"]});
        for (key, value) in context.as_object().unwrap() {
            whole[key] = value.clone();
        }
        params.push(whole);
        let body = json!({"id": 1, "method": method, "params": params});
        let url = format!("{}/inv/rpc/", self.url);
        let (answer, _) = post(&url, &[("authorization", &self.session)], &body);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    pub fn location(&self, code: &str) -> Value {
        self.seed["locations"][code].clone()
    }

    /// On hand in the product's own unit, at a location with everything inside it.
    pub fn on_hand(&self, code: &str, location: &str) -> f64 {
        let fields = json!([self.seed["products"][code]]);
        let context = json!({"locations": [self.location(location)]});
        let rows = self.call("model.product.product.read", vec![fields, json!(["quantity"])], context);
        rows[0]["quantity"].as_f64().unwrap()
    }

    /// On hand and forecast, in the product's own unit, at a location with everything inside it.
    pub fn counts(&self, code: &str, location: &str) -> (f64, f64) {
        let fields = json!([self.seed["products"][code]]);
        let context = json!({"locations": [self.location(location)]});
        let wanted = json!(["quantity", "forecast_quantity"]);
        let rows = self.call("model.product.product.read", vec![fields, wanted], context);
        (rows[0]["quantity"].as_f64().unwrap(), rows[0]["forecast_quantity"].as_f64().unwrap())
    }

    /// A stock take: at a storage place there is now so much.
    pub fn count(&self, code: &str, place: &str, quantity: f64) {
        let (today, product) = (today(), self.seed["products"][code].clone());
        let mut line = json!({"product": product, "quantity": quantity});
        if code == "TEA-GRN" {
            line["lot"] = self.seed["lot"].clone();
        }
        let inventory = json!({"location": self.location(place), "date": today, "company": self.seed["company"],
            "lines": [["create", [line]]]});
        let ids = self.call("model.stock.inventory.create", vec![json!([inventory])], json!({}));
        self.call("model.stock.inventory.confirm", vec![ids], json!({}));
    }

    /// So many turn up, as if somebody had found them.
    pub fn receive(&self, code: &str, place: &str, quantity: i64) {
        let arrival = json!({"product": self.seed["products"][code], "unit": self.seed["units"]["each"],
            "quantity": quantity, "from_location": self.location("lost_found"),
            "to_location": self.location(place), "company": self.seed["company"], "effective_date": today()});
        let ids = self.call("model.stock.move.create", vec![json!([arrival])], json!({}));
        self.call("model.stock.move.do", vec![ids], json!({}));
    }

    /// How many of an item its done moves have taken from where to where, by the names of the places.
    pub fn moved(&self, code: &str) -> BTreeMap<String, i64> {
        let domain = json!([["product", "=", self.seed["products"][code]], ["state", "=", "done"]]);
        let fields = json!(["quantity", "from_location.rec_name", "to_location.rec_name"]);
        let wanted = vec![domain, json!(0), json!(null), json!(null), fields];
        let mut sums = BTreeMap::new();
        for row in self.call("model.stock.move.search_read", wanted, json!({})).as_array().unwrap() {
            let name = |place: &str| row[place]["rec_name"].as_str().unwrap().to_owned();
            let way = format!("{} to {}", name("from_location."), name("to_location."));
            *sums.entry(way).or_default() += row["quantity"].as_f64().unwrap() as i64;
        }
        sums
    }

    /// A sale that is confirmed and processed, so that its moves wait, unassigned. Answers its shipments.
    pub fn sell(&self, code: &str, quantity: i64, warehouse: &str) -> Value {
        let unit = self.seed["units"]["each"].clone();
        let price = json!({"__class__": "Decimal", "decimal": "5"});
        let line = json!({"type": "line", "product": self.seed["products"][code], "quantity": quantity,
            "unit": unit, "unit_price": price});
        let party = self.seed["customer"].clone();
        let read = vec![json!([party]), json!(["addresses"])];
        let address = self.call("model.party.party.read", read, json!({}))[0]["addresses"][0].clone();
        let sale = json!({"party": party, "company": self.seed["company"], "currency": self.seed["currency"],
            "warehouse": self.location(warehouse), "invoice_address": address, "shipment_address": address,
            "invoice_method": "manual", "shipment_method": "order", "sale_date": today(),
            "lines": [["create", [line]]]});
        let ids = self.call("model.sale.sale.create", vec![json!([sale])], json!({}));
        for step in ["quote", "confirm", "process"] {
            self.call(&format!("model.sale.sale.{step}"), vec![ids.clone()], json!({}));
        }
        self.call("model.sale.sale.read", vec![ids, json!(["shipments"])], json!({}))[0]["shipments"].clone()
    }

    /// Cancels shipments, so that nothing of them stays open.
    pub fn cancel_shipment(&self, shipments: &Value) {
        self.call("model.stock.shipment.out.cancel", vec![shipments.clone()], json!({}));
    }
}

/// Today, as Tryton writes it.
fn today() -> Value {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    json!({"__class__": "date", "year": year, "month": month, "day": day})
}

/// Days since 1970 as a date of the Gregorian calendar.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

pub fn base64(bytes: &[u8]) -> String {
    const SET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let part = |at: usize| u32::from(*chunk.get(at).unwrap_or(&0));
        let bits = part(0) << 16 | part(1) << 8 | part(2);
        for at in 0..4 {
            let sign = SET[(bits >> (18 - 6 * at) & 63) as usize] as char;
            out.push(if at > chunk.len() { '=' } else { sign });
        }
    }
    out
}

/// Vendure, by its admin and shop GraphQL APIs.
pub struct Vendure {
    pub seed: Value,
    admin: String,
}

/// An order that was placed.
pub struct Placed {
    pub id: Value,
    pub code: String,
    /// Its lines' ids, in the order of what was put in.
    pub lines: Vec<Value>,
}

/// What one stock level shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    pub on_hand: i64,
    pub allocated: i64,
}

impl Vendure {
    pub fn login(seed: Value) -> Vendure {
        let query = r#"mutation { login(username: "superadmin", password: "superadmin-pw") {
            ... on CurrentUser { id } } }"#;
        let (_, token) = post(seed["adminApi"].as_str().unwrap(), &[], &json!({"query": query}));
        Vendure { seed, admin: format!("Bearer {}", token.expect("the login answers with a token")) }
    }

    pub fn admin(&self, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        let url = self.seed["adminApi"].as_str().unwrap();
        let (answer, _) = post(url, &[("authorization", &self.admin)], &body);
        assert!(answer.get("errors").is_none(), "{answer}");
        first(&answer)
    }

    pub fn level(&self, sku: &str, place: &str) -> Level {
        let query = "query($id: ID!) { productVariant(id: $id) {
            stockLevels { stockLocationId stockOnHand stockAllocated } } }";
        let answer = self.admin(query, json!({"id": self.seed["variants"][sku]}));
        let levels = answer["stockLevels"].as_array().unwrap();
        let here = levels.iter().find(|level| level["stockLocationId"] == self.seed["locations"][place]);
        let here = here.unwrap_or_else(|| panic!("{sku} has no level at {place}: {answer}"));
        Level {
            on_hand: here["stockOnHand"].as_i64().unwrap(),
            allocated: here["stockAllocated"].as_i64().unwrap(),
        }
    }

    pub fn set(&self, sku: &str, place: &str, on_hand: i64) {
        let level = json!({"stockLocationId": self.seed["locations"][place], "stockOnHand": on_hand});
        let input = json!([{"id": self.seed["variants"][sku], "stockLevels": [level]}]);
        self.admin(UPDATE, json!({"i": input}));
    }

    pub fn threshold(&self, sku: &str, threshold: Option<i64>) {
        let input = json!([{"id": self.seed["variants"][sku],
            "outOfStockThreshold": threshold.unwrap_or(0), "useGlobalOutOfStockThreshold": threshold.is_none()}]);
        self.admin(UPDATE, json!({"i": input}));
    }

    /// Puts so many into a new cart; answers how many the shop let in, and the cart's token.
    pub fn cart(&self, sku: &str, quantity: i64) -> (i64, String) {
        let mut token = None;
        let query = "mutation($v: ID!, $q: Int!) { addItemToOrder(productVariantId: $v, quantity: $q) {
            __typename ... on Order { totalQuantity } ... on InsufficientStockError { quantityAvailable } } }";
        let answer = self.shop(&mut token, query, json!({"v": self.seed["variants"][sku], "q": quantity}));
        let got = match answer["__typename"].as_str() {
            Some("Order") => answer["totalQuantity"].as_i64().unwrap(),
            _ => answer["quantityAvailable"].as_i64().unwrap_or_else(|| panic!("{answer}")),
        };
        (got, token.expect("a cart has a token"))
    }

    /// A whole order, paid. Answers its id and its line's id.
    pub fn buy(&self, sku: &str, quantity: i64) -> (Value, Value) {
        let placed = self.place(&[(sku, quantity)]);
        (placed.id, placed.lines[0].clone())
    }

    /// An order of several variants, paid.
    pub fn place(&self, items: &[(&str, i64)]) -> Placed {
        self.try_place(items).unwrap_or_else(|| panic!("the shop does not have {items:?}"))
    }

    /// The same; `None` where the shop turns it away, since it has not enough.
    pub fn try_place(&self, items: &[(&str, i64)]) -> Option<Placed> {
        let mut token = None;
        let add = "mutation($v: ID!, $q: Int!) { addItemToOrder(productVariantId: $v, quantity: $q) {
            __typename ... on ErrorResult { errorCode message } } }";
        for (sku, quantity) in items {
            let answer = self.shop(&mut token, add, json!({"v": self.seed["variants"][sku], "q": quantity}));
            if answer["errorCode"] == "INSUFFICIENT_STOCK_ERROR" {
                return None;
            }
            assert_eq!(answer["__typename"], "Order", "{quantity} of {sku}: {answer}");
        }
        let customer = r#"mutation { setCustomerForOrder(input: {firstName: "Ann", lastName: "Visser",
            emailAddress: "ann@example.com"}) { __typename } }"#;
        self.shop(&mut token, customer, json!({}));
        let address = r#"mutation { setOrderShippingAddress(input: {fullName: "Ann Visser",
            streetLine1: "Kade 1", city: "Rotterdam", postalCode: "3011", countryCode: "NL"}) { __typename } }"#;
        self.shop(&mut token, address, json!({}));
        let methods = self.shop(&mut token, "{ eligibleShippingMethods { id } }", json!({}));
        let method = "mutation($i: [ID!]!) { setOrderShippingMethod(shippingMethodId: $i) { __typename } }";
        self.shop(&mut token, method, json!({"i": [methods[0]["id"]]}));
        let arrange = r#"mutation { transitionOrderToState(state: "ArrangingPayment") {
            __typename ... on OrderStateTransitionError { transitionError } } }"#;
        let answer = self.shop(&mut token, arrange, json!({}));
        // What has been sold out since it went into the cart is told here, in words.
        if answer["transitionError"].as_str().is_some_and(|why| why.contains("insufficient stock")) {
            return None;
        }
        assert_eq!(answer["__typename"], "Order", "{answer}");
        let pay = r#"mutation { addPaymentToOrder(input: {method: "dummy", metadata: {}}) {
            __typename ... on Order { id code state lines { id productVariant { sku } } } } }"#;
        let order = self.shop(&mut token, pay, json!({}));
        assert_eq!(order["state"], "PaymentSettled", "{order}");
        // The shop lists them in an order of its own.
        let lines = order["lines"].as_array().unwrap();
        let of = |sku: &str| lines.iter().find(|line| line["productVariant"]["sku"] == sku).unwrap();
        let lines = items.iter().map(|(sku, _)| of(sku)["id"].clone()).collect();
        Some(Placed { id: order["id"].clone(), code: order["code"].as_str().unwrap().to_owned(), lines })
    }

    /// Sends so many of an order out. Answers the fulfilment's id.
    pub fn fulfil(&self, line: &Value, quantity: i64) -> Value {
        let query = "mutation($i: FulfillOrderInput!) { addFulfillmentToOrder(input: $i) {
            __typename ... on Fulfillment { id state } ... on ErrorResult { errorCode message } } }";
        let handler = json!({"code": "manual-fulfillment", "arguments": [
            {"name": "method", "value": "parcel"}, {"name": "trackingCode", "value": "T1"}]});
        let input = json!({"lines": [{"orderLineId": line, "quantity": quantity}], "handler": handler});
        let answer = self.admin(query, json!({"i": input}));
        assert_eq!(answer["__typename"], "Fulfillment", "{answer}");
        answer["id"].clone()
    }

    /// Brings a fulfilment to a state: `Shipped`, `Delivered`, `Cancelled`.
    pub fn bring(&self, fulfilment: &Value, state: &str) {
        let query = "mutation($i: ID!, $s: String!) { transitionFulfillmentToState(id: $i, state: $s) {
            __typename ... on ErrorResult { errorCode message } } }";
        let answer = self.admin(query, json!({"i": fulfilment, "s": state}));
        assert_eq!(answer["__typename"], "Fulfillment", "{answer}");
    }

    /// Cancels so many of a line, sent or not.
    pub fn cancel_some(&self, order: &Value, line: &Value, quantity: i64) {
        let query = "mutation($i: CancelOrderInput!) { cancelOrder(input: $i) {
            __typename ... on ErrorResult { errorCode message } } }";
        let lines = json!([{"orderLineId": line, "quantity": quantity}]);
        let answer = self.admin(query, json!({"i": {"orderId": order, "lines": lines, "reason": "test"}}));
        assert_eq!(answer["__typename"], "Order", "{answer}");
    }

    /// Cancels a whole order.
    pub fn cancel(&self, order: &Value) {
        let query = "mutation($i: CancelOrderInput!) { cancelOrder(input: $i) {
            __typename ... on ErrorResult { errorCode message } } }";
        self.admin(query, json!({"i": {"orderId": order, "reason": "test"}}));
    }

    fn shop(&self, token: &mut Option<String>, query: &str, variables: Value) -> Value {
        let bearer = token.as_ref().map(|t| format!("Bearer {t}"));
        let headers: Vec<_> = bearer.iter().map(|b| ("authorization", b.as_str())).collect();
        let body = json!({"query": query, "variables": variables});
        let (answer, new) = post(self.seed["shopApi"].as_str().unwrap(), &headers, &body);
        assert!(answer.get("errors").is_none(), "{answer}");
        if new.is_some() {
            *token = new;
        }
        first(&answer)
    }
}

const UPDATE: &str =
    "mutation($i: [UpdateProductVariantInput!]!) { updateProductVariants(input: $i) { id } }";

fn first(answer: &Value) -> Value {
    answer["data"].as_object().and_then(|data| data.values().next().cloned()).unwrap_or(Value::Null)
}
