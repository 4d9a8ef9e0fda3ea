//! The second opinion: tesseract reads the lines in which something is unsure, and what it says counts as evidence letter by letter.

use image::GrayImage;

use super::{spell::Spelt, tess::Tess};

/// Height of capitals in the strips it is shown.
pub(super) const CAPITAL: f32 = 30.0;
/// Letters that tesseract makes of fillers.
const FROM_FILLERS: &[u8] = b"KCESLGZX4";

/// The zone after tesseract has been heard.
pub(super) fn heard(first: Spelt, strips: &[GrayImage], tess: &Tess) -> Spelt {
    let lines: Vec<Vec<u8>> = first.zone.lines().into_iter().map(String::into_bytes).collect();
    let all = !first.is_clean() || first.unsure.is_empty();
    let opinions: Vec<Vec<Option<u8>>> =
        lines
            .iter()
            .zip(strips)
            .enumerate()
            .map(|(n, (line, strip))| {
                if all || first.unsure.iter().any(|(other, _)| *other == n) { aligned(line, tess.zone_line(strip).as_bytes()) } else { vec![None; line.len()] }
            })
            .collect();
    let second = first.with_second(&opinions);
    second.filter(|second| second.zone.failed().len() <= first.zone.failed().len()).unwrap_or(first)
}

/// For each letter of a line what the other reader made of it, after the cheapest way to turn one into the other.
fn aligned(line: &[u8], text: &[u8]) -> Vec<Option<u8>> {
    let width = text.len() + 1;
    let mut costs = vec![0usize; (line.len() + 1) * width];
    for n in 0..=line.len() {
        for m in 0..=text.len() {
            costs[n * width + m] = match (n, m) {
                (0, _) => m,
                (_, 0) => n,
                _ => {
                    let other = costs[(n - 1) * width + m - 1] + usize::from(line[n - 1] != text[m - 1]);
                    other.min(costs[(n - 1) * width + m] + 1).min(costs[n * width + m - 1] + 1)
                }
            };
        }
    }
    let mut opinions = vec![None; line.len()];
    let (mut n, mut m) = (line.len(), text.len());
    // An opinion of another line, or of noise, is none.
    if costs[n * width + m] > line.len() / 3 {
        return opinions;
    }
    while n > 0 && m > 0 {
        let cost = costs[n * width + m];
        if cost == costs[(n - 1) * width + m - 1] + usize::from(line[n - 1] != text[m - 1]) {
            let excused = line[n - 1] == b'<' && FROM_FILLERS.contains(&text[m - 1]);
            opinions[n - 1] = Some(text[m - 1]).filter(|_| !excused);
            (n, m) = (n - 1, m - 1);
        } else if cost == costs[(n - 1) * width + m] + 1 {
            n -= 1;
        } else {
            m -= 1;
        }
    }
    opinions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_compared_where_they_stand_even_when_some_are_lost() {
        let opinions = |line: &str, text: &str| aligned(line.as_bytes(), text.as_bytes());
        let shown = |opinions: Vec<Option<u8>>| opinions.into_iter().map(|letter| letter.map_or('.', char::from)).collect::<String>();
        assert_eq!(shown(opinions("ERIKSSON<<ANNA<<<<<<", "ERIKSSON<<ANNA<<<<")).replace('.', ""), "ERIKSSON<<ANNA<<<<");
        assert_eq!(shown(opinions("ERIKSSON<<ANNA<<<", "ERIK5SON<<ANNAKKK")), "ERIK5SON<<ANNA...");
        assert_eq!(shown(opinions("ERIKSSON<<ANNA", "REPUBLIC OF UTOPIA")), "..............");
    }
}
