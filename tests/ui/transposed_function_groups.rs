//! Three groups of 4 channels, in the transposed convolution as a function.
use constconv::prelude::*;

fn main() {
    let (x, w) = (Tensor::<f32, 1, 4, 8, 8>::zeros(), Tensor::<f32, 4, 2, 3, 3>::zeros());
    let options = (Stride::<2>, Padding::<1>, OutputPadding::<1>, Dilation::<1>, Groups::<3>);
    constconv::functional::conv_transpose2d(&x, &w, &(), options);
}
