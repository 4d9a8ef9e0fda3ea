//! Names, places and numbers of Vietnam.

use super::{
    super::{Day, dice::Dice, folded},
    Holder, dates,
};

const VN_SURNAMES: [&str; 28] = [
    "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô",
    "Dương", "Lý", "Đinh", "Trịnh", "Mai", "Lương", "Cao", "Tạ", "Đoàn",
];
const VN_MEN_MIDDLE: [&str; 22] = [
    "Văn", "Văn", "Hữu", "Đức", "Quốc", "Minh", "Công", "Xuân", "Ngọc", "Thanh", "Đình", "Quang", "Tuấn", "Hoàng", "Bảo", "Gia", "Trọng", "Duy", "Thế", "Viết",
    "Khắc", "Anh",
];
const VN_WOMEN_MIDDLE: [&str; 20] = [
    "Thị",
    "Thị",
    "Thị",
    "Thị Thanh",
    "Thị Minh",
    "Thị Ngọc",
    "Ngọc",
    "Thu",
    "Phương",
    "Bích",
    "Kim",
    "Thùy",
    "Thị Hồng",
    "Thị Mỹ",
    "Khánh",
    "Diễm",
    "Quỳnh",
    "Thị Kim",
    "Hoàng",
    "Bảo",
];
const VN_MEN: [&str; 40] = [
    "Hùng",
    "Dũng",
    "Cường",
    "Tuấn",
    "Nam",
    "Sơn",
    "Hải",
    "Long",
    "Thắng",
    "Phúc",
    "Đạt",
    "Khôi",
    "Kiên",
    "Quân",
    "Trung",
    "Hiếu",
    "Nghĩa",
    "Toàn",
    "Vinh",
    "Bình",
    "Phong",
    "Lâm",
    "Thịnh",
    "Tài",
    "Khoa",
    "Huy",
    "Tùng",
    "Thành",
    "Trường",
    "Ước",
    "Đông",
    "Tấn",
    "Bách",
    "Lộc",
    "Phước",
    "Hậu",
    "Quyết",
    "Việt",
    "Sỹ",
    "Thuận",
];
const VN_WOMEN: [&str; 40] = [
    "Hương",
    "Lan",
    "Hoa",
    "Mai",
    "Hằng",
    "Thảo",
    "Trang",
    "Linh",
    "Nhung",
    "Yến",
    "Vân",
    "Ngân",
    "Hạnh",
    "Phượng",
    "Nguyệt",
    "Tuyết",
    "Dung",
    "Loan",
    "Nga",
    "Thủy",
    "Hiền",
    "Oanh",
    "Thơm",
    "Liên",
    "Quyên",
    "Trinh",
    "Uyên",
    "Vy",
    "Nhi",
    "Châu",
    "Giang",
    "Hà",
    "Huệ",
    "Khuê",
    "Ánh",
    "Cúc",
    "Đào",
    "Xuân",
    "Trâm",
    "Khai",
];
/// Code, name as printed, and districts each with some of its wards.
const VN_PLACES: [(&str, &str, &[(&str, &[&str])]); 24] = [
    (
        "001",
        "Hà Nội",
        &[
            ("Ba Đình", &["Phường Ngọc Hà", "Phường Liễu Giai", "Phường Cống Vị"]),
            ("Đống Đa", &["Phường Láng Hạ", "Phường Ô Chợ Dừa", "Phường Khâm Thiên"]),
            ("Gia Lâm", &["Xã Đa Tốn", "Xã Bát Tràng", "Thị trấn Trâu Quỳ"]),
        ],
    ),
    (
        "079",
        "TP. Hồ Chí Minh",
        &[
            ("Quận 1", &["Phường Bến Nghé", "Phường Đa Kao", "Phường Cầu Ông Lãnh"]),
            ("Quận 7", &["Phường Tân Phong", "Phường Phú Mỹ"]),
            ("Bình Thạnh", &["Phường 22", "Phường 25"]),
            ("Củ Chi", &["Xã Tân Thạnh Đông", "Xã Phước Vĩnh An"]),
        ],
    ),
    ("031", "Hải Phòng", &[("Lê Chân", &["Phường An Biên", "Phường Trần Nguyên Hãn"]), ("Thủy Nguyên", &["Xã Thủy Đường", "Thị trấn Núi Đèo"])]),
    ("048", "Đà Nẵng", &[("Hải Châu", &["Phường Thạch Thang", "Phường Hòa Cường Bắc"]), ("Sơn Trà", &["Phường Mân Thái", "Phường Thọ Quang"])]),
    ("092", "Cần Thơ", &[("Ninh Kiều", &["Phường Xuân Khánh", "Phường An Cư"]), ("Phong Điền", &["Xã Nhơn Ái", "Xã Mỹ Khánh"])]),
    ("036", "Nam Định", &[("Ý Yên", &["Xã Yên Thọ", "Xã Yên Phong"]), ("Giao Thủy", &["Xã Giao Tiến", "Xã Hồng Thuận"])]),
    (
        "040",
        "Nghệ An",
        &[
            ("Vinh", &["Phường Hưng Bình", "Phường Quang Trung"]),
            ("Quỳnh Lưu", &["Xã Quỳnh Hồng", "Xã Quỳnh Thuận"]),
            ("Diễn Châu", &["Xã Diễn Ngọc", "Xã Diễn Kỷ"]),
        ],
    ),
    ("038", "Thanh Hóa", &[("Hoằng Hóa", &["Xã Hoằng Lộc", "Xã Hoằng Quỳ"]), ("Nga Sơn", &["Xã Nga Yên", "Xã Nga Thủy"])]),
    ("042", "Hà Tĩnh", &[("Nghi Xuân", &["Xã Xuân Giang", "Xã Tiên Điền"]), ("Thạch Hà", &["Xã Thạch Đài", "Xã Thạch Kênh"])]),
    ("046", "Thừa Thiên Huế", &[("Huế", &["Phường Vỹ Dạ", "Phường Thuận Hòa"]), ("Phú Vang", &["Xã Phú Mậu", "Xã Vinh Thanh"])]),
    ("049", "Quảng Nam", &[("Hội An", &["Phường Cẩm Châu", "Phường Minh An"]), ("Điện Bàn", &["Xã Điện Quang", "Xã Điện Hồng"])]),
    ("052", "Bình Định", &[("Quy Nhơn", &["Phường Trần Phú", "Phường Nhơn Bình"]), ("Tuy Phước", &["Xã Phước Lộc", "Xã Phước Hiệp"])]),
    ("056", "Khánh Hòa", &[("Nha Trang", &["Phường Vĩnh Hải", "Xã Vĩnh Lương"]), ("Vạn Ninh", &["Xã Đại Lãnh", "Thị trấn Vạn Giã"])]),
    ("068", "Lâm Đồng", &[("Đà Lạt", &["Phường 8", "Phường Lộc Sơn"]), ("Đức Trọng", &["Xã Liên Hiệp", "Thị trấn Liên Nghĩa"])]),
    ("066", "Đắk Lắk", &[("Buôn Ma Thuột", &["Phường Tân Lợi", "Xã Ea Tu"]), ("Krông Pắc", &["Xã Ea Phê", "Xã Hòa An"])]),
    ("074", "Bình Dương", &[("Thủ Dầu Một", &["Phường Phú Cường", "Phường Chánh Nghĩa"]), ("Dĩ An", &["Phường Đông Hòa", "Phường Tân Đông Hiệp"])]),
    ("075", "Đồng Nai", &[("Biên Hòa", &["Phường Trảng Dài", "Phường Tân Hiệp"]), ("Long Thành", &["Xã Phước Thái", "Xã Long Đức"])]),
    ("080", "Long An", &[("Đức Hòa", &["Xã Mỹ Hạnh Nam", "Thị trấn Hậu Nghĩa"]), ("Cần Giuộc", &["Xã Phước Lại", "Xã Long Thượng"])]),
    ("089", "An Giang", &[("Long Xuyên", &["Phường Mỹ Xuyên", "Phường Bình Khánh"]), ("Chợ Mới", &["Xã Kiến An", "Xã Hội An"])]),
    ("083", "Bến Tre", &[("Ba Tri", &["Xã An Thủy", "Xã Tân Xuân"]), ("Mỏ Cày Nam", &["Xã Đa Phước Hội", "Xã Tân Trung"])]),
    ("033", "Hưng Yên", &[("Văn Giang", &["Xã Phụng Công", "Xã Cửu Cao"]), ("Khoái Châu", &["Xã Đông Tảo", "Xã Dạ Trạch"])]),
    ("034", "Thái Bình", &[("Tiền Hải", &["Xã Nam Cường", "Xã Đông Lâm"]), ("Vũ Thư", &["Xã Tân Lập", "Xã Nguyên Xá"])]),
    ("025", "Phú Thọ", &[("Việt Trì", &["Phường Gia Cẩm", "Xã Hy Cương"]), ("Lâm Thao", &["Xã Tứ Xã", "Thị trấn Hùng Sơn"])]),
    ("022", "Quảng Ninh", &[("Hạ Long", &["Phường Bãi Cháy", "Phường Hồng Hà"]), ("Vân Đồn", &["Xã Quan Lạn", "Xã Minh Châu"])]),
];
const VN_STREETS: [&str; 14] = [
    "Trần Hưng Đạo",
    "Lê Lợi",
    "Nguyễn Huệ",
    "Hai Bà Trưng",
    "Lý Thường Kiệt",
    "Điện Biên Phủ",
    "Cách Mạng Tháng Tám",
    "Nguyễn Thị Minh Khai",
    "Phan Chu Trinh",
    "Võ Văn Kiệt",
    "Quang Trung",
    "Hùng Vương",
    "Bạch Đằng",
    "Nguyễn Trãi",
];
const VN_NEAR: [&str; 10] = ["Tổ", "Khối", "Thôn", "Ấp", "Khu phố", "Xóm", "Đội", "Tổ dân phố", "Khu", "Ngõ"];

