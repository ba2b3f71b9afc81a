use constconv::prelude::*;
use constconv::safetensors;

static NET: Linear<i128, 8, 3> = safetensors!("data/net.safetensors");

fn main() {
    let _ = &NET;
}
