//! The face-recognition network, run by `rten` as it is.

use std::sync::{Arc, OnceLock};

use rten::{ModelOptions, RunOptions, ThreadPool, op_registry};
use rten_tensor::{NdTensor, Tensor, prelude::*};

use super::resnet;
use crate::PoseError;

/// A loaded network: one square picture in, one vector of numbers out.
pub(crate) struct Model {
    model: rten::Model,
    options: RunOptions,
}

impl Model {
    /// Reads the face-recognition network: its weights, and how their bytes become numbers.
    ///
    /// # Errors
    /// [`PoseError::Model`] for whatever is damaged or of another kind.
    pub(crate) fn load(weights: &[u8], scales: &[u8]) -> Result<Self, PoseError> {
        let onnx = resnet::write(weights, scales).ok_or(PoseError::Model("not of the known kind"))?;
        let mut options = ModelOptions::with_ops(op_registry!(Conv, Relu, Add, Pad, MaxPool, AveragePool, GlobalAveragePool, Reshape, MatMul));
        options.prepack_weights(true);
        let model = options.load(onnx).map_err(|_| PoseError::Model("refused by the runtime"))?;
        let mut options = RunOptions::default();
        options.thread_pool = Some(Arc::clone(one_thread()));
        Ok(Self { model, options })
    }

    /// Pixels of the picture it takes, across and down.
    #[expect(clippy::unused_self, reason = "as every network answers it")]
    pub(crate) fn side(&self) -> usize {
        resnet::SIDE
    }

    /// Runs it on a picture of three planes (red, green, blue) of `side × side` values.
    ///
    /// # Errors
    /// [`PoseError::Frame`] for another number of values, [`PoseError::Model`] when the network does not fit together.
    pub(crate) fn run(&self, planes: Vec<f32>) -> Result<Vec<f32>, PoseError> {
        if planes.len() != 3 * self.side() * self.side() {
            return Err(PoseError::Frame("not the size the network takes"));
        }
        let input = *self.model.input_ids().first().ok_or(PoseError::Model("takes nothing"))?;
        let picture = NdTensor::<f32, 4>::from_data([1, 3, self.side(), self.side()], planes);
        let outputs = self.model.run(vec![(input, picture.into())], self.model.output_ids(), Some(self.options.clone()));
        let answer = outputs.map_err(|_| PoseError::Model("does not fit together"))?.into_iter().next();
        let answer = answer.and_then(|answer| Tensor::<f32>::try_from(answer).ok()).ok_or(PoseError::Model("answers no numbers"))?;
        Ok(answer.to_vec())
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").finish_non_exhaustive()
    }
}

/// The thread that everything is computed on.
pub(super) fn one_thread() -> &'static Arc<ThreadPool> {
    static POOL: OnceLock<Arc<ThreadPool>> = OnceLock::new();
    POOL.get_or_init(|| Arc::new(ThreadPool::with_num_threads(1)))
}
