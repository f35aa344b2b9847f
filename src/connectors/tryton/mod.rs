//! Kind `tryton`: Tryton 8.0 and 7.0, an ERP, by JSON-RPC.

mod catalog;
mod count;
mod desk;
mod document;
mod fault;
mod levels;
mod lines;
mod making;
mod post;
mod rpc;
mod shipping;

use super::{Cell, Context, Failure, RowAnswer, Seen, Session, WriteRow, may_write};
use crate::model::CodeId;
use crate::model::capability::*;
use crate::model::id::Name;
use crate::model::moved::{self, Posted, Posting};
use crate::model::observation::{About, Levels, Lines};
use crate::model::time::Moment;
use crate::world::Task;
use levels::Found;
use rpc::Rpc;

/// What the kind can do.
pub const DESCRIPTOR: Descriptor = Descriptor {
    kind: "tryton",
    summary: "Tryton 8.0 and 7.0, an ERP",
    fields: &[
        Field { name: "url", says: "where the server answers", secret: false, required: Required::Always },
        Field { name: "database", says: "the database", secret: false, required: Required::Always },
        Field { name: "user", says: "the login", secret: false, required: Required::Always },
        Field { name: "password", says: "its password", secret: true, required: Required::Always },
    ],
    generic: false,
    shows: &[Shown { quantity: "on-hand", net_of: &[] }, Shown { quantity: "reserved", net_of: &[] }],
    takes: &[Taken { quantity: "on-hand", column: "on-hand", bridge: &[] }],
    lists_lines: true,
    lines_are: Some("reserved"),
    locations: true,
    class: WriteClass::CompareAndSet,
    key_seconds: 0,
    // Every product that Tryton knows shows a count at every location, so nothing is left to create.
    creates: false,
    batch: 50,
    batch_raises: 50,
    atomic: true,
    page: rpc::PAGE,
    rate_per_second: 10,
    request_ms: 300,
    integers_only: false,
    decrements_on: DecrementsOn::Shipped,
    restocks_on_cancel: false,
    dated: true,
    // Its own moves are not read: what it ships and receives shows in its counts.
    collects: &[],
    movements_named: false,
    posts: &["sale"],
    post_fields: &[
        PostField {
            name: "party",
            says: "the code of the party that the sales are booked to",
            words: &[],
            required: true,
        },
        PostField {
            name: "price",
            says: "the price of a line: `zero`, or `list` for the product's list price",
            words: &["zero", "list"],
            required: false,
        },
    ],
    login_requests: 1,
    writes_per_cell: None,
};

/// Opens a session: finds the version, logs in once, looks the user's company up.
pub fn open(context: Context) -> Task<'static, Result<Box<dyn Session>, Failure>> {
    Box::pin(async move {
        let rpc = Rpc::open(&context).await?;
        Ok(Box::new(Tryton { context, rpc }) as Box<dyn Session>)
    })
}

struct Tryton {
    context: Context,
    rpc: Rpc,
}

/// Where a read began, so that what it cost can be told.
struct Began {
    at: Moment,
    requests: u64,
}

impl Tryton {
    fn begin(&self) -> Began {
        Began { at: self.rpc.wire.now(), requests: self.rpc.wire.requests() }
    }

    fn about(&self, began: &Began, about: About) -> About {
        About {
            source: Name::from(self.rpc.wire.host()),
            requests: self.rpc.wire.requests() - began.requests,
            as_of: Some(began.at),
            ..about
        }
    }

    /// Every product and location that the topology maps.
    async fn mapped(&mut self) -> Result<(catalog::Products, Vec<catalog::Place>), Failure> {
        let wanted = catalog::all_codes(&self.context);
        let products = catalog::products(&mut self.rpc, &self.context, &wanted, false).await?;
        let places = catalog::places(&mut self.rpc, &self.context).await?;
        Ok((products, places))
    }
}

impl Session for Tryton {
    fn lines(&mut self) -> Task<'_, Result<Lines, Failure>> {
        Box::pin(async move {
            let began = self.begin();
            let (products, places) = self.mapped().await?;
            let found = Found { products: &products, places: &places };
            let mut lines = lines::read(&mut self.rpc, &self.context, &found).await?;
            lines.about.pages += products.pages;
            lines.about = self.about(&began, lines.about);
            Ok(lines)
        })
    }

    fn levels(&mut self) -> Task<'_, Result<Levels, Failure>> {
        Box::pin(async move {
            let began = self.begin();
            let (products, places) = self.mapped().await?;
            catalog::apart(&mut self.rpc, &self.context, &places).await?;
            let found = Found { products: &products, places: &places };
            let mut levels = levels::read(&mut self.rpc, &self.context, &found).await?;
            levels.about.pages += products.pages;
            levels.about = self.about(&began, levels.about);
            Ok(levels)
        })
    }

    fn inspect<'s>(&'s mut self, cells: &'s [Cell]) -> Task<'s, Result<Vec<Seen>, Failure>> {
        Box::pin(async move {
            let wanted: Vec<CodeId> = cells.iter().map(|cell| cell.code).collect();
            let products = catalog::products(&mut self.rpc, &self.context, &wanted, true).await?;
            let places = catalog::places(&mut self.rpc, &self.context).await?;
            let found = Found { products: &products, places: &places };
            count::inspect(&mut self.rpc, &self.context, &found, cells).await
        })
    }

    fn write<'s>(&'s mut self, rows: &'s [WriteRow]) -> Task<'s, Result<Vec<RowAnswer>, Failure>> {
        Box::pin(async move {
            may_write(&self.context, rows.len())?;
            let wanted: Vec<CodeId> = rows.iter().map(|row| row.cell.code).collect();
            let products = catalog::products(&mut self.rpc, &self.context, &wanted, true).await?;
            let places = catalog::places(&mut self.rpc, &self.context).await?;
            let found = Found { products: &products, places: &places };
            count::write(&mut self.rpc, &self.context, &found, rows).await
        })
    }

    fn post<'s>(&'s mut self, postings: &'s [Posting]) -> Task<'s, Result<Vec<Posted>, Failure>> {
        Box::pin(async move {
            may_write(&self.context, 0)?;
            let (products, places) = self.mapped().await?;
            let found = Found { products: &products, places: &places };
            let desk = desk::Desk::open(&mut self.rpc, &self.context, &found).await?;
            post::post(&mut self.rpc, &desk, postings).await
        })
    }

    fn find<'s>(&'s mut self, references: &'s [Name]) -> Task<'s, Result<Vec<moved::Found>, Failure>> {
        Box::pin(async move {
            let (products, places) = self.mapped().await?;
            let found = Found { products: &products, places: &places };
            let desk = desk::Desk::open(&mut self.rpc, &self.context, &found).await?;
            post::find(&mut self.rpc, &desk, references).await
        })
    }
}
