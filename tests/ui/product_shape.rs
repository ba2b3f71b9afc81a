//! What is multiplied by the input has more channels than it.
use constconv::prelude::*;

fn main() {
    let layer = Product::<(Identity, Conv2d<f32, 4, 8, Kernel<1>>)>::ZERO;
    let x = Tensor::<f32, 1, 4, 8, 8>::zeros();
    layer.forward(&x);
}
