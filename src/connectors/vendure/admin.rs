//! Vendure's admin GraphQL API: key or login, questions, and what its errors mean.

use crate::connectors::wire::{Call, Wire, needed, optional};
use crate::connectors::{Context, Failure};
use crate::model::time::Moment;
use crate::world::{Response, Secret};
use futures_util::stream::{self, StreamExt};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::cell::Cell;

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
    pub(super) date: Cell<Option<Moment>>,
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
        let mut admin = Admin { wire, path, channel, auth, renewed: false, date: Cell::new(None) };
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
        match self.read(&answer, ask.safe)? {
            Err(error) if self.may_renew(&error) => {
                self.renew().await?;
                let answer = self.send(&ask).await?;
                self.read(&answer, ask.safe)
            }
            read => Ok(read),
        }
    }

    /// Asks questions that change nothing, as many at once as the shop bears, and hands the answers over in
    /// the order asked until `take` has enough. A login that has run out is renewed once; what was not
    /// answered before is asked again.
    pub(super) async fn ask_each<T: DeserializeOwned>(
        &mut self,
        asks: impl Iterator<Item = Ask> + Clone,
        mut take: impl FnMut(T) -> bool,
    ) -> Result<(), Failure> {
        let mut answered = 0;
        while !self.ask_all(asks.clone().skip(answered), &mut answered, &mut take).await? {
            self.renew().await?;
        }
        Ok(())
    }

    /// The same, until the login has run out: whether all was answered. Counts the answers.
    async fn ask_all<T: DeserializeOwned>(
        &self,
        asks: impl Iterator<Item = Ask>,
        answered: &mut usize,
        take: &mut impl FnMut(T) -> bool,
    ) -> Result<bool, Failure> {
        let sent = asks.map(|ask| async move { self.send(&ask).await });
        let mut answers = std::pin::pin!(stream::iter(sent).buffered(self.wire.at_once()));
        while let Some(answer) = answers.next().await {
            match self.read(&answer?, true)?.map(&mut *take) {
                Ok(false) => break,
                Ok(true) => *answered += 1,
                Err(error) if self.may_renew(&error) => return Ok(false),
                Err(error) => return Err(self.refusal(&error)),
            }
        }
        Ok(true)
    }

    /// Whether a new login may help against an error.
    fn may_renew(&self, error: &GraphError) -> bool {
        error.code() == "FORBIDDEN" && !self.renewed && matches!(self.auth, Auth::Login { .. })
    }

    async fn renew(&mut self) -> Result<(), Failure> {
        self.renewed = true;
        self.login().await
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

    async fn send(&self, ask: &Ask) -> Result<Response, Failure> {
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
        self.date.set(answer.header("date").and_then(Moment::parse_http));
        Ok(answer)
    }

    fn read<T: DeserializeOwned>(
        &self,
        answer: &Response,
        safe: bool,
    ) -> Result<Result<T, GraphError>, Failure> {
        self.wire.judge(answer, safe)?;
        let torn = || self.wire.torn(safe, "the answer is not the JSON that was expected, or was cut");
        let body = &answer.body;
        // Beside errors `data` may lack what was asked for: then nothing but the errors is read.
        let Ok(read) = serde_json::from_slice::<Answer<T>>(body) else {
            let plain = serde_json::from_slice::<Answer<serde::de::IgnoredAny>>(body).map_err(|_| torn())?;
            return plain.errors.into_iter().next().map(Err).ok_or_else(torn);
        };
        match (read.errors.into_iter().next(), read.data) {
            (Some(error), _) => Ok(Err(error)),
            (None, data) => data.map(Ok).ok_or_else(torn),
        }
    }
}
