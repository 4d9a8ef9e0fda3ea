//! Plans a graph: every shape is checked here, every buffer is given its place, and what follows a convolution (a sum, a
//! rectifier) is done in the same step. What does not fit together is `None`: a [`Machine`] that was planned cannot fail.
//!
//! Pictures stand plane by plane (channel, row, column) in buffers that are used again as soon as nobody needs them.

use rten_gemm::GemmExecutor;

use super::{
    machine::{After, Filters, Machine, Step, Work},
    tflite::{Constant, Graph, Kind, Operator, Sliding},
    turn,
    window::Window,
};

/// Numbers of all buffers together; both networks keep far below.
const MOST_NUMBERS: usize = 16 << 20;

/// The machine of `graph`; `None` when the graph is not of the kind this door knows.
pub(super) fn machine(graph: &Graph) -> Option<Machine> {
    let mut planner = Planner::of(graph)?;
    let mut number = 0;
    while number < graph.operators.len() {
        number += planner.plan(number)?;
    }
    planner.finish()
}

/// Where a tensor stands: a picture, or the same numbers pixel by pixel once it is flat.
#[derive(Debug, Clone, Copy)]
struct Value {
    slot: usize,
    channels: usize,
    height: usize,
    width: usize,
    /// Channels that are there; those after them are zeros nobody wrote down.
    present: usize,
    is_flat: bool,
}

impl Value {
    fn pixels(&self) -> usize {
        self.height * self.width
    }

    fn is_whole_picture(&self) -> bool {
        !self.is_flat && self.present == self.channels
    }
}

struct Planner<'a> {
    graph: &'a Graph,
    values: Vec<Option<Value>>,
    /// How often each tensor is read.
    uses: Vec<usize>,
    /// Numbers of each buffer.
    sizes: Vec<usize>,
    /// Reads of each buffer that are still to come.
    held: Vec<usize>,
    steps: Vec<Step>,
    gemm: GemmExecutor,
}

impl<'a> Planner<'a> {
    fn of(graph: &'a Graph) -> Option<Self> {
        let mut uses = vec![0; graph.tensors.len()];
        for tensor in graph.operators.iter().flat_map(|operator| &operator.inputs).chain(&graph.outputs) {
            *uses.get_mut(*tensor)? += 1;
        }
        let (values, steps) = (vec![None; graph.tensors.len()], Vec::new());
        let mut planner = Self { graph, values, uses, sizes: Vec::new(), held: Vec::new(), steps, gemm: GemmExecutor::default() };
        let [1, height, width, channels] = graph.tensors.get(graph.input)?.shape[..] else { return None };
        planner.put(graph.input, [channels, height, width])?;
        Some(planner)
    }

    /// Plans operator `number` and what is done with it in one step; how many operators that are.
    fn plan(&mut self, number: usize) -> Option<usize> {
        let operator = self.graph.operators.get(number)?;
        let first = *operator.inputs.first()?;
        match operator.kind {
            Kind::Conv { depthwise, sliding, relu } => {
                let from = self.picture(first)?;
                let (work, shape) = if depthwise { self.depthwise(operator, &from, sliding)? } else { self.dense(operator, &from, sliding)? };
                self.place(number, work, from, shape, relu)
            }
            Kind::MaxPool(sliding) => {
                let from = self.picture(first)?;
                let window = Window::of([from.height, from.width], sliding, f32::MIN)?;
                let shape = [from.channels, window.out()[0], window.out()[1]];
                self.place(number, Work::Pool { channels: from.channels, window }, from, shape, false)
            }
            Kind::Add { relu } => self.add(number, operator, relu),
            Kind::Prelu | Kind::Relu => {
                let value = self.moved(first, operator.output)?;
                let slopes = self.slopes(operator, value.channels)?;
                self.mix(value, After { add: None, slopes: Some(slopes) });
                Some(1)
            }
            Kind::Pad => self.pad(operator),
            Kind::Reshape => self.reshape(operator),
            Kind::Concat { axis: 1 } => self.concat(operator),
            Kind::Concat { .. } => None,
        }
    }

    /// A step from one buffer into another, with what follows it.
    fn place(&mut self, number: usize, work: Work, from: Value, shape: [usize; 3], relu: bool) -> Option<usize> {
        let operator = self.graph.operators.get(number)?;
        let value = self.put(operator.output, shape)?;
        self.read(from.slot);
        let mut after = After { add: None, slopes: relu.then(|| vec![0.0; value.channels]) };
        let mut taken = 1;
        if !relu && let Some(next) = self.only_next(number) {
            // A rectifier that alone reads what comes out is done in passing.
            after.slopes = Some(self.slopes(next, value.channels)?);
            self.rename(operator.output, next.output)?;
            taken = 2;
        }
        self.steps.push(Step { work, from: from.slot, to: value.slot, numbers: value.channels * value.pixels(), after });
        Some(taken)
    }

