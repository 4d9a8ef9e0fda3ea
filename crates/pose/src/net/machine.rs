//! Runs a planned network: products of matrices by `rten-gemm`, everything else in vectors through `rten-simd`, both of
//! which take the widest the processor has. Buffers are kept from picture to picture.

#![expect(clippy::inline_always, reason = "only what is inlined into the dispatched function is compiled with its vectors")]

use rten_gemm::{BiasVector, GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedAMatrix};
use rten_simd::{
    Isa, SimdOp,
    ops::{BitOps, NumOps},
};
use rten_tensor::NdTensorView;

use super::window::Window;

/// A planned network ([`super::plan`]).
pub(super) struct Machine {
    pub(super) slots: Vec<Vec<f32>>,
    pub(super) steps: Vec<Step>,
    /// Where the picture goes in, and its numbers.
    pub(super) input: (usize, usize),
    /// Where the answers stand, and their numbers.
    pub(super) outputs: Vec<(usize, usize)>,
}

/// From one buffer into another.
pub(super) struct Step {
    pub(super) work: Work,
    pub(super) from: usize,
    pub(super) to: usize,
    /// Numbers that come out.
    pub(super) numbers: usize,
    pub(super) after: After,
}

/// What is done afterwards, where it stands.
#[derive(Default)]
pub(super) struct After {
    /// Add the first so many numbers of another buffer.
    pub(super) add: Option<(usize, usize)>,
    /// What is below zero is multiplied by the slope of its channel.
    pub(super) slopes: Option<Vec<f32>>,
}

/// What a step does.
pub(super) enum Work {
    /// A window of one pixel over all channels.
    Blend { filters: Filters, pixels: usize },
    /// A larger window over all channels.
    Conv { filters: Filters, channels: usize, columns: Vec<f32>, window: Window },
    /// A window over each channel by itself.
    Depthwise { weights: Vec<f32>, bias: Vec<f32>, window: Window },
    /// The largest in each window.
    Pool { channels: usize, window: Window },
    /// Pixel by pixel what stood plane by plane.
    Turn { channels: usize, pixels: usize },
    /// Buffers one after the other.
    Join { parts: Vec<(usize, usize)> },
    /// Only what comes afterwards.
    Nothing,
}

impl Machine {
    /// Where the picture is written before [`run`](Self::run).
    pub(super) fn picture(&mut self) -> &mut [f32] {
        &mut self.slots[self.input.0][..self.input.1]
    }

    /// What came out last, in order.
    pub(super) fn answers(&self) -> impl Iterator<Item = &[f32]> {
        self.outputs.iter().map(|(slot, numbers)| &self.slots[*slot][..*numbers])
    }

    /// Runs every step; `None` when two matrices do not fit, which planning excludes.
    pub(super) fn run(&mut self) -> Option<()> {
        // As the one that packed the weights.
        let gemm = GemmExecutor::default();
        let Self { slots, steps, .. } = self;
        for step in steps {
            // The buffer that is written is taken out meanwhile, so that the others can be read.
            let mut buffer = std::mem::take(&mut slots[step.to]);
            let done = step.work.run(&gemm, slots, (step.from, &step.after), &mut buffer[..step.numbers]);
            if !step.work.does_after() {
                step.after.run(slots, &mut buffer[..step.numbers]);
            }
            slots[step.to] = buffer;
            done?;
        }
        Some(())
    }
}

impl After {
    pub(super) fn is_nothing(&self) -> bool {
        self.add.is_none() && self.slopes.is_none()
    }

    fn run(&self, slots: &[Vec<f32>], out: &mut [f32]) {
        if !self.is_nothing() {
            let added = self.add.map_or(&[][..], |(slot, numbers)| &slots[slot][..numbers]);
            Finish { out, added, slopes: self.slopes.as_deref() }.dispatch();
        }
    }
}

