//! Names of fields and sources as single words in a TEXT column: the same words as on the wire.

use std::str::FromStr;

use serde::{Serialize, de::DeserializeOwned};

/// Something whose JSON form is one word; reads itself from a column with `row.parsed::<Word<_>>("name")?.0`.
pub(super) struct Word<T>(pub(super) T);

impl<T: DeserializeOwned> FromStr for Word<T> {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        serde_json::from_value(serde_json::Value::String(text.to_owned())).map(Word).map_err(|_| ())
    }
}

/// The word of a name.
pub(super) fn word(name: impl Serialize) -> String {
    match serde_json::to_value(name) {
        Ok(serde_json::Value::String(word)) => word,
        _ => unreachable!("only names that serialise to one word are filed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::document::{FieldName, Source};

    #[test]
    fn words_read_back() {
        assert_eq!(word(FieldName::BirthDate), "birth_date");
        assert_eq!("qr".parse::<Word<Source>>().ok().map(|w| w.0), Some(Source::Qr));
        assert!("Qr".parse::<Word<Source>>().is_err());
    }
}
