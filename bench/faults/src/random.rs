//! Numbers to choose by (SplitMix64): the same seed makes the same choices. Nothing here is secret.

use uuid::Uuid;

/// A source of numbers.
pub struct Random(u64);

impl Random {
    /// The source with this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end.max(1)
    }

    /// `true` in so many of a hundred cases.
    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// One of the items.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let len = u64::try_from(items.len()).unwrap_or(u64::MAX);
        items.get(usize::try_from(self.below(len)).unwrap_or(0))
    }

    /// A mark that nothing else has.
    pub fn mark(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.number(), self.number())
    }

    /// What an id is made of besides its time.
    pub fn id_bytes(&mut self) -> [u8; 10] {
        let mut bytes = [0; 10];
        let (first, second) = bytes.split_at_mut(8);
        first.copy_from_slice(&self.number().to_be_bytes());
        let low = u16::try_from(self.number() & 0xffff).unwrap_or(0);
        second.copy_from_slice(&low.to_be_bytes());
        bytes
    }
}
