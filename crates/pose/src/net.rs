//! The seam to the runtime: [`Net::load`] and [`Net::run`], nothing else of `rten` is seen outside.
//!
//! A network comes as MediaPipe ships it ([`tflite`]), is written as ONNX in memory ([`onnx`]) and handed to the runtime.

mod onnx;
#[cfg(not(target_arch = "wasm32"))]
mod resnet;
mod tflite;

#[cfg(not(target_arch = "wasm32"))]
use std::sync::Arc;

use rten::{Model, ModelOptions, RunOptions, op_registry};
use rten_tensor::{NdTensor, Tensor, prelude::*};

use crate::PoseError;

/// A loaded network: one square picture in, some vectors of numbers out.
pub struct Net {
    model: Model,
    side: usize,
    options: RunOptions,
}

impl Net {
    /// Reads a network from the bytes of a `.tflite` file.
    ///
    /// # Errors
    /// [`PoseError::Model`] for whatever is damaged or of another kind.
    pub fn load(bytes: &[u8]) -> Result<Self, PoseError> {
        let graph = tflite::Graph::read(bytes).ok_or(PoseError::Model("not readable"))?;
        let [1, height, width, 3] = graph.tensors[graph.input].shape[..] else { return Err(PoseError::Model("takes no picture")) };
        if height != width || !(16..=1024).contains(&width) {
            return Err(PoseError::Model("takes no square picture"));
        }
        let onnx = onnx::write(&graph).ok_or(PoseError::Model("not of the known kind"))?;
        let mut options = ModelOptions::with_ops(op_registry!(Conv, PRelu, Relu, Add, Pad, MaxPool, Reshape, Concat, Transpose));
        options.prepack_weights(true);
        let model = options.load(onnx).map_err(|_| PoseError::Model("refused by the runtime"))?;
        Ok(Self { model, side: width, options: run_options() })
    }

    /// Reads the face-recognition network: its weights, and how their bytes become numbers.
    ///
    /// # Errors
    /// [`PoseError::Model`] for whatever is damaged or of another kind.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn load_likeness(weights: &[u8], scales: &[u8]) -> Result<Self, PoseError> {
        let onnx = resnet::write(weights, scales).ok_or(PoseError::Model("not of the known kind"))?;
        let mut options = ModelOptions::with_ops(op_registry!(Conv, Relu, Add, Pad, MaxPool, AveragePool, GlobalAveragePool, Reshape, MatMul));
        options.prepack_weights(true);
        let model = options.load(onnx).map_err(|_| PoseError::Model("refused by the runtime"))?;
        Ok(Self { model, side: resnet::SIDE, options: run_options() })
    }

    /// Pixels of the picture it takes, across and down.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Runs it on a picture of three planes (red, green, blue) of `side × side` values.
    ///
    /// # Errors
    /// [`PoseError::Frame`] for another number of values, [`PoseError::Model`] when the network does not fit together.
    pub fn run(&self, planes: Vec<f32>) -> Result<Vec<Vec<f32>>, PoseError> {
        if planes.len() != 3 * self.side * self.side {
            return Err(PoseError::Frame("not the size the network takes"));
        }
        let input = *self.model.input_ids().first().ok_or(PoseError::Model("takes nothing"))?;
        let picture = NdTensor::<f32, 4>::from_data([1, 3, self.side, self.side], planes);
        let outputs = self.model.run(vec![(input, picture.into())], self.model.output_ids(), Some(self.options.clone()));
        let outputs = outputs.map_err(|_| PoseError::Model("does not fit together"))?;
        let floats = outputs.into_iter().map(|output| Tensor::<f32>::try_from(output).map(|tensor| tensor.to_vec()));
        floats.collect::<Result<_, _>>().map_err(|_| PoseError::Model("answers no numbers"))
    }
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Net").field("side", &self.side).finish_non_exhaustive()
    }
}

/// One thread: a call's check must not take the cores of the calls beside it.
#[cfg(not(target_arch = "wasm32"))]
fn run_options() -> RunOptions {
    static POOL: std::sync::OnceLock<Arc<rten::ThreadPool>> = std::sync::OnceLock::new();
    let pool = POOL.get_or_init(|| Arc::new(rten::ThreadPool::with_num_threads(1)));
    let mut options = RunOptions::default();
    options.thread_pool = Some(Arc::clone(pool));
    options
}

#[cfg(target_arch = "wasm32")]
fn run_options() -> RunOptions {
    RunOptions::default()
}
