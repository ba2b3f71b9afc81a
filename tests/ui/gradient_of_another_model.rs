//! The gradient of another model.
use constconv::prelude::*;

model! {
    Head: Matrix<f32, 1, 8> => {
        fc: Linear<f32, 8, 10>,
    }
}

model! {
    Tail: Matrix<f32, 1, 8> => {
        fc: Linear<f32, 8, 4>,
    }
}

fn main() {
    let (mut head, gradient) = (Head::BLANK, Gradient::<Tail>::ZERO);
    Sgd::new(0.1).step(&mut head, &gradient, &mut ());
}
