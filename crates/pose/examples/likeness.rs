//! Prints how far the largest faces of pictures (PNG) are from one another: `likeness A.png B.png …`, one JSON object.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a tool for measuring")]

use visavis_pose::{Frame, Layout, likeness::Likeness};

fn main() {
    let mut likeness = Likeness::new().unwrap();
    let files: Vec<String> = std::env::args().skip(1).collect();
    let features: Vec<_> = files
        .iter()
        .map(|file| {
            let picture = image::open(file).unwrap().to_rgb8();
            let (width, height) = (picture.width() as usize, picture.height() as usize);
            likeness.features(&Frame::new(picture.as_raw(), width, height, Layout::Rgb).unwrap()).unwrap()
        })
        .collect();
    let mut pairs = Vec::new();
    for (at, a) in features.iter().enumerate() {
        for (to, b) in features.iter().enumerate().skip(at + 1) {
            let distance = a.as_ref().zip(b.as_ref()).map(|(a, b)| a.distance(b));
            pairs.push(serde_json::json!({ "a": files[at], "b": files[to], "distance": distance }));
        }
    }
    println!("{}", serde_json::json!({ "pairs": pairs }));
}
