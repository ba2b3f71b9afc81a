use constconv::prelude::*;

model! {
    Block<const C: usize>: Tensor<f32, 1, C, 8, 8> => {
        conv: Conv2d<f32, C, C, Kernel<3>>,
        pool: MaxPool2d<Kernel<4>>,
    }
}

model! {
    Net: Tensor<f32, 1, 4, 8, 8> => {
        relu: Relu,
        block: Block<4>,
        fc: Linear<f32, 4, 2>,
    }
}

fn main() {}
