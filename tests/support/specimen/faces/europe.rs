//! The Netherlands, Poland and Bulgaria: identity cards and passports.

use super::{
    super::{
        Day,
        canvas::{INK, RED},
        people::{Holder, bulgarian_latin},
        sheet::Sheet,
        zone::{check_digit, td1_of, td3_of},
    },
    CARD, PAGE, Print, Specimen, finished,
};

const DUTCH_MONTHS: [&str; 12] = ["JAN", "FEB", "MAA", "APR", "MEI", "JUN", "JUL", "AUG", "SEP", "OKT", "NOV", "DEC"];
const ENGLISH_MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// `10 MAA/MAR 1965`; one word where both languages have the same.
fn dutch_day(day: Day) -> String {
    let month = usize::from(day.month) - 1;
    let (own, english) = (DUTCH_MONTHS[month], ENGLISH_MONTHS[month]);
    let month = if own == english { own.to_owned() } else { format!("{own}/{english}") };
    format!("{:02} {month} {}", day.day, day.year)
}

fn dotted(day: Day) -> String {
    day.print().replace('/', ".")
}

fn spaced(day: Day) -> String {
    day.print().replace('/', " ")
}

/// A value under its label.
struct Entry<'a>(&'a str, &'static str, String, String);

/// A column of labels with their values below, `step` units apart.
fn column(sheet: &mut Sheet, (x, y): (i32, i32), step: i32, (small, large): (f32, f32), entries: &[Entry]) {
    for (n, Entry(label, field, printed, truth)) in (0..).zip(entries) {
        let y = y + n * step;
        #[expect(clippy::cast_possible_truncation, reason = "a letter's height")]
        let below = y + (small * 1.12) as i32;
        sheet.label(x, y, small, label);
        if field.is_empty() {
            sheet.bold(x, below, large, INK, printed);
        } else {
            sheet.bold_value(field, (x, below), large, printed, truth.clone());
        }
    }
}

fn same<'a>(label: &'a str, field: &'static str, value: impl Into<String>) -> Entry<'a> {
    let value = value.into();
    Entry(label, field, value.clone(), value)
}

fn card_zone(state: &str, holder: &Holder, optional: &str) -> Vec<String> {
    let number = format!("{:<<9}", holder.number);
    td1_of(&format!("I<{state}{number}{}", check_digit(&number)), state, holder, optional)
}

fn dutch_entries(holder: &Holder) -> (Vec<Entry<'static>>, Vec<Entry<'static>>) {
    let left = vec![
        same("naam / surname / nom", "surname", holder.surname.clone()),
        same("voornamen / given names / prénoms", "given_names", holder.given.clone()),
        Entry("geboortedatum / date of birth / date de naissance", "birth_date", dutch_day(holder.birth()), holder.birth().iso()),
        Entry("datum van afgifte / date of issue / date de délivrance", "issue_date", dutch_day(holder.issue()), holder.issue().iso()),
        Entry("geldig tot / date of expiry / date d'expiration", "expiry_date", dutch_day(holder.expiry()), holder.expiry().iso()),
    ];
    let right = vec![
        Entry("geslacht / sex / sexe", "sex", if holder.is_woman { "V/F".into() } else { "M/M".into() }, holder.sex().into()),
        Entry("nationaliteit / nationality / nationalité", "nationality", "Nederlandse".into(), "NLD".into()),
    ];
    (left, right)
}

