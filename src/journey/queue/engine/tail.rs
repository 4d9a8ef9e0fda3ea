//! A sorted map whose keys mostly arrive in order. Pure.
//!
//! Tickets come in the order of time; keeping them in a tree makes everybody pay for the length of the line. Here a key greater than
//! all before it is appended to a queue, whatever the length; only others go into a tree. What is removed from the middle of the
//! queue stays as a gap until an end reaches it, or until gaps are the half.

use std::collections::{BTreeMap, VecDeque};

/// The map.
#[derive(Debug, Clone)]
pub(super) struct Tail<K, V> {
    queue: VecDeque<(K, Option<V>)>,
    gaps: usize,
    tree: BTreeMap<K, V>,
}

impl<K, V> Default for Tail<K, V> {
    fn default() -> Self {
        Self { queue: VecDeque::new(), gaps: 0, tree: BTreeMap::new() }
    }
}

impl<K: Ord + Copy, V> Tail<K, V> {
    /// Files a value that is not filed yet.
    pub(super) fn insert(&mut self, key: K, value: V) {
        if self.queue.back().is_none_or(|(last, _)| *last < key) {
            self.queue.push_back((key, Some(value)));
        } else {
            self.tree.insert(key, value);
        }
    }

    /// Takes a value out.
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        // Whoever just came is greater than all, and nobody is looked for.
        let is_new = |last: Option<&K>| last.is_none_or(|last| last < key);
        if is_new(self.queue.back().map(|(last, _)| last)) && is_new(self.tree.last_key_value().map(|(last, _)| last)) {
            return None;
        }
        if let Some(value) = self.tree.remove(key) {
            return Some(value);
        }
        let at = self.find(key)?;
        let value = self.queue.get_mut(at)?.1.take()?;
        self.gaps += 1;
        self.close_gaps();
        Some(value)
    }

    /// A value.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.tree.get(key).or_else(|| self.queue.get(self.find(key)?)?.1.as_ref())
    }

    /// The least key.
    pub(super) fn first(&self) -> Option<K> {
        let queued = self.queue.front().map(|(key, _)| *key);
        let other = self.tree.first_key_value().map(|(key, _)| *key);
        queued.into_iter().chain(other).min()
    }

    /// All keys in order.
    pub(super) fn keys(&self) -> impl Iterator<Item = K> {
        let mut queue = self.queue.iter().filter(|(_, value)| value.is_some()).map(|(key, _)| *key).peekable();
        let mut tree = self.tree.keys().copied().peekable();
        std::iter::from_fn(move || match (queue.peek(), tree.peek()) {
            (Some(queued), Some(other)) if other < queued => tree.next(),
            (Some(_), _) => queue.next(),
            (None, _) => tree.next(),
        })
    }

    /// All values, in no order.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.queue.iter().filter_map(|(_, value)| value.as_ref()).chain(self.tree.values())
    }

    fn find(&self, key: &K) -> Option<usize> {
        // Who was served stands at the front.
        if self.queue.front().is_some_and(|(first, _)| first == key) {
            return Some(0);
        }
        self.queue.binary_search_by(|(other, _)| other.cmp(key)).ok()
    }

    fn close_gaps(&mut self) {
        while self.queue.front().is_some_and(|(_, value)| value.is_none()) {
            self.queue.pop_front();
            self.gaps -= 1;
        }
        while self.queue.back().is_some_and(|(_, value)| value.is_none()) {
            self.queue.pop_back();
            self.gaps -= 1;
        }
        if self.gaps > 64 && self.gaps * 2 > self.queue.len() {
            self.queue.retain(|(_, value)| value.is_some());
            self.gaps = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_sorted_map(steps in proptest::collection::vec((0..3_u8, 0..60_u16), 0..400)) {
            let (mut tail, mut map) = (Tail::default(), BTreeMap::new());
            let mut clock = 100;
            for (what, number) in steps {
                // Two of three come in order, and one anywhere.
                let key = if what == 0 { number } else { clock += 1; clock };
                let gone = if what == 2 { clock - number.min(clock) } else { number };
                if let std::collections::btree_map::Entry::Vacant(free) = map.entry(key) {
                    tail.insert(key, number);
                    free.insert(number);
                }
                prop_assert_eq!(tail.remove(&gone), map.remove(&gone));
                prop_assert_eq!(tail.first(), map.keys().next().copied());
                prop_assert_eq!(tail.get(&key), map.get(&key));
                prop_assert!(tail.keys().eq(map.keys().copied()));
                prop_assert_eq!(tail.values().count(), map.len());
            }
        }
    }
}
