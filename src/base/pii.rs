//! Personal data as a type: it prints as a mark, never as itself.

use std::fmt;

/// A value about a person. `Debug` and `Display` hide it; [`expose`](Pii::expose) is the greppable way out.
#[derive(Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Marks `value` as personal.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for storing it or showing it to somebody entitled to it.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

impl<T> fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

impl<T: ts_rs::TS> ts_rs::TS for Pii<T> {
    type WithoutGenerics = T::WithoutGenerics;
    type OptionInnerType = T::OptionInnerType;
    fn name(cfg: &ts_rs::Config) -> String {
        T::name(cfg)
    }
    fn inline(cfg: &ts_rs::Config) -> String {
        T::inline(cfg)
    }
    fn decl(cfg: &ts_rs::Config) -> String {
        T::decl(cfg)
    }
    fn decl_concrete(cfg: &ts_rs::Config) -> String {
        T::decl_concrete(cfg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_never_prints() {
        let name = Pii::new("Nguyễn Văn A".to_owned());
        assert_eq!(format!("{name} {name:?}"), "[personal] [personal]");
        assert_eq!(name.expose(), "Nguyễn Văn A");
    }
}
