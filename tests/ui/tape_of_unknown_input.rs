use constconv::prelude::*;

model! {
    Net: Vector<f32, 8> => {
        first: Relu,
        second: Relu,
    }
}

fn main() {
    let tape = Tape::<Net, _>::ZERO;
}
