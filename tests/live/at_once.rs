//! Pages of a read, several under way at once: what the real servers then show is what they show one by one.

use super::connectors::{tryton_context, vendure_context};
use crate::connectors::{tryton, vendure};
use onhand::connectors::{self, Context, Pace};
use onhand::model::observation::Levels;
use onhand::model::time::Rate;
use std::rc::Rc;

/// What a server shows, read by pages of so many, so many of them at once.
async fn read(mut context: Context, page: u32, at_once: u32) -> Levels {
    let model = Rc::get_mut(&mut context.model).expect("nobody else has it");
    let limit = &mut model.systems[0].limit;
    (limit.page, limit.concurrency, limit.rate) = (Some(page), Some(at_once), Rate::parse("100/s"));
    context.pace = Rc::new(Pace::of(&model.systems[0]));
    let levels = connectors::open(context).await.unwrap().levels().await.unwrap();
    assert_eq!(levels.about.incomplete, None);
    levels
}

/// Rows, counts and failures, without what tells how they were read.
fn shown(levels: &Levels) -> String {
    let Levels { codes, locations, columns, failures, .. } = levels;
    format!("{codes:?} {locations:?} {columns:?} {failures:?}")
}

async fn compare(name: &str, context: impl Fn() -> Context) {
    let whole = read(context(), 500, 1).await;
    let pages = read(context(), 1, 4).await;
    println!("{name}: {} rows in {} pages, four at once", pages.about.rows, pages.about.pages);
    assert!(pages.about.pages > whole.about.pages + 2, "{:?} {:?}", pages.about, whole.about);
    assert_eq!(shown(&pages), shown(&whole), "{name}");
}

#[tokio::test]
async fn tryton_shows_the_same_in_pages_at_once() {
    let Some(server) = super::tryton() else { return };
    compare("tryton", || tryton_context(&server, &tryton::PLACES[1..], &tryton::CODES, false)).await;
}

#[tokio::test]
async fn vendure_shows_the_same_in_pages_at_once() {
    let Some(server) = super::vendure() else { return };
    compare("vendure", || vendure_context(&server, &vendure::PLACES, &vendure::CODES, false)).await;
}
