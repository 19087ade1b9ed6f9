//! How much of a file goes with one request.

/// At most so much goes with one request, in bytes,
const MOST: u64 = 5 * 1_000 * 1_000;
/// and however poor the link is, so much, because a request has a kilobyte of its own. So much goes first, too: of a chunk
/// that is broken off nothing counts, and so little of it is sent a third time.
const LEAST: u64 = 64 * 1_024;
/// What a link that breaks off again and again is tried with.
const SCRAP: u64 = 16 * 1_024;

/// How large the next chunk may be: little at first and after one of which nothing came, twice as much after every one that
/// arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunks(u64);

impl Default for Chunks {
    fn default() -> Chunks {
        Chunks(LEAST)
    }
}

impl Chunks {
    /// Over a link that carries so much in the time that a chunk should take.
    pub(crate) fn most(self, carried: u64) -> u64 {
        carried.clamp(LEAST, MOST).min(self.0)
    }

    pub(crate) fn shrink(&mut self) {
        self.0 = if self.0 > LEAST { LEAST } else { (self.0 / 2).max(SCRAP) };
    }

    pub(crate) fn grow(&mut self) {
        self.0 = (self.0 * 2).min(MOST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_fit_the_link_grow_with_what_arrives_and_shrink_with_trouble() {
        let mut chunks = Chunks::default();
        assert_eq!(chunks.most(MOST), LEAST, "little at first");
        (0..20).for_each(|_| chunks.grow());
        assert_eq!((chunks.most(1), chunks.most(u64::MAX), chunks.most(100_000)), (LEAST, MOST, 100_000));
        chunks.shrink();
        assert_eq!(chunks.most(MOST), LEAST);
        (0..9).for_each(|_| chunks.shrink());
        assert_eq!(chunks.most(1), SCRAP);
    }
}
