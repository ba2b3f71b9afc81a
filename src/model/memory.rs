//! The memory of a model: what inference and training need, as types.

use crate::tensor::memory;

memory! {
    /// The working memory of a model for inference: two buffers that take turns, each as large as the largest layer
    /// that uses it, and the working memory of the layers themselves.
    ///
    /// ```
    /// use constconv::prelude::*;
    ///
    /// model! {
    ///     Net: Matrix<f32, 1, 4> => {
    ///         fc1: Linear<f32, 4, 3>,
    ///         fc2: Linear<f32, 3, 5>,
    ///         fc3: Linear<f32, 5, 2>,
    ///     }
    /// }
    /// // The outputs of fc1 and fc2; that of fc3 belongs to the caller.
    /// assert_eq!(size_of::<Workspace<Net, Matrix<f32, 1, 4>>>(), (3 + 5) * 4);
    /// ```
    ModelWorkspace {
        /// Outputs of the first, third, fifth … layer.
        front: F,
        /// Outputs of the second, fourth, sixth … layer.
        back: B,
        /// Working memory of the layer that runs.
        inner: I
    }

    /// What a forward pass of a model keeps for the backward pass, and two buffers that take turns for gradients.
    ///
    /// ```
    /// use constconv::prelude::*;
    ///
    /// model! {
    ///     Net: Matrix<f32, 1, 4> => {
    ///         fc1: Linear<f32, 4, 3>,
    ///         fc2: Linear<f32, 3, 5>,
    ///         fc3: Linear<f32, 5, 2>,
    ///     }
    /// }
    /// // The outputs of fc1 and fc2, and their gradients.
    /// assert_eq!(size_of::<Tape<Net, Matrix<f32, 1, 4>>>(), 2 * (3 + 5) * 4);
    /// ```
    ModelTape {
        /// The outputs of all layers but the last, and their tapes.
        record: R,
        /// Gradients of the outputs of the first, third, fifth … layer.
        front: F,
        /// Gradients of the outputs of the second, fourth, sixth … layer.
        back: B
    }

    /// One group's part of a [`ModelTape`].
    #[doc(hidden)]
    Record {
        /// The group's output.
        y: Y,
        /// The group's tape.
        tape: T,
        /// The record of the groups after it.
        rest: R
    }
}