fn vn_home(dice: &mut Dice) -> (String, &'static str, String) {
    let (code, province, districts) = dice.pick(&VN_PLACES);
    let (district, wards) = dice.pick(districts);
    let ward = dice.pick(wards);
    let near =
        if dice.chance(0.45) { format!("{} {}", dice.pick(&VN_NEAR), dice.whole(1, 19)) } else { format!("{} {}", dice.whole(1, 399), dice.pick(&VN_STREETS)) };
    // Cards say "Hà Nội", "Yên Thọ, Ý Yên, Nam Định": the words Xã and Phường stand only before numbers and in part of the cards.
    let bare = |ward: &str| match ward.split_once(' ') {
        Some(("Phường", name)) if !name.starts_with(char::is_numeric) => name.to_owned(),
        Some(("Xã", name)) => name.to_owned(),
        Some(("Thị", rest)) => format!("TT. {}", rest.trim_start_matches("trấn ")),
        _ => ward.to_owned(),
    };
    let ward = if dice.chance(0.5) { bare(ward) } else { (*ward).to_owned() };
    (format!("{near}, {ward}, {district}, {province}"), code, format!("{ward}, {district}, {province}"))
}

fn vn_name(dice: &mut Dice, is_woman: bool) -> (String, String) {
    let (middle, given) = if is_woman { (dice.pick(&VN_WOMEN_MIDDLE), dice.pick(&VN_WOMEN)) } else { (dice.pick(&VN_MEN_MIDDLE), dice.pick(&VN_MEN)) };
    ((*dice.pick(&VN_SURNAMES)).to_owned(), format!("{middle} {given}"))
}

