//! Inference on two threads against one: `RAYON_NUM_THREADS=2 cargo bench --bench parallel --features parallel`.
//!
//! Both run in turns, and the shortest times are compared: on a machine that does something else, too, the second core is
//! not always there.

use std::hint::black_box;
use std::time::Instant;

use constconv::kernel::{Conv2dGeometry, conv2d, conv2d_parallel};
use constconv::model::{PartWorkspace, forward_parts};
use constconv::prelude::*;

model! {
    /// A network for 32×32 colour images.
    pub Cifar: Images<1> => {
        conv1: Conv2d<f32, 3, 32, Kernel<3>, Stride<1>, Padding<1>>,
        relu1: Relu,
        conv2: Conv2d<f32, 32, 32, Kernel<3>, Stride<1>, Padding<1>>,
        relu2: Relu,
        pool1: MaxPool2d<Kernel<2>>,
        conv3: Conv2d<f32, 32, 64, Kernel<3>, Stride<1>, Padding<1>>,
        relu3: Relu,
        conv4: Conv2d<f32, 64, 64, Kernel<3>, Stride<1>, Padding<1>>,
        relu4: Relu,
        pool2: MaxPool2d<Kernel<2>>,
        fc: Linear<f32, 4096, 10>,
    }
}

type Images<const N: usize> = Tensor<f32, N, 3, 32, 32>;

/// Runs both in turns and prints the shortest time of each.
fn compare(name: &str, rounds: usize, mut one: impl FnMut(), mut two: impl FnMut()) {
    let mut least = [f64::MAX; 2];
    for _ in 0..rounds {
        for (least, run) in least.iter_mut().zip([&mut one as &mut dyn FnMut(), &mut two]) {
            // The first one wakes the threads up.
            for _ in 0..4 {
                let start = Instant::now();
                run();
                *least = least.min(start.elapsed().as_secs_f64());
            }
        }
    }
    println!("{name:12} {:9.1} µs {:9.1} µs {:6.2}", least[0] * 1e6, least[1] * 1e6, least[0] / least[1]);
}

fn convolution(name: &str, rounds: usize, g: &Conv2dGeometry) {
    let numbers = |len: usize| (0..len).map(|i| (i * 7919 % 1009) as f32 / 1009.0 - 0.5).collect::<Vec<_>>();
    let (x, w, b) = (numbers(g.x_len()), numbers(g.w_len()), numbers(g.f));
    let (mut y, mut same) = (vec![0.0; g.y_len()], vec![1.0; g.y_len()]);
    conv2d(g, &x, &w, Some(&b), &mut y);
    conv2d_parallel(g, &x, &w, Some(&b), &mut same);
    assert_eq!(y, same);
    let run = || conv2d(g, black_box(&x), &w, Some(&b), black_box(&mut y));
    compare(name, rounds, run, || conv2d_parallel(g, black_box(&x), &w, Some(&b), black_box(&mut same)));
}

fn batch<const K: usize>(name: &str, rounds: usize)
where
    Images<4>: constconv::tensor::Batch<Of<K> = Images<K>>,
    Images<K>: constconv::module::Feeds<Cifar, Output = Matrix<f32, K, 10>, Workspace: Send>,
{
    let mut net = Cifar::boxed();
    let mut state = 1_u64;
    net.initialize(&mut || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    });
    let mut x = Images::<4>::boxed_zeros();
    x.iter_mut().enumerate().for_each(|(i, x)| *x = (i * 7919 % 1009) as f32 / 1009.0 - 0.5);
    let mut workspace = Workspace::<Cifar, Images<4>>::boxed_zeros();
    let mut workspaces: Vec<PartWorkspace<K, Cifar, Images<4>>> = vec![Zeroed::ZERO, Zeroed::ZERO];
    let (mut y, mut parts) = (Matrix::zeros(), Matrix::zeros());
    net.forward_with(&*x, &mut y, &mut workspace);
    forward_parts::<K, _, _>(&*net, &*x, &mut parts, &mut workspaces);
    assert!(y.iter().zip(&parts).all(|(a, b)| (a - b).abs() <= 1e-5));
    let run = || net.forward_with(black_box(&*x), &mut y, &mut workspace);
    compare(name, rounds, run, || forward_parts::<K, _, _>(&*net, black_box(&*x), &mut parts, &mut workspaces));
}

fn main() {
    let square = |n: usize, c: usize, side: usize, f: usize, kernel: usize, padding: usize| {
        let output = [side + 2 * padding + 1 - kernel; 2];
        let mut g = Conv2dGeometry::new([n, c, side, side], [f, kernel, kernel], output);
        g.padding = [padding; 2];
        g
    };
    println!("{:12} {:>12} {:>12} {:>6}", "", "one thread", "two", "ratio");
    convolution("cifar", 400, &square(1, 32, 32, 32, 3, 1));
    convolution("point28", 400, &square(1, 64, 28, 128, 1, 0));
    convolution("seed_s6", 400, &square(10, 32, 14, 16, 3, 1));
    convolution("res56", 60, &square(1, 64, 56, 64, 3, 1));
    convolution("res14", 60, &square(1, 256, 14, 256, 3, 1));
    batch::<1>("net, by 1", 40);
    batch::<2>("net, by 2", 40);
}