    /// Adds one picture to another, in the buffer of the one that nobody needs any more.
    fn add(&mut self, number: usize, operator: &Operator, relu: bool) -> Option<usize> {
        let &[a, b] = &operator.inputs[..] else { return None };
        let dies = |planner: &Self, tensor: usize| {
            let value = planner.values.get(tensor).copied().flatten()?;
            (value.is_whole_picture() && planner.held[value.slot] == 1).then_some(value)
        };
        let (kept, other) = if dies(self, b).is_some() { (b, a) } else { (a, b) };
        let other = self.values.get(other).copied().flatten().filter(|other| !other.is_flat)?;
        let size = |value: &Value| (value.channels, value.height, value.width);
        if size(&dies(self, kept)?) != size(&other) || other.slot == dies(self, kept)?.slot {
            return None;
        }
        let value = self.moved(kept, operator.output)?;
        self.read(other.slot);
        let (mut slopes, mut taken) = (relu.then(|| vec![0.0; value.channels]), 1);
        if !relu && let Some(next) = self.only_next(number) {
            slopes = Some(self.slopes(next, value.channels)?);
            self.rename(operator.output, next.output)?;
            taken = 2;
        }
        let after = After { add: Some((other.slot, other.present * other.pixels())), slopes };
        match self.steps.last_mut() {
            // What was added to has just been written: both are done in one step.
            Some(step) if step.to == value.slot && step.after.is_nothing() => step.after = after,
            _ => self.mix(value, after),
        }
        Some(taken)
    }

    fn mix(&mut self, value: Value, after: After) {
        self.steps.push(Step { work: Work::Nothing, from: value.slot, to: value.slot, numbers: value.channels * value.pixels(), after });
    }

    /// More channels, of zeros: they are remembered, not written.
    fn pad(&mut self, operator: &Operator) -> Option<usize> {
        let from = self.picture(*operator.inputs.first()?)?;
        let Some(Constant::Ints(pads)) = &self.graph.tensors.get(*operator.inputs.get(1)?)?.constant else { return None };
        let &[0, 0, 0, 0, 0, 0, 0, more @ 0..=1024] = &pads[..] else { return None };
        let value = Value { channels: from.channels + usize::try_from(more).ok()?, ..from };
        self.held[from.slot] += self.uses[operator.output];
        self.read(from.slot);
        self.set(operator.output, value)?;
        Some(1)
    }

    /// The same numbers pixel by pixel.
    fn reshape(&mut self, operator: &Operator) -> Option<usize> {
        let from = self.picture(*operator.inputs.first()?)?;
        let elements = self.graph.tensors.get(operator.output)?.shape.iter().try_fold(1_usize, |all, side| all.checked_mul(*side))?;
        if elements != from.channels * from.pixels() {
            return None;
        }
        let value = self.put(operator.output, [from.channels, from.height, from.width])?;
        self.read(from.slot);
        self.set(operator.output, Value { is_flat: true, ..value })?;
        let work = Work::Turn { channels: from.channels, pixels: from.pixels() };
        self.steps.push(Step { work, from: from.slot, to: value.slot, numbers: elements, after: After::default() });
        Some(1)
    }

    /// Flat ones, one after the other.
    fn concat(&mut self, operator: &Operator) -> Option<usize> {
        let parts =
            operator.inputs.iter().map(|tensor| self.values.get(*tensor).copied().flatten().filter(|value| value.is_flat)).collect::<Option<Vec<_>>>()?;
        let is_one = |tensor: &usize| self.graph.tensors.get(*tensor).is_some_and(|tensor| tensor.shape.first() == Some(&1));
        if !operator.inputs.iter().all(is_one) {
            return None;
        }
        let lengths: Vec<usize> = parts.iter().map(|part| part.channels * part.pixels()).collect();
        let numbers = lengths.iter().sum();
        let value = self.put(operator.output, [numbers, 1, 1])?;
        self.set(operator.output, Value { is_flat: true, ..value })?;
        let first = parts.first()?.slot;
        let work = Work::Join { parts: parts.iter().map(|part| part.slot).zip(lengths).collect() };
        for part in parts {
            self.read(part.slot);
        }
        self.steps.push(Step { work, from: first, to: value.slot, numbers, after: After::default() });
        Some(1)
    }

    /// One filter per channel.
    fn depthwise(&self, operator: &Operator, from: &Value, sliding: Sliding) -> Option<(Work, [usize; 3])> {
        let (weights, shape) = self.floats(*operator.inputs.get(1)?)?;
        let bias = self.floats(*operator.inputs.get(2)?)?.0.to_vec();
        let &[1, height, width, channels] = shape else { return None };
        if channels != from.channels || bias.len() != channels || [height, width] != sliding.window {
            return None;
        }
        let window = Window::of([from.height, from.width], sliding, 0.0)?;
        let [down, across] = window.out();
        Some((Work::Depthwise { weights: turn(weights, [1, height, width, channels], [3, 0, 1, 2]), bias, window }, [channels, down, across]))
    }

