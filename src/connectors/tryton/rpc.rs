//! Tryton's JSON-RPC: version, login, calls, and what its errors mean.

use crate::connectors::redact::base64;
use crate::connectors::wire::{Call, Wire, needed};
use crate::connectors::{Context, Failure, page};
use crate::world::{Response, Secret};
use futures_util::stream::{self, StreamExt};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::BTreeMap;

/// Records in one question, where the topology says nothing.
pub(super) const PAGE: usize = 500;

/// A conversation with one database, as one user, in one company.
pub(super) struct Rpc {
    pub(super) wire: Wire,
    /// Records in one question.
    pub(super) page: usize,
    database: String,
    user: String,
    password: Secret,
    paths: Paths,
    session: Secret,
    company: i64,
    calls: Cell<u64>,
    /// Fields that were asked for, and whether they are there.
    fields: BTreeMap<String, bool>,
    /// Whether the session has been renewed once: a second refusal is final.
    renewed: bool,
}

/// Where each version answers.
struct Paths {
    /// Calls on the database.
    database: String,
    /// Whether login answers with three values (8.0) instead of two (7.0).
    login_values: usize,
    /// How the step that ends a shipment is called.
    done: &'static str,
}

/// One search.
pub(super) struct Search<'a> {
    pub(super) model: &'a str,
    pub(super) domain: Value,
    pub(super) limit: Option<usize>,
    pub(super) fields: &'a [&'a str],
    /// What stands in the context beside company and language.
    pub(super) context: Value,
}

/// An answer: one of the two. Numbers stay text until somebody reads them.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Value>,
}

impl Rpc {
    /// Finds the version, logs in once, and looks up the user's company.
    pub(super) async fn open(context: &Context) -> Result<Rpc, Failure> {
        let password = needed(context, "password")?;
        let database = needed(context, "database")?.reveal().to_owned();
        let user = needed(context, "user")?.reveal().to_owned();
        let mut wire = Wire::open(context)?;
        wire.hide(&password);
        if database.is_empty() || !database.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        {
            return Err(wire.rejected("`database` holds more than letters, digits, `-`, `_` and `.`"));
        }
        let paths = find_paths(&wire, &database).await?;
        let session = Secret::new(String::new());
        let mut rpc = Rpc {
            wire,
            page: page(context, PAGE),
            database,
            user,
            password,
            paths,
            session,
            company: 0,
            calls: Cell::new(0),
            fields: BTreeMap::new(),
            renewed: false,
        };
        rpc.login().await?;
        rpc.company = rpc.find_company().await?;
        Ok(rpc)
    }

    /// The company in which everything is read and written.
    pub(super) fn company(&self) -> i64 {
        self.company
    }

