//! Bytes found many at once stand where they are found one by one.

use onhand::scan;

/// Texts of every length up to 40, with each byte that ends a field at every place, and none.
fn texts() -> impl Iterator<Item = Vec<u8>> {
    (0..40_usize).flat_map(|length| {
        [b',', b'\n', b'\r', b';', b'"'].into_iter().flat_map(move |byte| {
            (0..=length).map(move |at| {
                let mut text = vec![b'x'; length];
                text.iter_mut().skip(at).step_by(7).for_each(|own| *own = byte);
                text
            })
        })
    })
}

#[test]
fn bytes_stand_where_they_stand() {
    for text in texts() {
        for byte in [b',', b'\n', b'"', b'x'] {
            let places: Vec<usize> = (0..text.len()).filter(|at| text[*at] == byte).collect();
            assert_eq!(scan::each(&text, byte).collect::<Vec<_>>(), places);
            assert_eq!(scan::count(&text, byte), places.len());
            assert_eq!(scan::has(&text, byte), !places.is_empty());
        }
        for from in 0..=text.len() {
            let ends = |byte: &u8| [b',', b'\n', b'\r'].contains(byte);
            let end = text[from..].iter().position(ends).map_or(text.len(), |more| from + more);
            assert_eq!(
                scan::field_end(&text, from, b','),
                end,
                "{:?} from {from}",
                String::from_utf8_lossy(&text)
            );
        }
    }
}

#[test]
fn parts_end_with_lines_and_leave_nothing_out() {
    for text in texts() {
        for most in 1..5 {
            let first = text.len() / most;
            let ends = scan::parts(&text, first, most);
            assert_eq!(ends.len(), most);
            assert!(ends[0] >= first, "{ends:?}");
            assert!(ends.is_sorted(), "{ends:?}");
            assert_eq!(ends.last(), Some(&text.len()));
            let inner = ends.iter().filter(|end| **end < text.len());
            inner.for_each(|end| assert_eq!(text[end - 1], b'\n', "{ends:?}"));
        }
    }
}
