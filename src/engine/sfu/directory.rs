//! Which media thread a packet is for. All share one port, one of them reads it, and calls are pinned to threads: what the
//! others are sent is known by the names in checks, and by the addresses whose checks the others have found good.

use std::{collections::HashMap, net::SocketAddr};

use foldhash::fast::RandomState as Quick;

use super::{core::Post, stun};

/// Where packets are brought.
#[derive(Debug, Default)]
pub(super) struct Directory(HashMap<Post, usize, Quick>);

/// The media thread of a room: rooms are random numbers, so this spreads them.
pub(super) fn thread_of(room: u128, threads: usize) -> usize {
    usize::try_from(room % threads.max(1) as u128).unwrap_or(0)
}

impl Directory {
    /// What finds its way to a thread, or does not any more. An address may have moved on to another thread meanwhile.
    pub(super) fn note(&mut self, thread: usize, post: Post, is_here: bool) {
        if is_here {
            self.0.insert(post, thread);
        } else if self.0.get(&post) == Some(&thread) {
            self.0.remove(&post);
        }
    }

    /// For which thread a packet is. A check may move an address to another participant, so the name in it counts first.
    pub(super) fn find(&self, is_tcp: bool, from: SocketAddr, packet: &[u8]) -> Option<usize> {
        let named = packet.first().filter(|first| **first < 4).and_then(|_| stun::our_fragment(packet));
        let named = named.and_then(|name| self.0.get(&Post::Name(name.to_owned())));
        named.or_else(|| self.0.get(&Post::Place(is_tcp, from))).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_before_addresses_and_only_who_has_a_place_gives_it_up() {
        let at: SocketAddr = "192.0.2.7:5000".parse().unwrap();
        // A check (RFC 8489 §5) that names `ab`, of `ab:c`.
        let check = [&[0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42][..], &[7; 12], &[0, 6, 0, 4], b"ab:c"].concat();
        let mut directory = Directory::default();
        assert_eq!(directory.find(false, at, &check), None, "a stranger");
        directory.note(1, Post::Name("ab".into()), true);
        directory.note(2, Post::Place(false, at), true);
        assert_eq!(directory.find(false, at, &check), Some(1));
        assert_eq!(directory.find(false, at, &[0x80, 96]), Some(2));
        assert_eq!(directory.find(true, at, &[0x80, 96]), None, "TCP is another place");
        directory.note(1, Post::Place(false, at), true);
        directory.note(2, Post::Place(false, at), false);
        assert_eq!(directory.find(false, at, &[0x80, 96]), Some(1), "it has moved on");
        directory.note(1, Post::Place(false, at), false);
        directory.note(1, Post::Name("ab".into()), false);
        assert_eq!(directory.find(false, at, &check), None);
    }
}
