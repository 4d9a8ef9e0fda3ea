//! The faces of the specimens, at 14 pixels to the millimetre (cards) and 11.4 (passport).

use image::{Rgb, RgbImage};

use super::{
    Card, Person,
    canvas::{Canvas, INK, RED},
};

const CARD: (u32, u32) = (1200, 757);
const PAGE: (u32, u32) = (1420, 1000);

/// Draws one face of `person`'s card, flat and without a background.
pub fn draw(person: &Person, card: Card) -> RgbImage {
    match card {
        Card::CitizenFront => citizen_front(person),
        Card::CitizenBack => citizen_back(person),
        Card::CmndFront => cmnd_front(person),
        Card::CmndBack => cmnd_back(person),
        Card::Passport => passport(person),
        Card::LicenceFront => licence_front(person),
        Card::LicenceBack => licence_back(person),
        Card::OtherFront => other_front(person),
        Card::OtherBack => other_back(person),
    }
    .0
}

fn heading(sheet: &mut Canvas, x: i32) {
    sheet.bold(x, 22, 34.0, INK, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
    sheet.text(x + 120, 62, 30.0, "Độc lập - Tự do - Hạnh phúc");
}

fn sex(person: &Person) -> &'static str {
    if person.sex == 'F' { "Nữ" } else { "Nam" }
}

fn citizen_front(person: &Person) -> Canvas {
    let mut sheet = Canvas::new(CARD.0, CARD.1, Rgb([214, 228, 222]));
    sheet.disc(110, 110, 74, RED);
    sheet.disc(110, 110, 40, Rgb([232, 196, 70]));
    heading(&mut sheet, 270);
    sheet.text(355, 98, 22.0, "SOCIALIST REPUBLIC OF VIET NAM");
    sheet.bold(330, 138, 52.0, RED, "CĂN CƯỚC CÔNG DÂN");
    sheet.text(400, 192, 26.0, "Citizen Identity Card");
    sheet.qr(980, 18, 206, &person.qr());
    sheet.portrait(46, 250, 270, 350);
    sheet.specimen(60, 540, 44.0);
    sheet.label(366, 250, "Số / No.:");
    sheet.bold(490, 238, 48.0, INK, &person.number);
    sheet.label(366, 304, "Họ và tên / Full name:");
    sheet.bold(366, 338, 40.0, INK, &person.name);
    sheet.label(366, 392, "Ngày sinh / Date of birth:");
    sheet.text(680, 388, 36.0, &person.birth.print());
    sheet.label(366, 442, "Giới tính / Sex:");
    sheet.text(560, 438, 36.0, sex(person));
    sheet.label(700, 442, "Quốc tịch / Nationality:");
    sheet.text(1000, 438, 36.0, "Việt Nam");
    sheet.label(366, 494, "Quê quán / Place of origin:");
    sheet.text(366, 528, 35.0, &person.origin);
    sheet.label(366, 580, "Nơi thường trú / Place of residence:");
    sheet.text(366, 616, 35.0, &person.residence);
    sheet.label(46, 618, "Có giá trị đến:");
    sheet.text(46, 650, 33.0, &person.expiry.print());
    sheet.label(46, 690, "Date of expiry");
    sheet
}

fn citizen_back(person: &Person) -> Canvas {
    let mut sheet = Canvas::new(CARD.0, CARD.1, Rgb([222, 228, 216]));
    sheet.label(46, 30, "Đặc điểm nhận dạng / Personal identification:");
    sheet.text(46, 66, 33.0, "Nốt ruồi C: 1cm trên sau đầu lông mày trái");
    sheet.label(46, 126, "Ngày, tháng, năm / Date, month, year:");
    sheet.text(500, 122, 35.0, &person.issue.print());
    sheet.bold(46, 182, 28.0, INK, "CỤC TRƯỞNG CỤC CẢNH SÁT");
    sheet.bold(46, 216, 28.0, INK, "QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI");
    sheet.block(120, 280, 150, 120, Rgb([206, 176, 92]));
    sheet.specimen(330, 320, 56.0);
    for (x, label) in [(760, "Ngón trỏ trái"), (980, "Ngón trỏ phải")] {
        sheet.block(x, 150, 180, 220, Rgb([232, 232, 226]));
        for ring in 0..7 {
            let shade = if ring % 2 == 0 { Rgb([122, 122, 128]) } else { Rgb([232, 232, 226]) };
            sheet.disc(x + 90, 260, 84 - ring * 12, shade);
        }
        sheet.label(x + 8, 376, label);
    }
    zone(&mut sheet, &person.zone(Card::CitizenBack), 66.0, 510, 35.6, 70);
    sheet
}

