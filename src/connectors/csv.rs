//! Kind `csv`: counts in files, read from a feed and written as a whole new file.

mod blocks;
mod find;
mod publish;
mod read;
mod rewrite;
mod text;
mod whole;

use super::seen::seen;
use super::{Cell, Context, Failure, GENERIC, Raw, RowAnswer, Seen, Session, WriteRow, happened, listed};
use crate::model::capability::*;
use crate::model::moved::Movements;
use crate::model::observation::{Levels, Lines};
use crate::model::time::Moment;
use crate::world::Task;

/// What the kind can do.
pub const DESCRIPTOR: Descriptor = Descriptor {
    kind: "csv",
    summary: "counts in CSV files: read from a feed, written as a whole new file",
    batch: usize::MAX,
    batch_raises: usize::MAX,
    atomic: true,
    request_ms: 10,
    decrements_on: DecrementsOn::Never,
    dated: false,
    ..GENERIC
};

/// Opens a session.
pub fn open(context: Context) -> Task<'static, Result<Box<dyn Session>, Failure>> {
    Box::pin(async move {
        super::shape(&context)?;
        Ok(Box::new(Csv { context }) as Box<dyn Session>)
    })
}

struct Csv {
    context: Context,
}

impl Session for Csv {
    fn lines(&mut self) -> Task<'_, Result<Lines, Failure>> {
        Box::pin(async move {
            let context = &self.context;
            let Some(shape) = &context.model.system(context.system).lines else {
                return Ok(Lines::default());
            };
            listed::lines(context, shape, &read::raw(context, &read::lines_feed(shape))?)
        })
    }

    fn levels(&mut self) -> Task<'_, Result<Levels, Failure>> {
        Box::pin(async move { read::levels(&self.context) })
    }

    fn raw(&mut self) -> Task<'_, Result<Option<Raw>, Failure>> {
        Box::pin(async move { read::raw(&self.context, &read::levels_feed(&self.context)?).map(Some) })
    }

    fn inspect<'s>(&'s mut self, cells: &'s [Cell]) -> Task<'s, Result<Vec<Seen>, Failure>> {
        Box::pin(async move {
            let levels = read::levels(&self.context)?;
            Ok(seen(&self.context.model, &levels, cells))
        })
    }

    fn write<'s>(&'s mut self, rows: &'s [WriteRow]) -> Task<'s, Result<Vec<RowAnswer>, Failure>> {
        Box::pin(async move {
            super::may_write(&self.context, rows.len())?;
            publish::write(&self.context, rows)
        })
    }

    /// Reads every file as a whole, whatever was asked: nobody knows which of its rows are new.
    fn movements(&mut self, _: Option<Moment>) -> Task<'_, Result<Movements, Failure>> {
        Box::pin(async move {
            let context = &self.context;
            let shape = super::movements(context)?;
            let raw = read::raw(context, &read::movements_feed(shape))?;
            happened::movements(context, shape, &raw, (true, None))
        })
    }
}

fn rejected(context: &Context, why: &str) -> Failure {
    Failure::Rejected { message: format!("system `{}`: {why}", context.model.system(context.system).name) }
}
