//! Writes the face-recognition network of `@vladmandic/face-api` (dlib's ResNet with 29 layers, weights of one byte each) as
//! ONNX. The package's manifest says of each tensor how its bytes become numbers; the build checks and shortens it to
//! [`Scale`]s, one per tensor in the order of the file. A damaged file is `None`, never a panic.

use super::{
    onnx::{Message, node, value_info},
    turn,
};

/// Pixels of its picture, across and down.
pub(super) const SIDE: usize = 150;
/// Numbers it answers.
const ANSWERS: usize = 128;
/// Bytes of a [`Scale`] in the shortened manifest.
const SCALE_BYTES: usize = 12;

/// A residual block: its channels in and out, and whether it halves the picture.
const BLOCKS: [(usize, usize, bool); 14] = [
    (32, 32, false),
    (32, 32, false),
    (32, 32, false),
    (32, 64, true),
    (64, 64, false),
    (64, 64, false),
    (64, 64, false),
    (64, 128, true),
    (128, 128, false),
    (128, 128, false),
    (128, 256, true),
    (256, 256, false),
    (256, 256, false),
    (256, 256, true),
];

/// How the bytes of one tensor become numbers: as they are (`scale` 0), or `byte × scale + least`.
#[derive(Clone, Copy)]
struct Scale {
    scale: f32,
    least: f32,
    count: usize,
}

/// Reads tensor after tensor.
struct Weights<'a> {
    bytes: &'a [u8],
    scales: &'a [[u8; SCALE_BYTES]],
}

impl Weights<'_> {
    fn next(&mut self, count: usize) -> Option<Vec<f32>> {
        let (first, rest) = self.scales.split_first()?;
        self.scales = rest;
        let part = |at: usize| first[at..at + 4].try_into().map(u32::from_le_bytes).ok();
        let of = Scale { scale: f32::from_bits(part(0)?), least: f32::from_bits(part(4)?), count: usize::try_from(part(8)?).ok()? };
        if of.count != count || !of.scale.is_finite() || !of.least.is_finite() {
            return None;
        }
        let is_whole = of.scale == 0.0;
        let (raw, rest) = self.bytes.split_at_checked(if is_whole { count.checked_mul(4)? } else { count })?;
        self.bytes = rest;
        Some(if is_whole {
            raw.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
        } else {
            raw.iter().map(|byte| f32::from(*byte) * of.scale + of.least).collect()
        })
    }
}

/// The ONNX model of the network.
pub(super) fn write(bytes: &[u8], scales: &[u8]) -> Option<Vec<u8>> {
    let mut writer = Writer { weights: Weights { bytes, scales: scales.as_chunks().0 }, body: Message::default(), names: 0 };
    let mut at = writer.conv("picture", (7, 3, 32), 2, 0, true)?;
    at = writer.window("MaxPool", &at, 3);
    let mut side = (SIDE - 7) / 2 + 1;
    side = (side - 3) / 2 + 1;
    for (from, to, is_half) in BLOCKS {
        (at, side) = writer.block(&at, side, from, to, is_half)?;
    }
    let pooled = writer.name();
    writer.body.message(1, &node("GlobalAveragePool", &[&at], &pooled));
    let flat = writer.name();
    let shape = writer.body.ints("flat_shape", &[1, 256]);
    writer.body.message(1, &node("Reshape", &[&pooled, &shape], &flat));
    let full = writer.weights.next(256 * ANSWERS)?;
    let full = writer.body.constant("full", &[256, ANSWERS], &full);
    writer.body.message(1, &node("MatMul", &[&flat, &full], "answer"));
    let is_over = writer.weights.bytes.is_empty() && writer.weights.scales.is_empty();
    writer.body.text(2, "net").message(11, &value_info("picture", &[1, 3, SIDE, SIDE])).message(12, &value_info("answer", &[1, ANSWERS]));
    let mut model = Message::default();
    model.int(1, 9).message(7, &writer.body).message(8, Message::default().text(1, "").int(2, 17));
    is_over.then(|| model.into_bytes())
}

