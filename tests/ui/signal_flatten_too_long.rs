//! A signal of more values than the table has axes for.
use constconv::prelude::*;

fn main() {
    Flatten.forward(&Signal::<f32, 1, 64, 513>::zeros());
}