    /// The step that ends a shipment or a customer return.
    pub(super) fn done(&self) -> &'static str {
        self.paths.done
    }

    /// One attempt: a wrong password slows the server down, and then locks the user out.
    async fn login(&mut self) -> Result<(), Failure> {
        let params = json!([self.user, {"password": self.password.reveal()}, "en"]);
        let body = json!({"id": 0, "method": "common.db.login", "params": params}).to_string();
        let path = self.paths.database.clone();
        let call = Call { path: &path, headers: vec![], secrets: vec![], body, safe: true };
        let answer = self.wire.post(call).await?;
        match answer.status {
            401 => {
                return Err(self.wire.denied("user or password is wrong: correct them before the next try"));
            }
            404 => {
                let what = format!("the server has no database `{}`: correct `database`", self.database);
                return Err(self.wire.rejected(&what));
            }
            429 => {
                return Err(self.wire.denied(
                    "too many wrong logins: the server refuses this user for some minutes, also with the \
                     right \
                     password; check the password, then wait",
                ));
            }
            _ => self.wire.judge(&answer, true)?,
        }
        let result: Vec<Value> = match read_answer(&self.wire, &answer, true) {
            Err(Failure::Rejected { message }) => {
                let what = "the server may have been started without this database (trytond -d)";
                return Err(Failure::Rejected { message: format!("{message}; {what}") });
            }
            other => other?,
        };
        let id = result.first().and_then(Value::as_i64);
        let token = result.get(1).and_then(Value::as_str);
        let (Some(id), Some(token)) = (id, token) else {
            return Err(self.wire.denied("the login needs more than a password, which is not supported"));
        };
        if result.len() != self.paths.login_values {
            return Err(self.wire.rejected("the answer to the login is not the one of Tryton 8.0 or 7.0"));
        }
        self.wire.hide(&Secret::new(token));
        let session = base64_padded(&format!("{}:{id}:{token}", self.user));
        self.wire.hide(&Secret::new(session.clone()));
        self.session = Secret::new(format!("Session {session}"));
        Ok(())
    }

    async fn find_company(&mut self) -> Result<i64, Failure> {
        #[derive(Deserialize)]
        struct Preferences {
            company: Option<i64>,
        }
        let params = json!([true, {}]);
        let preferences: Preferences = self.call("model.res.user.get_preferences", params, true).await?;
        preferences.company.ok_or_else(|| {
            let what = "the user has no company, so it sees no stock: choose one in the user's preferences \
                        in Tryton";
            self.wire.rejected(what)
        })
    }

    /// The context of a call: company and language, and what the call adds.
    pub(super) fn context(&self, more: Value) -> Value {
        let mut context = json!({"company": self.company, "language": "en"});
        if let (Value::Object(context), Value::Object(more)) = (&mut context, more) {
            context.extend(more);
        }
        context
    }

    /// Records that match, by id.
    pub(super) async fn search<T: DeserializeOwned>(
        &mut self,
        search: Search<'_>,
    ) -> Result<Vec<T>, Failure> {
        let (method, params) = self.asked(search);
        self.call(&method, params, true).await
    }

    /// The same for several searches, as many at once as the server bears; the answers are handed over in the
    /// order asked.
    pub(super) async fn search_each<'s, T: DeserializeOwned>(
        &mut self,
        searches: impl Iterator<Item = Search<'s>> + Clone,
        mut take: impl FnMut(Vec<T>),
    ) -> Result<(), Failure> {
        let mut answered = 0;
        while !self.search_all(searches.clone().skip(answered), &mut answered, &mut take).await? {
            self.renew().await?;
        }
        Ok(())
    }

    /// The same, until the session has run out: whether all was answered. Counts the answers.
    async fn search_all<'s, T: DeserializeOwned>(
        &self,
        searches: impl Iterator<Item = Search<'s>>,
        answered: &mut usize,
        take: &mut impl FnMut(Vec<T>),
    ) -> Result<bool, Failure> {
        let sent = searches.map(|search| async move {
            let (method, params) = self.asked(search);
            (self.send(self.body(&method, params), true).await, method)
        });
        let mut answers = std::pin::pin!(stream::iter(sent).buffered(self.wire.at_once()));
        while let Some((answer, method)) = answers.next().await {
            let answer = answer?;
            if answer.status == 401 {
                return Ok(false);
            }
            take(self.read(&answer, &method, true)?);
            *answered += 1;
        }
        Ok(true)
    }

    /// The method and parameters of a search.
    fn asked(&self, search: Search<'_>) -> (String, Value) {
        let context = self.context(search.context);
        let params = json!([search.domain, 0, search.limit, [["id", "ASC"]], search.fields, context]);
        (format!("model.{}.search_read", search.model), params)
    }

    /// Whether a model has a field: modules add some.
    pub(super) async fn has_field(&mut self, model: &str, field: &str) -> Result<bool, Failure> {
        let key = format!("{model}.{field}");
        if let Some(there) = self.fields.get(&key) {
            return Ok(*there);
        }
        let params = json!([[field], 0, self.context(json!({}))]);
        let fields: Value = self.call(&format!("model.{model}.fields_get"), params, true).await?;
        let there = fields.get(field).is_some();
        self.fields.insert(key, there);
        Ok(there)
    }

    /// Calls a method that changes something.
    pub(super) async fn change<T: DeserializeOwned>(
        &mut self,
        method: &str,
        first: Value,
    ) -> Result<T, Failure> {
        self.change_with(method, json!([first])).await
    }

    /// The same with several arguments; the context is added.
    pub(super) async fn change_with<T: DeserializeOwned>(
        &mut self,
        method: &str,
        mut params: Value,
    ) -> Result<T, Failure> {
        let context = self.context(json!({}));
        if let Value::Array(list) = &mut params {
            list.push(context);
        }
        self.call(method, params, false).await
    }

    /// Calls a method. A session that has run out is renewed once.
    async fn call<T: DeserializeOwned>(
        &mut self,
        method: &str,
        params: Value,
        safe: bool,
    ) -> Result<T, Failure> {
        let body = self.body(method, params);
        let answer = self.send(body.clone(), safe).await?;
        if answer.status != 401 {
            return self.read(&answer, method, safe);
        }
        self.renew().await?;
        let answer = self.send(body, safe).await?;
        self.read(&answer, method, safe)
    }

    async fn renew(&mut self) -> Result<(), Failure> {
        if self.renewed {
            return Err(self.wire.denied("the session is refused even after a new login"));
        }
        self.renewed = true;
        self.login().await
    }

    fn body(&self, method: &str, params: Value) -> String {
        self.calls.set(self.calls.get() + 1);
        json!({"id": self.calls.get(), "method": method, "params": params}).to_string()
    }

    async fn send(&self, body: String, safe: bool) -> Result<Response, Failure> {
        let path = self.paths.database.clone();
        let secrets = vec![("authorization".to_owned(), self.session.clone())];
        self.wire.post(Call { path: &path, headers: vec![], secrets, body, safe }).await
    }

    fn read<T: DeserializeOwned>(&self, answer: &Response, method: &str, safe: bool) -> Result<T, Failure> {
        if answer.status == 403 {
            let what = format!("the user may not call {method}: give it the rights of the stock group");
            return Err(self.wire.denied(&what));
        }
        self.wire.judge(answer, safe)?;
        read_answer(&self.wire, answer, safe)
    }
}

