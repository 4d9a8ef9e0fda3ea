//! The HTTP edge of every room: parse, ask the room's door, answer. One file per room, each with its `doorways()`.

pub mod applications;
pub mod bookings;
pub mod brand;
pub mod calls;
pub mod checks;
pub mod letters;
pub mod persons;
pub mod probe;
pub mod queue;
pub mod recordings;
pub mod rehearsals;
pub mod review;
pub mod staff;
pub mod stills;
