//! Learning by gradients (Adam) on fresh windows; two threads whose sums are added in a fixed order.

use ocrb::net::{C1, C2, CLASSES, DENSE, FLAT, Flow, H1, HIGH, LETTERS, NOTHING, Net, PARTS, W1, W2, WEIGHTS, WIDE, Window};

use crate::{chance::Chance, draw::Pen};

const HALF: usize = 32;

/// Weights, their moments and the number of steps made.
pub(crate) struct Pupil {
    net: Net,
    mean: Vec<f32>,
    square: Vec<f32>,
    steps: i32,
}

/// What a batch says.
pub(crate) struct Lesson {
    gradient: Vec<f32>,
    loss: f32,
    right: usize,
}

impl Pupil {
    pub(crate) fn new(chance: &mut Chance) -> Self {
        let mut weights = vec![0.0; WEIGHTS];
        for (part, inputs) in [(0, 25), (2, 9 * C1), (4, FLAT), (6, DENSE)] {
            let deviation = (2.0 / inputs as f32).sqrt();
            for weight in &mut weights[PARTS[part].0..PARTS[part].0 + PARTS[part].1] {
                *weight = chance.normal(deviation);
            }
        }
        Self { net: Net::new(weights).expect("the right count"), mean: vec![0.0; WEIGHTS], square: vec![0.0; WEIGHTS], steps: 0 }
    }

    pub(crate) fn net(&self) -> &Net {
        &self.net
    }

    /// One step on 64 windows; answers loss and share of right answers.
    pub(crate) fn step(&mut self, pen: &Pen, chance: &mut Chance, rate: f32) -> (f32, f32) {
        let (mut one, mut two) = (Chance::new(chance.bits()), Chance::new(chance.bits()));
        let net = &self.net;
        let (a, b) = std::thread::scope(|scope| {
            let other = scope.spawn(move || lesson(net, pen, &mut one));
            let own = lesson(net, pen, &mut two);
            (other.join().expect("no panic"), own)
        });
        self.steps += 1;
        let (fade_mean, fade_square) = (1.0 - 0.9f32.powi(self.steps), 1.0 - 0.999f32.powi(self.steps));
        let count = (2 * HALF) as f32;
        for (n, weight) in self.net.weights_mut().iter_mut().enumerate() {
            let slope = (a.gradient[n] + b.gradient[n]) / count + 1e-5 * *weight;
            self.mean[n] = 0.9 * self.mean[n] + 0.1 * slope;
            self.square[n] = 0.999 * self.square[n] + 0.001 * slope * slope;
            *weight -= rate * (self.mean[n] / fade_mean) / ((self.square[n] / fade_square).sqrt() + 1e-7);
        }
        ((a.loss + b.loss) / count, (a.right + b.right) as f32 / count)
    }
}

/// Which class to show: fillers and "nothing" more often than the others.
pub(crate) fn class(chance: &mut Chance) -> usize {
    match chance.below(46) {
        n @ 0..=36 => n,
        37 | 38 => 36,
        39 | 40 => *[0usize, 24, 1, 18].get(chance.below(4)).unwrap_or(&0),
        _ => NOTHING,
    }
}

fn lesson(net: &Net, pen: &Pen, chance: &mut Chance) -> Lesson {
    let mut lesson = Lesson { gradient: vec![0.0; WEIGHTS], loss: 0.0, right: 0 };
    let mut flow = Flow::default();
    let mut back = Back::default();
    for _ in 0..HALF {
        let class = class(chance);
        let window = pen.window(class, chance);
        net.look(&window, &mut flow);
        lesson.loss -= flow.out[class];
        lesson.right += usize::from(best(&flow.out) == class);
        back.add(net, &window, &flow, class, &mut lesson.gradient);
    }
    lesson
}

pub(crate) fn best(out: &[f32; CLASSES]) -> usize {
    (0..CLASSES).max_by(|a, b| out[*a].total_cmp(&out[*b])).unwrap_or(0)
}

/// The way back through the layers.
struct Back {
    second: Vec<f32>,
    first: Vec<f32>,
}

impl Default for Back {
    fn default() -> Self {
        Self { second: vec![0.0; FLAT], first: vec![0.0; W1 * H1 * C1] }
    }
}

/// Share of the target given to the other classes, so that the network stays modest.
const MODESTY: f32 = 0.02;

