//! Branches of signals of 62 and 60 samples.
use constconv::prelude::*;

model! {
    pub Net: Signal<f32, 1, 1, 64> => {
        branches: Concat<(Conv1d<f32, 1, 2, Kernel<3>>, Conv1d<f32, 1, 2, Kernel<5>>)>,
        relu: Relu,
    }
}

fn main() {}
