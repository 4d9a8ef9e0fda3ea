//! Russia: passport for travel, page of the internal passport, driving licence.

use super::{
    super::{
        Day,
        canvas::{INK, RED},
        people::Holder,
        zone::{check_digit, td3_of},
    },
    CARD, PAGE, Print, Specimen, finished,
};

fn dotted(day: Day) -> String {
    day.print().replace('/', ".")
}

fn both(own: &str, latin: &str) -> String {
    format!("{} / {latin}", own.to_uppercase())
}

pub(super) fn passport(holder: &Holder, print: &mut Print) -> Vec<Specimen> {
    let mut sheet = print.sheet(PAGE, [228, 216, 210]);
    sheet.bold(60, 20, 30.0, INK, "РОССИЙСКАЯ ФЕДЕРАЦИЯ / RUSSIAN FEDERATION");
    sheet.bold(60, 62, 32.0, RED, "ПАСПОРТ / PASSPORT");
    sheet.portrait(60, 140, 360, 470);
    sheet.specimen(80, 540, 54.0);
    sheet.label(1000, 70, 24.0, "Номер паспорта / Passport No.");
    let number = format!("{} {}", &holder.number[..2], &holder.number[2..]);
    sheet.bold_value("number", (1000, 98), 40.0, &number, holder.number.clone());
    let given = both(&format!("{} {}", holder.given, holder.patronymic), &holder.given_latin);
    let truth = format!("{} {}", holder.given, holder.patronymic).to_uppercase();
    let rows: [(&str, &'static str, String, String, i32, i32); 9] = [
        ("Фамилия / Surname", "surname", both(&holder.surname, &holder.surname_latin), holder.surname.to_uppercase(), 480, 150),
        ("Имя / Given names", "given_names", given, truth, 480, 248),
        ("Гражданство / Nationality", "nationality", "РОССИЙСКАЯ ФЕДЕРАЦИЯ".into(), "RUS".into(), 480, 346),
        ("Дата рождения / Date of birth", "birth_date", dotted(holder.birth()), holder.birth().iso(), 480, 444),
        ("Пол / Sex", "sex", (if holder.is_woman { "Ж / F" } else { "М / M" }).into(), holder.sex().into(), 480, 542),
        ("Место рождения / Place of birth", "origin", holder.origin.clone(), holder.origin.clone(), 820, 542),
        ("Дата выдачи / Date of issue", "issue_date", dotted(holder.issue()), holder.issue().iso(), 480, 640),
        ("Дата окончания срока / Date of expiry", "expiry_date", dotted(holder.expiry()), holder.expiry().iso(), 480, 728),
        ("Орган, выдавший документ / Authority", "issuer", holder.authority.clone(), holder.authority.clone(), 900, 640),
    ];
    for (label, field, printed, truth, x, y) in rows {
        sheet.label(x, y, 24.0, label);
        sheet.bold_value(field, (x, y + 27), 35.0, &printed, truth);
    }
    let lines = td3_of("P<", "RUS", holder, "");
    sheet.zone(&lines, 76.0, 846, 28.9, 68);
    vec![finished("front", sheet, lines, None)]
}

/// The letters of the internal passport's zone: one sign for each Cyrillic letter, digits among them.
fn internal_latin(name: &str) -> String {
    const OWN: &str = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ";
    const ZONE: &str = "ABVGDE2JZIQKLMNOPRSTUFHC34WXY9678";
    let letter = |letter: char| OWN.chars().zip(ZONE.chars()).find(|(own, _)| *own == letter).map_or('<', |(_, zone)| zone);
    name.to_uppercase().chars().map(letter).collect()
}

fn internal_zone(holder: &Holder) -> Vec<String> {
    let names = [&holder.surname, "", &holder.given, &holder.patronymic].map(internal_latin).join("<");
    let (series, number) = holder.old_number.split_at(4);
    let (dated, issued) = (|day: Day| format!("{}{}", day.zone(), check_digit(&day.zone())), holder.issue().zone());
    let head = format!("{}{number}", &series[..3]);
    let personal = format!("{}{issued}{}<", &series[3..], holder.personal);
    let second = format!("{head}{}RUS{}{}<<<<<<<{personal}{}", check_digit(&head), dated(holder.birth()), holder.sex(), check_digit(&personal));
    let composite = check_digit(&format!("{}{}{}", &second[..10], &second[13..20], &second[21..43]));
    vec![format!("{:<<44}", format!("PNRUS{names}")).chars().take(44).collect(), format!("{second}{composite}")]
}

pub(super) fn internal(holder: &Holder, print: &mut Print) -> Vec<Specimen> {
    let mut sheet = print.sheet(PAGE, [232, 214, 206]);
    sheet.bold(480, 24, 34.0, RED, "РОССИЙСКАЯ ФЕДЕРАЦИЯ");
    sheet.portrait(60, 130, 350, 450);
    sheet.specimen(80, 600, 54.0);
    for (label, field, value, y) in
        [("Фамилия", "surname", &holder.surname, 120), ("Имя", "given_names", &holder.given, 220), ("Отчество", "", &holder.patronymic, 320)]
    {
        sheet.label(480, y + 4, 26.0, label);
        let value = value.to_uppercase();
        if field.is_empty() {
            sheet.bold(680, y, 38.0, INK, &value);
        } else {
            sheet.bold_value(field, (680, y), 38.0, &value, value.clone());
        }
    }
    sheet.label(480, 424, 26.0, "Пол");
    sheet.bold_value("sex", (550, 418), 36.0, if holder.is_woman { "ЖЕН." } else { "МУЖ." }, holder.sex().into());
    sheet.label(720, 424, 26.0, "Дата рождения");
    sheet.bold_value("birth_date", (940, 418), 36.0, &dotted(holder.birth()), holder.birth().iso());
    sheet.label(480, 520, 26.0, "Место рождения");
    sheet.bold_value("origin", (710, 516), 34.0, &holder.origin, holder.origin.clone());
    let (series, number) = holder.old_number.split_at(4);
    let printed = format!("{} {} {number}", &series[..2], &series[2..]);
    sheet.bold_value("number", (900, 640), 42.0, &printed, holder.old_number.clone());
    let lines = internal_zone(holder);
    sheet.zone(&lines, 76.0, 826, 28.9, 72);
    vec![finished("front", sheet, lines, None)]
}

pub(super) fn licence(holder: &Holder, print: &mut Print) -> Vec<Specimen> {
    let mut sheet = print.sheet(CARD, [226, 214, 220]);
    sheet.bold(260, 22, 36.0, INK, "ВОДИТЕЛЬСКОЕ УДОСТОВЕРЕНИЕ");
    sheet.text(400, 68, 24.0, "DRIVING LICENCE / PERMIS DE CONDUIRE");
    sheet.portrait(46, 150, 290, 380);
    sheet.specimen(60, 470, 46.0);
    let (a, b, rest) = (&holder.old_number[..2], &holder.old_number[2..4], &holder.old_number[4..]);
    let given = format!("{} {}", holder.given, holder.patronymic).to_uppercase();
    let dates = (dotted(holder.issue()), dotted(holder.expiry()));
    let rows: [(&str, &'static str, String, String, i32, i32); 7] = [
        ("1.", "surname", holder.surname.to_uppercase(), holder.surname.to_uppercase(), 390, 120),
        ("2.", "given_names", given.clone(), given, 390, 214),
        ("3.", "birth_date", dotted(holder.birth()), holder.birth().iso(), 390, 308),
        ("4a)", "issue_date", dates.0, holder.issue().iso(), 390, 402),
        ("4b)", "expiry_date", dates.1, holder.expiry().iso(), 800, 402),
        ("4c)", "issuer", "ГИБДД 7701".into(), "ГИБДД 7701".into(), 390, 470),
        ("5.", "number", format!("{a} {b} {rest}"), holder.old_number.clone(), 390, 540),
    ];
    for (label, field, printed, truth, x, y) in rows {
        let x = sheet.label(x, y, 32.0, label);
        sheet.bold_value(field, (x, y), 36.0, &printed, truth);
        match field {
            "surname" => sheet.text(x, y + 42, 30.0, &holder.surname_latin),
            "given_names" => sheet.text(x, y + 42, 30.0, &holder.given_latin),
            _ => {}
        }
    }
    let front = finished("front", sheet, Vec::new(), None);
    let mut sheet = print.sheet(CARD, [228, 220, 224]);
    sheet.bold(60, 60, 40.0, INK, "A  B  C  D  BE  CE  DE");
    sheet.specimen(300, 300, 60.0);
    vec![front, finished("back", sheet, Vec::new(), None)]
}
