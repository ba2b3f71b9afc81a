//! Each model is small enough; together they are not.
use constconv::prelude::*;

model! {
    Inner: Vector<f32, 8> => {
        relu1: Relu,
        relu2: Relu,
        relu3: Relu,
        relu4: Relu,
        relu5: Relu,
        relu6: Relu,
        relu7: Relu,
        relu8: Relu,
        relu9: Relu,
        relu10: Relu,
        relu11: Relu,
        relu12: Relu,
        relu13: Relu,
        relu14: Relu,
        relu15: Relu,
        relu16: Relu,
        relu17: Relu,
        relu18: Relu,
        relu19: Relu,
        relu20: Relu,
        relu21: Relu,
        relu22: Relu,
        relu23: Relu,
        relu24: Relu,
        relu25: Relu,
        relu26: Relu,
        relu27: Relu,
        relu28: Relu,
        relu29: Relu,
        relu30: Relu,
        relu31: Relu,
        relu32: Relu,
        relu33: Relu,
        relu34: Relu,
    }
}

model! {
    Outer: Vector<f32, 8> => {
        first: Inner,
        second: Inner,
        third: Inner,
    }
}

fn main() {}
