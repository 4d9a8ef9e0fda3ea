//! RTP logs and the files made of them.
