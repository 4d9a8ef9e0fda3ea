//! Who may serve whom. Pure.
//!
//! A ticket has a class: the customer's language, the product it is about, and the product's tier, which is the level of
//! skill it asks of an agent. Every class is a *lane* of the queue. An agent serves the lanes whose language the agent
//! speaks and whose product the agent knows well enough. After a while a ticket looks further afield: any agent who speaks
//! the language will do; that is one more lane for each language. A language is never given up.

use std::{collections::BTreeMap, fmt, str::FromStr};

use chrono::Duration;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::settings::Settings;

/// The most lanes a house may have.
pub const MOST_LANES: usize = 64;

/// A lane, by its number in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(u8);

/// A set of lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Lanes(u64);

impl Lane {
    /// The lane of a number below [`MOST_LANES`].
    pub fn of(number: u8) -> Option<Self> {
        (usize::from(number) < MOST_LANES).then_some(Self(number))
    }

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl Lanes {
    /// Every lane there can be.
    pub const ALL: Self = Self(u64::MAX);

    /// Whether `lane` is one of them.
    pub fn has(self, lane: Lane) -> bool {
        self.0 >> lane.0 & 1 == 1
    }

    /// Those in both sets.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those in either set.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Without `lane`.
    #[must_use]
    pub fn without(self, lane: Lane) -> Self {
        Self(self.0 & !(1 << lane.0))
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them, lowest number first.
    pub fn iter(self) -> impl Iterator<Item = Lane> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let number = u8::try_from(left.trailing_zeros()).ok().filter(|number| *number < 64)?;
            left &= left - 1;
            Some(Lane(number))
        })
    }
}

impl FromIterator<Lane> for Lanes {
    fn from_iter<I: IntoIterator<Item = Lane>>(lanes: I) -> Self {
        Self(lanes.into_iter().fold(0, |all, lane| all | 1 << lane.0))
    }
}

/// What customers call about, written `name:tier`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Coded name: `a-z 0-9 _ -`.
    pub name: String,
    /// The level of skill it asks of an agent, 1 to 9.
    pub tier: u32,
}

impl FromStr for Product {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "a product is name:tier, such as account:1, of a-z 0-9 _ - and a tier of 1 to 9";
        let (name, tier) = text.split_once(':').ok_or(WRONG)?;
        let tier = tier.parse().ok().filter(|tier| (1..=9).contains(tier)).ok_or(WRONG)?;
        if is_coded(name) { Ok(Self { name: name.to_owned(), tier }) } else { Err(WRONG) }
    }
}

/// Whether a name may stand in the catalogue.
pub fn is_coded(name: &str) -> bool {
    (1..=40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte))
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.tier)
    }
}

impl Serialize for Product {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Product {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What an agent can do, by level 1 to 9. Nothing filed about languages means every language, nothing filed about products
/// every product: a small house needs no roster of skills.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skills {
    /// Languages.
    pub languages: BTreeMap<String, u32>,
    /// Products.
    pub products: BTreeMap<String, u32>,
}

/// Every lane of a house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue<'a> {
    languages: &'a [String],
    products: &'a [Product],
}

impl<'a> Catalogue<'a> {
    /// The catalogue of these settings.
    pub fn of(settings: &'a Settings) -> Self {
        Self { languages: &settings.languages, products: &settings.products }
    }

    /// What a customer calls about who named nothing, or something that is no longer offered.
    pub fn product(&self, named: Option<&str>) -> &'a str {
        let known = named.and_then(|named| self.products.iter().find(|product| product.name == named));
        known.or(self.products.first()).map_or("", |product| &product.name)
    }

    /// The lane of a class. A language nobody speaks here is served by those who speak the first.
    pub fn strict(&self, language: &str, product: &str) -> Lane {
        let product = self.products.iter().position(|known| known.name == product).unwrap_or(0);
        self.lane(self.language(language), product + 1)
    }

    /// The lane of everybody who speaks the language.
    pub fn relaxed(&self, language: &str) -> Lane {
        self.lane(self.language(language), 0)
    }

    /// The lanes somebody serves.
    pub fn lanes(&self, skills: &Skills) -> Lanes {
        let level = |filed: &BTreeMap<String, u32>, name: &str| if filed.is_empty() { u32::MAX } else { filed.get(name).copied().unwrap_or(0) };
        let spoken = self.languages.iter().enumerate().filter(|(_, language)| level(&skills.languages, language) > 0);
        spoken
            .flat_map(|(language, _)| {
                let known = self.products.iter().enumerate().filter(|(_, product)| level(&skills.products, &product.name) >= product.tier);
                known.map(move |(product, _)| (language, product + 1)).chain([(language, 0)])
            })
            .map(|(language, column)| self.lane(language, column))
            .collect()
    }

    /// How many lanes there are.
    pub fn len(&self) -> usize {
        self.languages.len() * (self.products.len() + 1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Differs for catalogues that number their lanes differently.
    pub fn fingerprint(&self) -> String {
        let products: Vec<String> = self.products.iter().map(ToString::to_string).collect();
        hex::encode(&Sha256::digest(format!("{}|{}", self.languages.join(","), products.join(",")))[..4])
    }

    fn language(&self, language: &str) -> usize {
        let spoken = |wanted: &str| self.languages.iter().position(|known| known == wanted);
        spoken(language).or_else(|| spoken(language.split('-').next().unwrap_or(language))).unwrap_or(0)
    }

    fn lane(&self, language: usize, column: usize) -> Lane {
        let number = language * (self.products.len() + 1) + column;
        Lane(u8::try_from(number.min(MOST_LANES - 1)).expect("below 64"))
    }
}

/// Why a ticket goes before those who came up to so much earlier. It never goes before who has waited longer than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Claim {
    /// Comes back after a call that broke.
    pub is_returning: bool,
    /// Comes at the time of an appointment.
    pub is_on_time: bool,
    /// Said to need special help.
    pub has_special_needs: bool,
}

impl Claim {
    /// The boost: 10 minutes for who returns, 15 for an appointment, the operator's choice for special needs; they do not
    /// add up.
    pub fn boost(self, special_needs: Duration) -> Duration {
        let claims = [(self.is_returning, Duration::minutes(10)), (self.is_on_time, Duration::minutes(15)), (self.has_special_needs, special_needs)];
        claims.into_iter().filter(|(holds, _)| *holds).map(|(_, boost)| boost).max().unwrap_or_else(Duration::zero)
    }
}

#[cfg(test)]
#[path = "routing_tests.rs"]
mod tests;
