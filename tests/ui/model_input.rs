//! A model for one channel on an input of three.
use constconv::prelude::*;

model! {
    pub Net: Tensor<f32, 1, 1, 8, 8> => {
        conv: Conv2d<f32, 1, 4, Kernel<3>>,
        relu: Relu,
        pool: MaxPool2d<Kernel<2>>,
        fc: Linear<f32, 36, 10>,
    }
}

fn main() {
    let x = Tensor::<f32, 1, 3, 8, 8>::zeros();
    Net::BLANK.forward(&x);
}
