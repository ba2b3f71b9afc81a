//! A normalisation can be folded into a convolution only.
use constconv::prelude::*;

fn main() {
    BatchNorm2d::<f32, 8>::BLANK.fold(&Linear::<f32, 3, 8>::ZERO);
}
