use super::*;
use DocumentKind as K;
use FieldName as F;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day")
}

fn judged(kind: K, name: F, typed: &str) -> Option<&'static str> {
    check(kind, name, &normalised(name, typed), today()).err().map(Fault::code)
}

#[test]
fn every_value_is_judged_by_its_field() {
    let long = "Đ".repeat(301);
    let cases: &[(K, F, &str, Option<&str>)] = &[
        (K::CitizenCard, F::Number, "001 187 000 123", None),
        (K::CitizenCard, F::Number, "", Some("required")),
        (K::CitizenCard, F::Number, "00118700012", Some("malformed")),
        (K::CitizenCard, F::Number, "00118700012O", Some("malformed")),
        (K::CitizenCard, F::Number, "000187000123", Some("implausible")),
        (K::CitizenCard, F::Number, "001399000123", Some("implausible")),
        (K::Cmnd, F::Number, "012345678", None),
        (K::Cmnd, F::Number, "0123456789", Some("malformed")),
        (K::Passport, F::Number, "c1234567", None),
        (K::Passport, F::Number, "C<234567", Some("malformed")),
        (K::Passport, F::Number, "ABCDEFGHIJKLMNOPQRSTU", Some("too_long")),
        (K::OtherCard, F::Number, "AB-12/34", None),
        (K::CitizenCard, F::FullName, "Nguyễn Thị Minh Khai", None),
        (K::CitizenCard, F::FullName, "Nguye\u{302}\u{303}n O'Brien-Łoś", None),
        (K::CitizenCard, F::FullName, "R2D2", Some("malformed")),
        (K::CitizenCard, F::FullName, "<script>", Some("malformed")),
        (K::CitizenCard, F::FullName, "—", Some("malformed")),
        (K::CitizenCard, F::FullName, &long, Some("too_long")),
        (K::CitizenCard, F::BirthDate, "1987-02-29", Some("malformed")),
        (K::CitizenCard, F::BirthDate, "1988-02-29", None),
        (K::CitizenCard, F::BirthDate, "29/02/1988", Some("malformed")),
        (K::CitizenCard, F::BirthDate, "2026-11-23", Some("implausible")),
        (K::CitizenCard, F::BirthDate, "1890-01-01", Some("implausible")),
        (K::CitizenCard, F::ExpiryDate, "", None),
        (K::CitizenCard, F::ExpiryDate, "2026-11-22", None),
        (K::CitizenCard, F::ExpiryDate, "2026-11-21", Some("expired")),
        (K::CitizenCard, F::ExpiryDate, "2099-01-01", Some("implausible")),
        (K::Passport, F::ExpiryDate, "", Some("required")),
        (K::CitizenCard, F::IssueDate, "2027-01-01", Some("implausible")),
        (K::CitizenCard, F::Sex, "f", None),
        (K::CitizenCard, F::Sex, "female", Some("malformed")),
        (K::CitizenCard, F::Nationality, "vnm", None),
        (K::Passport, F::Nationality, "D", None),
        (K::Passport, F::Nationality, "Vietnam", Some("malformed")),
        (K::CitizenCard, F::Residence, "12 Lý Thường Kiệt, Hà Nội", None),
    ];
    for (kind, name, typed, wanted) in cases {
        assert_eq!(judged(*kind, *name, typed), *wanted, "{kind:?} {name:?} {typed}");
    }
}

#[test]
fn dates_may_not_contradict_each_other() {
    let form =
        |birth: &str, issue: &str, expiry: &str| contradictions(&[(F::BirthDate, birth.into()), (F::IssueDate, issue.into()), (F::ExpiryDate, expiry.into())]);
    assert_eq!(form("1987-03-04", "2021-05-01", "2031-05-01"), vec![]);
    assert_eq!(form("1987-03-04", "1986-05-01", "2031-05-01"), vec![(F::IssueDate, Fault::Implausible)]);
    assert_eq!(form("1987-03-04", "2021-05-01", "2021-05-01"), vec![(F::ExpiryDate, Fault::Implausible)]);
    assert_eq!(form("1987-03-04", "", ""), vec![]);
}

#[test]
fn contacts_are_judged_by_their_shape() {
    for good in ["khai@example.com", " a.b+c@mail.example.vn ", "ü@exämple.de"] {
        assert!(email(good).is_ok(), "{good}");
    }
    for (bad, fault) in [
        ("", Fault::Required),
        ("khai", Fault::Malformed),
        ("khai@localhost", Fault::Malformed),
        ("a@b@c.de ", Fault::Malformed),
        ("a..b@c.de", Fault::Malformed),
        ("a@-c.de", Fault::Malformed),
        ("a b@c.de", Fault::Malformed),
        ("a@c.de\r\nBcc: x@y.z", Fault::Malformed),
    ] {
        assert_eq!(email(bad), Err(fault), "{bad:?}");
    }
    assert_eq!(phone("+84 (912) 345-678"), Ok("+84912345678".to_owned()));
    assert_eq!(phone("0912 345 678"), Ok("0912345678".to_owned()));
    for (bad, fault) in [("", Fault::Required), ("1234567", Fault::Malformed), ("+84 91x 345 678", Fault::Malformed), ("1234567890123456", Fault::Malformed)] {
        assert_eq!(phone(bad), Err(fault), "{bad:?}");
    }
    assert_eq!(email(&format!("{}@x.de", "a".repeat(260))), Err(Fault::TooLong));
    assert_eq!(phone(&"1".repeat(41)), Err(Fault::TooLong));
}

#[test]
fn names_are_put_together_as_their_country_does() {
    let name = |surname: &str, given: &str, country: &str| {
        holder_name(&[(F::Surname, surname.into()), (F::GivenNames, given.into()), (F::Nationality, country.into())])
    };
    assert_eq!(name("ERIKSSON", "ANNA MARIA", "UTO").as_deref(), Some("ANNA MARIA ERIKSSON"));
    assert_eq!(name("NGUYEN", "THI MINH KHAI", "VNM").as_deref(), Some("NGUYEN THI MINH KHAI"));
    assert_eq!(name("SUKARNO", "", "IDN").as_deref(), Some("SUKARNO"));
    assert_eq!(holder_name(&[(F::FullName, "Lê A".into())]).as_deref(), Some("Lê A"));
    assert_eq!(holder_name(&[]), None);
}

#[test]
fn every_form_asks_for_a_name_a_number_and_a_birthday() {
    for kind in K::ALL {
        let required: Vec<F> = fields(kind).iter().filter(|(_, required)| *required).map(|(name, _)| *name).collect();
        assert!(required.contains(&F::Number) && required.contains(&F::BirthDate), "{kind:?}");
        assert!(required.contains(&F::FullName) || required.contains(&F::Surname), "{kind:?}");
    }
}

#[test]
fn capitals_that_come_apart_are_composed_again() {
    let once = normalised(FieldName::Number, "ῒ");
    assert_eq!(normalised(FieldName::Number, &once), once);
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_the_form(text in "\\PC*|[0-9]{12}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[^a-z]{0,40}") {
        for kind in K::ALL {
            for (name, _) in fields(kind) {
                let value = normalised(*name, &text);
                proptest::prop_assert_eq!(&normalised(*name, &value), &value, "what is normal stays so");
                let _ = check(kind, *name, &value, today());
            }
        }
        let _ = (email(&text), phone(&text));
    }
}
