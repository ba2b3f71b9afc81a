//! Models from and to files: [`safetensors!`](crate::safetensors!) at compile time, [`read_safetensors`] and
//! [`write_safetensors`] at run time, without a heap.
//!
//! The names in a file are those of PyTorch's `state_dict`, from the fields of the model: see
//! [`Named`](crate::module::Named). A file fits if it has each tensor of the model, with its shape and type, and no
//! others. Floats of 16 bits are read into `f32`; no other type is converted.
//!
//! ```
//! use constconv::prelude::*;
//! use constconv::weights::{problems, read_safetensors, write_safetensors};
//!
//! model! {
//!     Net: Matrix<f32, 1, 4> => {
//!         fc1: Linear<f32, 4, 3>,
//!         norm: BatchNorm1d<f32, 3>,
//!         fc2: Linear<f32, 3, 2>,
//!     }
//! }
//! let mut net = Net::BLANK;
//! net.initialize(&mut || 0.3);
//!
//! let mut file = Vec::new(); // or any `Sink`
//! write_safetensors(&net, &mut file).unwrap();
//! let mut restored = Net::BLANK;
//! read_safetensors(&file, &mut restored)?;
//! assert_eq!(restored, net);
//!
//! // A file of another model: nothing is written, and all that is wrong is listed.
//! let mut other = Linear::<f32, 4, 3>::BLANK;
//! assert!(read_safetensors(&file, &mut other).is_err());
//! let list: Vec<String> = problems(&file, &other)?.map(|problem| problem.to_string()).collect();
//! assert_eq!(list[0], "missing: weight: F32 (3, 4)");
//! assert_eq!(list[2], "not in the model: fc1.weight: F32 (3, 4)");
//! # Ok::<(), constconv::weights::WeightsError>(())
//! ```
//!
//! In PyTorch, `safetensors.torch.load_file` gives the `state_dict` for `load_state_dict(.., strict=True)`, and
//! `save_file(net.state_dict(), ..)` writes the file.
//!
//! # A training that goes on
//!
//! What a training needs is a struct, and [`named!`](crate::named!) puts it into one file: the model, the optimizer with
//! its state, the count of steps from which a schedule computes the rate, the state of the random source. Read back, the
//! training goes on with the same bits. The seeds of [`Dropout`](crate::layer::Dropout) are no tensors: where they are not
//! constants of the program, keep them in the struct, too. The masks then follow from the count of passes:
//! [`Storage::set_passes`](crate::tensor::Storage::set_passes) puts it on a new tape.
//!
//! ```
//! use constconv::named;
//! use constconv::prelude::*;
//! use constconv::weights::{read_safetensors, write_safetensors};
//!
//! type Net = Linear<f32, 2, 1>;
//! struct Training {
//!     net: Net,
//!     optimizer: Adam,
//!     state: State<Adam, Net>,
//!     steps: u64,
//! }
//! named! { [] Training { net: Net, optimizer: Adam, state: State<Adam, Net>, steps: u64 } }
//!
//! let mut training = Training { net: Net::BLANK, optimizer: Adam::new(0.1), state: Zeroed::ZERO, steps: 7 };
//! let mut file = Vec::new();
//! write_safetensors(&training, &mut file).unwrap();
//! training.steps = 0;
//! read_safetensors(&file, &mut training)?;
//! assert_eq!(training.steps, 7);
//! # Ok::<(), constconv::weights::WeightsError>(())
//! ```

mod embed;
mod npz;
mod problems;
mod read;
#[cfg(feature = "serde")]
mod serde;
mod write;

#[doc(hidden)]
pub use embed::{Embed, Embedded, Index};
pub use npz::write_npz;
pub use problems::{Problem, Problems, problems};
pub use read::{WeightsError, read_safetensors};
#[cfg(feature = "serde")]
pub use serde::Numbers;
pub use write::write_safetensors;
