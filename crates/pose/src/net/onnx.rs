//! Writes a [`Graph`] as ONNX, the form the runtime takes: pictures stand channel by channel (NCHW) instead of pixel by
//! pixel (NHWC), everything else stays as it is.
//!
//! Field numbers are those of ONNX's `onnx.proto3`; operators are those of version 17.

use std::collections::HashSet;

use super::tflite::{Constant, Graph, Kind, Operator, Sliding, Tensor};

/// The ONNX model of `graph`; `None` when the graph is not of the kind this door knows.
pub(super) fn write(graph: &Graph) -> Option<Vec<u8>> {
    let [1, height, width, channels] = graph.tensors.get(graph.input)?.shape[..] else { return None };
    let mut writer = Writer { graph, body: Message::default(), flat: HashSet::new() };
    for (number, operator) in graph.operators.iter().enumerate() {
        writer.operator(number, operator)?;
    }
    let mut body = writer.finish()?;
    body.text(2, "net").message(11, &value_info(&name(graph.input), &[1, channels, height, width]));
    let mut model = Message::default();
    model.int(1, 9).message(7, &body).message(8, Message::default().text(1, "").int(2, 17));
    Some(model.0)
}

const FLOAT: i64 = 1;
const INT64: i64 = 7;

struct Writer<'a> {
    graph: &'a Graph,
    body: Message,
    /// Tensors that left the shape of a picture.
    flat: HashSet<usize>,
}

