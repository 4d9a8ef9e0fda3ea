//! Reads the two networks as MediaPipe ships them: TensorFlow Lite flatbuffers with ten kinds of operators and half-precision
//! weights. Every offset is checked: a damaged file is `None`, never a panic.
//!
//! Field numbers are those of TensorFlow Lite's `schema.fbs`, version 3.

/// Bounds that both networks keep by far; what is beyond is damage.
const MOST_OPERATORS: usize = 2_000;
const MOST_ELEMENTS: usize = 4 << 20;
const LARGEST_WINDOW: usize = 16;

/// A constant.
#[derive(Debug, Clone)]
pub(super) enum Constant {
    /// Weights.
    Floats(Vec<f32>),
    /// Paddings and shapes.
    Ints(Vec<i32>),
}

/// A tensor: its shape, and its values when they are constant.
#[derive(Debug, Clone)]
pub(super) struct Tensor {
    /// At most four dimensions, each at least 1.
    pub(super) shape: Vec<usize>,
    /// Its values.
    pub(super) constant: Option<Constant>,
}

impl Tensor {
    fn elements(&self) -> usize {
        self.shape.iter().product()
    }
}

/// How a window slides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sliding {
    /// Down, across.
    pub(super) window: [usize; 2],
    /// Down, across.
    pub(super) stride: [usize; 2],
    /// Padding as TensorFlow's SAME; else none.
    pub(super) is_same: bool,
}

/// What an operator does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Convolution; `depthwise`: one filter per channel.
    Conv { depthwise: bool, sliding: Sliding, relu: bool },
    /// Largest value of a window.
    MaxPool(Sliding),
    /// Sum of two.
    Add { relu: bool },
    /// Leaky by channel.
    Prelu,
    /// Nothing below zero.
    Relu,
    /// Zeros around.
    Pad,
    /// Another shape.
    Reshape,
    /// One after the other along an axis.
    Concat { axis: usize },
}

/// One step of the network.
#[derive(Debug, Clone)]
pub(super) struct Operator {
    /// What.
    pub(super) kind: Kind,
    /// Of which tensors.
    pub(super) inputs: Vec<usize>,
    /// Into which.
    pub(super) output: usize,
}

/// A network.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    /// Its tensors.
    pub(super) tensors: Vec<Tensor>,
    /// Its steps, in order.
    pub(super) operators: Vec<Operator>,
    /// Where the picture goes in.
    pub(super) input: usize,
    /// What comes out.
    pub(super) outputs: Vec<usize>,
}

impl Graph {
    /// The graph in `bytes`.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let buffer = Buffer(bytes);
        let model = buffer.indirect(0)?;
        let codes: Vec<i32> = buffer.tables(model, 1)?.into_iter().map(|code| code_of(buffer, code)).collect::<Option<_>>()?;
        let graph = *buffer.tables(model, 2)?.first()?;
        let stores = buffer.tables(model, 4)?;
        let tensors = buffer.tables(graph, 0)?.into_iter().map(|tensor| buffer.tensor(tensor, &stores)).collect::<Option<Vec<_>>>()?;
        let mut read = Self { tensors, operators: Vec::new(), input: index(*buffer.ints(graph, 1)?.first()?)?, outputs: Vec::new() };
        read.outputs = buffer.ints(graph, 2)?.into_iter().map(index).collect::<Option<_>>()?;
        for operator in buffer.tables(graph, 3)? {
            let code = *codes.get(index(buffer.int(operator, 0, 0)?)?)?;
            read.add(buffer, code, operator)?;
        }
        let known = |tensor: &usize| *tensor < read.tensors.len();
        let is_whole = known(&read.input) && !read.outputs.is_empty() && read.outputs.iter().all(known);
        is_whole.then_some(read)
    }

    fn add(&mut self, buffer: Buffer<'_>, code: i32, operator: usize) -> Option<()> {
        let inputs = buffer.ints(operator, 1)?.into_iter().map(index).collect::<Option<Vec<_>>>()?;
        let output = index(*buffer.ints(operator, 2)?.first()?)?;
        if output >= self.tensors.len() || inputs.is_empty() || inputs.iter().any(|input| *input >= self.tensors.len()) {
            return None;
        }
        let options = buffer.offset(operator, 4);
        if code == DEQUANTIZE {
            let values = self.tensors[inputs[0]].constant.clone()?;
            if self.tensors[inputs[0]].elements() != self.tensors[output].elements() {
                return None;
            }
            self.tensors[output].constant = Some(values);
            return Some(());
        }
        let kind = self.kind(&Options { buffer, table: options }, code, &inputs)?;
        if self.operators.len() >= MOST_OPERATORS {
            return None;
        }
        self.operators.push(Operator { kind, inputs, output });
        Some(())
    }

    fn kind(&self, options: &Options<'_>, code: i32, inputs: &[usize]) -> Option<Kind> {
        Some(match code {
            ADD => Kind::Add { relu: options.relu(0)? },
            CONCATENATION => Kind::Concat { axis: index(options.int(0, 0)?)? },
            CONV_2D | DEPTHWISE_CONV_2D => {
                let depthwise = code == DEPTHWISE_CONV_2D;
                let [_, height, width, _] = self.tensors[*inputs.get(1)?].shape[..] else { return None };
                // Options of a depthwise convolution have the multiplier before the activation.
                let after = usize::from(depthwise);
                if [4, 5].into_iter().any(|dilation| options.int(dilation + after, 1) != Some(1)) || (depthwise && options.int(3, 1)? != 1) {
                    return None;
                }
                Kind::Conv { depthwise, sliding: options.sliding([height, width])?, relu: options.relu(3 + after)? }
            }
            MAX_POOL_2D => Kind::MaxPool(options.sliding([index(options.int(4, 1)?)?, index(options.int(3, 1)?)?])?),
            PRELU => Kind::Prelu,
            RELU => Kind::Relu,
            PAD => Kind::Pad,
            RESHAPE => Kind::Reshape,
            _ => return None,
        })
    }
}

