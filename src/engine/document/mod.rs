//! What identity documents say and how they say it: MRZ, QR payloads, check digits, national numbers. Pure: no pixels, no clock.
//!
//! **Lives here:** the rules of ICAO 9303 ([`Zone`]), the Vietnamese QR payload ([`CitizenCode`]) and number ([`VietnameseNumber`]),
//! what is printed where ([`layouts`]), how sources are weighed against each other ([`cross_check`]) and where they contradict ([`disagreements`]). **Must not know:** how
//! pixels become letters.
//! **Start reading** at [`Reading`]: what the reader found on one side, field by field with source and confidence.
//!
//! ```
//! use visavis::engine::document::Zone;
//! let zone = Zone::new(&["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"]).unwrap();
//! assert!(zone.is_valid());
//! assert_eq!(zone.names(), ("ERIKSSON".to_owned(), "ANNA MARIA".to_owned()));
//! ```

pub mod codes;
mod crosscheck;
mod disagreement;
mod fold;
mod found;
pub mod layouts;
mod merge;
pub mod mrz;
pub mod national;
mod payload;
mod reading;
#[cfg(test)]
mod tests;

pub use crosscheck::{Agreement, Checked, CrossCheck, SURE, cross_check};
pub use disagreement::{Disagreement, DisagreementCode, Witness, disagreements};
pub use fold::{Scheme, fold_by, fold_name, foldings, is_same_given, is_same_name, with_marks_of};
pub use found::{fields_of_code, fields_of_zone};
pub use merge::merge;
pub use mrz::Zone;
pub use national::{Tells, VietnameseNumber};
pub use payload::CitizenCode;
pub use reading::{DocumentKind, Field, FieldName, Mrz, Reading, Side, Source};