/// Draws the lines of a machine-readable zone, `step` pixels apart.
fn zone(sheet: &mut Canvas, lines: &[String], x: f32, y: i32, pitch: f32, step: i32) {
    let mut at = y;
    for line in lines {
        sheet.zone(x, at, pitch, pitch * 1.55, line);
        at += step;
    }
}

fn cmnd_front(person: &Person) -> Canvas {
    let mut sheet = Canvas::new(CARD.0, CARD.1, Rgb([206, 222, 228]));
    heading(&mut sheet, 420);
    sheet.disc(190, 120, 70, RED);
    sheet.bold(470, 112, 50.0, RED, "GIẤY CHỨNG MINH NHÂN DÂN");
    sheet.portrait(56, 260, 270, 350);
    sheet.specimen(70, 550, 44.0);
    sheet.label(480, 182, "SỐ");
    sheet.bold(560, 174, 54.0, RED, &person.old_number);
    sheet.label(380, 256, "Họ và tên:");
    sheet.bold(540, 250, 38.0, INK, &person.name);
    sheet.label(380, 330, "Sinh ngày:");
    sheet.text(540, 324, 36.0, &person.birth.print());
    sheet.label(380, 404, "Nguyên quán:");
    sheet.text(580, 398, 35.0, &person.origin);
    sheet.label(380, 478, "Nơi ĐKHK thường trú:");
    sheet.text(380, 516, 35.0, &person.residence);
    sheet
}

fn cmnd_back(person: &Person) -> Canvas {
    let mut sheet = Canvas::new(CARD.0, CARD.1, Rgb([214, 224, 226]));
    sheet.label(60, 40, "Dân tộc: Kinh");
    sheet.label(560, 40, "Tôn giáo: Không");
    sheet.label(480, 110, "Dấu vết riêng và dị hình:");
    sheet.text(480, 150, 33.0, "Nốt ruồi cách 1cm trước đầu mày trái");
    sheet.block(60, 110, 200, 250, Rgb([232, 232, 226]));
    sheet.block(60, 400, 200, 250, Rgb([232, 232, 226]));
    sheet.specimen(520, 560, 56.0);
    sheet.label(480, 280, "Ngày cấp:");
    sheet.text(640, 274, 36.0, &person.issue.print());
    sheet.label(480, 350, "Nơi cấp:");
    sheet.text(640, 344, 36.0, "Công an TP. Hà Nội");
    sheet.bold(480, 430, 32.0, INK, "GIÁM ĐỐC CÔNG AN");
    sheet
}

fn passport(person: &Person) -> Canvas {
    let mut sheet = Canvas::new(PAGE.0, PAGE.1, Rgb([226, 220, 206]));
    sheet.bold(60, 30, 40.0, INK, "HỘ CHIẾU / PASSPORT");
    sheet.specimen(980, 26, 58.0);
    sheet.portrait(60, 130, 360, 470);
    sheet.label(480, 120, "Loại / Type");
    sheet.text(480, 152, 38.0, "P");
    sheet.label(680, 120, "Mã số / Code");
    sheet.text(680, 152, 38.0, "VNM");
    sheet.label(940, 120, "Số hộ chiếu / Passport No");
    sheet.bold(940, 152, 42.0, INK, &person.passport_number);
    sheet.label(480, 210, "Họ và tên / Full name");
    sheet.bold(480, 244, 40.0, INK, &person.name);
    sheet.label(480, 304, "Quốc tịch / Nationality");
    sheet.text(480, 336, 38.0, "VIỆT NAM / VIETNAMESE");
    sheet.label(480, 394, "Ngày sinh / Date of birth");
    sheet.text(480, 426, 38.0, &person.birth.print());
    sheet.label(940, 394, "Nơi sinh / Place of birth");
    sheet.text(940, 426, 38.0, "HÀ NỘI");
    sheet.label(480, 484, "Giới tính / Sex");
    sheet.text(480, 516, 38.0, if person.sex == 'F' { "NỮ / F" } else { "NAM / M" });
    sheet.label(940, 484, "Số GCMND / ID card No");
    sheet.text(940, 516, 38.0, &person.number);
    sheet.label(480, 574, "Ngày cấp / Date of issue");
    sheet.text(480, 606, 38.0, &person.issue.print());
    sheet.label(940, 574, "Có giá trị đến / Date of expiry");
    sheet.text(940, 606, 38.0, &person.expiry.print());
    sheet.label(480, 664, "Nơi cấp / Place of issue");
    sheet.text(480, 696, 38.0, "Cục Quản lý xuất nhập cảnh");
    zone(&mut sheet, &person.zone(Card::Passport), 76.0, 826, 28.9, 72);
    sheet
}