const ADD: i32 = 0;
const CONCATENATION: i32 = 2;
const CONV_2D: i32 = 3;
const DEPTHWISE_CONV_2D: i32 = 4;
const DEQUANTIZE: i32 = 6;
const MAX_POOL_2D: i32 = 17;
const RELU: i32 = 19;
const RESHAPE: i32 = 22;
const PAD: i32 = 34;
const PRELU: i32 = 54;

fn code_of(buffer: Buffer<'_>, code: usize) -> Option<i32> {
    // Codes below 127 stand in a byte, as old readers expect them; newer ones in a field of their own.
    Some(i32::from(buffer.byte(code, 0, 0)?.cast_signed()).max(buffer.int(code, 3, 0)?))
}

fn index(value: i32) -> Option<usize> {
    usize::try_from(value).ok()
}

/// The options of an operator; an absent table means defaults.
struct Options<'a> {
    buffer: Buffer<'a>,
    table: Option<usize>,
}

impl Options<'_> {
    fn int(&self, field: usize, default: i32) -> Option<i32> {
        self.table.map_or(Some(default), |table| self.buffer.int(table, field, default))
    }

    fn byte(&self, field: usize) -> Option<u8> {
        self.table.map_or(Some(0), |table| self.buffer.byte(table, field, 0))
    }

    /// No activation or a rectifier; there are no others.
    fn relu(&self, field: usize) -> Option<bool> {
        match self.byte(field)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn sliding(&self, window: [usize; 2]) -> Option<Sliding> {
        let stride = [index(self.int(2, 1)?)?, index(self.int(1, 1)?)?];
        let is_sane = window.iter().chain(&stride).all(|side| (1..=LARGEST_WINDOW).contains(side));
        is_sane.then_some(Sliding { window, stride, is_same: self.byte(0)? == 0 })
    }
}

/// A flatbuffer: tables of fields found by number.
#[derive(Clone, Copy)]
struct Buffer<'a>(&'a [u8]);

impl<'a> Buffer<'a> {
    fn u16(self, at: usize) -> Option<usize> {
        Some(usize::from(u16::from_le_bytes(self.0.get(at..)?.first_chunk().copied()?)))
    }

    fn i32(self, at: usize) -> Option<i32> {
        Some(i32::from_le_bytes(self.0.get(at..)?.first_chunk().copied()?))
    }

    /// The place an offset at `at` points to.
    fn indirect(self, at: usize) -> Option<usize> {
        at.checked_add(index(self.i32(at)?)?).filter(|place| *place < self.0.len())
    }

