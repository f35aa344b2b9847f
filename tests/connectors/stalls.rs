//! A server that falls silent at a write: the time-out ends it, nobody claims to know, and a look tells.

use super::row;
use crate::support::erp;
use crate::support::fault::{Fault, Shop};
use onhand::connectors::{self, Cell, Failure, WriteRow};
use onhand::model::{CodeId, LocationId};
use onhand::world::{Http, HttpError, Request, Response, Task, World, real};
use std::time::Duration;

/// The real transport, less patient with writes.
struct Impatient(Box<dyn Http>);

impl Http for Impatient {
    fn send(&self, mut request: Request) -> Task<'_, Result<Response, HttpError>> {
        if !request.safe {
            request.timeout = Duration::from_secs(1);
        }
        self.0.send(request)
    }
}

#[tokio::test]
async fn a_write_without_an_answer_is_unknown_until_it_is_looked_at() {
    for (fault, shown) in [(Fault::StallBeforeHead, 9), (Fault::StallMidBody, 5)] {
        let shop = Shop::new(&[("MUG", 9)], &[fault]);
        let fields = [("url", shop.server.url.as_str()), ("key", "canary-key")];
        let model = erp::model(&connectors::vendure::DESCRIPTOR, &fields, &["Main"], &["MUG"]);
        let real = real::world(true);
        let world = World { http: Box::new(Impatient(real.http)), ..real };
        let mut session = connectors::open(erp::context(model, world, true)).await.unwrap();
        let cell = Cell { code: CodeId(0), location: LocationId(0) };
        let before = [("allocated", 0), ("on-hand", 9), ("threshold", 0)];
        let before = before.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let row = WriteRow { column: "on-hand".to_owned(), before, ..row(cell, 9, 5) };
        let failure = session.write(&[row]).await.unwrap_err();
        assert!(matches!(failure, Failure::Unknown { .. }), "{fault:?}: {failure:?}");
        assert!(failure.message().contains("is not known"), "{failure:?}");
        let seen = session.inspect(&[cell]).await.unwrap();
        assert_eq!(seen[0].value("on-hand"), Some(shown), "{fault:?}");
        assert_eq!(shop.unmet(), 0);
    }
}
