//! The memory of a model: what inference and training need, as types.
#![allow(unsafe_code)] // The purpose of this file: which pieces of memory may be shared.

use crate::tensor::{Storage, Zeroed};

macro_rules! memory {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ident),* })*) => { $(
        $(#[$doc])*
        pub struct $name<$($type),*> {
            $($(#[$field_doc])* pub $field: $type),*
        }

        impl<$($type: Zeroed),*> Zeroed for $name<$($type),*> {
            const ZERO: Self = Self { $($field: $type::ZERO),* };
        }

        // SAFETY: a struct of storages has no other bytes than theirs and padding, and drops as they do.
        unsafe impl<$($type: Storage),*> Storage for $name<$($type),*> {
            fn is_plain() -> bool {
                true $(&& $type::is_plain())*
            }
        }
    )* };
}

memory! {
    /// The working memory of a model for inference: two buffers that take turns, each as large as the largest layer
    /// that uses it, and the working memory of the layers themselves.
    ModelWorkspace {
        /// Outputs of the first, third, fifth … layer.
        front: F,
        /// Outputs of the second, fourth, sixth … layer.
        back: B,
        /// Working memory of the layer that runs.
        inner: I
    }

    /// What a forward pass of a model leaves for the backward pass, and two buffers for gradients that take turns.
    ModelTape {
        /// The outputs of all layers but the last, and their tapes.
        record: R,
        /// Gradients of the outputs of the first, third, fifth … layer.
        front: F,
        /// Gradients of the outputs of the second, fourth, sixth … layer.
        back: B
    }

    /// One layer's part of a [`ModelTape`].
    Record {
        /// The layer's output.
        y: Y,
        /// The layer's tape.
        tape: T,
        /// The record of the layers behind it.
        rest: R
    }
}
