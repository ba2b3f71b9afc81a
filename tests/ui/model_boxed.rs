//! An optimizer gets the box of a model.
use constconv::prelude::*;

model! {
    Net: Matrix<f32, 1, 8> => {
        fc: Linear<f32, 8, 10>,
    }
}

fn main() {
    let (mut net, gradient) = (Net::boxed(), Gradient::<Net>::boxed_zeros());
    Sgd::new(0.1).step(&mut net, &gradient, &mut ());
}