impl Writer<'_> {
    fn operator(&mut self, number: usize, operator: &Operator) -> Option<()> {
        let (inputs, output) = (&operator.inputs, name(operator.output));
        let first = name(inputs[0]);
        match operator.kind {
            Kind::Conv { depthwise, sliding, relu } => {
                let out = activated(&output, relu);
                let (weights, bias) = (self.filters(number, *inputs.get(1)?, depthwise)?, self.floats(*inputs.get(2)?)?.to_vec());
                let bias = self.constant(&format!("b{number}"), &[bias.len()], &bias);
                let group = if depthwise { *self.shape(inputs[0])?.last()? } else { 1 };
                let pads = self.pads(inputs[0], operator.output, sliding)?;
                let mut node = node("Conv", &[&first, &weights, &bias], &out);
                node.attribute_ints("strides", &sliding.stride).attribute_ints("pads", &pads).attribute_ints("kernel_shape", &sliding.window);
                node.attribute_int("group", group);
                self.body.message(1, &node);
                self.rectified(&output, relu);
            }
            Kind::MaxPool(sliding) => {
                let pads = self.pads(inputs[0], operator.output, sliding)?;
                let mut node = node("MaxPool", &[&first], &output);
                node.attribute_ints("strides", &sliding.stride).attribute_ints("pads", &pads).attribute_ints("kernel_shape", &sliding.window);
                self.body.message(1, &node);
            }
            Kind::Add { relu } => {
                let out = activated(&output, relu);
                self.body.message(1, &node("Add", &[&first, &name(*inputs.get(1)?)], &out));
                self.rectified(&output, relu);
            }
            Kind::Prelu => {
                let slopes = self.floats(*inputs.get(1)?)?.to_vec();
                let slopes = self.constant(&format!("a{number}"), &[slopes.len(), 1, 1], &slopes);
                self.body.message(1, &node("PRelu", &[&first, &slopes], &output));
            }
            Kind::Relu => self.rectify(&first, &output),
            Kind::Pad => {
                let Some(Constant::Ints(pads)) = &self.tensor(*inputs.get(1)?)?.constant else { return None };
                let &[n0, n1, h0, h1, w0, w1, c0, c1] = &pads[..] else { return None };
                let pads = [n0, c0, h0, w0, n1, c1, h1, w1].map(i64::from);
                // Only the planes grow, and channels: nothing is cut off, nothing grows beyond reason.
                if pads.iter().any(|pad| !(0..=1024).contains(pad)) {
                    return None;
                }
                let pads = self.ints(&format!("p{number}"), &pads);
                self.body.message(1, node("Pad", &[&first, &pads], &output).attribute_text("mode", "constant"));
            }
            Kind::Reshape => self.reshape(number, inputs[0], operator.output)?,
            Kind::Concat { axis } => {
                if !inputs.iter().all(|input| self.flat.contains(input)) || axis > 3 {
                    return None;
                }
                let names: Vec<String> = inputs.iter().map(|input| name(*input)).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                self.body.message(1, node("Concat", &names, &output).attribute_int("axis", axis));
                self.flat.insert(operator.output);
            }
        }
        Some(())
    }

    /// A shape is meant pixel by pixel.
    fn reshape(&mut self, number: usize, from: usize, to: usize) -> Option<()> {
        let shape = self.shape(to)?.iter().map(|side| i64::try_from(*side).ok()).collect::<Option<Vec<_>>>()?;
        let mut source = name(from);
        if !self.flat.contains(&from) && matches!(self.shape(from)?, [_, height, width, _] if height * width > 1) {
            let turned = format!("{source}_hwc");
            self.body.message(1, node("Transpose", &[&source], &turned).attribute_ints("perm", &[0, 2, 3, 1]));
            source = turned;
        }
        let shape = self.ints(&format!("s{number}"), &shape);
        self.body.message(1, &node("Reshape", &[&source, &shape], &name(to)));
        self.flat.insert(to);
        Some(())
    }

    /// Names what comes out; what does not is no concern of anybody.
    fn finish(mut self) -> Option<Message> {
        for output in &self.graph.outputs {
            let shape = self.shape(*output)?.to_vec();
            let info = match (self.flat.contains(output), &shape[..]) {
                (false, &[n, height, width, channels]) => value_info(&name(*output), &[n, channels, height, width]),
                _ => value_info(&name(*output), &shape),
            };
            self.body.message(12, &info);
        }
        Some(self.body)
    }

    fn tensor(&self, tensor: usize) -> Option<&Tensor> {
        self.graph.tensors.get(tensor)
    }

    fn shape(&self, tensor: usize) -> Option<&[usize]> {
        Some(&self.tensor(tensor)?.shape)
    }

    fn floats(&self, tensor: usize) -> Option<&[f32]> {
        match &self.tensor(tensor)?.constant {
            Some(Constant::Floats(values)) => Some(values),
            _ => None,
        }
    }

    /// Filters: out, in, down, across; those of a depthwise convolution have their channel first.
    fn filters(&mut self, number: usize, weights: usize, depthwise: bool) -> Option<String> {
        let values = self.floats(weights)?;
        let &[outer, height, width, inner] = self.shape(weights)? else { return None };
        let (shape, turned) = if depthwise {
            ([inner, outer, height, width], turn(values, [outer, height, width, inner], [3, 0, 1, 2]))
        } else {
            ([outer, inner, height, width], turn(values, [outer, height, width, inner], [0, 3, 1, 2]))
        };
        Some(self.constant(&format!("w{number}"), &shape, &turned))
    }

    /// TensorFlow's SAME: as many windows as the output has places, the odd pixel at the end.
    fn pads(&self, from: usize, to: usize, sliding: Sliding) -> Option<[usize; 4]> {
        if !sliding.is_same {
            return Some([0; 4]);
        }
        let (&[_, height, width, _], &[_, out_height, out_width, _]) = (self.shape(from)?, self.shape(to)?) else { return None };
        let along = |size: usize, places: usize, axis: usize| ((places - 1) * sliding.stride[axis] + sliding.window[axis]).saturating_sub(size);
        let (down, across) = (along(height, out_height, 0), along(width, out_width, 1));
        let pads = [down / 2, across / 2, down - down / 2, across - across / 2];
        pads.iter().all(|pad| *pad < 64).then_some(pads)
    }

    fn rectified(&mut self, output: &str, relu: bool) {
        if relu {
            self.rectify(&format!("{output}_linear"), output);
        }
    }

    fn rectify(&mut self, from: &str, to: &str) {
        self.body.message(1, &node("Relu", &[from], to));
    }

    fn constant(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        self.body.constant(name, shape, values)
    }

    fn ints(&mut self, name: &str, values: &[i64]) -> String {
        self.body.ints(name, values)
    }
}

