//! Vendure's admin GraphQL API: key or login, questions, and what its errors mean.

use crate::connectors::wire::{Call, Wire, needed, optional};
use crate::connectors::{Context, Failure};
use crate::model::time::Moment;
use crate::world::{Response, Secret};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const LOGIN: &str = "mutation($u: String!, $p: String!) { login(username: $u, password: $p) \
                     { __typename ... on ErrorResult { errorCode message } } }";

/// A conversation with one shop.
pub(super) struct Admin {
    pub(super) wire: Wire,
    path: &'static str,
    channel: Option<String>,
    auth: Auth,
    /// Whether the login has been renewed once: a second refusal is final.
    renewed: bool,
    /// The shop's own clock, as its last answer told it.
    pub(super) date: Option<Moment>,
}

enum Auth {
    Key(Secret),
    Login { user: String, password: Secret, token: Option<Secret> },
}

/// One question.
pub(super) struct Ask {
    pub(super) query: &'static str,
    pub(super) variables: Value,
    /// Whether it changes nothing.
    pub(super) safe: bool,
}

/// The first error of an answer.
#[derive(Debug, Deserialize)]
pub(super) struct GraphError {
    /// In words, as the server says it: not fit for a message yet.
    pub(super) message: String,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Debug, Default, Deserialize)]
struct Extensions {
    #[serde(default)]
    code: Option<String>,
}

impl GraphError {
    fn code(&self) -> &str {
        self.extensions.code.as_deref().unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct Answer<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<GraphError>,
}

impl Admin {
    /// Takes the key, or logs in, once.
    pub(super) async fn open(context: &Context) -> Result<Admin, Failure> {
        let channel = optional(context, "channel")?.map(|token| token.reveal().to_owned());
        let auth = match optional(context, "key")? {
            Some(key) => Auth::Key(key),
            None => {
                let (user, password) = (needed(context, "user")?, needed(context, "password")?);
                Auth::Login { user: user.reveal().to_owned(), password, token: None }
            }
        };
        let mut wire = Wire::open(context)?;
        let path = if wire.ends_with("/admin-api") { "" } else { "/admin-api" };
        match &auth {
            Auth::Key(secret) | Auth::Login { password: secret, .. } => wire.hide(secret),
        }
        if channel.as_ref().is_some_and(|token| !token.chars().all(|c| c.is_ascii_graphic())) {
            return Err(wire.rejected("`channel` holds more than plain letters, digits and signs"));
        }
        let mut admin = Admin { wire, path, channel, auth, renewed: false, date: None };
        admin.login().await?;
        Ok(admin)
    }

    /// The channel that the topology names.
    pub(super) fn channel(&self) -> Option<&str> {
        self.channel.as_deref()
    }

    /// One attempt; with a key there is nothing to do.
    async fn login(&mut self) -> Result<(), Failure> {
        let Auth::Login { user, password, token } = &mut self.auth else { return Ok(()) };
        *token = None;
        let variables = json!({"u": user, "p": password.reveal()});
        let answer = self.send(&Ask { query: LOGIN, variables, safe: true }).await?;
        #[derive(Deserialize)]
        struct Data {
            login: Outcome,
        }
        #[derive(Deserialize)]
        struct Outcome {
            #[serde(default, rename = "errorCode")]
            code: Option<String>,
            #[serde(default)]
            message: String,
        }
        let data: Data = match self.read(&answer, true)? {
            Ok(data) => data,
            Err(error) => return Err(self.refusal(&error)),
        };
        if data.login.code.is_some() {
            let what = format!("the login is refused: {}; correct `user` and `password`", data.login.message);
            return Err(self.wire.denied(&what));
        }
        let Some(found) = answer.header("vendure-auth-token") else {
            let what = "the shop gives no bearer token: add `bearer` to its tokenMethod, or use a `key`";
            return Err(self.wire.denied(what));
        };
        let found = Secret::new(found);
        self.wire.hide(&found);
        if let Auth::Login { token, .. } = &mut self.auth {
            *token = Some(found);
        }
        Ok(())
    }

    /// Asks, and takes any error for a failure.
    pub(super) async fn ask<T: DeserializeOwned>(&mut self, ask: Ask) -> Result<T, Failure> {
        match self.try_ask(ask).await? {
            Ok(data) => Ok(data),
            Err(error) => Err(self.refusal(&error)),
        }
    }

    /// Asks; the inner error is one that the shop itself named, so that nothing was done. A login that has
    /// run out is renewed once.
    pub(super) async fn try_ask<T: DeserializeOwned>(
        &mut self,
        ask: Ask,
    ) -> Result<Result<T, GraphError>, Failure> {
        let answer = self.send(&ask).await?;
        let read = self.read(&answer, ask.safe)?;
        let forbidden = matches!(&read, Err(error) if error.code() == "FORBIDDEN");
        if !forbidden || self.renewed || matches!(self.auth, Auth::Key(_)) {
            return Ok(read);
        }
        self.renewed = true;
        self.login().await?;
        let answer = self.send(&ask).await?;
        self.read(&answer, ask.safe)
    }

    /// What an error of the shop means.
    pub(super) fn refusal(&self, error: &GraphError) -> Failure {
        match error.code() {
            "FORBIDDEN" => self.wire.denied(
                "the key or login is missing, wrong, or lacks a right (Vendure does not say which): check \
                 it, and that its role may read and update the catalog, products and stock locations, and \
                 read orders",
            ),
            "" => self.wire.rejected(&format!("Vendure refuses: {}", error.message)),
            code => self.wire.rejected(&format!("Vendure refuses: {} ({code})", error.message)),
        }
    }

    async fn send(&mut self, ask: &Ask) -> Result<Response, Failure> {
        let secrets = match &self.auth {
            Auth::Key(key) => vec![("vendure-api-key".to_owned(), key.clone())],
            Auth::Login { token: Some(token), .. } => {
                vec![("authorization".to_owned(), Secret::new(format!("Bearer {}", token.reveal())))]
            }
            Auth::Login { token: None, .. } => vec![],
        };
        let headers = self.channel.iter().map(|token| ("vendure-token".to_owned(), token.clone())).collect();
        let body = json!({"query": ask.query, "variables": ask.variables}).to_string();
        let call = Call { path: self.path, headers, secrets, body, safe: ask.safe };
        let answer = self.wire.post(call).await?;
        self.date = answer.header("date").and_then(Moment::parse_http);
        Ok(answer)
    }

    fn read<T: DeserializeOwned>(
        &self,
        answer: &Response,
        safe: bool,
    ) -> Result<Result<T, GraphError>, Failure> {
        self.wire.judge(answer, safe)?;
        let torn = || self.wire.torn(safe, "the answer is not the JSON that was expected, or was cut");
        // Errors first: beside them `data` may lack what was asked for.
        let plain: Answer<serde::de::IgnoredAny> =
            serde_json::from_slice(&answer.body).map_err(|_| torn())?;
        if let Some(error) = plain.errors.into_iter().next() {
            return Ok(Err(error));
        }
        let read: Answer<T> = serde_json::from_slice(&answer.body).map_err(|_| torn())?;
        read.data.map(Ok).ok_or_else(torn)
    }
}
