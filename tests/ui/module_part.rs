use constconv::module;
use constconv::prelude::*;

struct Scale {
    weight: Vector<f32, 3>,
}

module! { [] Scale, of f32 {
    param weight: Vector<f32, 3>,
}; fan_in: 1 }

fn main() {}