struct Writer<'a> {
    weights: Weights<'a>,
    body: Message,
    names: usize,
}

impl Writer<'_> {
    fn name(&mut self) -> String {
        self.names += 1;
        format!("n{}", self.names)
    }

    /// A convolution with its bias and the scaling that follows it, folded into one; `kernel` is side, channels in, channels out.
    fn conv(&mut self, from: &str, (side, inner, outer): (usize, usize, usize), stride: usize, pad: usize, relu: bool) -> Option<String> {
        let filters = self.weights.next(side * side * inner * outer)?;
        let bias = self.weights.next(outer)?;
        let scale = self.weights.next(outer)?;
        let shift = self.weights.next(outer)?;
        // Down, across, in, out becomes out, in, down, across.
        let mut filters = turn(&filters, [side, side, inner, outer], [3, 2, 0, 1]);
        for (filter, factor) in filters.chunks_mut(side * side * inner).zip(&scale) {
            for weight in filter {
                *weight *= factor;
            }
        }
        let bias: Vec<f32> = bias.iter().zip(&scale).zip(&shift).map(|((bias, factor), shift)| bias * factor + shift).collect();
        let out = self.name();
        let filters = self.body.constant(&format!("{out}_w"), &[outer, inner, side, side], &filters);
        let bias = self.body.constant(&format!("{out}_b"), &[outer], &bias);
        let mut conv = node("Conv", &[from, &filters, &bias], &out);
        conv.attribute_ints("strides", &[stride, stride]).attribute_ints("pads", &[pad; 4]).attribute_ints("kernel_shape", &[side, side]);
        self.body.message(1, &conv);
        Some(if relu { self.rectified(&out) } else { out })
    }

    fn rectified(&mut self, from: &str) -> String {
        let out = self.name();
        self.body.message(1, &node("Relu", &[from], &out));
        out
    }

    fn window(&mut self, kind: &str, from: &str, side: usize) -> String {
        let out = self.name();
        let mut pool = node(kind, &[from], &out);
        pool.attribute_ints("strides", &[2, 2]).attribute_ints("pads", &[0; 4]).attribute_ints("kernel_shape", &[side, side]);
        self.body.message(1, &pool);
        out
    }

    /// Zeros behind the last channel, row and column.
    fn padded(&mut self, from: &str, channels: usize, places: usize) -> String {
        if channels == 0 && places == 0 {
            return from.to_owned();
        }
        let out = self.name();
        let size = |count: usize| i64::try_from(count).unwrap_or(0);
        let pads = self.body.ints(&format!("{out}_p"), &[0, 0, 0, 0, 0, size(channels), size(places), size(places)]);
        let mut pad = node("Pad", &[from, &pads], &out);
        self.body.message(1, pad.attribute_text("mode", "constant"));
        out
    }

    /// Two convolutions and what goes past them; the answer's name and side.
    fn block(&mut self, from: &str, side: usize, inner: usize, outer: usize, is_half: bool) -> Option<(String, usize)> {
        let (stride, pad) = if is_half { (2, 0) } else { (1, 1) };
        let first = self.conv(from, (3, inner, outer), stride, pad, true)?;
        let second = self.conv(&first, (3, outer, outer), 1, 1, false)?;
        let (past, side, second) = if is_half {
            let (pooled, shown) = (side / 2, (side - 3) / 2 + 1);
            let past = self.window("AveragePool", from, 2);
            let past = self.padded(&past, outer - inner, 0);
            (past, pooled, self.padded(&second, 0, pooled - shown))
        } else {
            (from.to_owned(), side, second)
        };
        let sum = self.name();
        self.body.message(1, &node("Add", &[&second, &past], &sum));
        Some((self.rectified(&sum), side))
    }
}
