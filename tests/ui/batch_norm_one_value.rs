use constconv::prelude::*;

model! {
    Net: Tensor<f32, 1, 3, 4, 4> => {
        conv: Conv2d<f32, 3, 8, Kernel<4>>,
        norm: BatchNorm2d<f32, 8>,
    }
}

fn main() {
    let x = Tensor::<f32, 1, 3, 4, 4>::zeros();
    let y = Net::BLANK.forward(&x); // evaluation is by the running statistics
    let (dx, gradient) = Net::BLANK.backward(&x, &y);
}
