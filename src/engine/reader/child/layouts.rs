//! What is printed where: the labels of each document and the shape of the value beside or below them. Data; `print.rs` does the looking.

use crate::engine::document::{DocumentKind, FieldName, Side};

/// The shape of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// That many digits.
    Digits(&'static [usize]),
    /// Day, month, year.
    Date,
    /// Words in capitals.
    Name,
    /// Anything, on up to two rows.
    Text,
    /// Nam, Nữ, M, F.
    Sex,
    /// A country's name or letters.
    Country,
    /// Capitals and digits.
    Code,
}

/// A label: what it announces and its wordings, folded and without blanks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label {
    /// `None`: known so that it ends the value before it.
    pub(super) field: Option<FieldName>,
    pub(super) wordings: &'static [&'static str],
    pub(super) shape: Shape,
}

const fn label(field: FieldName, wordings: &'static [&'static str], shape: Shape) -> Label {
    Label { field: Some(field), wordings, shape }
}

const fn other(wordings: &'static [&'static str]) -> Label {
    Label { field: None, wordings, shape: Shape::Text }
}

const CITIZEN_FRONT: &[Label] = &[
    label(FieldName::Number, &["SONO", "SODINHDANHCANHAN", "PERSONALIDENTIFICATIONNUMBER"], Shape::Digits(&[12])),
    label(FieldName::FullName, &["HOVATEN", "FULLNAME", "HOCHUDEMVATENKHAISINH"], Shape::Name),
    label(FieldName::BirthDate, &["NGAYSINH", "DATEOFBIRTH", "NGAYTHANGNAMSINH"], Shape::Date),
    label(FieldName::Sex, &["GIOITINH", "SEX"], Shape::Sex),
    label(FieldName::Nationality, &["QUOCTICH", "NATIONALITY"], Shape::Country),
    label(FieldName::Origin, &["QUEQUAN", "PLACEOFORIGIN"], Shape::Text),
    label(FieldName::Residence, &["NOITHUONGTRU", "PLACEOFRESIDENCE"], Shape::Text),
    label(FieldName::ExpiryDate, &["COGIATRIDEN", "DATEOFEXPIRY"], Shape::Date),
    other(&["CITIZENIDENTITYCARD", "CANCUOCCONGDAN"]),
];

const CITIZEN_BACK: &[Label] = &[
    label(FieldName::IssueDate, &["NGAYTHANGNAM", "DATEMONTHYEAR", "NGAYTHANGNAMCAP", "DATEOFISSUE"], Shape::Date),
    label(FieldName::ExpiryDate, &["NGAYTHANGNAMHETHAN", "DATEOFEXPIRY"], Shape::Date),
    label(FieldName::Residence, &["NOICUTRU", "PLACEOFRESIDENCE"], Shape::Text),
    other(&["DACDIEMNHANDANG", "PERSONALIDENTIFICATION"]),
    other(&["NGONTROTRAI", "NGONTROPHAI", "LEFTINDEXFINGER", "RIGHTINDEXFINGER"]),
];

const CMND_FRONT: &[Label] = &[
    label(FieldName::Number, &["SO"], Shape::Digits(&[9, 12])),
    label(FieldName::FullName, &["HOVATEN", "HOTEN"], Shape::Name),
    label(FieldName::BirthDate, &["SINHNGAY", "NGAYSINH"], Shape::Date),
    label(FieldName::Origin, &["NGUYENQUAN", "QUEQUAN"], Shape::Text),
    label(FieldName::Residence, &["NOIDKHKTHUONGTRU", "NOIDKHK", "NOITHUONGTRU"], Shape::Text),
    label(FieldName::Sex, &["GIOITINH"], Shape::Sex),
];

const CMND_BACK: &[Label] = &[
    label(FieldName::IssueDate, &["NGAYCAP"], Shape::Date),
    label(FieldName::Issuer, &["NOICAP"], Shape::Text),
    other(&["DANTOC", "TONGIAO", "DAUVETRIENGVADIHINH", "GIAMDOCCONGAN"]),
];

