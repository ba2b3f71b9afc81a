//! Three times 2000 columns are more than the longest axis.
use constconv::functional::upsample_nearest2d;
use constconv::prelude::*;

fn main() {
    let x = Tensor::<f32, 1, 1, 1, 2000>::zeros();
    upsample_nearest2d(&x, Scale::<1, 3>);
}
