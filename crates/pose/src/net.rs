//! The seam to the runtime: [`Net::load`] and [`Net::run`], nothing else of `rten` is seen outside.
//!
//! A network comes as MediaPipe ships it ([`tflite`]), is planned once ([`plan`]) and run on `rten`'s kernels ([`machine`]):
//! its graph runner does windows over single channels number by number, which cost more than everything else together. The
//! face-recognition network ([`Model`], native only) has no such windows; `rten` runs it whole.

mod machine;
#[cfg(not(target_arch = "wasm32"))]
mod model;
#[cfg(not(target_arch = "wasm32"))]
mod onnx;
mod plan;
#[cfg(not(target_arch = "wasm32"))]
mod resnet;
#[cfg(test)]
mod tests;
mod tflite;
mod window;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use model::Model;

use crate::PoseError;

/// A loaded network: one square picture in, some vectors of numbers out.
pub(crate) struct Net {
    machine: machine::Machine,
    side: usize,
}

impl Net {
    /// Reads a network from the bytes of a `.tflite` file.
    ///
    /// # Errors
    /// [`PoseError::Model`] for whatever is damaged or of another kind.
    pub(crate) fn load(bytes: &[u8]) -> Result<Self, PoseError> {
        let graph = tflite::Graph::read(bytes).ok_or(PoseError::Model("not readable"))?;
        let [1, height, width, 3] = graph.tensors[graph.input].shape[..] else { return Err(PoseError::Model("takes no picture")) };
        if height != width || !(16..=1024).contains(&width) {
            return Err(PoseError::Model("takes no square picture"));
        }
        let machine = plan::machine(&graph).ok_or(PoseError::Model("not of the known kind"))?;
        Ok(Self { machine, side: width })
    }

    /// Pixels of the picture it takes, across and down.
    pub(crate) fn side(&self) -> usize {
        self.side
    }

    /// Runs it on the picture that `write` writes: three planes (red, green, blue) of `side × side` values.
    ///
    /// # Errors
    /// [`PoseError::Model`] when the network does not fit together.
    pub(crate) fn run(&mut self, write: impl FnOnce(&mut [f32])) -> Result<Vec<&[f32]>, PoseError> {
        write(self.machine.picture());
        on_one_thread(|| self.machine.run()).ok_or(PoseError::Model("does not fit together"))?;
        Ok(self.machine.answers().collect())
    }
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Net").field("side", &self.side).finish_non_exhaustive()
    }
}

/// A call's check must not take the cores of the calls beside it.
#[cfg(not(target_arch = "wasm32"))]
fn on_one_thread<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    model::one_thread().run(work)
}

#[cfg(target_arch = "wasm32")]
fn on_one_thread<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// `values` of `shape` with its axes in another `order`.
fn turn(values: &[f32], shape: [usize; 4], order: [usize; 4]) -> Vec<f32> {
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
