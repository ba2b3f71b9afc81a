use constconv::npy;
use constconv::prelude::*;

static X: Vector<u128, 6> = npy!("data/right.npy");

fn main() {
    let _ = &X;
}
