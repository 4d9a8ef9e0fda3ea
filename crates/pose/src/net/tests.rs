//! The kernels against the plain way of doing the same, in odd sizes.

use rten_gemm::GemmExecutor;

use super::{
    machine::{After, Filters, Machine, Step, Work},
    plan,
    tflite::{Constant, Graph, Kind, Operator, Sliding, Tensor},
    window::Window,
};

/// Numbers that look random.
fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|at| ((at * 7_919 + seed * 104_729) % 2_003) as f32 / 1_001.5 - 1.0).collect()
}

fn near(ours: &[f32], plain: &[f32], what: &str) {
    assert_eq!(ours.len(), plain.len(), "{what}");
    for (at, (a, b)) in ours.iter().zip(plain).enumerate() {
        assert!((a - b).abs() <= 1e-4 * (1.0 + b.abs()), "{what}: {a} for {b} at {at}");
    }
}

/// What a window meets at a place of the output; none in the margin.
fn met(plane: &[f32], [height, width]: [usize; 2], sliding: Sliding, [y, x]: [usize; 2], [down, across]: [usize; 2]) -> Option<f32> {
    let out = |size: usize, axis: usize| size.div_ceil(sliding.stride[axis]);
    let before = |size: usize, axis: usize| {
        if sliding.is_same { ((out(size, axis) - 1) * sliding.stride[axis] + sliding.window[axis]).saturating_sub(size) / 2 } else { 0 }
    };
    let row = (y * sliding.stride[0] + down).checked_sub(before(height, 0)).filter(|row| *row < height)?;
    let column = (x * sliding.stride[1] + across).checked_sub(before(width, 1)).filter(|column| *column < width)?;
    Some(plane[row * width + column])
}

fn run(work: Work, after: After, from: Vec<f32>, more: Vec<f32>, outs: usize) -> Vec<f32> {
    let input = (0, from.len());
    let step = Step { work, from: 0, to: 2, numbers: outs, after };
    // One buffer larger than it needs to be, as it happens when they are used again.
    let mut machine = Machine { slots: vec![from, more, vec![9.0; outs + 5]], steps: vec![step], input, outputs: vec![(2, outs)] };
    machine.run().unwrap();
    machine.answers().next().unwrap().to_vec()
}

const SLIDINGS: [([usize; 2], [usize; 2], bool); 8] = [
    ([3, 3], [1, 1], true),
    ([3, 3], [2, 2], true),
    ([2, 2], [2, 2], false),
    ([2, 2], [2, 2], true),
    ([5, 5], [2, 2], true),
    ([3, 2], [1, 3], true),
    ([3, 3], [3, 3], false),
    ([4, 5], [3, 2], false),
];
const SIZES: [[usize; 2]; 6] = [[5, 7], [16, 16], [33, 47], [8, 96], [6, 6], [5, 5]];

#[test]
fn windows_over_single_planes_meet_what_they_should() {
    for ([height, width], (window, stride, is_same)) in SIZES.into_iter().flat_map(|size| SLIDINGS.map(|sliding| (size, sliding))) {
        let (sliding, channels, what) = (Sliding { window, stride, is_same }, 3, format!("{height} × {width}, {window:?} by {stride:?}"));
        let (from, weights, bias) = (numbers(channels * height * width, 1), numbers(channels * window[0] * window[1], 2), numbers(channels, 3));
        let [down, across] = Window::of([height, width], sliding, 0.0).unwrap().out();
        let (mut filtered, mut largest) = (Vec::new(), Vec::new());
        for (channel, plane) in from.chunks(height * width).enumerate() {
            for place in (0..down).flat_map(|y| (0..across).map(move |x| [y, x])) {
                let taps = (0..window[0]).flat_map(|y| (0..window[1]).map(move |x| [y, x]));
                let seen: Vec<Option<f32>> = taps.map(|tap| met(plane, [height, width], sliding, place, tap)).collect();
                let weights = &weights[channel * seen.len()..];
                filtered.push(bias[channel] + seen.iter().zip(weights).map(|(seen, weight)| seen.unwrap_or(0.0) * weight).sum::<f32>());
                largest.push(seen.iter().flatten().copied().fold(f32::MIN, f32::max));
            }
        }
        let work = Work::Depthwise { weights, bias, window: Window::of([height, width], sliding, 0.0).unwrap() };
        near(&run(work, After::default(), from.clone(), Vec::new(), filtered.len()), &filtered, &what);
        let work = Work::Pool { channels, window: Window::of([height, width], sliding, f32::MIN).unwrap() };
        near(&run(work, After::default(), from, Vec::new(), largest.len()), &largest, &what);
    }
}

