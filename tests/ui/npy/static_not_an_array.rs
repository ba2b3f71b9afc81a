use constconv::npy;

static X: [f32; 96] = npy!("data/right.npy");

fn main() {
    let _ = X;
}