pub(super) fn dutch_card(holder: &Holder, print: &mut Print) -> Vec<Specimen> {
    let mut sheet = print.sheet(CARD, [222, 226, 206]);
    sheet.bold(60, 22, 30.0, INK, "KONINKRIJK DER NEDERLANDEN");
    sheet.text(60, 58, 22.0, "KINGDOM OF THE NETHERLANDS / ROYAUME DES PAYS-BAS");
    sheet.bold(60, 90, 34.0, RED, "IDENTITEITSKAART / IDENTITY CARD");
    sheet.portrait(50, 200, 300, 390);
    sheet.specimen(64, 520, 48.0);
    let (left, right) = dutch_entries(holder);
    column(&mut sheet, (400, 150), 90, (22.0, 34.0), &left);
    column(&mut sheet, (940, 150), 90, (22.0, 34.0), &right[..1]);
    column(&mut sheet, (400, 600), 90, (22.0, 34.0), &right[1..]);
    sheet.label(800, 600, 22.0, "documentnummer / document no.");
    sheet.bold_value("number", (800, 626), 40.0, &holder.number, holder.number.clone());
    let front = finished("front", sheet, Vec::new(), None);

    let mut sheet = print.sheet(CARD, [226, 228, 214]);
    column(
        &mut sheet,
        (60, 40),
        92,
        (22.0, 34.0),
        &[
            same("geboorteplaats / place of birth / lieu de naissance", "origin", holder.origin.clone()),
            same("autoriteit / authority / autorité", "issuer", holder.authority.clone()),
            same("burgerservicenummer / personal no. / no. personnel", "personal_number", holder.personal.clone()),
            Entry("lengte / height / taille", "", "1,78 m".into(), String::new()),
        ],
    );
    sheet.specimen(760, 120, 60.0);
    let lines = card_zone("NLD", holder, "");
    sheet.zone(&lines, 66.0, 510, 35.6, 70);
    vec![front, finished("back", sheet, lines, None)]
}

pub(super) fn dutch_passport(holder: &Holder, print: &mut Print) -> Vec<Specimen> {
    let mut sheet = print.sheet(PAGE, [226, 214, 214]);
    sheet.bold(60, 24, 32.0, INK, "KONINKRIJK DER NEDERLANDEN");
    sheet.bold(60, 64, 34.0, RED, "PASPOORT / PASSPORT / PASSEPORT");
    sheet.portrait(60, 160, 360, 470);
    sheet.specimen(80, 560, 54.0);
    sheet.label(940, 60, 24.0, "documentnummer / document no.");
    sheet.bold_value("number", (940, 88), 40.0, &holder.number, holder.number.clone());
    let (left, right) = dutch_entries(holder);
    column(&mut sheet, (480, 140), 104, (24.0, 38.0), &left);
    column(&mut sheet, (1060, 348), 104, (24.0, 38.0), &right);
    sheet.label(480, 660, 24.0, "autoriteit / authority / autorité");
    sheet.value("issuer", (480, 688), 36.0, &holder.authority, holder.authority.clone());
    let lines = td3_of("P<", "NLD", holder, "");
    sheet.zone(&lines, 76.0, 826, 28.9, 72);
    vec![finished("front", sheet, lines, None)]
}

pub(super) fn polish_card(holder: &Holder, print: &mut Print) -> Vec<Specimen> {
    let mut sheet = print.sheet(CARD, [228, 224, 220]);
    sheet.bold(420, 20, 32.0, INK, "RZECZPOSPOLITA POLSKA");
    sheet.text(470, 58, 22.0, "REPUBLIC OF POLAND");
    sheet.bold(420, 90, 34.0, RED, "DOWÓD OSOBISTY / IDENTITY CARD");
    sheet.portrait(50, 170, 310, 400);
    sheet.specimen(70, 500, 48.0);
    let number = format!("{} {}", &holder.number[..3], &holder.number[3..]);
    column(
        &mut sheet,
        (420, 146),
        96,
        (22.0, 36.0),
        &[
            same("NAZWISKO / SURNAME", "surname", holder.surname.clone()),
            same("IMIĘ (IMIONA) / GIVEN NAMES", "given_names", holder.given.clone()),
            Entry("OBYWATELSTWO / NATIONALITY", "nationality", "POLSKIE".into(), "POL".into()),
            Entry("DATA URODZENIA / DATE OF BIRTH", "birth_date", dotted(holder.birth()), holder.birth().iso()),
            Entry("NUMER DOWODU OSOBISTEGO / IDENTITY CARD NUMBER", "number", number, holder.number.clone()),
            Entry("TERMIN WAŻNOŚCI / EXPIRY DATE", "expiry_date", dotted(holder.expiry()), holder.expiry().iso()),
        ],
    );
    sheet.label(900, 434, 22.0, "PŁEĆ / SEX");
    sheet.bold_value("sex", (900, 459), 36.0, if holder.is_woman { "K/F" } else { "M/M" }, holder.sex().into());
    let front = finished("front", sheet, Vec::new(), None);

    let mut sheet = print.sheet(CARD, [230, 228, 224]);
    let [father, mother] = &holder.parents;
    column(
        &mut sheet,
        (60, 30),
        92,
        (22.0, 34.0),
        &[
            same("NUMER PESEL / PERSONAL NUMBER", "personal_number", holder.personal.clone()),
            same("MIEJSCE URODZENIA / PLACE OF BIRTH", "origin", holder.origin.clone()),
            Entry("IMIONA RODZICÓW / PARENTS' GIVEN NAMES", "", format!("{father}, {mother}"), String::new()),
            same("ORGAN WYDAJĄCY / ISSUING AUTHORITY", "issuer", holder.authority.clone()),
        ],
    );
    sheet.label(760, 30, 22.0, "DATA WYDANIA / DATE OF ISSUE");
    sheet.bold_value("issue_date", (760, 55), 34.0, &dotted(holder.issue()), holder.issue().iso());
    sheet.specimen(760, 220, 60.0);
    let lines = card_zone("POL", holder, "");
    sheet.zone(&lines, 66.0, 510, 35.6, 70);
    vec![front, finished("back", sheet, lines, None)]
}

