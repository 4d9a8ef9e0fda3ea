//! Every field of one document weighed: which value stands, where it was read, what else was read, and whether the sources agree.
//!
//! QR, zone and print are witnesses that err in different ways. Two that agree confirm each other; one alone is as good as its confidence;
//! two that differ put the field in doubt, whoever is right. What fields say about each other is [`disagreements`].

use std::collections::BTreeSet;

use super::{
    Disagreement, DisagreementCode, DocumentKind, Field, FieldName, Mrz, Reading, Side, Source, Witness, disagreements, fold_name, is_same_given, is_same_name,
    with_marks_of,
};
use crate::base::Pii;

/// Below this the customer is asked to check.
pub const SURE: f32 = 0.85;
/// Below this a reading neither confirms nor contradicts another.
pub(super) const HEARD: f32 = 0.4;
/// Most confidence in a name put together from the letters of the zone and the marks of the print.
const FUSED: f32 = 0.8;

/// How the sources of a field stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Two sources or more say the same and none says otherwise.
    Confirmed,
    /// One source alone.
    Single,
    /// A source says otherwise.
    Contradicted,
}

/// One field after all sources were heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The value that stands; its confidence is that of all sources that agree.
    pub field: Field,
    /// The side it was read on.
    pub side: Side,
    /// Every reading of the field, best first, the chosen one among them.
    pub readings: Vec<Witness>,
    /// Whether they agree.
    pub agreement: Agreement,
    /// Whether somebody should look.
    pub is_doubtful: bool,
}

/// One document after all sources were heard.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CrossCheck {
    /// One entry per field, in the order of [`FieldName`].
    pub fields: Vec<Checked>,
    /// The best zone.
    pub mrz: Option<Mrz>,
    /// Every contradiction by name.
    pub disagreements: Vec<Disagreement>,
    /// The documents its sides were taken for.
    pub layouts: Vec<String>,
}

impl CrossCheck {
    /// The fields somebody should look at.
    pub fn doubtful(&self) -> Vec<FieldName> {
        self.fields.iter().filter(|checked| checked.is_doubtful).map(|checked| checked.field.name).collect()
    }

    /// The same as one reading.
    pub fn into_reading(self) -> Reading {
        let doubtful = self.doubtful();
        let fields = self.fields.into_iter().map(|checked| checked.field).collect();
        Reading { fields, mrz: self.mrz, doubtful, layout: self.layouts.into_iter().next() }
    }
}

/// Weighs what was read on the sides of one document.
pub fn cross_check(kind: DocumentKind, sides: &[(Side, Reading)]) -> CrossCheck {
    let mrz = best_zone(sides);
    let heard: Vec<Witness> =
        sides.iter().flat_map(|(side, reading)| reading.fields.iter().map(|field| Witness { side: *side, field: field.clone() })).collect();
    let names: BTreeSet<FieldName> = heard.iter().map(|witness| witness.field.name).collect();
    let mut fields: Vec<Checked> = names.into_iter().filter_map(|name| checked(name, &heard, mrz)).collect();
    let doubted: BTreeSet<FieldName> = sides.iter().flat_map(|(_, reading)| reading.doubtful.iter().copied()).collect();
    let chosen = Reading { fields: fields.iter().map(|checked| checked.field.clone()).collect(), mrz: mrz.cloned(), ..Reading::default() };
    let disagreements = disagreements(kind, sides, &chosen);
    // What is said of a broken or repaired zone as a whole is weighed field by field: one that another source confirms stands.
    let of_fields = disagreements.iter().filter(|one| !matches!(one.code, DisagreementCode::CheckDigits | DisagreementCode::ZoneRepaired));
    let contradicted: BTreeSet<FieldName> = of_fields.flat_map(|one| one.fields.iter().copied()).collect();
    for checked in &mut fields {
        let name = checked.field.name;
        let is_doubted = doubted.contains(&name) && checked.agreement != Agreement::Confirmed;
        checked.is_doubtful |= is_doubted || contradicted.contains(&name);
    }
    let layouts = sides.iter().filter_map(|(_, reading)| reading.layout.clone()).collect();
    CrossCheck { fields, mrz: mrz.cloned(), disagreements, layouts }
}

