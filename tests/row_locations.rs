//! The location of each row, kept once for rows that stand together: the same as a list of one each.

use onhand::model::LocationId;
use onhand::model::row_locations::RowLocations;

/// Every list of up to six rows at three locations.
fn lists() -> impl Iterator<Item = Vec<LocationId>> {
    (0..=6_u32).flat_map(|rows| {
        (0..3_u32.pow(rows))
            .map(move |number| (0..rows).map(|at| LocationId(number / 3_u32.pow(at) % 3)).collect())
    })
}

#[test]
fn rows_are_those_of_a_list_of_one_location_each() {
    let mut checked = 0;
    for list in lists() {
        let own: RowLocations = list.iter().copied().collect();
        assert_eq!(own.len(), list.len(), "{list:?}");
        assert_eq!(own.is_empty(), list.is_empty(), "{list:?}");
        assert_eq!(own.iter().collect::<Vec<_>>(), list);
        (0..list.len()).for_each(|row| assert_eq!(own[row], list[row], "row {row} of {list:?}"));
        for kept in 0..=list.len() + 1 {
            let mut short = own.clone();
            short.truncate(kept);
            let wanted: RowLocations = list.iter().copied().take(kept).collect();
            assert_eq!(short, wanted, "{list:?} to {kept}");
        }
        if list.is_sorted() {
            for location in (0..4).map(LocationId) {
                let wanted: Vec<usize> = (0..list.len()).filter(|row| list[*row] == location).collect();
                assert_eq!(own.rows_of(location).collect::<Vec<_>>(), wanted, "{location:?} of {list:?}");
            }
        }
        checked += 1;
    }
    assert_eq!(checked, 1 + 3 + 9 + 27 + 81 + 243 + 729);
}

#[test]
fn rows_are_added_by_the_run() {
    let mut own = RowLocations::default();
    own.add(LocationId(0), 2);
    own.add(LocationId(1), 0);
    own.add(LocationId(0), 1);
    own.add(LocationId(2), 3);
    assert_eq!(own, [0, 0, 0, 2, 2, 2].map(LocationId).into_iter().collect());
    assert_eq!(own.runs().collect::<Vec<_>>(), [(LocationId(0), 0..3), (LocationId(2), 3..6)]);
}
