//! Keystores of the right form, whose secrets are none.

use fieldsync_protocol::{ItemId, KEYSTORE_FORMAT, Keystore, Millis, PassphraseLock, Rotation};

/// One that ends with this rotation. `mark` tells its rotations from others of their sequences.
pub fn made(last: u64, mark: char) -> Keystore {
    let lock = PassphraseLock { revision: 0, salt: "s".repeat(22), memory_kib: 19_456, passes: 2 };
    let vault = ItemId::new(Millis(1), [1; 10]);
    let rotations = (1..=last).map(|sequence| rotation(sequence, mark)).collect();
    Keystore { format: KEYSTORE_FORMAT, vault, lock, rotations }
}

/// Its text.
pub fn keystore(last: u64, mark: char) -> String {
    made(last, mark).to_file().unwrap()
}

/// One rotation.
pub fn rotation(sequence: u64, mark: char) -> Rotation {
    let key = || format!("{mark}{:086}", 0);
    Rotation {
        sequence,
        created_at: Millis(1_763_596_800_000 + sequence),
        by_device: "phone".into(),
        public_key: key(),
        signing_key: key(),
        previous: (sequence > 1).then(|| "0".repeat(64)),
        signature: "s".repeat(86),
        sealed: "sealed".into(),
    }
}