impl Work {
    /// Whether what comes afterwards is done as the numbers come out.
    fn does_after(&self) -> bool {
        matches!(
            self,
            Self::Blend { filters: Filters { weights: Weights::Tiles(_), .. }, .. } | Self::Conv { filters: Filters { weights: Weights::Tiles(_), .. }, .. }
        )
    }

    fn run(&mut self, gemm: &GemmExecutor, slots: &[Vec<f32>], (from, after): (usize, &After), out: &mut [f32]) -> Option<()> {
        let from = &slots[from];
        match self {
            Self::Blend { filters, pixels } => filters.run(gemm, slots, (&from[..filters.rows * *pixels], after), out),
            Self::Conv { filters, channels, columns, window } => {
                Unroll { window, channels: *channels, from, columns }.dispatch();
                filters.run(gemm, slots, (columns, after), out)
            }
            Self::Depthwise { weights, bias, window } => {
                Slide { window, weights, bias, from, out }.dispatch();
                Some(())
            }
            Self::Pool { channels, window } => {
                Largest { window, channels: *channels, from, out }.dispatch();
                Some(())
            }
            Self::Turn { channels, pixels } => {
                for (pixel, to) in out.chunks_exact_mut(*channels).enumerate() {
                    for (channel, to) in to.iter_mut().enumerate() {
                        *to = from[channel * *pixels + pixel];
                    }
                }
                Some(())
            }
            Self::Join { parts } => {
                let mut rest = out;
                for (slot, numbers) in parts {
                    let (to, after) = rest.split_at_mut_checked(*numbers)?;
                    to.copy_from_slice(&slots[*slot][..*numbers]);
                    rest = after;
                }
                Some(())
            }
            Self::Nothing => Some(()),
        }
    }
}

/// Filters over all channels: a matrix of `bias.len()` × `rows`.
pub(super) struct Filters {
    pub(super) weights: Weights,
    pub(super) bias: Vec<f32>,
    pub(super) rows: usize,
}

/// The matrix, as it is multiplied.
pub(super) enum Weights {
    /// By tiles of our own: as few numbers as these networks have per sum, a matrix product proper spends more on packing and
    /// on its edges than on multiplying.
    Tiles(Vec<[f32; TILE]>),
    /// By the library: too few pixels to fill two vectors.
    Packed(PackedAMatrix<f32>),
    /// Filter by filter: there is one pixel.
    Whole(Vec<f32>),
}

/// Filters that are multiplied at once.
pub(super) const TILE: usize = 8;
/// So many pixels fill two vectors of any processor.
const TWO_VECTORS: usize = 32;

impl Filters {
    /// Of weights filter by filter, for pictures of so many pixels.
    pub(super) fn of(gemm: &GemmExecutor, weights: &[f32], bias: Vec<f32>, rows: usize, pixels: usize) -> Self {
        let weights = if pixels == 1 {
            Weights::Whole(weights.to_vec())
        } else if pixels < TWO_VECTORS {
            Weights::Packed(gemm.prepack_a(NdTensorView::from_data([bias.len(), rows], weights)))
        } else {
            let tile = |first: usize, row: usize| std::array::from_fn(|filter| weights.get((first + filter) * rows + row).copied().unwrap_or(0.0));
            Weights::Tiles(
                (0..bias.len()).step_by(TILE).flat_map(|first| (0..rows).map(move |row| (first, row))).map(|(first, row)| tile(first, row)).collect(),
            )
        };
        Self { weights, bias, rows }
    }