fn best_zone(sides: &[(Side, Reading)]) -> Option<&Mrz> {
    let zones = sides.iter().filter_map(|(_, reading)| reading.mrz.as_ref());
    zones.max_by_key(|zone| (zone.valid, !zone.repaired))
}

fn checked(name: FieldName, heard: &[Witness], mrz: Option<&Mrz>) -> Option<Checked> {
    let mut readings: Vec<Witness> = heard.iter().filter(|witness| witness.field.name == name).cloned().collect();
    readings.sort_by(|a, b| weight(&b.field).total_cmp(&weight(&a.field)));
    let mut best = chosen(name, &readings)?;
    let agrees = |other: &&Witness| says_the_same(&best.field, &other.field);
    let loud = |other: &&Witness| other.field.confidence >= HEARD;
    let second = readings.iter().filter(loud).filter(|other| other.field.source != best.field.source).find(agrees);
    let agreement = if readings.iter().filter(loud).any(|other| !agrees(&other)) {
        Agreement::Contradicted
    } else if second.is_some() {
        Agreement::Confirmed
    } else {
        Agreement::Single
    };
    if let Some(second) = second.filter(|_| agreement == Agreement::Confirmed) {
        // Two that err independently are both wrong with the product of their doubts.
        best.field.confidence = 1.0 - (1.0 - best.field.confidence) * (1.0 - second.field.confidence);
    }
    let hangs_on_zone = best.field.source == Source::Mrz && mrz.is_some_and(|zone| !zone.valid || zone.repaired);
    let is_doubtful = agreement == Agreement::Contradicted || best.field.confidence < SURE || (hangs_on_zone && agreement != Agreement::Confirmed);
    Some(Checked { side: best.side, field: best.field, readings, agreement, is_doubtful })
}

/// The reading that stands. A name keeps the marks of print or code when they are marks of the zone's letters.
fn chosen(name: FieldName, readings: &[Witness]) -> Option<Witness> {
    let best = readings.first()?;
    if !is_name(name) || best.field.source != Source::Mrz {
        return Some(best.clone());
    }
    let printed = || readings.iter().filter(|witness| witness.field.source == Source::Print && witness.field.confidence >= HEARD);
    let same = printed().filter(|witness| says_the_same(&witness.field, &best.field));
    let marked = same.max_by(|a, b| a.field.confidence.total_cmp(&b.field.confidence)).cloned();
    let fused = || {
        printed().find_map(|witness| {
            let value = with_marks_of(witness.field.value.expose(), best.field.value.expose())?;
            let field = Field { value: Pii::new(value), confidence: witness.field.confidence.min(FUSED), ..witness.field.clone() };
            Some(Witness { field, side: witness.side })
        })
    };
    marked.or_else(fused).or_else(|| Some(best.clone()))
}

/// Trust in the source first, confidence within it; what is hardly legible loses to everything that is.
fn weight(field: &Field) -> f32 {
    let source = match field.source {
        Source::Qr => 3.0,
        Source::Mrz => 2.0,
        Source::Print => 1.0,
    };
    field.confidence + if field.confidence < HEARD { 0.0 } else { source }
}

fn is_name(name: FieldName) -> bool {
    matches!(name, FieldName::FullName | FieldName::Surname | FieldName::GivenNames)
}