/// 8.0 answers its version at `/rpc/`, 7.0 at `/`. Others are not supported.
async fn find_paths(wire: &Wire, database: &str) -> Result<Paths, Failure> {
    let mut found = version(wire, "/rpc/").await?;
    if found.is_err() {
        found = version(wire, "/").await?;
    }
    let Ok(found) = found else {
        return Err(wire.rejected("this does not answer like a Tryton server: correct `url`"));
    };
    match found.split('.').take(2).collect::<Vec<_>>()[..] {
        ["8", "0"] => Ok(Paths { database: format!("/{database}/rpc/"), login_values: 3, done: "do" }),
        ["7", "0"] => Ok(Paths { database: format!("/{database}/"), login_values: 2, done: "done" }),
        _ => Err(wire.rejected(&format!("this is Tryton {found}; supported are 8.0 and 7.0"))),
    }
}

/// The version that answers at a path; the inner error: none does.
async fn version(wire: &Wire, path: &str) -> Result<Result<String, ()>, Failure> {
    let body = json!({"id": 0, "method": "common.server.version", "params": []}).to_string();
    let answer = wire.post(Call { path, headers: vec![], secrets: vec![], body, safe: true }).await?;
    match answer.status {
        200 => Ok(read_answer::<String>(wire, &answer, true).map_err(|_| ())),
        // The other version, which takes `rpc` for the name of a database, or no Tryton.
        400 | 401 | 403 | 404 | 405 => Ok(Err(())),
        _ => {
            wire.judge(&answer, true)?;
            Ok(Err(()))
        }
    }
}

/// The result of an answer, or the failure that its `error` stands for.
fn read_answer<T: DeserializeOwned>(wire: &Wire, answer: &Response, safe: bool) -> Result<T, Failure> {
    let torn = |_| wire.torn(safe, "the answer is not the JSON that was expected, or was cut");
    let read: Answer<'_> = serde_json::from_slice(&answer.body).map_err(torn)?;
    match (read.error, read.result) {
        (Some(error), _) => Err(application_error(wire, &error)),
        (None, result) => serde_json::from_str(result.map_or("null", RawValue::get)).map_err(torn),
    }
}

/// Errors of the application roll the transaction back: nothing was done.
fn application_error(wire: &Wire, error: &Value) -> Failure {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = text(error.get(0));
    let detail = error.get(1);
    match name.as_str() {
        "UserError" => {
            let message = text(detail.and_then(|d| d.get(0)));
            let more = text(detail.and_then(|d| d.get(1)));
            wire.rejected(&format!("Tryton refuses: {message} {more}"))
        }
        "UserWarning" => {
            let message = text(detail.and_then(|d| d.get(1)));
            wire.rejected(&format!(
                "Tryton asks for a confirmation that a person must give: {message} Do this change in Tryton \
                 itself"
            ))
        }
        "ConcurrencyException" => Failure::Retry {
            after: None,
            message: wire.says("Tryton says that the records were changed by somebody else meanwhile"),
        },
        "LoginException" => wire.denied("the login needs more than a password, which is not supported"),
        "RateLimitException" => {
            Failure::Retry { after: None, message: wire.says("Tryton asks to come back later") }
        }
        _ => wire.rejected(&format!("Tryton failed inside: {name}")),
    }
}

fn base64_padded(text: &str) -> String {
    let mut encoded = base64(text.as_bytes(), false);
    while !encoded.len().is_multiple_of(4) {
        encoded.push('=');
    }
    encoded
}