    fn run(&self, gemm: &GemmExecutor, slots: &[Vec<f32>], (columns, after): (&[f32], &After), out: &mut [f32]) -> Option<()> {
        match &self.weights {
            Weights::Tiles(tiles) => {
                let added = after.add.map_or(&[][..], |(slot, numbers)| &slots[slot][..numbers]);
                Blend { filters: self, tiles, columns, added, slopes: after.slopes.as_deref(), out }.dispatch();
                Some(())
            }
            Weights::Whole(weights) => {
                Dot { weights, column: columns, bias: &self.bias, out }.dispatch();
                Some(())
            }
            Weights::Packed(weights) => {
                let columns = NdTensorView::from_data([self.rows, columns.len() / self.rows], columns);
                let options = GemmOptions { bias: Some(BiasVector::Column(&self.bias)), ..GemmOptions::default() };
                gemm.gemm(out, GemmInputA::Packed(weights), GemmInputB::Unpacked(columns), options).ok()
            }
        }
    }
}

/// Filters times one column.
struct Dot<'a> {
    weights: &'a [f32],
    column: &'a [f32],
    bias: &'a [f32],
    out: &'a mut [f32],
}

impl SimdOp for Dot<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let lanes = ops.len();
        for ((weights, bias), out) in self.weights.chunks_exact(self.column.len()).zip(self.bias).zip(self.out) {
            let (weights, column) = (weights.chunks_exact(lanes), self.column.chunks_exact(lanes));
            let rest: f32 = weights.remainder().iter().zip(column.remainder()).map(|(weight, value)| weight * value).sum();
            let sum = weights.zip(column).fold(ops.zero(), |sum, (weights, values)| ops.mul_add(ops.load(weights), ops.load(values), sum));
            *out = ops.sum(sum) + rest + bias;
        }
    }
}

/// Filters times columns, and what comes afterwards while the sums are in registers.
struct Blend<'a> {
    filters: &'a Filters,
    tiles: &'a [[f32; TILE]],
    columns: &'a [f32],
    added: &'a [f32],
    slopes: Option<&'a [f32]>,
    out: &'a mut [f32],
}

impl SimdOp for Blend<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (rows, lanes) = (self.filters.rows, isa.f32().len());
        let pixels = self.columns.len() / rows;
        for (number, (tiles, out)) in self.tiles.chunks_exact(rows).zip(self.out.chunks_mut(TILE * pixels)).enumerate() {
            let channel = number * TILE;
            let mut x = 0;
            loop {
                // Eight sums of two vectors fill half of the registers of the widest processors, and spill on others.
                if lanes >= 8 {
                    self.filters.tile::<I, TILE, 0>(isa, (self.columns, pixels, x), (tiles, channel), (self.added, self.slopes), out);
                } else {
                    self.filters.tile::<I, { TILE / 2 }, 0>(isa, (self.columns, pixels, x), (tiles, channel), (self.added, self.slopes), out);
                    self.filters.tile::<I, { TILE / 2 }, { TILE / 2 }>(isa, (self.columns, pixels, x), (tiles, channel), (self.added, self.slopes), out);
                }
                if x + 2 * lanes >= pixels {
                    break;
                }
                // The last two vectors may begin before those before them end.
                x = (x + 2 * lanes).min(pixels - 2 * lanes);
            }
        }
    }
}

impl Filters {
    /// `COUNT` filters of a tile, from the one numbered `FIRST` on, at the pixels from `x` on that fill two vectors.
    #[inline(always)]
    fn tile<I: Isa, const COUNT: usize, const FIRST: usize>(
        &self,
        isa: I,
        (columns, pixels, x): (&[f32], usize, usize),
        (tiles, channel): (&[[f32; TILE]], usize),
        (added, slopes): (&[f32], Option<&[f32]>),
        out: &mut [f32],
    ) {
        let ops = isa.f32();
        let lanes = ops.len();
        let mut sums = [[ops.zero(); 2]; COUNT];
        for (weights, row) in tiles.iter().zip(columns.chunks_exact(pixels)) {
            let row = &row[x..x + 2 * lanes];
            let values = [ops.load(row), ops.load(&row[lanes..])];
            for (sum, weight) in sums.iter_mut().zip(&weights[FIRST..FIRST + COUNT]) {
                let weight = ops.splat(*weight);
                *sum = [ops.mul_add(values[0], weight, sum[0]), ops.mul_add(values[1], weight, sum[1])];
            }
        }
        let ours = out.chunks_exact_mut(pixels).skip(FIRST).zip(self.bias.iter().enumerate().skip(channel + FIRST));
        for (sum, (out, (channel, bias))) in sums.iter().zip(ours) {
            for (part, sum) in sum.iter().enumerate() {
                let x = x + part * lanes;
                let mut value = ops.add(*sum, ops.splat(*bias));
                if let Some(added) = added.get(channel * pixels + x..)
                    && added.len() >= lanes
                {
                    value = ops.add(value, ops.load(added));
                }
                if let Some(slopes) = slopes {
                    let bent = ops.mul(value, ops.splat(slopes[channel]));
                    value = ops.select(value, bent, ops.gt(value, ops.zero()));
                }
                ops.store(value, &mut out[x..x + lanes]);
            }
        }
    }
}

