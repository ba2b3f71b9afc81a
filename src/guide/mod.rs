//! The guide: how to use this library, page by page.
//!
//! | page | what it answers |
//! |---|---|
//! | [`first_model`] | How do I get from an empty folder to a trained network? |
//! | [`shapes`] | How large is the output of a layer, and what do `Exact`, `Floor` and `Ceil` mean? |
//! | [`models`] | How do I nest models, make branches, and see what a model costs? |
//! | [`training`] | What belongs in a training loop? |
//! | [`memory`] | Where do tensors live, and what do I do if the stack overflows? |
//! | [`saving`] | How do I save and load weights, and resume training? |
//! | [`microcontroller`] | How does a model get into a firmware? |
//! | [`own_layer`] | How do I write a layer that the library lacks? |
//! | [`pytorch`] | What is the name of a PyTorch function here? |
//! | [`errors`] | What does this compiler error mean? |
//! | [`speed`] | What makes it fast, and what makes it slow? |
//! | [`stability`] | What may change between versions? |
//! | [`layout`] | Where is what in the source? |
//!
//! Start with [`first_model`]. The numbered programs in the folder `examples` of the repository go through the same
//! subjects as programs that you can run.

#[doc = include_str!("first_model.md")]
pub mod first_model {}

#[doc = include_str!("shapes.md")]
pub mod shapes {}

#[doc = include_str!("models.md")]
pub mod models {}

#[doc = include_str!("training.md")]
pub mod training {}

#[doc = include_str!("memory.md")]
pub mod memory {}

#[doc = include_str!("saving.md")]
pub mod saving {}

#[doc = include_str!("microcontroller.md")]
pub mod microcontroller {}

#[doc = include_str!("own_layer.md")]
pub mod own_layer {}

#[doc = include_str!("pytorch.md")]
pub mod pytorch {}

#[doc = include_str!("errors.md")]
pub mod errors {}

#[doc = include_str!("speed.md")]
pub mod speed {}

#[doc = include_str!("stability.md")]
pub mod stability {}

#[doc = include_str!("layout.md")]
pub mod layout {}
