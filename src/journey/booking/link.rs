//! The signed link of an appointment: [`base::link`](crate::base::link) over its id and the nonce of its row, so that a link still
//! opens an appointment that was moved.

use crate::base::{
    id::BookingId,
    link::{self, LinkKey},
};

const FOR: &str = "visavis booking link 1";

/// The token of an appointment.
pub(super) fn token(key: &LinkKey, booking: BookingId, nonce: &str) -> String {
    link::token(key, FOR, booking, nonce)
}

/// Whether the token was made for this appointment.
pub(super) fn is_genuine(key: &LinkKey, token: &str, booking: BookingId, nonce: &str) -> bool {
    link::is_genuine(key, FOR, token, (booking, nonce))
}
