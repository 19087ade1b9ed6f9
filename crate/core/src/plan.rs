//! Which of the items that are due go into the next push: a pure function.

use fieldsync_protocol::{EntityId, ItemId, ItemType, MAX_PUSH_BYTES, MAX_PUSH_ITEMS, Sorted};

use crate::record::Record;

/// Bytes of a push around its items: braces, the device's name.
const ENVELOPE: usize = 256;
/// Of forms at most one byte in so many goes over the wire: a fifth to a sixth was seen (docs/performance.md).
const TEXT_SHRINKS: usize = 4;

/// How much one push may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caps {
    pub(crate) items: usize,
    /// On the wire, where text goes compressed.
    pub(crate) bytes: usize,
}

impl Caps {
    pub(crate) const MOST: Caps = Caps { items: MAX_PUSH_ITEMS, bytes: MAX_PUSH_BYTES };
}

/// The next batch, in the window's order, and what may follow it without another look at the queue.
///
/// One item a lane, and of a lane the one that was entered first, whatever its rank: order holds per entity (I5). An
/// item that alone is larger than the cap goes alone, and the server says what it thinks of it.
pub(crate) fn batch(window: Vec<Record>, caps: Caps) -> (Vec<Record>, Vec<Record>) {
    let mut heads: Sorted<EntityId, ItemId> = Sorted::new();
    for record in &window {
        let head = heads.get(&record.entity_id).map_or(record.id, |head| record.id.min(*head));
        heads.insert(record.entity_id, head);
    }
    let (mut batch, mut rest) = (Vec::new(), Vec::new());
    let (mut bytes, mut on_wire) = (0, 0);
    for record in window {
        if heads.get(&record.entity_id) != Some(&record.id) {
            continue; // it has to wait for the answer to another
        }
        let size = record.size as usize + 1; // and a comma
        // A photo is as large as before.
        let shrunk = if record.r#type == ItemType::Media { size } else { size / TEXT_SHRINKS };
        let is_full = batch.len() == caps.items
            || bytes + size > MAX_PUSH_BYTES - ENVELOPE
            || on_wire + shrunk > caps.bytes;
        if !rest.is_empty() || (is_full && !batch.is_empty()) {
            rest.push(record);
        } else {
            bytes += size;
            on_wire += shrunk;
            batch.push(record);
        }
    }
    (batch, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{id, record};

    fn ids(batch: &[Record]) -> Vec<ItemId> {
        batch.iter().map(|record| record.id).collect()
    }

    #[test]
    fn takes_the_window_in_order_up_to_the_caps() {
        let window: Vec<_> = (1..=5).map(|n| Record { size: 399, ..record(n) }).collect();
        let planned = |items, bytes| {
            let (batch, rest) = batch(window.clone(), Caps { items, bytes });
            (ids(&batch), ids(&rest))
        };
        assert_eq!(planned(3, 10_000), (vec![id(1), id(2), id(3)], vec![id(4), id(5)]));
        assert_eq!(planned(9, 200).0, [id(1), id(2)]);
        assert_eq!(planned(9, 199).0, [id(1)]);
        assert!(batch(Vec::new(), Caps::MOST).0.is_empty());
    }

    #[test]
    fn text_shrinks_on_its_way_and_photos_do_not_and_the_whole_is_within_what_a_server_takes() {
        let photo = |n, size| Record { r#type: ItemType::Media, size, ..record(n) };
        let window = vec![photo(1, 99), photo(2, 99), photo(3, 99)];
        assert_eq!(ids(&batch(window, Caps { items: 9, bytes: 200 }).0), [id(1), id(2)]);
        let half = u32::try_from(MAX_PUSH_BYTES / 2).unwrap();
        let window = (1..=3).map(|n| Record { size: half - 200, ..record(n) }).collect();
        assert_eq!(ids(&batch(window, Caps::MOST).0), [id(1), id(2)]);
    }

    #[test]
    fn nothing_passes_by_what_was_too_large_for_this_push() {
        let window = [400, 3_600, 400].into_iter().zip(1..).map(|(size, n)| Record { size, ..record(n) });
        let (batch, rest) = batch(window.collect(), Caps { items: 9, bytes: 300 });
        assert_eq!((ids(&batch), ids(&rest)), (vec![id(1)], vec![id(2), id(3)]));
    }

    #[test]
    fn an_item_larger_than_the_cap_goes_alone() {
        let window = vec![Record { size: 5_000, ..record(1) }, record(2)];
        assert_eq!(ids(&batch(window, Caps { items: 9, bytes: 100 }).0), [id(1)]);
    }

    #[test]
    fn of_a_lane_only_the_first_entered_goes() {
        let lane = |n, entity| Record { entity_id: id(entity), ..record(n) };
        let window = vec![lane(3, 1), lane(2, 2), lane(1, 1)];
        let (batch, rest) = batch(window, Caps::MOST);
        assert_eq!((ids(&batch), ids(&rest)), (vec![id(2), id(1)], vec![]));
    }
}
