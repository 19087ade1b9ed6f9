//! Keystores of the right form, whose secrets are none.

use fieldsync_protocol::{ItemId, KEYSTORE_FORMAT, Keystore, Millis, PassphraseLock, Rotation};

/// The text of one that ends with this rotation. `mark` tells it from others of that sequence.
pub fn keystore(last: u64, mark: char) -> String {
    let key = || format!("{mark}{:086}", 0);
    let rotation = |sequence: u64| Rotation {
        sequence,
        created_at: Millis(1_763_596_800_000 + sequence),
        by_device: "phone".into(),
        public_key: key(),
        signing_key: key(),
        previous: (sequence > 1).then(|| "0".repeat(64)),
        signature: "s".repeat(86),
        sealed: "sealed".into(),
    };
    let lock = PassphraseLock { revision: 0, salt: "s".repeat(22), memory_kib: 19_456, passes: 2 };
    let vault = ItemId::new(Millis(1), [1; 10]);
    let rotations = (1..=last).map(rotation).collect();
    Keystore { format: KEYSTORE_FORMAT, vault, lock, rotations }.to_file().unwrap()
}