/// `values` of `shape` with its axes in another `order`.
pub(super) fn turn(values: &[f32], shape: [usize; 4], order: [usize; 4]) -> Vec<f32> {
    let strides = [shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1];
    let mut turned = Vec::with_capacity(values.len());
    for a in 0..shape[order[0]] {
        for b in 0..shape[order[1]] {
            for c in 0..shape[order[2]] {
                let base = a * strides[order[0]] + b * strides[order[1]] + c * strides[order[2]];
                turned.extend((0..shape[order[3]]).map(|d| values[base + d * strides[order[3]]]));
            }
        }
    }
    turned
}

/// Where an operator writes that is rectified afterwards.
fn activated(output: &str, relu: bool) -> String {
    if relu { format!("{output}_linear") } else { output.to_owned() }
}

fn name(tensor: usize) -> String {
    format!("t{tensor}")
}

pub(super) fn node(kind: &str, inputs: &[&str], output: &str) -> Message {
    let mut node = Message::default();
    for input in inputs {
        node.text(1, input);
    }
    node.text(2, output).text(4, kind);
    node
}

pub(super) fn value_info(name: &str, shape: &[usize]) -> Message {
    let (mut sides, mut tensor) = (Message::default(), Message::default());
    for side in shape {
        sides.message(1, Message::default().size(1, *side));
    }
    tensor.int(1, FLOAT).message(2, &sides);
    let mut info = Message::default();
    info.text(1, name).message(2, Message::default().message(1, &tensor));
    info
}

/// A message of protocol buffers, as bytes.
#[derive(Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Adds a constant to a graph; its name.
    pub(super) fn constant(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.initial(name, shape, FLOAT, &raw)
    }

    /// Adds whole numbers to a graph; their name.
    pub(super) fn ints(&mut self, name: &str, values: &[i64]) -> String {
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.initial(name, &[values.len()], INT64, &raw)
    }

    fn initial(&mut self, name: &str, shape: &[usize], kind: i64, raw: &[u8]) -> String {
        let mut tensor = Self::default();
        for side in shape {
            tensor.size(1, *side);
        }
        tensor.int(2, kind).text(8, name).bytes(9, raw);
        self.message(5, &tensor);
        name.to_owned()
    }

    fn varint(&mut self, mut value: u64) -> &mut Self {
        while value > 0x7f {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
        self
    }

    pub(super) fn int(&mut self, field: u64, value: i64) -> &mut Self {
        self.varint(field << 3).varint(value.cast_unsigned())
    }

    fn size(&mut self, field: u64, value: usize) -> &mut Self {
        self.int(field, i64::try_from(value).unwrap_or(i64::MAX))
    }

    fn bytes(&mut self, field: u64, value: &[u8]) -> &mut Self {
        self.varint(field << 3 | 2).varint(value.len() as u64).0.extend_from_slice(value);
        self
    }

    pub(super) fn text(&mut self, field: u64, value: &str) -> &mut Self {
        self.bytes(field, value.as_bytes())
    }

    pub(super) fn message(&mut self, field: u64, value: &Self) -> &mut Self {
        self.bytes(field, &value.0)
    }

    pub(super) fn attribute_ints(&mut self, name: &str, values: &[usize]) -> &mut Self {
        let mut attribute = Self::default();
        attribute.text(1, name).int(20, 7);
        for value in values {
            attribute.size(8, *value);
        }
        self.message(5, &attribute)
    }

    fn attribute_int(&mut self, name: &str, value: usize) -> &mut Self {
        self.message(5, Self::default().text(1, name).int(20, 2).size(3, value))
    }

    pub(super) fn attribute_text(&mut self, name: &str, value: &str) -> &mut Self {
        self.message(5, Self::default().text(1, name).int(20, 3).text(4, value))
    }
}
