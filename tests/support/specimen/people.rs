//! People who do not exist, with the names, numbers and addresses of their country.

mod vietnamese;

pub use vietnamese::vietnamese;

use super::{Day, dice::Dice};

/// Somebody and everything a document may say of them. What a country does not use is empty.
#[derive(Debug, Clone, Default)]
pub struct Holder {
    pub surname: String,
    pub given: String,
    pub patronymic: String,
    /// The same in Latin letters, as the machine-readable zone carries them (blanks between words).
    pub surname_latin: String,
    pub given_latin: String,
    pub is_woman: bool,
    pub birth: Option<Day>,
    pub issue: Option<Day>,
    pub expiry: Option<Day>,
    /// The document's own number.
    pub number: String,
    /// The number of the person.
    pub personal: String,
    pub old_number: String,
    pub residence: String,
    /// Place of birth or origin.
    pub origin: String,
    pub authority: String,
    pub parents: [String; 2],
}

impl Holder {
    pub fn birth(&self) -> Day {
        self.birth.expect("everybody is born")
    }
    pub fn issue(&self) -> Day {
        self.issue.expect("every document is issued")
    }
    pub fn expiry(&self) -> Day {
        self.expiry.expect("this document expires")
    }
    pub fn sex(&self) -> &'static str {
        if self.is_woman { "F" } else { "M" }
    }
}

fn day(dice: &mut Dice, years: (u16, u16)) -> Day {
    let year = u16::try_from(dice.whole(u32::from(years.0), u32::from(years.1))).expect("a year");
    Day::new(year, u8::try_from(dice.whole(1, 12)).expect("a month"), u8::try_from(dice.whole(1, 28)).expect("a day"))
}

fn dates(dice: &mut Dice, lasts: u16) -> (Day, Day, Day) {
    let birth = day(dice, (1950, 2005));
    let issue = day(dice, (2021, 2025));
    (birth, issue, Day::new(issue.year + lasts, issue.month, issue.day))
}

// ---------------------------------------------------------------- Netherlands

const NL_SURNAMES: [&str; 16] = [
    "de Vries",
    "van den Berg",
    "Bakker",
    "Janssen",
    "Visser",
    "Smit",
    "Meijer",
    "Mulder",
    "van Dijk",
    "Brouwer",
    "de Groot",
    "Hoekstra",
    "Koç",
    "Böhmer",
    "Zuiderveld",
    "Lefèvre",
];
const NL_MEN: [&str; 10] = ["Daan", "Pieter Jan", "Willem", "Sven", "Jeroen", "Maarten", "Thijs", "André", "Joost Hendrik", "Ruben"];
const NL_WOMEN: [&str; 10] = ["Sanne", "Anne Marie", "Chloë", "Femke", "Lieke", "Marijke", "Zoë", "Renée", "Fleur", "Willeke Lia"];
const NL_PLACES: [&str; 9] = ["Amsterdam", "Rotterdam", "Utrecht", "Eindhoven", "Groningen", "Tilburg", "Nijmegen", "Haarlem", "Zwolle"];

