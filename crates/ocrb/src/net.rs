//! The network that looks at one cell: two convolutions and two dense layers, 24×28 pixels in, 38 likelihoods out.
//!
//! ```text
//! 24×28×1 ─5×5 /2─▶ 12×14×12 ─3×3 /2─▶ 6×7×24 ─▶ 80 ─▶ 38
//! ```

/// Columns of a window: 1.26 pitches.
pub const WIDE: usize = 24;
/// Rows of a window: 1.47 capitals.
pub const HIGH: usize = 28;
/// Pixels of a window to a pitch and to the height of a capital.
pub const UNIT: f32 = 19.0;
/// What the network tells apart: the letters of zones in this order, then "no letter here".
pub const LETTERS: &[u8; 37] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<";
/// Number of outputs.
pub const CLASSES: usize = 38;
/// The output "no letter here".
pub const NOTHING: usize = 37;

/// A window of darkness, mean 0, deviation 1.
pub type Window = [f32; WIDE * HIGH];
/// Natural logarithms of the likelihood of each class.
pub type Likelihoods = [f32; CLASSES];

/// Channels after the first convolution.
pub const C1: usize = 12;
/// Channels after the second convolution.
pub const C2: usize = 24;
/// Width of the dense layer.
pub const DENSE: usize = 80;
/// Columns after the first convolution.
pub const W1: usize = WIDE / 2;
/// Rows after the first convolution.
pub const H1: usize = HIGH / 2;
/// Columns after the second convolution.
pub const W2: usize = W1 / 2;
/// Rows after the second convolution.
pub const H2: usize = H1 / 2;
/// Inputs of the first dense layer.
pub const FLAT: usize = W2 * H2 * C2;

/// Where each layer's weights and biases lie in one row of numbers: start and length.
pub const PARTS: [(usize, usize); 8] = parts();
/// Number of weights.
pub const WEIGHTS: usize = PARTS[7].0 + PARTS[7].1;

const fn parts() -> [(usize, usize); 8] {
    let lengths = [25 * C1, C1, 9 * C1 * C2, C2, FLAT * DENSE, DENSE, DENSE * CLASSES, CLASSES];
    let mut parts = [(0, 0); 8];
    let mut start = 0;
    let mut n = 0;
    while n < 8 {
        parts[n] = (start, lengths[n]);
        start += lengths[n];
        n += 1;
    }
    parts
}

/// What flows between the layers; kept for learning.
pub struct Flow {
    /// After the first convolution, rectified.
    pub first: Vec<f32>,
    /// After the second, rectified.
    pub second: Vec<f32>,
    /// After the first dense layer, rectified.
    pub dense: Vec<f32>,
    /// Likelihoods.
    pub out: Likelihoods,
}

impl Default for Flow {
    fn default() -> Self {
        Self { first: vec![0.0; W1 * H1 * C1], second: vec![0.0; FLAT], dense: vec![0.0; DENSE], out: [0.0; CLASSES] }
    }
}

/// The trained weights.
pub struct Net {
    weights: Vec<f32>,
}

impl Net {
    /// From numbers in the order of [`PARTS`]; `None` when their count is not [`WEIGHTS`].
    pub fn new(weights: Vec<f32>) -> Option<Self> {
        (weights.len() == WEIGHTS).then_some(Self { weights })
    }

    /// The network of this crate: `net.bin`, made by `examples/train`.
    pub fn trained() -> Self {
        static BYTES: &[u8] = include_bytes!("net.bin");
        let weights = BYTES.chunks_exact(2).map(|half| widened(u16::from_le_bytes([half[0], half[1]])));
        Self { weights: weights.collect() }
    }

    /// All weights.
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// For learning.
    pub fn weights_mut(&mut self) -> &mut [f32] {
        &mut self.weights
    }

    fn part(&self, n: usize) -> &[f32] {
        &self.weights[PARTS[n].0..PARTS[n].0 + PARTS[n].1]
    }

    /// Looks at one window.
    pub fn look(&self, window: &Window, flow: &mut Flow) {
        convolve::<1, C1, 5>(window, (WIDE, HIGH), self.part(0), self.part(1), &mut flow.first);
        convolve::<C1, C2, 3>(&flow.first, (W1, H1), self.part(2), self.part(3), &mut flow.second);
        dense::<DENSE>(&flow.second, self.part(4), self.part(5), &mut flow.dense);
        rectify(&mut flow.dense);
        dense::<CLASSES>(&flow.dense, self.part(6), self.part(7), &mut flow.out);
        let most = flow.out.iter().copied().fold(f32::MIN, f32::max);
        let sum: f32 = flow.out.iter().map(|value| (value - most).exp()).sum();
        let shift = most + sum.ln();
        for value in &mut flow.out {
            *value -= shift;
        }
    }
}

/// Weights are kept as the upper half of an `f32` (bfloat16).
pub fn halved(value: f32) -> u16 {
    let bits = value.to_bits();
    ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16) as u16
}

fn widened(half: u16) -> f32 {
    f32::from_bits(u32::from(half) << 16)
}

fn rectify(values: &mut [f32]) {
    for value in values {
        *value = value.max(0.0);
    }
}

/// Convolution of stride 2 with `K / 2` of padding, rectified. Weights: row, column, input, output.
fn convolve<const IN: usize, const OUT: usize, const K: usize>(
    input: &[f32],
    (width, height): (usize, usize),
    weights: &[f32],
    bias: &[f32],
    output: &mut [f32],
) {
    let mut to = output.chunks_exact_mut(OUT);
    for y in (0..height).step_by(2) {
        for x in (0..width).step_by(2) {
            let mut sums = [0.0f32; OUT];
            sums.copy_from_slice(bias);
            for row in 0..K {
                let Some(at_y) = (y + row).checked_sub(K / 2).filter(|at| *at < height) else { continue };
                for column in 0..K {
                    let Some(at_x) = (x + column).checked_sub(K / 2).filter(|at| *at < width) else { continue };
                    let pixel = &input[(at_y * width + at_x) * IN..][..IN];
                    let weights = &weights[(row * K + column) * IN * OUT..][..IN * OUT];
                    for (value, weights) in pixel.iter().zip(weights.chunks_exact(OUT)) {
                        for n in 0..OUT {
                            sums[n] += value * weights[n];
                        }
                    }
                }
            }
            if let Some(to) = to.next() {
                for n in 0..OUT {
                    to[n] = sums[n].max(0.0);
                }
            }
        }
    }
}

/// Weights: input, output. Inputs that are 0 cost nothing.
fn dense<const OUT: usize>(input: &[f32], weights: &[f32], bias: &[f32], output: &mut [f32]) {
    let mut sums = [0.0f32; OUT];
    sums.copy_from_slice(bias);
    for (value, weights) in input.iter().zip(weights.chunks_exact(OUT)) {
        if *value != 0.0 {
            for n in 0..OUT {
                sums[n] += value * weights[n];
            }
        }
    }
    output.copy_from_slice(&sums);
}

/// Mean 0, deviation 1; almost even windows stay almost even.
pub fn normalise(window: &mut Window) {
    let mean = window.iter().sum::<f32>() / window.len() as f32;
    let variance = window.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>() / window.len() as f32;
    let scale = 1.0 / (variance.sqrt() + EVEN);
    for value in window.iter_mut() {
        *value = (*value - mean) * scale;
    }
}

/// Deviation of darkness (0…1) below which a window counts as even.
const EVEN: f32 = 0.01;