fn licence_front(person: &Person) -> Canvas {
    let mut sheet = Canvas::new(CARD.0, CARD.1, Rgb([234, 222, 190]));
    sheet.bold(40, 26, 26.0, INK, "BỘ GTVT");
    heading(&mut sheet, 420);
    sheet.bold(400, 108, 44.0, RED, "GIẤY PHÉP LÁI XE / DRIVER'S LICENSE");
    sheet.label(470, 168, "Số/No:");
    sheet.bold(580, 158, 46.0, RED, &person.licence_number);
    sheet.portrait(50, 190, 270, 350);
    sheet.specimen(64, 480, 44.0);
    sheet.label(366, 232, "Họ tên/Full name:");
    sheet.bold(610, 226, 37.0, INK, &person.name);
    sheet.label(366, 294, "Ngày sinh/Date of Birth:");
    sheet.text(680, 288, 36.0, &person.birth.print());
    sheet.label(366, 356, "Quốc tịch/Nationality:");
    sheet.text(650, 350, 36.0, "VIỆT NAM");
    sheet.label(366, 418, "Nơi cư trú/Address:");
    sheet.text(366, 454, 35.0, &person.residence);
    sheet.label(366, 530, "Hạng/Class:");
    sheet.bold(520, 522, 44.0, RED, "B2");
    sheet.label(50, 660, "Có giá trị đến/Expires:");
    sheet.text(350, 654, 36.0, &person.expiry.print());
    sheet
}

fn licence_back(person: &Person) -> Canvas {
    let mut sheet = Canvas::new(CARD.0, CARD.1, Rgb([236, 228, 204]));
    sheet.bold(60, 34, 32.0, INK, "CÁC LOẠI XE CƠ GIỚI ĐƯỜNG BỘ ĐƯỢC ĐIỀU KHIỂN");
    sheet.text(60, 78, 27.0, "CLASSIFICATION OF MOTOR VEHICLES");
    sheet.bold(60, 160, 40.0, RED, "B2");
    sheet.text(160, 160, 33.0, "Ô tô chở người đến 9 chỗ ngồi;");
    sheet.text(160, 204, 33.0, "xe tải có trọng tải dưới 3.500 kg.");
    sheet.label(60, 300, "Ngày trúng tuyển/Beginning date:");
    sheet.text(520, 294, 36.0, &person.issue.print());
    sheet.specimen(60, 420, 56.0);
    sheet
}

fn other_front(person: &Person) -> Canvas {
    let mut sheet = Canvas::new(CARD.0, CARD.1, Rgb([220, 214, 230]));
    sheet.bold(60, 26, 40.0, INK, "UTOPIA");
    sheet.bold(330, 26, 40.0, INK, "IDENTITY CARD");
    sheet.specimen(820, 26, 52.0);
    sheet.portrait(60, 140, 300, 390);
    for (y, label, value) in [
        (130, "Surname", super::folded(person.surname())),
        (218, "Given names", super::folded(person.given_names())),
        (306, "Date of birth", person.birth.print()),
        (394, "Nationality", "UTO".to_owned()),
        (482, "Date of expiry", person.expiry.print()),
        (570, "Document number", person.card_number.clone()),
    ] {
        sheet.label(420, y, label);
        sheet.bold(420, y + 34, 38.0, INK, &value);
    }
    sheet.label(840, 306, "Sex");
    sheet.bold(840, 340, 38.0, INK, &person.sex.to_string());
    sheet
}

fn other_back(person: &Person) -> Canvas {
    let mut sheet = Canvas::new(CARD.0, CARD.1, Rgb([224, 220, 232]));
    sheet.label(60, 40, "Address");
    sheet.text(60, 76, 35.0, "1 Harbour Street, Amaurot");
    sheet.label(60, 140, "Date of issue");
    sheet.text(60, 176, 35.0, &person.issue.print());
    sheet.label(60, 240, "Authority");
    sheet.text(60, 276, 35.0, "Registry of Utopia");
    sheet.specimen(760, 200, 64.0);
    zone(&mut sheet, &person.zone(Card::OtherBack), 66.0, 510, 35.6, 70);
    sheet
}
