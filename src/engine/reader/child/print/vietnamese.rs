//! What is known beforehand about Vietnamese print: few surnames, few words in names, and the words of addresses. It restores marks that
//! were misread and never changes a letter.

use unicode_normalization::UnicodeNormalization;

use crate::{
    base::Pii,
    engine::document::{Field, FieldName, fold_name},
};

/// Grave, acute, tilde, hook above, dot below.
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];

/// Frequent surnames.
const SURNAMES: &str = "NGUYỄN TRẦN LÊ PHẠM HOÀNG HUỲNH PHAN VŨ VÕ ĐẶNG BÙI ĐỖ HỒ NGÔ DƯƠNG LÝ ĐINH TRỊNH MAI LƯƠNG CAO TẠ ĐOÀN TRƯƠNG VƯƠNG TÔ LÂM CHU \
    KIỀU QUÁCH THÁI TỐNG LA NGHIÊM LƯU PHÙNG HÀ TĂNG ĐÀM ĐÀO VĂN THẠCH SƠN KHƯƠNG MẠC TỪ BẠCH CHÂU ÂU CẤN DIỆP GIÁP HỨA KHÚC LÒ LỤC NINH NÔNG ÔNG \
    PHÍ TIÊU TRIỆU ƯNG VI LẠI THÂN CUNG DOÃN VIÊN TÒNG QUÀNG HẦU LƯỜNG BẾ HOA KHỔNG LÃ MẪN ĐIÊU TRÀ UÔNG THIỀU ĐƯỜNG";

/// Words in given names.
const NAMES: &str = "VĂN THỊ HỮU ĐỨC QUỐC MINH CÔNG XUÂN NGỌC THANH THÀNH ĐÌNH QUANG TUẤN HOÀNG HOÀN BẢO GIA TRỌNG DUY THẾ VIẾT KHẮC ANH ÁNH PHƯƠNG PHƯỢNG BÍCH KIM \
    THÙY THỦY THÚY HỒNG MỸ KHÁNH DIỄM QUỲNH HÙNG DŨNG DUNG CƯỜNG NAM SƠN HẢI LONG THẮNG PHÚC ĐẠT KHÔI KIÊN QUÂN TRUNG HIẾU NGHĨA TOÀN VINH BÌNH PHONG LÂM THỊNH \
    TÀI KHOA HUY TÙNG TRƯỜNG ƯỚC ĐÔNG TẤN BÁCH LỘC PHƯỚC HẬU QUYẾT VIỆT SỸ SĨ THUẬN HƯƠNG LAN HOA MAI HẰNG THẢO TRANG LINH NHUNG YẾN VÂN NGÂN HẠNH NGUYỆT \
    TUYẾT LOAN NGA HIỀN OANH THƠM LIÊN QUYÊN TRINH UYÊN VY NHI CHÂU GIANG HÀ HUỆ KHUÊ CÚC ĐÀO TRÂM KHAI DUYÊN DIỆU DIỆP ĐAN ĐIỆP GIÁP HÀN HÒA HOÀI HỌC HỘI HỢP \
    KHANG KHIÊM KỲ LÀNH LỆ LIỄU LƯƠNG LƯỢNG MẠNH MINH NGUYÊN NHÂN NHẬT NHẪN NINH PHÁT PHÚ PHỤNG QUÝ SANG SÁNG SINH TÂM TÂN THÁI THẠCH THÂN THIỆN THIÊN THỌ \
    THOA THU THUẦN THỨC THƯƠNG TIẾN TIỀN TÍN TÌNH TÍNH TỐT TRÍ TRIỀU TRÌNH TRÚC TÚ TƯ TƯỜNG VĨNH VŨ VƯƠNG XUYẾN Ý YÊN BA BẰNG BIÊN CẢNH CẦU CHI CHÍ CHIẾN CHÍNH \
    CHUNG CHƯƠNG DÂN DANH DẦN DOANH DƯƠNG ĐẠI ĐĂNG ĐIỀN ĐÍNH ĐỊNH ĐOAN ĐOÀN ĐỘ HÀO HẢO HIỂN HIỆP HIỆU HOAN HÒE HUÂN HUẤN HƯNG KHA KHẢI KHOÁT KIỀU KIỆT LÃM LẬP \
    LỄ LUẬN LUYỆN LỰC MẪN MIÊN MƠ NGÀ NGÔ NGUYỄN NHÃ NHÀN NHU NHƯ OÁNH PHI PHÒNG QUẢNG QUẾ QUYỀN SÂM THẨM THẬT THÊU THI THÔNG THỤC THỤY TIÊN TOẢN TRÀ TRÂN TRỊ \
    TRIỆU TUÂN TUỆ TUYÊN TUYỀN VẠN VIÊN VIỄN VƯỢNG XƯA";