pub(super) fn polish_passport(holder: &Holder, print: &mut Print) -> Vec<Specimen> {
    let number = format!("E{}{}", print.dice.letters("ABCDEFGHJKLM", 1), print.dice.digits(7));
    let holder = &Holder { number, ..holder.clone() };
    let mut sheet = print.sheet(PAGE, [230, 214, 222]);
    sheet.bold(60, 24, 34.0, INK, "RZECZPOSPOLITA POLSKA");
    sheet.bold(700, 24, 34.0, RED, "PASZPORT / PASSPORT");
    sheet.portrait(60, 130, 360, 470);
    sheet.specimen(80, 530, 54.0);
    sheet.label(1000, 80, 24.0, "Nr paszportu / Passport No.");
    sheet.bold_value("number", (1000, 108), 40.0, &holder.number, holder.number.clone());
    column(
        &mut sheet,
        (480, 110),
        102,
        (24.0, 38.0),
        &[
            same("1. Nazwisko / Surname", "surname", holder.surname.clone()),
            same("2. Imiona / Given names", "given_names", holder.given.clone()),
            Entry("3. Obywatelstwo / Nationality", "nationality", "POLSKIE / POLISH".into(), "POL".into()),
            Entry("4. Data urodzenia / Date of birth", "birth_date", spaced(holder.birth()), holder.birth().iso()),
            Entry("6. Płeć / Sex", "sex", if holder.is_woman { "K/F".into() } else { "M/M".into() }, holder.sex().into()),
            Entry("8. Data wydania / Date of issue", "issue_date", spaced(holder.issue()), holder.issue().iso()),
            Entry("10. Data ważności / Date of expiry", "expiry_date", spaced(holder.expiry()), holder.expiry().iso()),
        ],
    );
    column(
        &mut sheet,
        (900, 416),
        102,
        (24.0, 38.0),
        &[
            same("5. Nr PESEL / Personal number", "personal_number", holder.personal.clone()),
            same("7. Miejsce urodzenia / Place of birth", "origin", holder.origin.clone()),
            same("9. Organ wydający / Authority", "issuer", holder.authority.clone()),
        ],
    );
    let lines = td3_of("P<", "POL", holder, &holder.personal);
    sheet.zone(&lines, 76.0, 826, 28.9, 72);
    vec![finished("front", sheet, lines, None)]
}

fn both(name: &str) -> String {
    format!("{} / {}", name.to_uppercase(), bulgarian_latin(name))
}

fn bulgarian_entries(holder: &Holder) -> Vec<Entry<'static>> {
    vec![
        Entry("Фамилия / Surname", "surname", both(&holder.surname), holder.surname.to_uppercase()),
        Entry("Име / Name", "given_names", both(&holder.given), holder.given.to_uppercase()),
        Entry("Презиме / Father's name", "", both(&holder.patronymic), String::new()),
        Entry("Гражданство / Nationality", "nationality", "България / BGR".into(), "BGR".into()),
    ]
}

fn bulgarian_sex(holder: &Holder) -> &'static str {
    if holder.is_woman { "Ж/F" } else { "М/M" }
}

