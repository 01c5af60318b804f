//! The memory that one hashing thread works in.
//!
//! It is kept between hashes, which saves a page fault for each 4 KiB of each hash, and given back
//! when the thread has nothing to do.

use argon2::Block;

/// glibc gives a freed block back to the system for sure only if it never came from the heap, and
/// anything up to 32 MiB may. Reserving more costs address space; untouched pages are no memory.
const RESERVED_BLOCKS: usize = 33 * 1024;

/// Reusable Argon2 blocks of 1 KiB.
#[derive(Debug, Default)]
pub(super) struct Memory {
    blocks: Vec<Block>,
    #[cfg(test)]
    work: u64,
}

impl Memory {
    /// Runs `work` on `count` blocks. More than `keep` blocks are not kept afterwards: a costly hash
    /// from elsewhere must not raise what a busy thread holds.
    pub(super) fn with<T>(
        &mut self,
        count: usize,
        keep: usize,
        work: impl FnOnce(&mut [Block]) -> T,
    ) -> T {
        if count > self.blocks.len() {
            if count > self.blocks.capacity() {
                // Nothing in the old blocks is worth copying.
                self.blocks = Vec::with_capacity(count.max(RESERVED_BLOCKS));
            }
            self.blocks.resize(count, Block::new());
        }
        let result = work(self.blocks.get_mut(..count).unwrap_or_default());
        if count > keep {
            self.free();
        }
        result
    }

    /// Counts bytes that were gone over, each as often as it was.
    #[cfg(test)]
    pub(super) fn note_work(&mut self, bytes: u64) {
        self.work = self.work.saturating_add(bytes);
    }

    /// What was counted: the cost of what this thread did, without a clock.
    #[cfg(test)]
    pub(super) fn work(&self) -> u64 {
        self.work
    }

    /// Gives the memory back.
    pub(super) fn free(&mut self) {
        self.blocks = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_kept_between_hashes_and_given_back_when_freed() {
        let mut memory = Memory::default();
        assert_eq!(memory.with(64, 64, |blocks| blocks.len()), 64);
        assert_eq!(memory.with(32, 64, |blocks| blocks.len()), 32);
        assert_eq!(memory.blocks.len(), 64);
        memory.free();
        assert_eq!(memory.blocks.capacity(), 0);
    }

    #[test]
    fn the_memory_of_a_costlier_hash_is_not_kept() {
        let mut memory = Memory::default();
        assert_eq!(memory.with(128, 64, |blocks| blocks.len()), 128);
        assert_eq!(memory.blocks.capacity(), 0);
    }
}