#[test]
fn filters_over_all_channels_are_sums_of_products() {
    let gemm = GemmExecutor::default();
    for (pixels, rows, channels) in [(1, 37, 5), (1, 288, 9), (9, 128, 128), (31, 4, 3), (32, 1, 8), (33, 16, 16), (144, 7, 30), (1_000, 28, 3)] {
        let (from, weights, bias) = (numbers(rows * pixels, 4), numbers(rows * channels, 5), numbers(channels, 6));
        // Fewer channels are added than there are.
        let present = channels - 1;
        let (added, slopes) = (numbers(present * pixels + 3, 7), numbers(channels, 8));
        let mut plain = Vec::new();
        for channel in 0..channels {
            for pixel in 0..pixels {
                let sum = bias[channel] + (0..rows).map(|row| weights[channel * rows + row] * from[row * pixels + pixel]).sum::<f32>();
                let sum = sum + if channel < present { added[channel * pixels + pixel] } else { 0.0 };
                plain.push(if sum > 0.0 { sum } else { sum * slopes[channel] });
            }
        }
        let filters = Filters::of(&gemm, &weights, bias, rows, pixels);
        let after = After { add: Some((1, present * pixels)), slopes: Some(slopes) };
        near(&run(Work::Blend { filters, pixels }, after, from, added, channels * pixels), &plain, &format!("{channels} × {rows} × {pixels}"));
    }
}

/// A graph of a picture of 4 × 4 with 2 channels and these operators; tensors 0 (the picture) to 5, 6: slopes, 7: pads.
fn graph(operators: &[(Kind, &[usize], usize)], channels: [usize; 6], output: usize) -> Graph {
    let tensor = |shape: Vec<usize>, constant| Tensor { shape, constant };
    let mut tensors: Vec<Tensor> = channels.into_iter().map(|channels| tensor(vec![1, 4, 4, channels], None)).collect();
    tensors.push(tensor(vec![1, 1, 2], Some(Constant::Floats(vec![0.5, 0.25]))));
    tensors.push(tensor(vec![4, 2], Some(Constant::Ints(vec![0, 0, 0, 0, 0, 0, 0, 1]))));
    let operators = operators.iter().map(|(kind, inputs, output)| Operator { kind: *kind, inputs: inputs.to_vec(), output: *output }).collect();
    Graph { tensors, operators, input: 0, outputs: vec![output] }
}

#[test]
fn what_does_not_fit_together_is_not_planned() {
    let add = Kind::Add { relu: false };
    let pool = Kind::MaxPool(Sliding { window: [1, 1], stride: [1, 1], is_same: true });
    // Twice as much, bent.
    let good = graph(&[(pool, &[0], 1), (add, &[0, 1], 2), (Kind::Prelu, &[2, 6], 3)], [2; 6], 3);
    let mut machine = plan::machine(&good).unwrap();
    machine.picture().copy_from_slice(&numbers(32, 9));
    machine.run().unwrap();
    let wanted: Vec<f32> = numbers(32, 9).iter().enumerate().map(|(at, value)| if *value > 0.0 { 2.0 * value } else { [1.0, 0.5][at / 16] * value }).collect();
    near(machine.answers().next().unwrap(), &wanted, "twice as much");
    for (why, operators, channels, output) in [
        ("adds to itself", vec![(add, &[0, 0][..], 1)], [2; 6], 1),
        ("adds other sizes", vec![(Kind::Pad, &[0, 7], 1), (pool, &[0], 2), (add, &[1, 2], 3)], [2, 3, 2, 3, 2, 2], 3),
        ("reads what nobody wrote", vec![(pool, &[4], 1)], [2; 6], 1),
        ("answers what nobody wrote", vec![(pool, &[0], 1)], [2; 6], 3),
        ("answers channels that are not there", vec![(Kind::Pad, &[0, 7], 1)], [2, 3, 2, 2, 2, 2], 1),
        ("slopes of other channels", vec![(Kind::Pad, &[0, 7], 1), (pool, &[1], 2), (Kind::Prelu, &[2, 6], 3)], [2, 3, 3, 3, 2, 2], 3),
        (
            "filters without weights",
            vec![(Kind::Conv { depthwise: true, sliding: Sliding { window: [1, 1], stride: [1, 1], is_same: true }, relu: false }, &[0], 1)],
            [2; 6],
            1,
        ),
        ("joins pictures", vec![(Kind::Concat { axis: 1 }, &[0, 0], 1)], [2; 6], 1),
    ] {
        assert!(plan::machine(&graph(&operators, channels, output)).is_none(), "{why}");
    }
}