impl Back {
    fn add(&mut self, net: &Net, window: &Window, flow: &Flow, class: usize, gradient: &mut [f32]) {
        let weights = net.weights();
        let mut out = [0.0f32; CLASSES];
        for n in 0..CLASSES {
            let wanted = if n == class { 1.0 - MODESTY } else { MODESTY / (CLASSES - 1) as f32 };
            out[n] = flow.out[n].exp() - wanted;
        }
        let mut hidden = [0.0f32; DENSE];
        for n in 0..DENSE {
            if flow.dense[n] > 0.0 {
                let row = PARTS[6].0 + n * CLASSES;
                hidden[n] = (0..CLASSES).map(|k| out[k] * weights[row + k]).sum();
                for k in 0..CLASSES {
                    gradient[row + k] += flow.dense[n] * out[k];
                }
            }
        }
        add(&mut gradient[PARTS[7].0..], &out);
        add(&mut gradient[PARTS[5].0..], &hidden);
        for n in 0..FLAT {
            self.second[n] = 0.0;
            if flow.second[n] > 0.0 {
                let row = PARTS[4].0 + n * DENSE;
                let (weights, slopes) = (&weights[row..row + DENSE], &mut gradient[row..row + DENSE]);
                let mut sum = 0.0;
                for k in 0..DENSE {
                    sum += hidden[k] * weights[k];
                    slopes[k] += flow.second[n] * hidden[k];
                }
                self.second[n] = sum;
            }
        }
        self.first.fill(0.0);
        convolved::<C1, C2, 3>(&flow.first, (W1, H1), &weights[PARTS[2].0..], &self.second, gradient, (PARTS[2].0, PARTS[3].0), Some(&mut self.first));
        for (slope, value) in self.first.iter_mut().zip(&flow.first) {
            if *value <= 0.0 {
                *slope = 0.0;
            }
        }
        convolved::<1, C1, 5>(window, (WIDE, HIGH), &weights[PARTS[0].0..], &self.first, gradient, (PARTS[0].0, PARTS[1].0), None);
        debug_assert_eq!(self.second.len(), W2 * (H1 / 2) * C2);
    }
}

fn add(to: &mut [f32], values: &[f32]) {
    for (to, value) in to.iter_mut().zip(values) {
        *to += value;
    }
}

/// The way back through a convolution of stride 2.
fn convolved<const IN: usize, const OUT: usize, const K: usize>(
    input: &[f32],
    (width, height): (usize, usize),
    weights: &[f32],
    slopes: &[f32],
    gradient: &mut [f32],
    (at_weights, at_bias): (usize, usize),
    mut before: Option<&mut Vec<f32>>,
) {
    let mut from = slopes.chunks_exact(OUT);
    for y in (0..height).step_by(2) {
        for x in (0..width).step_by(2) {
            let Some(slopes) = from.next() else { return };
            if slopes.iter().all(|slope| *slope == 0.0) {
                continue;
            }
            add(&mut gradient[at_bias..at_bias + OUT], slopes);
            for row in 0..K {
                let Some(at_y) = (y + row).checked_sub(K / 2).filter(|at| *at < height) else { continue };
                for column in 0..K {
                    let Some(at_x) = (x + column).checked_sub(K / 2).filter(|at| *at < width) else { continue };
                    let pixel = (at_y * width + at_x) * IN;
                    let tap = (row * K + column) * IN * OUT;
                    for n in 0..IN {
                        let (value, at) = (input[pixel + n], tap + n * OUT);
                        let row = &mut gradient[at_weights + at..at_weights + at + OUT];
                        for k in 0..OUT {
                            row[k] += value * slopes[k];
                        }
                        if let Some(before) = before.as_deref_mut() {
                            let weights = &weights[at..at + OUT];
                            before[pixel + n] += (0..OUT).map(|k| slopes[k] * weights[k]).sum::<f32>();
                        }
                    }
                }
            }
        }
    }
}

/// Share of right answers on windows never learnt from.
pub(crate) fn examined(net: &Net, pen: &Pen, chance: &mut Chance, count: usize) -> (f32, Vec<(u8, u8, usize)>) {
    let mut flow = Flow::default();
    let mut right = 0;
    let mut mistakes = std::collections::BTreeMap::new();
    for _ in 0..count {
        let class = class(chance);
        net.look(&pen.window(class, chance), &mut flow);
        let answer = best(&flow.out);
        right += usize::from(answer == class);
        if answer != class {
            let name = |class: usize| LETTERS.get(class).copied().unwrap_or(b'_');
            *mistakes.entry((name(class), name(answer))).or_insert(0) += 1;
        }
    }
    let mut mistakes: Vec<(u8, u8, usize)> = mistakes.into_iter().map(|((class, answer), count)| (class, answer, count)).collect();
    mistakes.sort_by_key(|mistake| std::cmp::Reverse(mistake.2));
    (right as f32 / count as f32, mistakes)
}
