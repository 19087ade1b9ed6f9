//! Which of the items that are due go into the next push: a pure function.

use fieldsync_protocol::{EntityId, ItemId, MAX_PUSH_BYTES, MAX_PUSH_ITEMS, Sorted};

use crate::record::Record;

/// Bytes of a push around its items: braces, the device's name.
const ENVELOPE: usize = 256;

/// How much one push may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caps {
    pub(crate) items: usize,
    pub(crate) bytes: usize,
}

impl Caps {
    pub(crate) const MOST: Caps = Caps { items: MAX_PUSH_ITEMS, bytes: MAX_PUSH_BYTES - ENVELOPE };
}

/// The next batch, in the window's order.
///
/// One item a lane, and of a lane the one that was entered first, whatever its rank: order holds per entity (I5). An
/// item that alone is larger than the cap goes alone, and the server says what it thinks of it.
pub(crate) fn batch(window: &[Record], caps: Caps) -> Vec<Record> {
    let mut heads: Sorted<EntityId, ItemId> = Sorted::new();
    for record in window {
        let head = heads.get(&record.entity_id).map_or(record.id, |head| record.id.min(*head));
        heads.insert(record.entity_id, head);
    }
    let mut batch = Vec::new();
    let mut bytes = 0;
    for record in window.iter().filter(|record| heads.get(&record.entity_id) == Some(&record.id)) {
        let size = record.size as usize + 1; // and a comma
        if !batch.is_empty() && (batch.len() == caps.items || bytes + size > caps.bytes) {
            break;
        }
        bytes += size;
        batch.push(record.clone());
    }
    batch
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
        let window: Vec<_> = (1..=5).map(|n| Record { size: 99, ..record(n) }).collect();
        assert_eq!(ids(&batch(&window, Caps { items: 3, bytes: 10_000 })), [id(1), id(2), id(3)]);
        assert_eq!(ids(&batch(&window, Caps { items: 9, bytes: 200 })), [id(1), id(2)]);
        assert_eq!(ids(&batch(&window, Caps { items: 9, bytes: 199 })), [id(1)]);
        assert!(batch(&[], Caps::MOST).is_empty());
    }

    #[test]
    fn an_item_larger_than_the_cap_goes_alone() {
        let window = [Record { size: 5_000, ..record(1) }, record(2)];
        assert_eq!(ids(&batch(&window, Caps { items: 9, bytes: 100 })), [id(1)]);
    }

    #[test]
    fn of_a_lane_only_the_first_entered_goes() {
        let lane = |n, entity| Record { entity_id: id(entity), ..record(n) };
        let window = [lane(3, 1), lane(2, 2), lane(1, 1)];
        assert_eq!(ids(&batch(&window, Caps::MOST)), [id(2), id(1)]);
    }
}
