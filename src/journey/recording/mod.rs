//! Sealed logs of what was sent, playable files made of them, and where they lie.