const PASSPORT: &[Label] = &[
    label(FieldName::Number, &["SOHOCHIEU", "PASSPORTNO"], Shape::Code),
    label(FieldName::FullName, &["HOVATEN", "FULLNAME"], Shape::Name),
    label(FieldName::Surname, &["SURNAME"], Shape::Name),
    label(FieldName::GivenNames, &["GIVENNAMES"], Shape::Name),
    label(FieldName::BirthDate, &["NGAYSINH", "DATEOFBIRTH"], Shape::Date),
    label(FieldName::Sex, &["GIOITINH", "SEX"], Shape::Sex),
    label(FieldName::IssueDate, &["NGAYCAP", "DATEOFISSUE"], Shape::Date),
    label(FieldName::ExpiryDate, &["COGIATRIDEN", "DATEOFEXPIRY"], Shape::Date),
    label(FieldName::PersonalNumber, &["SOGCMND", "IDCARDNO"], Shape::Digits(&[9, 12])),
    other(&["LOAI", "TYPE", "MASO", "CODE", "NOISINH", "PLACEOFBIRTH", "NOICAP", "PLACEOFISSUE", "QUOCTICH", "NATIONALITY"]),
];

const LICENCE_FRONT: &[Label] = &[
    label(FieldName::Number, &["SONO", "SO"], Shape::Digits(&[12])),
    label(FieldName::FullName, &["HOTEN", "FULLNAME", "HOTENFULLNAME", "HOVATEN"], Shape::Name),
    label(FieldName::BirthDate, &["NGAYSINH", "DATEOFBIRTH", "NGAYSINHDATEOFBIRTH"], Shape::Date),
    label(FieldName::Nationality, &["QUOCTICH", "NATIONALITY", "QUOCTICHNATIONALITY"], Shape::Country),
    label(FieldName::Residence, &["NOICUTRU", "ADDRESS", "NOICUTRUADDRESS"], Shape::Text),
    label(FieldName::ExpiryDate, &["COGIATRIDEN", "EXPIRES", "COGIATRIDENEXPIRES"], Shape::Date),
    other(&["HANG", "CLASS", "HANGCLASS"]),
];

const LICENCE_BACK: &[Label] = &[label(FieldName::IssueDate, &["NGAYTRUNGTUYEN", "BEGINNINGDATE", "NGAYTRUNGTUYENBEGINNINGDATE"], Shape::Date)];

const OTHER_CARD: &[Label] = &[
    label(FieldName::Number, &["DOCUMENTNUMBER", "DOCUMENTNO", "CARDNUMBER"], Shape::Code),
    label(FieldName::Surname, &["SURNAME"], Shape::Name),
    label(FieldName::GivenNames, &["GIVENNAMES", "GIVENNAME"], Shape::Name),
    label(FieldName::BirthDate, &["DATEOFBIRTH"], Shape::Date),
    label(FieldName::Sex, &["SEX"], Shape::Sex),
    label(FieldName::ExpiryDate, &["DATEOFEXPIRY"], Shape::Date),
    label(FieldName::IssueDate, &["DATEOFISSUE"], Shape::Date),
    label(FieldName::Nationality, &["NATIONALITY"], Shape::Country),
    other(&["ADDRESS", "AUTHORITY", "IDENTITYCARD"]),
];

/// The labels of a side.
pub(super) fn labels(kind: DocumentKind, side: Side) -> &'static [Label] {
    match (kind, side) {
        (DocumentKind::CitizenCard, Side::Front) => CITIZEN_FRONT,
        (DocumentKind::CitizenCard, Side::Back) => CITIZEN_BACK,
        (DocumentKind::Cmnd, Side::Front) => CMND_FRONT,
        (DocumentKind::Cmnd, Side::Back) => CMND_BACK,
        (DocumentKind::Passport, _) => PASSPORT,
        (DocumentKind::DrivingLicence, Side::Front) => LICENCE_FRONT,
        (DocumentKind::DrivingLicence, Side::Back) => LICENCE_BACK,
        (DocumentKind::OtherCard, _) => OTHER_CARD,
    }
}
