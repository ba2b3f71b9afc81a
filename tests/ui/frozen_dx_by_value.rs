//! A frozen layer is asked for dx, by value.
use constconv::prelude::*;

fn main() {
    let (dx, ()) = Frozen::new(Relu).backward(&Vector::new([1.0]), &Vector::new([1.0]));
}
