//! The same order on the way back.
use constconv::functional::permute_backward;
use constconv::prelude::*;

fn main() {
    let dy = Tensor::<f32, 2, 3, 4, 5>::zeros();
    permute_backward(&dy, Axes::<0, 0, 1, 2>);
}