/// Whether two readings of one field say the same: names by their letters in a zone, places by their letters, all else to the sign.
pub(super) fn says_the_same(a: &Field, b: &Field) -> bool {
    let (one, other) = (a.value.expose(), b.value.expose());
    match a.name {
        FieldName::GivenNames => is_same_given(one, other) || is_same_given(other, one),
        name if is_name(name) => is_same_name(one, other) || is_same_name(other, one),
        // A zone names the state, print the authority: they do not speak of the same.
        FieldName::Issuer if a.source != b.source => true,
        FieldName::Residence | FieldName::Origin | FieldName::Issuer => fold_name(one) == fold_name(other),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: FieldName, value: &str, source: Source, confidence: f32) -> Field {
        Field { name, value: Pii::new(value.to_owned()), source, confidence, place: None }
    }

    fn weighed(fields: Vec<Field>, mrz: Option<(bool, bool)>) -> CrossCheck {
        let mrz = mrz.map(|(valid, repaired)| Mrz { lines: Vec::new(), valid, repaired });
        cross_check(DocumentKind::OtherCard, &[(Side::Front, Reading { fields, mrz, ..Reading::default() })])
    }

    fn verdict(check: &CrossCheck) -> (String, Agreement, bool) {
        let first = &check.fields[0];
        (first.field.value.expose().clone(), first.agreement, first.is_doubtful)
    }

    #[test]
    fn a_name_keeps_its_own_script_and_marks_when_the_zone_agrees() {
        use FieldName::{GivenNames, Surname};
        let cases = [
            (Surname, "ИВАНОВА", "IVANOVA", ("ИВАНОВА", Agreement::Confirmed, false)),
            (Surname, "ЩЕРЕВА", "SHTEREVA", ("ЩЕРЕВА", Agreement::Confirmed, false)),
            (Surname, "WIŚNIEWSKA", "WISNIEWSKA", ("WIŚNIEWSKA", Agreement::Confirmed, false)),
            (GivenNames, "АННА АЛЕКСЕЕВНА", "ANNA", ("АННА АЛЕКСЕЕВНА", Agreement::Confirmed, false)),
            (GivenNames, "МАРИЯ", "MARIA GEORGIEVA", ("МАРИЯ", Agreement::Confirmed, false)),
            (Surname, "WIŚNIEWSKO", "WISNIEWSKA", ("WIŚNIEWSKA", Agreement::Contradicted, true)),
            (Surname, "KOWALSKI", "NOWAK", ("NOWAK", Agreement::Contradicted, true)),
        ];
        for (name, printed, zone, (value, agreement, doubtful)) in cases {
            let check = weighed(vec![field(name, zone, Source::Mrz, 0.9), field(name, printed, Source::Print, 0.9)], Some((true, false)));
            assert_eq!(verdict(&check), (value.to_owned(), agreement, doubtful), "{printed} {zone}");
        }
    }

    #[test]
    fn what_one_source_is_not_sure_of_another_confirms() {
        use FieldName::Surname;
        let unsure = field(Surname, "IVANOVA", Source::Mrz, 0.7);
        assert_eq!(verdict(&weighed(vec![unsure.clone()], Some((true, false)))), ("IVANOVA".to_owned(), Agreement::Single, true));
        let confirmed = weighed(vec![unsure, field(Surname, "ИВАНОВА", Source::Print, 0.8)], Some((true, false)));
        assert_eq!(verdict(&confirmed), ("ИВАНОВА".to_owned(), Agreement::Confirmed, false));
        assert!((confirmed.fields[0].field.confidence - 0.94).abs() < 1e-5);
    }

    #[test]
    fn a_repaired_zone_stands_only_where_something_else_says_the_same() {
        use FieldName::Number;
        let zone = field(Number, "D23145890", Source::Mrz, 0.8);
        assert!(weighed(vec![zone.clone()], Some((true, true))).fields[0].is_doubtful);
        let check = weighed(vec![zone, field(Number, "D23145890", Source::Print, 0.9)], Some((true, true)));
        assert_eq!((check.fields[0].is_doubtful, check.doubtful()), (false, vec![]));
        assert_eq!(check.fields[0].readings.len(), 2);
    }
}