    /// Filters over all channels: one product of matrices.
    fn dense(&self, operator: &Operator, from: &Value, sliding: Sliding) -> Option<(Work, [usize; 3])> {
        let (weights, shape) = self.floats(*operator.inputs.get(1)?)?;
        let bias = self.floats(*operator.inputs.get(2)?)?.0.to_vec();
        let &[outer, height, width, inner] = shape else { return None };
        if inner != from.channels || bias.len() != outer || [height, width] != sliding.window {
            return None;
        }
        let rows = inner * height * width;
        let turned = turn(weights, [outer, height, width, inner], [0, 3, 1, 2]);
        if sliding.window == [1, 1] && sliding.stride == [1, 1] {
            let filters = Filters::of(&self.gemm, &turned, bias, rows, from.pixels());
            return Some((Work::Blend { filters, pixels: from.pixels() }, [outer, from.height, from.width]));
        }
        let window = Window::of([from.height, from.width], sliding, 0.0)?;
        let [down, across] = window.out();
        let columns = rows.checked_mul(down * across).filter(|numbers| *numbers <= MOST_NUMBERS)?;
        let filters = Filters::of(&self.gemm, &turned, bias, rows, down * across);
        Some((Work::Conv { filters, channels: inner, columns: vec![0.0; columns], window }, [outer, down, across]))
    }

    /// The operator after `number`, when it is a rectifier and the only one that reads its output.
    fn only_next(&self, number: usize) -> Option<&'a Operator> {
        let output = self.graph.operators.get(number)?.output;
        let next = self.graph.operators.get(number + 1)?;
        (self.uses[output] == 1 && next.inputs.first() == Some(&output) && matches!(next.kind, Kind::Relu | Kind::Prelu)).then_some(next)
    }

    fn slopes(&self, operator: &Operator, channels: usize) -> Option<Vec<f32>> {
        let slopes = match operator.kind {
            Kind::Prelu => self.floats(*operator.inputs.get(1)?)?.0.to_vec(),
            _ => vec![0.0; channels],
        };
        (slopes.len() == channels).then_some(slopes)
    }

    fn floats(&self, tensor: usize) -> Option<(&'a [f32], &'a [usize])> {
        let tensor = self.graph.tensors.get(tensor)?;
        match &tensor.constant {
            Some(Constant::Floats(values)) => Some((values, &tensor.shape)),
            _ => None,
        }
    }

    fn picture(&self, tensor: usize) -> Option<Value> {
        self.values.get(tensor).copied().flatten().filter(Value::is_whole_picture)
    }

    /// Gives a new tensor a buffer: the smallest free one that is large enough.
    fn put(&mut self, tensor: usize, [channels, height, width]: [usize; 3]) -> Option<Value> {
        let numbers = channels.checked_mul(height)?.checked_mul(width)?;
        let free = (0..self.sizes.len()).filter(|slot| self.held[*slot] == 0 && self.sizes[*slot] >= numbers).min_by_key(|slot| self.sizes[*slot]);
        let slot = free.unwrap_or(self.sizes.len());
        if free.is_none() {
            self.sizes.push(numbers);
            self.held.push(0);
        }
        if numbers == 0 || self.sizes.iter().sum::<usize>() > MOST_NUMBERS {
            return None;
        }
        self.held[slot] = *self.uses.get(tensor)?;
        let value = Value { slot, channels, height, width, present: channels, is_flat: false };
        self.set(tensor, value)?;
        Some(value)
    }

    fn set(&mut self, tensor: usize, value: Value) -> Option<()> {
        *self.values.get_mut(tensor)? = Some(value);
        Some(())
    }

    fn read(&mut self, slot: usize) {
        self.held[slot] = self.held[slot].saturating_sub(1);
    }

    /// The picture `from` becomes `to` where it stands; nobody else may need it.
    fn moved(&mut self, from: usize, to: usize) -> Option<Value> {
        let value = self.picture(from).filter(|value| self.held[value.slot] == 1)?;
        self.held[value.slot] = *self.uses.get(to)?;
        self.set(to, value)?;
        Some(value)
    }

    fn rename(&mut self, from: usize, to: usize) -> Option<()> {
        self.moved(from, to).map(drop)
    }

    fn finish(self) -> Option<Machine> {
        let input = self.values.get(self.graph.input).copied().flatten()?;
        let outputs = self.graph.outputs.iter().map(|output| {
            let value = self.values.get(*output).copied().flatten().filter(|value| value.is_flat || value.is_whole_picture())?;
            Some((value.slot, value.channels * value.pixels()))
        });
        let outputs = outputs.collect::<Option<Vec<_>>>()?;
        let slots = self.sizes.into_iter().map(|numbers| vec![0.0; numbers]).collect();
        Some(Machine { slots, steps: self.steps, input: (input.slot, input.channels * input.pixels()), outputs })
    }
}