/// Somebody from Vietnam; `number` and `personal` are the twelve digits.
pub fn vietnamese(dice: &mut Dice) -> Holder {
    let is_woman = dice.chance(0.5);
    let (surname, given) = vn_name(dice, is_woman);
    let (birth, issue, mut expiry) = dates(dice, 10);
    let (residence, code, _) = vn_home(dice);
    let (_, _, origin) = vn_home(dice);
    expiry = Day::new(expiry.year + 4, birth.month, birth.day);
    let century = (birth.year - 1900) / 100 * 2 + u16::from(is_woman);
    let personal = format!("{code}{century}{:02}{}", birth.year % 100, dice.digits(6));
    let (father, mother) = (vn_name(dice, false), vn_name(dice, true));
    Holder {
        surname_latin: folded(&surname),
        given_latin: folded(&given),
        parents: [format!("{} {}", father.0, father.1), format!("{} {}", mother.0, mother.1)],
        number: personal.clone(),
        old_number: if dice.chance(0.6) { dice.digits(9) } else { String::new() },
        authority: format!("Công an {}", dice.pick(&VN_PLACES).1),
        surname,
        given,
        is_woman,
        birth: Some(birth),
        issue: Some(issue),
        expiry: Some(expiry),
        personal,
        residence,
        origin,
        ..Holder::default()
    }
}
