//! Every cell of a flow in its order, by one hand or by several.

use super::shelf::Shelf;
use super::{Cell, FlowCounts, judge};
use crate::graph::Shown;
use crate::hands;
use crate::model::CodeId;
use std::ops::Range;

/// So many codes at one location are a piece of work.
const PIECE: u32 = 1 << 14;

/// So many cells are worth a hand.
const CELLS: usize = 1 << 15;

/// Some codes at one location.
struct Piece<'f> {
    shown: &'f Shown,
    codes: Range<u32>,
}

impl FlowCounts<'_> {
    /// Visits every cell of the flow: by location, then by code, each in the order of the topology.
    pub fn each(&self, mut visit: impl FnMut(Cell)) {
        self.pieces().iter().for_each(|piece| self.cells(piece, &mut visit));
    }

    /// Visits every cell of the flow, some by one hand and some by another. What came of each piece of the
    /// walk is answered, the pieces and the cells within each in the order of [`FlowCounts::each`].
    pub fn each_by_hands<S: Default + Send>(&self, visit: impl Fn(&mut S, Cell) + Sync) -> Vec<S> {
        let pieces = self.pieces();
        let cells = pieces.iter().map(|piece| piece.codes.len()).sum();
        hands::each(pieces.len(), hands::count(cells, CELLS), |piece| {
            let mut came = S::default();
            self.cells(&pieces[piece], |cell| visit(&mut came, cell));
            came
        })
    }

    fn pieces(&self) -> Vec<Piece<'_>> {
        let mut shown: Vec<&Shown> = self.counter.graph.flow(self.id).shown.iter().collect();
        shown.sort_by_key(|shown| shown.location);
        let codes = self.counter.model.codes_of(self.flow.to);
        let part = |start: u32| start..codes.end.min(start.saturating_add(PIECE));
        let parts: Vec<Range<u32>> = codes.clone().step_by(PIECE as usize).map(part).collect();
        let at = |shown| parts.iter().map(move |codes| Piece { shown, codes: codes.clone() });
        shown.into_iter().flat_map(at).collect()
    }

    /// Walks the codes and the rows of one location side by side: both come sorted by code.
    fn cells(&self, piece: &Piece<'_>, mut visit: impl FnMut(Cell)) {
        let model = self.counter.model;
        let Shown { location, ref things, .. } = *piece.shown;
        let source = self.target.source;
        let codes_of_row = source.levels.map_or(&[][..], |levels| &levels.codes);
        let shelves: Vec<&Shelf> =
            self.counter.places(location).iter().filter_map(|place| self.shelf(*place)).collect();
        let rows = source.rows_at(location);
        let before = codes_of_row[rows.clone()].partition_point(|code| code.0 < piece.codes.start);
        let mut cursor = rows.start + before;
        for id in piece.codes.clone().map(CodeId) {
            let code = model.code(id);
            if code.at.is_some_and(|only| only != location) || !things.contains(code.thing) {
                continue;
            }
            while cursor < rows.end && codes_of_row[cursor] < id {
                cursor += 1;
            }
            let row = (cursor < rows.end && codes_of_row[cursor] == id).then_some(cursor);
            let want = self.want(&shelves, (id, location));
            let verdict = judge(&self.target, self.flow, id, want, self.target.read(id, location, row));
            let may = self.counter.may(self.id, id, location);
            visit(Cell { code: id, location, verdict: may.limit(verdict).0, may });
        }
    }
}
