//! Two and five channels are not all of eight.
use constconv::functional::split_channels;
use constconv::prelude::*;

fn main() {
    let x = Signal::<f32, 1, 8, 9>::zeros();
    split_channels(&x, Split::<2, 5>);
}