/// Planes as columns of a matrix.
struct Unroll<'a> {
    window: &'a mut Window,
    channels: usize,
    from: &'a [f32],
    columns: &'a mut [f32],
}

impl SimdOp for Unroll<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, _: I) {
        let (plane, part) = (self.window.numbers(), self.columns.len() / self.channels);
        for (plane, columns) in self.from.chunks_exact(plane).zip(self.columns.chunks_exact_mut(part)) {
            self.window.lay(plane);
            self.window.columns(columns);
        }
    }
}

/// A filter of its own over each plane.
struct Slide<'a> {
    window: &'a mut Window,
    weights: &'a [f32],
    bias: &'a [f32],
    from: &'a [f32],
    out: &'a mut [f32],
}

impl SimdOp for Slide<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let [down, across] = self.window.out();
        let planes = self.from.chunks_exact(self.window.numbers()).zip(self.out.chunks_exact_mut(down * across));
        let filters = self.weights.chunks_exact(self.weights.len() / self.bias.len()).zip(self.bias);
        for ((from, out), (weights, bias)) in planes.zip(filters) {
            self.window.lay(from);
            let bias = ops.splat(*bias);
            self.window.slide(ops, out, bias, |sum, tap, value| ops.mul_add(value, ops.splat(weights[tap]), sum));
        }
    }
}

struct Largest<'a> {
    window: &'a mut Window,
    channels: usize,
    from: &'a [f32],
    out: &'a mut [f32],
}

impl SimdOp for Largest<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let [down, across] = self.window.out();
        let planes = self.from.chunks_exact(self.window.numbers()).zip(self.out.chunks_exact_mut(down * across));
        for (from, out) in planes.take(self.channels) {
            self.window.lay(from);
            self.window.slide(ops, out, ops.splat(f32::MIN), |most, _, value| ops.max(most, value));
        }
    }
}

/// Sum and rectifier.
struct Finish<'a> {
    out: &'a mut [f32],
    /// Perhaps fewer channels.
    added: &'a [f32],
    slopes: Option<&'a [f32]>,
}

impl SimdOp for Finish<'_> {
    type Output = ();

    // Plain loops: inlined here they are compiled with the vectors of the processor.
    #[inline(always)]
    fn eval<I: Isa>(self, _: I) {
        let Some(slopes) = self.slopes else {
            for (to, more) in self.out.iter_mut().zip(self.added) {
                *to += more;
            }
            return;
        };
        let bent = |value: f32, slope: f32| if value > 0.0 { value } else { value * slope };
        let pixels = self.out.len() / slopes.len().max(1);
        let mut added = self.added.chunks_exact(pixels);
        for (out, slope) in self.out.chunks_exact_mut(pixels).zip(slopes) {
            if let Some(added) = added.next() {
                for (to, more) in out.iter_mut().zip(added) {
                    *to = bent(*to + more, *slope);
                }
            } else {
                for to in out {
                    *to = bent(*to, *slope);
                }
            }
        }
    }
}
