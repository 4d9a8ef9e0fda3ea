//! One newtype per noun over a 128-bit time-ordered number (UUID version 7, RFC 9562 §5.7).
//!
//! An id never grants access; a token does.

use super::Timestamp;

/// An id of one noun. Made by [`ids!`](crate::ids); text form is 32 lower-case hex digits.
pub trait Id: Copy + Eq + std::fmt::Display + std::str::FromStr<Err = MalformedId> + Send + Sync + 'static {
    /// Wraps the number.
    fn from_uuid(uuid: uuid::Uuid) -> Self;
    /// The number.
    fn uuid(self) -> uuid::Uuid;
}

/// The text is not 32 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct MalformedId;

/// UUID version 7 from a given instant and 10 random bytes.
pub fn time_ordered(at: Timestamp, random: [u8; 10]) -> uuid::Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// Declares id newtypes: `ids! { /// One application. DossierId }`.
#[macro_export]
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(uuid::Uuid);

        impl $crate::base::id::Id for $name {
            fn from_uuid(uuid: uuid::Uuid) -> Self { Self(uuid) }
            fn uuid(self) -> uuid::Uuid { self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{}", self.0.simple()) }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "{}({})", stringify!($name), self.0.simple()) }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::base::id::MalformedId;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if text.len() != 32 { return Err($crate::base::id::MalformedId); }
                uuid::Uuid::try_parse(text).map(Self).map_err(|_| $crate::base::id::MalformedId)
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> { to.collect_str(self) }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
        impl ts_rs::TS for $name {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;
            fn name(_: &ts_rs::Config) -> String { "string".to_owned() }
            fn inline(_: &ts_rs::Config) -> String { "string".to_owned() }
            fn decl(_: &ts_rs::Config) -> String { unreachable!("an id is a string on the wire") }
            fn decl_concrete(_: &ts_rs::Config) -> String { unreachable!("an id is a string on the wire") }
        }
        impl From<$name> for $crate::base::db::Arg {
            fn from(id: $name) -> Self { Self::Text(Some(id.to_string())) }
        }
        impl From<Option<$name>> for $crate::base::db::Arg {
            fn from(id: Option<$name>) -> Self { Self::Text(id.map(|id| id.to_string())) }
        }
    )+};
}

ids! {
    /// One application of one person: the customer file.
    DossierId,
    /// One photograph of one side of a document.
    CaptureId,
    /// A place in the queue.
    TicketId,
    /// An appointment.
    BookingId,
    /// A length of time in which appointments can be held.
    SlotId,
    /// One call between a customer and an agent.
    CallId,
    /// One check within a call.
    CheckId,
    /// The recording of one call.
    RecordingId,
    /// A member of staff.
    StaffId,
    /// A signed-in browser.
    SessionId,
    /// A file in the vault.
    ObjectId,
    /// A job for the `work` role.
    JobId,
    /// A line of chat.
    ChatId,
    /// What a customer's page measured before a call.
    RehearsalId,
    /// A photograph asked for in a call.
    StillId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_order_by_time_and_read_back() {
        let early = DossierId::from_uuid(time_ordered(Timestamp::from_timestamp_millis(1_000).expect("valid"), [255; 10]));
        let late = DossierId::from_uuid(time_ordered(Timestamp::from_timestamp_millis(1_001).expect("valid"), [0; 10]));
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse(), Ok(early));
        assert_eq!("nonsense".parse::<DossierId>(), Err(MalformedId));
    }
}
