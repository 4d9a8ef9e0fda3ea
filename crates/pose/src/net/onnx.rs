//! Writes ONNX, the form the runtime takes.
//!
//! Field numbers are those of ONNX's `onnx.proto3`.

const FLOAT: i64 = 1;
const INT64: i64 = 7;

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

    pub(super) fn attribute_text(&mut self, name: &str, value: &str) -> &mut Self {
        self.message(5, Self::default().text(1, name).int(20, 3).text(4, value))
    }
}