/// Eight digits and a check digit: 9a+8b+…+2h−i is a multiple of eleven.
fn bsn(dice: &mut Dice) -> String {
    loop {
        let head = format!("{}{}", dice.whole(1, 8), dice.digits(7));
        let sum: u32 = head.bytes().zip((2..=9).rev()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        if sum % 11 < 10 {
            return format!("{head}{}", sum % 11);
        }
    }
}

pub fn dutch(dice: &mut Dice) -> Holder {
    let is_woman = dice.chance(0.5);
    let surname = (*dice.pick(&NL_SURNAMES)).to_owned();
    let given = (*if is_woman { dice.pick(&NL_WOMEN) } else { dice.pick(&NL_MEN) }).to_owned();
    let (birth, issue, expiry) = dates(dice, 10);
    Holder {
        surname_latin: super::folded(&surname),
        given_latin: super::folded(&given),
        number: format!("{}{}{}", dice.letters("BCDFHIJKLNPRSTV", 2), dice.letters("ABCDEFGHJKLMNPRTUVWXYZ123456789", 6), dice.digits(1)),
        personal: bsn(dice),
        origin: (*dice.pick(&NL_PLACES)).to_owned(),
        authority: format!("Burg. van {}", dice.pick(&NL_PLACES)),
        surname,
        given,
        is_woman,
        birth: Some(birth),
        issue: Some(issue),
        expiry: Some(expiry),
        ..Holder::default()
    }
}

// ---------------------------------------------------------------- Poland

const PL_SURNAMES: [(&str, &str); 14] = [
    ("NOWAK", "NOWAK"),
    ("KOWALSKI", "KOWALSKA"),
    ("WIŚNIEWSKI", "WIŚNIEWSKA"),
    ("WÓJCIK", "WÓJCIK"),
    ("LEWANDOWSKI", "LEWANDOWSKA"),
    ("ZIELIŃSKI", "ZIELIŃSKA"),
    ("SZYMAŃSKI", "SZYMAŃSKA"),
    ("WOŹNIAK", "WOŹNIAK"),
    ("DĄBROWSKI", "DĄBROWSKA"),
    ("KOZŁOWSKI", "KOZŁOWSKA"),
    ("JABŁOŃSKI", "JABŁOŃSKA"),
    ("PAWŁOWSKI", "PAWŁOWSKA"),
    ("GŁOWACKI", "GŁOWACKA"),
    ("BRZĘCZYSZCZYKIEWICZ", "BRZĘCZYSZCZYKIEWICZ"),
];
const PL_MEN: [&str; 10] = ["ŁUKASZ", "PAWEŁ", "STANISŁAW", "JAN MARIA", "MICHAŁ", "GRZEGORZ", "TOMASZ", "KRZYSZTOF JÓZEF", "MACIEJ", "WITOLD"];
const PL_WOMEN: [&str; 10] = ["MAŁGORZATA", "AGNIESZKA", "ŻANETA", "ELŻBIETA MARIA", "BOŻENA", "KATARZYNA", "JOANNA", "ZOFIA", "WIESŁAWA", "BARBARA"];
const PL_PLACES: [&str; 8] = ["WARSZAWA", "KRAKÓW", "ŁÓDŹ", "WROCŁAW", "POZNAŃ", "GDAŃSK", "RZESZÓW", "BIAŁYSTOK"];

/// Birth, four digits the last of which tells the sex, check digit with the weights 1 3 7 9.
fn pesel(dice: &mut Dice, birth: Day, is_woman: bool) -> String {
    let month = u16::from(birth.month) + if birth.year >= 2000 { 20 } else { 0 };
    let sex = dice.whole(0, 4) * 2 + u32::from(!is_woman);
    let head = format!("{:02}{month:02}{:02}{}{sex}", birth.year % 100, birth.day, dice.digits(3));
    let sum: u32 = head.bytes().zip([1, 3, 7, 9].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{head}{}", (10 - sum % 10) % 10)
}

/// Three letters, a check digit and five digits; weights 7 3 1 over letters, 7 3 1 7 3 over digits.
fn polish_number(dice: &mut Dice) -> String {
    let (letters, digits) = (format!("D{}", dice.letters("ABCDEFGHIJKLMNPRSTUWXYZ", 2)), dice.digits(5));
    let value = |letter: char| letter.to_digit(36).unwrap_or(0);
    let sum: u32 = letters.chars().zip([7, 3, 1]).chain(digits.chars().zip([7, 3, 1, 7, 3])).map(|(letter, weight)| value(letter) * weight).sum();
    format!("{letters}{}{digits}", sum % 10)
}

pub fn polish(dice: &mut Dice) -> Holder {
    let is_woman = dice.chance(0.5);
    let (man, woman) = dice.pick(&PL_SURNAMES);
    let surname = (*if is_woman { woman } else { man }).to_owned();
    let given = (*if is_woman { dice.pick(&PL_WOMEN) } else { dice.pick(&PL_MEN) }).to_owned();
    let (birth, issue, expiry) = dates(dice, 10);
    Holder {
        surname_latin: super::folded(&surname),
        given_latin: super::folded(&given),
        number: polish_number(dice),
        personal: pesel(dice, birth, is_woman),
        origin: (*dice.pick(&PL_PLACES)).to_owned(),
        authority: format!("PREZYDENT M. {}", dice.pick(&PL_PLACES)),
        parents: [(*dice.pick(&PL_MEN)).to_owned(), (*dice.pick(&PL_WOMEN)).to_owned()],
        surname,
        given,
        is_woman,
        birth: Some(birth),
        issue: Some(issue),
        expiry: Some(expiry),
        ..Holder::default()
    }
}

// ---------------------------------------------------------------- Bulgaria

const BG_SURNAMES: [&str; 12] = ["Иванов", "Петров", "Георгиев", "Димитров", "Щерев", "Цветков", "Жеков", "Чавдаров", "Юруков", "Янков", "Христов", "Ангелов"];
const BG_MEN: [&str; 9] = ["Георги", "Иван", "Цветан", "Жеко", "Стоян", "Юлиян", "Красимир", "Йордан", "Чавдар"];
const BG_WOMEN: [&str; 9] = ["Мария", "Цветелина", "Жаклин", "Юлия", "Йоана", "Десислава", "Щериана", "Яна", "Христина"];
const BG_PLACES: [&str; 7] = ["гр. София", "гр. Пловдив", "гр. Варна", "гр. Бургас", "гр. Русе", "гр. Стара Загора", "с. Бояна"];
const BG_STREETS: [&str; 6] = ["бул. Витоша", "ул. Шипка", "ул. Цар Асен", "бул. Черни връх", "ул. Юндола", "ул. Жеравна"];

/// Bulgaria's own rule for names (Transliteration Act of 2009), which its documents follow.
pub fn bulgarian_latin(text: &str) -> String {
    let table = [
        ('А', "A"),
        ('Б', "B"),
        ('В', "V"),
        ('Г', "G"),
        ('Д', "D"),
        ('Е', "E"),
        ('Ж', "ZH"),
        ('З', "Z"),
        ('И', "I"),
        ('Й', "Y"),
        ('К', "K"),
        ('Л', "L"),
        ('М', "M"),
        ('Н', "N"),
        ('О', "O"),
        ('П', "P"),
        ('Р', "R"),
        ('С', "S"),
        ('Т', "T"),
        ('У', "U"),
        ('Ф', "F"),
        ('Х', "H"),
        ('Ц', "TS"),
        ('Ч', "CH"),
        ('Ш', "SH"),
        ('Щ', "SHT"),
        ('Ъ', "A"),
        ('Ь', "Y"),
        ('Ю', "YU"),
        ('Я', "YA"),
    ];
    let upper = text.to_uppercase();
    let words = upper.split(' ').map(|word| {
        let stem = word.strip_suffix("ИЯ").map_or_else(|| (word, ""), |stem| (stem, "IA"));
        stem.0.chars().map(|letter| table.iter().find(|(from, _)| *from == letter).map_or("", |(_, to)| *to)).collect::<String>() + stem.1
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Birth with the month moved by century, three digits the last of which tells the sex, check digit.
fn egn(dice: &mut Dice, birth: Day, is_woman: bool) -> String {
    let month = u16::from(birth.month) + if birth.year >= 2000 { 40 } else { 0 };
    let sex = dice.whole(0, 4) * 2 + u32::from(is_woman);
    let head = format!("{:02}{month:02}{:02}{}{sex}", birth.year % 100, birth.day, dice.digits(2));
    let sum: u32 = head.bytes().zip([2, 4, 8, 5, 10, 9, 7, 3, 6]).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{head}{}", sum % 11 % 10)
}

pub fn bulgarian(dice: &mut Dice) -> Holder {
    let is_woman = dice.chance(0.5);
    let end = if is_woman { "а" } else { "" };
    let (surname, father) = (format!("{}{end}", dice.pick(&BG_SURNAMES)), format!("{}{end}", dice.pick(&BG_SURNAMES)));
    let given = (*if is_woman { dice.pick(&BG_WOMEN) } else { dice.pick(&BG_MEN) }).to_owned();
    let (birth, issue, expiry) = dates(dice, 10);
    let town = *dice.pick(&BG_PLACES);
    Holder {
        surname_latin: bulgarian_latin(&surname),
        given_latin: format!("{} {}", bulgarian_latin(&given), bulgarian_latin(&father)),
        number: if dice.chance(0.5) { format!("6{}", dice.digits(8)) } else { format!("{}{}", dice.letters("ABCEHKMTX", 2), dice.digits(7)) },
        personal: egn(dice, birth, is_woman),
        origin: town.to_uppercase(),
        residence: format!("{town}, {} {}", dice.pick(&BG_STREETS), dice.whole(1, 99)),
        authority: "МВР".to_owned(),
        patronymic: father,
        surname,
        given,
        is_woman,
        birth: Some(birth),
        issue: Some(issue),
        expiry: Some(expiry),
        ..Holder::default()
    }
}

// ---------------------------------------------------------------- Russia

const RU_SURNAMES: [(&str, &str); 13] = [
    ("Иванов", "IVANOV"),
    ("Смирнов", "SMIRNOV"),
    ("Кузнецов", "KUZNETSOV"),
    ("Соловьёв", "SOLOVEV"),
    ("Щукин", "SHCHUKIN"),
    ("Журавлёв", "ZHURAVLEV"),
    ("Юдин", "IUDIN"),
    ("Яковлев", "IAKOVLEV"),
    ("Хабаров", "KHABAROV"),
    ("Чернышёв", "CHERNYSHEV"),
    ("Царёв", "TSAREV"),
    ("Эйхенбаумов", "EIKHENBAUMOV"),
    ("Подъячев", "PODIEIACHEV"),
];
const RU_MEN: [(&str, &str, &str); 8] = [
    ("Алексей", "ALEKSEI", "Алексеевич"),
    ("Дмитрий", "DMITRII", "Дмитриевич"),
    ("Юрий", "IURII", "Юрьевич"),
    ("Фёдор", "FEDOR", "Фёдорович"),
    ("Сергей", "SERGEI", "Сергеевич"),
    ("Михаил", "MIKHAIL", "Михайлович"),
    ("Евгений", "EVGENII", "Евгеньевич"),
    ("Яков", "IAKOV", "Яковлевич"),
];
const RU_WOMEN: [(&str, &str); 8] = [
    ("Анна", "ANNA"),
    ("Юлия", "IULIIA"),
    ("Наталья", "NATALIA"),
    ("Екатерина", "EKATERINA"),
    ("Елизавета", "ELIZAVETA"),
    ("Ольга", "OLGA"),
    ("Жанна", "ZHANNA"),
    ("Марья", "MARIA"),
];
const RU_PLACES: [&str; 7] = ["Г. МОСКВА", "Г. САНКТ-ПЕТЕРБУРГ", "Г. КАЗАНЬ", "Г. НОВОСИБИРСК", "Г. ЧЕЛЯБИНСК", "Г. ЯРОСЛАВЛЬ", "ПОС. ЮЖНЫЙ"];

pub fn russian(dice: &mut Dice) -> Holder {
    let is_woman = dice.chance(0.5);
    let (surname, surname_latin) = dice.pick(&RU_SURNAMES);
    let father = dice.pick(&RU_MEN).2;
    let ((given, given_latin), patronymic, end) = if is_woman {
        (*dice.pick(&RU_WOMEN), father.strip_suffix("ич").map_or_else(String::new, |stem| format!("{stem}на")), ("а", "A"))
    } else {
        let (given, latin, _) = dice.pick(&RU_MEN);
        ((*given, *latin), father.to_owned(), ("", ""))
    };
    let (birth, issue, expiry) = dates(dice, 10);
    Holder {
        surname: format!("{surname}{}", end.0),
        surname_latin: format!("{surname_latin}{}", end.1),
        given: given.to_owned(),
        given_latin: given_latin.to_owned(),
        patronymic,
        number: format!("{}{}", dice.pick(&["71", "72", "75", "76", "65"]), dice.digits(7)),
        personal: format!("{}{}", dice.digits(3), dice.digits(3)),
        old_number: format!("{}{}", dice.pick(&["4510", "4014", "9219", "6520"]), dice.digits(6)),
        origin: (*dice.pick(&RU_PLACES)).to_owned(),
        authority: format!("МВД {}", dice.digits(5)),
        is_woman,
        birth: Some(birth),
        issue: Some(issue),
        expiry: Some(expiry),
        ..Holder::default()
    }
}