    fn field(self, table: usize, field: usize) -> Option<usize> {
        let fields = usize::try_from(i64::try_from(table).ok()? - i64::from(self.i32(table)?)).ok()?;
        let slot = 4 + 2 * field;
        if slot >= self.u16(fields)? {
            return None;
        }
        match self.u16(fields.checked_add(slot)?)? {
            0 => None,
            inside => table.checked_add(inside),
        }
    }

    fn int(self, table: usize, field: usize, default: i32) -> Option<i32> {
        self.field(table, field).map_or(Some(default), |at| self.i32(at))
    }

    fn byte(self, table: usize, field: usize, default: u8) -> Option<u8> {
        self.field(table, field).map_or(Some(default), |at| self.0.get(at).copied())
    }

    fn offset(self, table: usize, field: usize) -> Option<usize> {
        self.indirect(self.field(table, field)?)
    }

    /// The bytes of a vector of `size`-byte elements; empty when the field is absent.
    fn vector(self, table: usize, field: usize, size: usize) -> Option<(usize, &'a [u8])> {
        let Some(at) = self.field(table, field) else { return Some((0, &[])) };
        let at = self.indirect(at)?;
        let bytes = index(self.i32(at)?)?.checked_mul(size)?;
        Some((at + 4, self.0.get(at.checked_add(4)?..)?.get(..bytes)?))
    }

    fn ints(self, table: usize, field: usize) -> Option<Vec<i32>> {
        Some(ints(self.vector(table, field, 4)?.1))
    }

    fn tables(self, table: usize, field: usize) -> Option<Vec<usize>> {
        let (at, bytes) = self.vector(table, field, 4)?;
        (0..bytes.len() / 4).map(|number| self.indirect(at + 4 * number)).collect()
    }

    fn tensor(self, tensor: usize, stores: &[usize]) -> Option<Tensor> {
        let shape = self.ints(tensor, 0)?.into_iter().map(index).collect::<Option<Vec<_>>>()?;
        let elements = shape.iter().try_fold(1_usize, |all, side| all.checked_mul(*side))?;
        if shape.len() > 4 || !(1..=MOST_ELEMENTS).contains(&elements) {
            return None;
        }
        let store = *stores.get(index(self.int(tensor, 2, 0)?)?)?;
        let (_, raw) = self.vector(store, 0, 1)?;
        let constant = match (raw.is_empty(), self.byte(tensor, 1, 0)?) {
            (true, _) => None,
            (_, 0) => Some(Constant::Floats(raw.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect())),
            (_, 1) => Some(Constant::Floats(raw.as_chunks().0.iter().map(|two| single(u16::from_le_bytes(*two))).collect())),
            (_, 2) => Some(Constant::Ints(ints(raw))),
            _ => return None,
        };
        let count = match &constant {
            None => elements,
            Some(Constant::Floats(values)) => values.len(),
            Some(Constant::Ints(values)) => values.len(),
        };
        (count == elements).then_some(Tensor { shape, constant })
    }
}

fn ints(bytes: &[u8]) -> Vec<i32> {
    bytes.as_chunks().0.iter().map(|four| i32::from_le_bytes(*four)).collect()
}

/// IEEE 754 half to single precision; infinities and NaN do not occur in weights and become large numbers.
fn single(half: u16) -> f32 {
    let (sign, exponent, mantissa) = (u32::from(half >> 15) << 31, u32::from(half >> 10) & 31, u32::from(half & 1023));
    if exponent == 0 {
        let tiny = f32::from(half & 1023) / 16_777_216.0;
        return if sign == 0 { tiny } else { -tiny };
    }
    f32::from_bits(sign | ((exponent + 112) << 23) | (mantissa << 13))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_become_singles() {
        for (half, value) in [(0x3C00, 1.0), (0xC000, -2.0), (0x3555, 0.333_251_95), (0x0001, 5.960_464_5e-8), (0x8000, -0.0), (0x7BFF, 65_504.0)] {
            assert!((single(half) - value).abs() <= value.abs() * 1e-6, "{half:#06x}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for bytes in [&[][..], &[0; 3], &[0; 64], &[255; 64], &[4, 0, 0, 0, 252, 255, 255, 255], b"TFL3TFL3TFL3"] {
            assert!(Graph::read(bytes).is_none(), "{bytes:?}");
        }
    }
}
