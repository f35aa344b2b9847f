//! Kind `vendure`: Vendure 3, a web shop, by its admin GraphQL API.

mod admin;
mod order;
mod orders;
mod places;
mod variants;
mod walk;
mod write;

use super::{Cell, Context, Failure, RowAnswer, Seen, Session, WriteRow, may_write};
use crate::model::CodeId;
use crate::model::capability::*;
use crate::model::id::Name;
use crate::model::moved::Movements;
use crate::model::movement::Movement;
use crate::model::observation::{About, Levels, Lines};
use crate::model::time::Moment;
use crate::world::Task;
use admin::Admin;
use places::Places;

/// What the kind can do.
pub const DESCRIPTOR: Descriptor = Descriptor {
    kind: "vendure",
    summary: "Vendure 3, a web shop",
    fields: &[
        Field { name: "url", says: "where the server answers", secret: false, required: Required::Always },
        Field { name: "key", says: "an API key", secret: true, required: Required::Unless("user") },
        Field { name: "user", says: "the login", secret: false, required: Required::Unless("key") },
        Field { name: "password", says: "its password", secret: true, required: Required::Unless("key") },
        Field { name: "channel", says: "the channel token", secret: false, required: Required::Optional },
    ],
    generic: false,
    shows: &[Shown { quantity: "on-hand", net_of: &[] }],
    takes: &[
        Taken { quantity: "available", column: "on-hand", bridge: &["allocated", "threshold"] },
        Taken { quantity: "on-hand", column: "on-hand", bridge: &[] },
    ],
    lists_lines: false,
    lines_are: None,
    locations: true,
    class: WriteClass::Absolute,
    key_seconds: 0,
    creates: true,
    batch: 500,
    batch_raises: 50,
    atomic: true,
    page: 500,
    rate_per_second: 20,
    request_ms: 100,
    integers_only: true,
    decrements_on: DecrementsOn::Paid,
    restocks_on_cancel: true,
    dated: true,
    collects: &[Movement::Order, Movement::Cancellation, Movement::Shipment, Movement::Return],
    movements_named: false,
    posts: &[],
    post_fields: &[],
    login_requests: 1,
    writes_per_cell: None,
};

/// Opens a session: takes the key or logs in once, and finds the mapped locations.
pub fn open(context: Context) -> Task<'static, Result<Box<dyn Session>, Failure>> {
    Box::pin(async move {
        let mut admin = Admin::open(&context).await?;
        let places = places::find(&mut admin, &context).await?;
        Ok(Box::new(Vendure { context, admin, places }) as Box<dyn Session>)
    })
}

struct Vendure {
    context: Context,
    admin: Admin,
    places: Places,
}

impl Vendure {
    fn about(&self, about: About, at: Moment, requests: u64) -> About {
        About {
            source: Name::from(self.admin.wire.host()),
            requests: self.admin.wire.requests() - requests,
            as_of: Some(at),
            ..about
        }
    }
}

impl Session for Vendure {
    fn lines(&mut self) -> Task<'_, Result<Lines, Failure>> {
        Box::pin(async move {
            let (now, requests) = (self.admin.wire.now(), self.admin.wire.requests());
            Ok(Lines { about: self.about(About::default(), now, requests), ..Lines::default() })
        })
    }

    fn levels(&mut self) -> Task<'_, Result<Levels, Failure>> {
        Box::pin(async move {
            let (now, requests) = (self.admin.wire.now(), self.admin.wire.requests());
            self.places = places::find(&mut self.admin, &self.context).await?;
            let mut levels = variants::levels(&mut self.admin, &self.context, &self.places).await?;
            levels.about = self.about(levels.about, now, requests);
            Ok(levels)
        })
    }

    fn inspect<'s>(&'s mut self, cells: &'s [Cell]) -> Task<'s, Result<Vec<Seen>, Failure>> {
        Box::pin(async move {
            let codes: Vec<CodeId> = cells.iter().map(|cell| cell.code).collect();
            let known = variants::look_up(&mut self.admin, &self.context, &codes).await?;
            let (wire, found) = (&self.admin.wire, (&known, &self.places));
            let seen = |cell: &Cell| variants::seen(wire, &self.context, found, *cell);
            Ok(cells.iter().map(seen).collect())
        })
    }

    fn write<'s>(&'s mut self, rows: &'s [WriteRow]) -> Task<'s, Result<Vec<RowAnswer>, Failure>> {
        Box::pin(async move {
            may_write(&self.context, rows.len())?;
            let codes: Vec<CodeId> = rows.iter().map(|row| row.cell.code).collect();
            let known = variants::look_up(&mut self.admin, &self.context, &codes).await?;
            write::write(&mut self.admin, &self.context, (&known, &self.places), rows).await
        })
    }

    fn movements(&mut self, since: Option<Moment>) -> Task<'_, Result<Movements, Failure>> {
        Box::pin(async move {
            let (now, requests) = (self.admin.wire.now(), self.admin.wire.requests());
            self.places = places::find(&mut self.admin, &self.context).await?;
            let mut movements = orders::read(&mut self.admin, &self.context, &self.places, since).await?;
            movements.about = self.about(movements.about, now, requests);
            Ok(movements)
        })
    }
}
