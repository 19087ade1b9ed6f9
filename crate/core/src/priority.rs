//! How urgent an item is, as one number that orders the queue.

use fieldsync_protocol::{Millis, Priority};

/// How many milliseconds of waiting one point is worth: 100 points jump a queue of about 17 minutes.
const MILLIS_A_POINT: i64 = 10_000;

/// An item's place in the queue; lower goes first.
///
/// Waiting raises every item alike, so `createdAt − score × K` never changes and can be an index key: LOW ages past
/// newer NORMAL without anything being rewritten.
pub(crate) fn rank(created_at: Millis, priority: Priority) -> i64 {
    let score = match priority {
        Priority::High => 100,
        Priority::Normal => 50,
        Priority::Low => 0,
    };
    i64::try_from(created_at.0).unwrap_or(i64::MAX).saturating_sub(score * MILLIS_A_POINT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urgent_goes_first_and_low_ages() {
        let at = |minutes: u64| Millis::minutes(10_000 + minutes);
        assert!(rank(at(5), Priority::High) < rank(at(0), Priority::Normal));
        assert!(rank(at(5), Priority::Normal) < rank(at(0), Priority::Low));
        assert!(rank(at(0), Priority::Low) < rank(at(9), Priority::Normal), "after nine minutes");
        assert!(rank(at(0), Priority::Normal) < rank(at(1), Priority::Normal), "first come, first served");
    }
}
