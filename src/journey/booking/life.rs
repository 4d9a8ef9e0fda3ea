//! The life of an appointment. Pure.
//!
//! ```text
//! booked ─move→ booked    booked ─cancel→ cancelled | ─keep→ kept | ─miss→ missed
//! ```

use super::wire::BookingState;

/// What can happen to an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// To another slot.
    Move,
    /// The customer does not want it any more.
    Cancel,
    /// The call took place.
    Keep,
    /// Nobody came.
    Miss,
}

impl BookingState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Booked, Self::Cancelled, Self::Kept, Self::Missed];

    /// The state after `command`; none when the command does not exist here.
    pub fn after(self, command: Command) -> Option<Self> {
        match (self, command) {
            (Self::Booked, Command::Move) => Some(Self::Booked),
            (Self::Booked, Command::Cancel) => Some(Self::Cancelled),
            (Self::Booked, Command::Keep) => Some(Self::Kept),
            (Self::Booked, Command::Miss) => Some(Self::Missed),
            (Self::Cancelled | Self::Kept | Self::Missed, _) => None,
        }
    }

    /// The name in the database and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Cancelled => "cancelled",
            Self::Kept => "kept",
            Self::Missed => "missed",
        }
    }
}

impl std::str::FromStr for BookingState {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_knows_exactly_its_commands() {
        let commands = [Command::Move, Command::Cancel, Command::Keep, Command::Miss];
        let wanted = [("booked", "booked cancelled kept missed"), ("cancelled", "- - - -"), ("kept", "- - - -"), ("missed", "- - - -")];
        for (state, (name, row)) in BookingState::ALL.into_iter().zip(wanted) {
            assert_eq!(state.name(), name);
            assert_eq!(name.parse(), Ok(state));
            assert_eq!(serde_json::to_value(state).expect("serialises"), name);
            let found: Vec<&str> = commands.into_iter().map(|command| state.after(command).map_or("-", BookingState::name)).collect();
            assert_eq!(found.join(" "), row, "from {name}");
        }
    }
}
