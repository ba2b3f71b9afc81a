//! A frozen layer is asked for dx.
use constconv::prelude::*;

fn main() {
    let (layer, x) = (Frozen::new(Conv2d::<f32, 1, 4, Kernel<3>>::BLANK), Tensor::<f32, 1, 1, 8, 8>::zeros());
    let (mut y, mut tape, mut dx) = (Zeroed::ZERO, Zeroed::ZERO, Tensor::zeros());
    layer.forward_train(&x, &mut y, &mut tape);
    layer.backward_into(&x, &y, &y, &mut tape, &mut dx, &mut ());
}