pub(super) fn bulgarian_card(holder: &Holder, print: &mut Print) -> Vec<Specimen> {
    let mut sheet = print.sheet(CARD, [224, 228, 230]);
    sheet.bold(80, 18, 28.0, INK, "РЕПУБЛИКА БЪЛГАРИЯ / REPUBLIC OF BULGARIA");
    sheet.bold(200, 54, 30.0, RED, "ЛИЧНА КАРТА / IDENTITY CARD");
    sheet.portrait(46, 150, 300, 390);
    sheet.specimen(60, 480, 46.0);
    column(&mut sheet, (390, 108), 82, (22.0, 34.0), &bulgarian_entries(holder));
    column(
        &mut sheet,
        (390, 436),
        82,
        (22.0, 34.0),
        &[
            Entry("Дата на раждане / Date of birth", "birth_date", dotted(holder.birth()), holder.birth().iso()),
            Entry("Валидност / Date of expiry", "expiry_date", dotted(holder.expiry()), holder.expiry().iso()),
        ],
    );
    column(
        &mut sheet,
        (860, 436),
        82,
        (22.0, 34.0),
        &[same("ЕГН / Personal No", "personal_number", holder.personal.clone()), same("№ на документа / Document number", "number", holder.number.clone())],
    );
    sheet.label(860, 354, 22.0, "Пол / Sex");
    sheet.bold_value("sex", (860, 379), 34.0, bulgarian_sex(holder), holder.sex().into());
    let front = finished("front", sheet, Vec::new(), None);

    let mut sheet = print.sheet(CARD, [226, 230, 230]);
    column(
        &mut sheet,
        (60, 26),
        84,
        (22.0, 32.0),
        &[
            same("Място на раждане / Place of birth", "origin", holder.origin.clone()),
            same("Постоянен адрес / Residence", "residence", holder.residence.clone()),
            Entry("Издаден от / Authority", "issuer", "МВР / MoI BGR".into(), "МВР / MoI BGR".into()),
            Entry("Дата на издаване / Date of issue", "issue_date", dotted(holder.issue()), holder.issue().iso()),
        ],
    );
    sheet.specimen(700, 380, 56.0);
    let lines = card_zone("BGR", holder, &holder.personal);
    sheet.zone(&lines, 66.0, 510, 35.6, 70);
    vec![front, finished("back", sheet, lines, None)]
}

pub(super) fn bulgarian_passport(holder: &Holder, print: &mut Print) -> Vec<Specimen> {
    let number = format!("3{}", print.dice.digits(8));
    let holder = &Holder { number, ..holder.clone() };
    let mut sheet = print.sheet(PAGE, [230, 216, 218]);
    sheet.bold(60, 20, 30.0, INK, "РЕПУБЛИКА БЪЛГАРИЯ / REPUBLIC OF BULGARIA");
    sheet.bold(980, 20, 32.0, RED, "ПАСПОРТ / PASSPORT");
    sheet.portrait(60, 130, 360, 470);
    sheet.specimen(80, 530, 54.0);
    column(&mut sheet, (480, 80), 96, (24.0, 37.0), &bulgarian_entries(holder));
    column(
        &mut sheet,
        (480, 464),
        96,
        (24.0, 37.0),
        &[
            Entry("Дата на раждане / Date of birth", "birth_date", dotted(holder.birth()), holder.birth().iso()),
            Entry("Дата на издаване / Date of issue", "issue_date", dotted(holder.issue()), holder.issue().iso()),
            Entry("Валиден до / Date of expiry", "expiry_date", dotted(holder.expiry()), holder.expiry().iso()),
        ],
    );
    column(
        &mut sheet,
        (980, 368),
        96,
        (24.0, 37.0),
        &[
            Entry("Пол / Sex", "sex", bulgarian_sex(holder).into(), holder.sex().into()),
            same("ЕГН / Personal No", "personal_number", holder.personal.clone()),
            same("Място на раждане / Place of birth", "origin", holder.origin.clone()),
            Entry("Орган / Authority", "issuer", "МВР / MoI BGR".into(), "МВР / MoI BGR".into()),
        ],
    );
    sheet.label(980, 80, 24.0, "Паспорт № / Passport No");
    sheet.bold_value("number", (980, 108), 40.0, &holder.number, holder.number.clone());
    let lines = td3_of("P<", "BGR", holder, &holder.personal);
    sheet.zone(&lines, 76.0, 826, 28.9, 72);
    vec![finished("front", sheet, lines, None)]
}
