//! A layer that was written without `module!`, as the body of a residual block.
use constconv::prelude::*;

struct Double;

impl Module for Double {
    type Gradient = ();
    type Role = constconv::module::Map;
    const BLANK: Self = Self;
    const PARAMETERS: usize = 0;
    const PARAMETER_BYTES: usize = 0;

    fn add(&mut self, (): &()) {}
}

impl Layer<Vector<f32, 2>> for Double {
    type Output = Vector<f32, 2>;
    type Workspace = ();
    const MULTIPLY_ADDS: usize = 0;

    fn forward_pass(&self, x: &Vector<f32, 2>, y: &mut Vector<f32, 2>, (): &mut ()) {
        *y = x.map(|x| 2.0 * x);
    }
}

fn main() {
    Residual::new(Double).forward(&Vector::new([1.0, 2.0]));
}
