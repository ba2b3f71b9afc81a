//! Two groups of filters of 2 channels for an input of 6.
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 1, 6, 8, 8>::zeros();
    let w = Tensor::<f32, 4, 2, 3, 3>::zeros();
    let options = (Stride::<1>, Padding::<1>, Exact, Dilation::<1>, Groups::<2>);
    constconv::functional::conv2d(&x, &w, &(), options);
}
