//! Vietnam: both chip cards, CMND, driving licence, passport.

use super::{
    super::{
        canvas::{INK, RED},
        people::Holder,
        sheet::Sheet,
        zone::{check_digit, td1_of, td3_of},
    },
    CARD, PAGE, Print, Specimen, finished,
};

fn name(holder: &Holder) -> String {
    format!("{} {}", holder.surname, holder.given)
}

fn sex(holder: &Holder) -> &'static str {
    if holder.is_woman { "Nữ" } else { "Nam" }
}

fn heading(sheet: &mut Sheet, x: i32) {
    sheet.bold(x, 22, 34.0, INK, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
    sheet.text(x + 120, 62, 30.0, "Độc lập - Tự do - Hạnh phúc");
}

fn zone(holder: &Holder) -> Vec<String> {
    let (short, number) = (&holder.personal[3..], &holder.personal);
    td1_of(&format!("IDVNM{short}{}{number}<<{}", check_digit(short), check_digit(number)), "VNM", holder, "")
}

/// `id|old|name|birth|sex|residence|issue`, seven fields; a part of the codes lacks the last.
fn code_2021(holder: &Holder) -> String {
    [&holder.personal, &holder.old_number, &name(holder), &holder.birth().qr(), sex(holder), &holder.residence, &holder.issue().qr()].join("|")
}

/// The seven of 2021, then an empty one, the parents and two more.
fn code_2024(holder: &Holder) -> String {
    let [father, mother] = &holder.parents;
    format!("{}||{father}|{mother}|{}|", code_2021(holder), holder.expiry().qr())
}

pub(super) fn citizen_2021(holder: &Holder, print: &mut Print) -> Vec<Specimen> {
    let mut sheet = print.sheet(CARD, [214, 228, 222]);
    sheet.disc(110, 110, 74, RED.0);
    sheet.disc(110, 110, 40, [232, 196, 70]);
    heading(&mut sheet, 250);
    sheet.text(355, 98, 22.0, "SOCIALIST REPUBLIC OF VIET NAM");
    sheet.bold(330, 138, 52.0, RED, "CĂN CƯỚC CÔNG DÂN");
    sheet.text(400, 196, 26.0, "Citizen Identity Card");
    let code = code_2021(holder);
    sheet.qr(980, 14, 206, &code);
    sheet.portrait(46, 250, 270, 350);
    sheet.specimen(60, 540, 44.0);
    let x = sheet.label(366, 252, 29.0, "Số / No.:");
    sheet.bold_value("number", (x, 240), 46.0, &holder.personal, holder.personal.clone());
    sheet.label(366, 304, 29.0, "Họ và tên / Full name:");
    sheet.bold_value("full_name", (366, 338), 40.0, &name(holder).to_uppercase(), name(holder).to_uppercase());
    let x = sheet.label(366, 394, 29.0, "Ngày sinh / Date of birth:");
    sheet.value("birth_date", (x, 390), 34.0, &holder.birth().print(), holder.birth().iso());
    let x = sheet.label(366, 444, 29.0, "Giới tính / Sex:");
    sheet.value("sex", (x, 440), 34.0, sex(holder), holder.sex().into());
    let x = sheet.label(670, 444, 29.0, "Quốc tịch / Nationality:");
    sheet.value("nationality", (x, 440), 34.0, "Việt Nam", "VNM".into());
    sheet.label(366, 494, 29.0, "Quê quán / Place of origin:");
    sheet.value("origin", (366, 528), 34.0, &holder.origin, holder.origin.clone());
    let x = sheet.label(366, 580, 29.0, "Nơi thường trú / Place of residence:");
    if print.dice.chance(0.6) {
        sheet.wrapped("residence", (x, 576), (366, 1180), 33.0, 42, &holder.residence);
    } else {
        sheet.wrapped("residence", (366, 618), (366, 1180), 33.0, 42, &holder.residence);
    }
    sheet.label(46, 618, 27.0, "Có giá trị đến:");
    sheet.value("expiry_date", (46, 650), 32.0, &holder.expiry().print(), holder.expiry().iso());
    sheet.label(46, 690, 27.0, "Date of expiry");
    let front = finished("front", sheet, Vec::new(), Some(code));

    let mut sheet = print.sheet(CARD, [222, 228, 216]);
    sheet.label(46, 30, 29.0, "Đặc điểm nhận dạng / Personal identification:");
    sheet.text(46, 66, 33.0, "Nốt ruồi C: 1cm trên sau đầu lông mày trái");
    let x = sheet.label(46, 126, 29.0, "Ngày, tháng, năm / Date, month, year:");
    sheet.value("issue_date", (x, 122), 34.0, &holder.issue().print(), holder.issue().iso());
    sheet.bold(46, 182, 28.0, INK, "CỤC TRƯỞNG CỤC CẢNH SÁT");
    sheet.bold(46, 216, 28.0, INK, "QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI");
    sheet.block(120, 280, 150, 120, [206, 176, 92]);
    sheet.specimen(330, 320, 56.0);
    for (x, label) in [(760, "Ngón trỏ trái"), (980, "Ngón trỏ phải")] {
        sheet.finger(x, 150);
        sheet.label(x + 8, 376, 26.0, label);
    }
    let lines = zone(holder);
    sheet.zone(&lines, 66.0, 510, 35.6, 70);
    vec![front, finished("back", sheet, lines, None)]
}

pub(super) fn citizen_2024(holder: &Holder, print: &mut Print) -> Vec<Specimen> {
    let mut sheet = print.sheet(CARD, [206, 226, 228]);
    sheet.disc(100, 100, 68, RED.0);
    sheet.disc(100, 100, 36, [232, 196, 70]);
    heading(&mut sheet, 300);
    sheet.text(455, 98, 22.0, "SOCIALIST REPUBLIC OF VIET NAM");
    sheet.bold(520, 136, 54.0, RED, "CĂN CƯỚC");
    sheet.text(565, 196, 26.0, "IDENTITY CARD");
    sheet.portrait(46, 260, 290, 380);
    sheet.specimen(60, 560, 44.0);
    sheet.label(390, 252, 28.0, "Số định danh cá nhân / Personal identification number:");
    sheet.bold_value("number", (390, 284), 46.0, &holder.personal, holder.personal.clone());
    sheet.label(390, 350, 28.0, "Họ, chữ đệm và tên khai sinh / Full name:");
    sheet.bold_value("full_name", (390, 382), 40.0, &name(holder).to_uppercase(), name(holder).to_uppercase());
    sheet.label(390, 448, 28.0, "Ngày, tháng, năm sinh / Date of birth:");
    sheet.value("birth_date", (390, 482), 36.0, &holder.birth().print(), holder.birth().iso());
    sheet.label(880, 448, 28.0, "Giới tính / Sex:");
    sheet.value("sex", (880, 482), 36.0, sex(holder), holder.sex().into());
    sheet.label(390, 548, 28.0, "Quốc tịch / Nationality:");
    sheet.value("nationality", (390, 582), 36.0, "Việt Nam", "VNM".into());
    let front = finished("front", sheet, Vec::new(), None);

    let mut sheet = print.sheet(CARD, [214, 228, 224]);
    sheet.label(46, 26, 27.0, "Nơi cư trú / Place of residence:");
    sheet.wrapped("residence", (46, 58), (46, 850), 32.0, 40, &holder.residence);
    sheet.label(46, 146, 27.0, "Nơi đăng ký khai sinh / Place of birth:");
    sheet.wrapped("origin", (46, 178), (46, 850), 32.0, 40, &holder.origin);
    sheet.label(46, 264, 27.0, "Ngày, tháng, năm cấp / Date of issue:");
    sheet.value("issue_date", (46, 296), 32.0, &holder.issue().print(), holder.issue().iso());
    sheet.label(46, 346, 27.0, "Ngày, tháng, năm hết hạn / Date of expiry:");
    sheet.value("expiry_date", (46, 378), 32.0, &holder.expiry().print(), holder.expiry().iso());
    sheet.bold(600, 280, 26.0, INK, "BỘ CÔNG AN");
    sheet.text(560, 312, 22.0, "MINISTRY OF PUBLIC SECURITY");
    sheet.block(600, 352, 150, 120, [206, 176, 92]);
    let code = code_2024(holder);
    sheet.qr(900, 40, 262, &code);
    sheet.specimen(330, 420, 46.0);
    let lines = zone(holder);
    sheet.zone(&lines, 66.0, 510, 35.6, 70);
    vec![front, finished("back", sheet, lines, Some(code))]
}

pub(super) fn cmnd(holder: &Holder, print: &mut Print) -> Vec<Specimen> {
    let number = if holder.old_number.is_empty() { &holder.personal } else { &holder.old_number };
    let mut sheet = print.sheet(CARD, [206, 222, 228]);
    heading(&mut sheet, 420);
    sheet.disc(190, 120, 70, RED.0);
    sheet.bold(470, 112, 50.0, RED, "GIẤY CHỨNG MINH NHÂN DÂN");
    sheet.portrait(56, 260, 270, 350);
    sheet.specimen(70, 550, 44.0);
    let x = sheet.label(480, 186, 29.0, "SỐ");
    sheet.bold_value("number", (x + 20, 174), 52.0, number, number.clone());
    let x = sheet.label(380, 256, 29.0, "Họ và tên:");
    sheet.bold_value("full_name", (x, 250), 38.0, &name(holder).to_uppercase(), name(holder).to_uppercase());
    let x = sheet.label(380, 330, 29.0, "Sinh ngày:");
    sheet.value("birth_date", (x, 324), 36.0, &holder.birth().print(), holder.birth().iso());
    let x = sheet.label(380, 400, 29.0, "Nguyên quán:");
    sheet.wrapped("origin", (x, 396), (380, 1180), 34.0, 44, &holder.origin);
    let x = sheet.label(380, 500, 29.0, "Nơi ĐKHK thường trú:");
    sheet.wrapped("residence", (x, 496), (380, 1180), 34.0, 44, &holder.residence);
    let front = finished("front", sheet, Vec::new(), None);

    let mut sheet = print.sheet(CARD, [214, 224, 226]);
    sheet.label(60, 40, 29.0, "Dân tộc: Kinh");
    sheet.label(560, 40, 29.0, "Tôn giáo: Không");
    sheet.label(480, 110, 29.0, "Dấu vết riêng và dị hình:");
    sheet.text(480, 150, 33.0, "Nốt ruồi cách 1cm trước đầu mày trái");
    sheet.block(60, 110, 200, 250, [232, 232, 226]);
    sheet.block(60, 400, 200, 250, [232, 232, 226]);
    sheet.specimen(520, 560, 56.0);
    let x = sheet.label(480, 280, 29.0, "Ngày cấp:");
    sheet.value("issue_date", (x, 274), 36.0, &holder.issue().print(), holder.issue().iso());
    let x = sheet.label(480, 350, 29.0, "Nơi cấp:");
    sheet.value("issuer", (x, 344), 36.0, &holder.authority, holder.authority.clone());
    sheet.bold(480, 430, 32.0, INK, "GIÁM ĐỐC CÔNG AN");
    vec![front, finished("back", sheet, Vec::new(), None)]
}

pub(super) fn licence(holder: &Holder, print: &mut Print) -> Vec<Specimen> {
    let number = format!("{}{}", &holder.personal[..2], print.dice.digits(10));
    let mut sheet = print.sheet(CARD, [234, 222, 190]);
    sheet.bold(40, 26, 26.0, INK, "BỘ GTVT");
    heading(&mut sheet, 420);
    sheet.bold(380, 108, 42.0, RED, "GIẤY PHÉP LÁI XE / DRIVER'S LICENSE");
    let x = sheet.label(470, 170, 29.0, "Số/No:");
    sheet.bold_value("number", (x, 158), 46.0, &number, number.clone());
    sheet.portrait(50, 190, 270, 350);
    sheet.specimen(64, 480, 44.0);
    let x = sheet.label(366, 232, 28.0, "Họ tên/Full name:");
    sheet.bold_value("full_name", (x, 226), 36.0, &name(holder).to_uppercase(), name(holder).to_uppercase());
    let x = sheet.label(366, 294, 28.0, "Ngày sinh/Date of Birth:");
    sheet.value("birth_date", (x, 288), 36.0, &holder.birth().print(), holder.birth().iso());
    let x = sheet.label(366, 356, 28.0, "Quốc tịch/Nationality:");
    sheet.value("nationality", (x, 350), 36.0, "VIỆT NAM", "VNM".into());
    let x = sheet.label(366, 418, 28.0, "Nơi cư trú/Address:");
    sheet.wrapped("residence", (x, 414), (366, 1180), 34.0, 46, &holder.residence);
    let issue = holder.issue();
    let printed = format!("{}, ngày/date {:02} tháng/month {:02} năm/year {}", "Hà Nội", issue.day, issue.month, issue.year);
    sheet.value("issue_date", (420, 526), 27.0, &printed, issue.iso());
    sheet.label(366, 580, 28.0, "Hạng/Class:");
    sheet.bold(520, 572, 44.0, RED, "B2");
    let x = sheet.label(50, 660, 28.0, "Có giá trị đến/Expires:");
    sheet.value("expiry_date", (x, 654), 36.0, &holder.expiry().print(), holder.expiry().iso());
    let front = finished("front", sheet, Vec::new(), None);

    let mut sheet = print.sheet(CARD, [236, 228, 204]);
    sheet.bold(60, 34, 32.0, INK, "CÁC LOẠI XE CƠ GIỚI ĐƯỜNG BỘ ĐƯỢC ĐIỀU KHIỂN");
    sheet.text(60, 78, 27.0, "CLASSIFICATION OF MOTOR VEHICLES");
    sheet.bold(60, 160, 40.0, RED, "B2");
    sheet.text(160, 160, 33.0, "Ô tô chở người đến 9 chỗ ngồi;");
    sheet.text(160, 204, 33.0, "xe tải có trọng tải dưới 3.500 kg.");
    let x = sheet.label(60, 300, 28.0, "Ngày trúng tuyển/Beginning date:");
    sheet.text(x, 294, 36.0, &issue.print());
    sheet.specimen(60, 420, 56.0);
    vec![front, finished("back", sheet, Vec::new(), None)]
}

pub(super) fn passport(holder: &Holder, print: &mut Print) -> Vec<Specimen> {
    let number = format!("{}{}", print.dice.pick(&["C", "P", "B", "N"]), print.dice.digits(7));
    let holder = &Holder { number, ..holder.clone() };
    let mut sheet = print.sheet(PAGE, [226, 220, 206]);
    sheet.bold(60, 30, 40.0, INK, "HỘ CHIẾU / PASSPORT");
    sheet.specimen(980, 26, 58.0);
    sheet.portrait(60, 130, 360, 470);
    sheet.label(480, 120, 29.0, "Loại / Type");
    sheet.text(480, 152, 36.0, "P");
    sheet.label(680, 120, 29.0, "Mã số / Code");
    sheet.text(680, 152, 36.0, "VNM");
    sheet.label(940, 120, 29.0, "Số hộ chiếu / Passport No");
    sheet.bold_value("number", (940, 152), 40.0, &holder.number, holder.number.clone());
    sheet.label(480, 210, 29.0, "Họ và tên / Full name");
    sheet.bold_value("full_name", (480, 244), 38.0, &name(holder).to_uppercase(), name(holder).to_uppercase());
    sheet.label(480, 304, 29.0, "Quốc tịch / Nationality");
    sheet.value("nationality", (480, 336), 36.0, "VIỆT NAM / VIETNAMESE", "VNM".into());
    sheet.label(480, 394, 29.0, "Ngày sinh / Date of birth");
    sheet.value("birth_date", (480, 426), 36.0, &holder.birth().print(), holder.birth().iso());
    sheet.label(940, 394, 29.0, "Nơi sinh / Place of birth");
    let town = holder.origin.rsplit(", ").next().unwrap_or_default().to_uppercase();
    sheet.value("origin", (940, 426), 36.0, &town, town.clone());
    sheet.label(480, 484, 29.0, "Giới tính / Sex");
    sheet.value("sex", (480, 516), 36.0, if holder.is_woman { "NỮ / F" } else { "NAM / M" }, holder.sex().into());
    sheet.label(940, 484, 29.0, "Số GCMND / ID card No");
    sheet.value("personal_number", (940, 516), 36.0, &holder.personal, holder.personal.clone());
    sheet.label(480, 574, 29.0, "Ngày cấp / Date of issue");
    sheet.value("issue_date", (480, 606), 36.0, &holder.issue().print(), holder.issue().iso());
    sheet.label(940, 574, 29.0, "Có giá trị đến / Date of expiry");
    sheet.value("expiry_date", (940, 606), 36.0, &holder.expiry().print(), holder.expiry().iso());
    sheet.label(480, 664, 29.0, "Nơi cấp / Place of issue");
    sheet.text(480, 696, 36.0, "Cục Quản lý xuất nhập cảnh");
    let lines = td3_of("P<", "VNM", holder, &holder.personal);
    sheet.zone(&lines, 76.0, 826, 28.9, 72);
    vec![finished("front", sheet, lines, None)]
}
