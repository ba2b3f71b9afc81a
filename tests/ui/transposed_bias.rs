use constconv::functional::conv_transpose2d;
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 1, 8, 14, 14>::zeros();
    let w = Tensor::<f32, 8, 3, 3, 3>::zeros();
    let y = conv_transpose2d(&x, &w, &Vector::<f32, 6>::zeros(), ());
}