/// Restores the marks of a name's words, where the one that was read is not a known word but one of its letters is.
pub(super) fn amend(field: &mut Field) {
    if field.name == FieldName::FullName {
        field.value = Pii::new(amended(field.value.expose()));
    }
}

fn amended(name: &str) -> String {
    let words: Vec<&str> = name.split(' ').collect();
    let amend = |(at, word): (usize, &&str)| {
        let known = if at == 0 && words.len() > 1 { only(SURNAMES, word) } else { nearest(NAMES, word) };
        match known {
            _ if at == 1 && words.len() > 2 && fold_name(word) == "THI" => "THỊ".to_owned(),
            Some(known) => known.to_owned(),
            None => (*word).to_owned(),
        }
    };
    words.iter().enumerate().map(amend).collect::<Vec<_>>().join(" ")
}

/// The words of a list that have these letters.
fn alike<'a>(list: &'a str, word: &str) -> impl Iterator<Item = &'a str> {
    let folded = fold_name(word);
    list.split_whitespace().filter(move |known| fold_name(known) == folded)
}

/// The word itself when it is in the list, else the only one with its letters.
fn only<'a>(list: &'a str, word: &str) -> Option<&'a str> {
    let found: Vec<&str> = alike(list, word).collect();
    if let [single] = found[..] { Some(single) } else { found.into_iter().find(|known| *known == word) }
}

/// The word itself when it is in the list, else the one with its letters whose marks are nearest; of two as near the more frequent, which
/// comes first in the list.
fn nearest<'a>(list: &'a str, word: &str) -> Option<&'a str> {
    alike(list, word).min_by_key(|known| apart(known, word))
}

/// How many marks tell two words of the same letters apart; another tone is one, a missing one, too.
fn apart(a: &str, b: &str) -> usize {
    let marks = |letter: char| -> (Vec<char>, Option<char>) {
        let (tones, shapes): (Vec<char>, Vec<char>) = letter.nfd().skip(1).partition(|mark| TONES.contains(mark));
        (shapes, tones.first().copied())
    };
    let letters = a.nfc().zip(b.nfc()).map(|(a, b)| (marks(a), marks(b), (a == 'Đ') != (b == 'Đ')));
    letters
        .map(|((shape, tone), (other_shape, other_tone), stroke)| usize::from(shape != other_shape) + usize::from(tone != other_tone) + usize::from(stroke))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_restored_and_letters_never_changed() {
        for (read, wanted) in [
            ("NGUYÊN THẾ PHÚC", "NGUYỄN THẾ PHÚC"),
            ("TRẤN THI LAN", "TRẦN THỊ LAN"),
            ("PHAM BẢO NGUYÊT", "PHẠM BẢO NGUYỆT"),
            ("PHAN THỊ NGỌC YÊN", "PHAN THỊ NGỌC YÊN"),
            ("ĐẶNG QUỐC ƯỚC", "ĐẶNG QUỐC ƯỚC"),
            ("NGUYỄN MINH LẦM", "NGUYỄN MINH LÂM"),
            ("LƯƠNG HỮU TUẦN", "LƯƠNG HỮU TUẤN"),
            ("XYZ ABC", "XYZ ABC"),
            ("HÀ", "HÀ"),
        ] {
            assert_eq!(amended(read), wanted);
        }
    }

    #[test]
    fn a_word_of_two_surnames_is_left_alone() {
        assert_eq!((amended("LA VĂN BA"), amended("LÃ VĂN BA"), amended("LẠ VĂN BA")), ("LA VĂN BA".into(), "LÃ VĂN BA".into(), "LẠ VĂN BA".into()));
    }
}
