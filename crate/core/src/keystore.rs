//! How the histories of a person's keys become one, and which are refused (A8): older ones, foreign ones, forged ones.
//!
//! A history is a set of rotations that name one another. Two devices may each make one on top of the same rotation; both
//! stay, because entries are sealed under both, and one of them is the head on every device. So merging is the union of
//! two sets, and the order in which devices hear of one another does not matter.

use fieldsync_protocol::{ItemId, Keystore, KeystoreError, MAX_ROTATIONS, Rotation, Sorted};

/// Why a keystore is not taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A part of it cannot be.
    #[error(transparent)]
    Malformed(#[from] KeystoreError),
    /// It is somebody else's, or of a vault that was given up.
    #[error("this keystore is of another vault")]
    Foreign,
    /// Its history has no rotation in common with this device's.
    #[error("this keystore does not go on from this device's")]
    Unrelated,
    /// It ends where this device's was long ago.
    #[error(
        "this keystore is older than this device's: it ends with rotation {theirs}, this device has {mine}"
    )]
    Downgrade {
        /// The last rotation that this device has.
        mine: u64,
        /// The last one of the keystore.
        theirs: u64,
    },
    /// A rotation is not signed by the one before it.
    #[error("rotation {0} of this keystore is not genuine")]
    Forged(u64),
}

/// A signature to be checked: whether `key` (P-256, ECDSA with SHA-256) has signed `text`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// The public key, as in [`Rotation::signing_key`].
    pub key: String,
    /// What is said to be signed.
    pub text: String,
    /// The signature, as in [`Rotation::signature`].
    pub signature: String,
}

/// The signatures in a keystore that can be checked from itself: all but those by rotations that it has no more.
pub fn claims(keystore: &Keystore) -> Vec<Claim> {
    let known = by_id(keystore);
    keystore.rotations.iter().filter_map(|rotation| claim(&keystore.vault, rotation, &known)).collect()
}

fn claim(vault: &ItemId, rotation: &Rotation, known: &Rotations<'_>) -> Option<Claim> {
    let signer = match &rotation.previous {
        None => rotation,
        Some(previous) => known.get(previous)?,
    };
    Some(signed_by(signer, vault, rotation))
}

fn signed_by(signer: &Rotation, vault: &ItemId, rotation: &Rotation) -> Claim {
    let key = signer.signing_key.clone();
    Claim { key, text: rotation.signed(vault), signature: rotation.signature.clone() }
}

/// Rotations by their ids.
type Rotations<'a> = Sorted<String, &'a Rotation>;

fn by_id(keystore: &Keystore) -> Rotations<'_> {
    keystore.rotations.iter().map(|rotation| (rotation.id(&keystore.vault), rotation)).collect()
}

/// The rotation that counts: the last one; of several the earliest, and of those at once the one with the smallest name.
pub fn head(keystore: &Keystore) -> Option<&Rotation> {
    keystore.rotations.iter().min_by_key(|rotation| {
        (std::cmp::Reverse(rotation.sequence), rotation.created_at, rotation.id(&keystore.vault))
    })
}

/// What came of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// Both histories. What is sealed in it stands as it was in either: those of the other lock are to be sealed anew.
    pub keystore: Keystore,
    /// How many rotations this device did not have.
    pub learned: usize,
    /// Whether the passphrase that counts from now on is theirs.
    pub their_lock: bool,
}

/// Takes the keystore of another device in. `genuine` says whether a claim's signature is right.
pub fn merge(
    mine: &Keystore,
    theirs: &Keystore,
    genuine: &dyn Fn(&Claim) -> bool,
) -> Result<Merged, Refused> {
    theirs.check()?;
    if mine.vault != theirs.vault {
        return Err(Refused::Foreign);
    }
    let (known, told) = (by_id(mine), by_id(theirs));
    let genuine = connected(&known, &told, &theirs.vault, genuine)?;
    let learned = genuine.iter().filter(|(id, _)| !known.contains_key(*id)).count();
    let their_lock = theirs.lock > mine.lock;
    let (ours, last) = (sequence(head(mine)), sequence(head(theirs)));
    if learned == 0 && !their_lock && last < ours {
        return Err(Refused::Downgrade { mine: ours, theirs: last });
    }
    let mut all: Vec<(&String, &Rotation)> = known.iter().map(|(id, rotation)| (id, *rotation)).collect();
    all.extend(
        genuine.iter().map(|(id, rotation)| (id, *rotation)).filter(|(id, _)| !known.contains_key(id)),
    );
    all.sort_by(|(id, one), (other, two)| one.sequence.cmp(&two.sequence).then_with(|| id.cmp(other)));
    let oldest = all.len().saturating_sub(MAX_ROTATIONS);
    let keystore = Keystore {
        lock: if their_lock { theirs.lock.clone() } else { mine.lock.clone() },
        rotations: all.into_iter().skip(oldest).map(|(_, rotation)| rotation.clone()).collect(),
        ..mine.clone()
    };
    Ok(Merged { keystore, learned, their_lock })
}

fn sequence(rotation: Option<&Rotation>) -> u64 {
    rotation.map_or(0, |rotation| rotation.sequence)
}

/// Those of their rotations that hang together with mine. A rotation is known to be genuine from the one before it, which
/// signed it, and from one after it, which names it by its hash.
fn connected<'a>(
    known: &Rotations<'_>,
    told: &Rotations<'a>,
    vault: &ItemId,
    genuine: &dyn Fn(&Claim) -> bool,
) -> Result<Rotations<'a>, Refused> {
    let mut trusted: Rotations<'a> = Sorted::new();
    loop {
        let mut grown = false;
        for (id, rotation) in told.iter() {
            if trusted.contains_key(id) {
                continue;
            }
            let names = |by: &&Rotation| by.previous.as_ref() == Some(id);
            let vouched = known.contains_key(id) || known.values().any(names) || trusted.values().any(names);
            let before = rotation.previous.as_ref().and_then(|id| known.get(id).or_else(|| trusted.get(id)));
            if let (false, Some(before)) = (vouched, before) {
                let claim = signed_by(before, vault, rotation);
                if rotation.sequence != before.sequence + 1 || !genuine(&claim) {
                    return Err(Refused::Forged(rotation.sequence));
                }
            }
            if vouched || before.is_some() {
                trusted.insert(id.clone(), *rotation);
                grown = true;
            }
        }
        if !grown {
            break;
        }
    }
    match told.iter().find(|(id, _)| !trusted.contains_key(*id)) {
        None => Ok(trusted),
        Some(_) if trusted.is_empty() => Err(Refused::Unrelated),
        Some((_, stray)) => Err(Refused::Forged(stray.sequence)),
    }
}
