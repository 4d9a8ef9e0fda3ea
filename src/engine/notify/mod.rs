//! Messages to people outside.
