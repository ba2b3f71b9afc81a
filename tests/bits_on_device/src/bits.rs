//! Results of the portable kernels and of a network's training step, as hashes of their bits.
//!
//! `tests/bits.rs` and the program beside this file share it: the same numbers on every processor, with `std` or without.

use constconv::kernel::{self, ChannelGeometry, Conv2dGeometry, Level, LinearGeometry, Pool2dGeometry};
use constconv::loss::softmax_cross_entropy;
use constconv::prelude::*;

/// FNV-1a over the bits of numbers.
struct Hash(u64);

impl Hash {
    fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    fn add(&mut self, bits: u64) {
        for byte in bits.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
}

/// Random bits from a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) as i64
    }

    fn fill<T: Number>(&mut self, numbers: &mut [T]) {
        numbers.iter_mut().for_each(|a| *a = T::from_random(self.next()));
    }
}

/// An element type under test.
trait Number: Real {
    /// What is added to variances.
    const EPSILON: Self;
    /// A number in [−1, 1) that uses all digits of the format, so that a sum in another order has other bits.
    fn from_random(bits: i64) -> Self;
    fn bits(self) -> u64;
}

impl Number for f32 {
    const EPSILON: Self = 1e-5;

    fn from_random(bits: i64) -> Self {
        (bits >> 39) as f32 / (1 << 24) as f32
    }

    fn bits(self) -> u64 {
        self.to_bits().into()
    }
}

impl Number for f64 {
    const EPSILON: Self = 1e-5;

    fn from_random(bits: i64) -> Self {
        (bits >> 10) as f64 / (1_u64 << 53) as f64
    }

    fn bits(self) -> u64 {
        self.to_bits()
    }
}

fn hash<T: Number>(numbers: &[T]) -> u64 {
    let mut hash = Hash::new();
    numbers.iter().for_each(|a| hash.add(a.bits()));
    hash.0
}

/// C, F and groups; the input; kernel, stride, padding and dilation of both axes.
#[rustfmt::skip]
const fn geometry(
    n: usize, [c, f, groups]: [usize; 3], input: [usize; 2],
    kernel: [usize; 2], stride: [usize; 2], padding: [usize; 2], dilation: [usize; 2],
) -> Conv2dGeometry {
    let mut output = [0; 2];
    let mut axis = 0;
    while axis < 2 {
        output[axis] = (input[axis] + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis] + 1;
        axis += 1;
    }
    let g = Conv2dGeometry::new([n, c, input[0], input[1]], [f, kernel[0], kernel[1]], output);
    g.stride(stride).padding(padding).dilation(dilation).groups(groups)
}

#[rustfmt::skip]
const CONVOLUTIONS: [(&str, Conv2dGeometry); 9] = [
    ("conv2d lenet1", geometry(1, [1, 6, 1], [28, 28], [5, 5], [1, 1], [2, 2], [1, 1])),
    ("conv2d lenet2", geometry(1, [6, 16, 1], [14, 14], [5, 5], [1, 1], [0, 0], [1, 1])),
    ("conv2d same", geometry(2, [8, 8, 1], [12, 13], [3, 3], [1, 1], [1, 1], [1, 1])),
    ("conv2d down", geometry(1, [8, 16, 1], [16, 15], [3, 3], [2, 2], [1, 1], [1, 1])),
    ("conv2d pointwise", geometry(2, [21, 17, 1], [7, 7], [1, 1], [1, 1], [0, 0], [1, 1])),
    ("conv2d depthwise", geometry(1, [6, 6, 6], [17, 14], [3, 3], [1, 1], [1, 1], [1, 1])),
    ("conv2d in groups", geometry(1, [6, 9, 3], [9, 11], [2, 3], [1, 2], [1, 0], [2, 1])),
    ("conv2d tall", geometry(1, [3, 2, 1], [75, 5], [70, 3], [1, 1], [1, 1], [1, 1])),
    ("conv2d long", geometry(1, [2, 3, 1], [1, 300], [1, 9], [1, 3], [0, 8], [1, 2])),
];

const LINEAR: [(&str, LinearGeometry); 5] = [
    ("linear fc1", LinearGeometry::new(1, 400, 120)),
    ("linear fc3", LinearGeometry::new(3, 84, 10)),
    ("linear short", LinearGeometry::new(2, 7, 5)),
    ("linear one", LinearGeometry::new(5, 33, 1)),
    ("linear batch", LinearGeometry::new(80, 3, 20)),
];

const POOLINGS: [(&str, Pool2dGeometry); 3] = [
    ("avg_pool2d halves", Pool2dGeometry::new(6, [28; 2], [2; 2], [14; 2]).stride([2; 2])),
    ("avg_pool2d whole", Pool2dGeometry::new(6, [28; 2], [28; 2], [1; 2])),
    ("avg_pool2d thirds", Pool2dGeometry::new(6, [27; 2], [9; 2], [3; 2]).stride([9; 2])),
];

/// As long as the longest array, the weight of fc1.
const LONGEST: usize = 400 * 120;

/// The arrays that the kernels read and write.
struct Numbers<T> {
    x: [T; LONGEST],
    w: [T; LONGEST],
    y: [T; LONGEST],
    result: [T; LONGEST],
}

impl<T: Number> Numbers<T> {
    const ZERO: Self = Self { x: [T::ZERO; _], w: [T::ZERO; _], y: [T::ZERO; _], result: [T::ZERO; _] };

    /// Calls `report` with the name and the hash of each result.
    fn kernels(&mut self, format: &str, report: &mut impl FnMut(&[&str], u64)) {
        let level = Level::PORTABLE;
        let mut random = Random(1);
        let mut b = [T::ZERO; 128];
        for numbers in [&mut self.x[..], &mut self.w, &mut self.y, &mut b] {
            random.fill(numbers);
        }
        // All cells of small windows.
        let marks: [u8; 4096] = core::array::from_fn(|i| (i % 7 % 4) as u8);
        let before = random.0;
        // Sums are added to what is there.
        let mut check = |result: &mut [T], name: &str, what: &str, run: &dyn Fn(&mut [T])| {
            Random(before).fill(result);
            run(result);
            report(&[name, what, format], hash(result));
        };
        for (name, g) in &CONVOLUTIONS {
            let (x, w, dy) = (&self.x[..g.x_len()], &self.w[..g.w_len()], &self.y[..g.y_len()]);
            let r = &mut self.result;
            check(&mut r[..g.y_len()], name, "y", &|y| level.conv2d(g, x, w, Some(&b[..g.f]), y));
            check(&mut r[..g.x_len()], name, "dx", &|dx| level.conv2d_backward_input(g, w, dy, dx));
            check(&mut r[..g.w_len()], name, "dw", &|dw| level.conv2d_backward_filter(g, x, dy, dw));
            check(&mut r[..g.f], name, "db", &|db| level.conv2d_backward_bias(g, dy, db));
            check(&mut r[..g.x_len()], name, "transposed", &|y| level.conv_transpose2d(g, dy, w, Some(&b[..g.c]), y));
            // One row at a time.
            check(&mut r[..g.y_len() + g.f * g.output[1]], name, "rows of y", &|r| {
                let (y, buffer) = r.split_at_mut(g.y_len());
                level.conv2d_by_rows(g, x, w, Some(&b[..g.f]), 1, g.output[0], buffer, &mut |n, i, band| {
                    for (f, row) in band.chunks_exact(g.output[1]).enumerate() {
                        y[((n * g.f + f) * g.output[0] + i) * g.output[1]..][..g.output[1]].copy_from_slice(row);
                    }
                });
            });
            let window = g.output.map(|len| len.min(2));
            let pool = Pool2dGeometry::new(g.n * g.f, g.output, window, [0, 1].map(|a| g.output[a] / window[a]));
            let dy = &dy[..pool.y_len()];
            check(&mut r[..g.x_len() + g.w_len()], name, "dx and dw at winners", &|r| {
                let (dx, dw) = r.split_at_mut(g.x_len());
                level.conv2d_backward_at_winners(g, &pool, &marks[..dy.len()], x, dy, Some((w, dx)), Some(dw), None);
            });
        }
        for (name, g) in &LINEAR {
            let w = &self.w[..g.inputs * g.outputs];
            let (x, dy) = (&self.x[..g.n * g.inputs], &self.y[..g.n * g.outputs]);
            let r = &mut self.result;
            check(&mut r[..dy.len()], name, "y", &|y| level.linear(g, x, w, Some(&b[..g.outputs]), y));
            check(&mut r[..x.len()], name, "dx", &|dx| level.linear_backward_input(g, w, dy, dx));
            check(&mut r[..w.len()], name, "dw", &|dw| level.linear_backward_weight(g, x, dy, dw));
            check(&mut r[..g.outputs], name, "db", &|db| level.linear_backward_bias(g, dy, db));
        }
        for (name, g) in &POOLINGS {
            let (x, r) = (&self.x[..g.x_len()], &mut self.result[..g.y_len()]);
            check(r, name, "y", &|y| kernel::avg_pool2d(g, true, x, y));
        }
        let (g, mut mean, mut var) = (ChannelGeometry::new(2, 3, 28 * 28), [T::ZERO; 3], [T::ZERO; 3]);
        let (x, r) = (&self.x[..g.x_len()], &mut self.result[..g.x_len()]);
        kernel::batch_statistics(&g, x, &mut mean, &mut var);
        let affine = [&b[..3], &b[3..6]];
        check(r, "batch_norm", "y", &|y| kernel::batch_norm(&g, T::EPSILON, x, [&mean, &var], affine, y));
        check(r, "log_softmax", "y", &|y| kernel::log_softmax(98, x, y));
    }
}

model! {
    LeNet: Tensor<f32, 2, 1, 28, 28> => {
        conv1: Conv2d<f32, 1, 6, Kernel<5>, Stride<1>, Padding<2>>,
        norm: BatchNorm2d<f32, 6>,
        relu1: Relu,
        pool1: MaxPool2d<Kernel<2>>,
        conv2: Conv2d<f32, 6, 16, Kernel<5>>,
        tanh: Tanh,
        pool2: AvgPool2d<Kernel<2>>,
        fc1: Linear<f32, 400, 120>,
        sigmoid: Sigmoid,
        fc2: Linear<f32, 120, 84>,
        gelu: Gelu,
        fc3: Linear<f32, 84, 10>,
    }
}

/// Everything of a training step: far too large for the stack of a device.
struct Training {
    net: LeNet,
    gradient: Gradient<LeNet>,
    tape: Tape<LeNet, Tensor<f32, 2, 1, 28, 28>>,
    x: Tensor<f32, 2, 1, 28, 28>,
    y: Matrix<f32, 2, 10>,
    dy: Matrix<f32, 2, 10>,
}

impl Training {
    const ZERO: Self = Self {
        net: Module::BLANK,
        gradient: Zeroed::ZERO,
        tape: Zeroed::ZERO,
        x: Zeroed::ZERO,
        y: Zeroed::ZERO,
        dy: Zeroed::ZERO,
    };

    /// Two steps, at the current level.
    fn steps(&mut self, report: &mut impl FnMut(&[&str], u64)) {
        let mut random = Random(2);
        let Self { net, gradient, tape, x, y, dy } = self;
        net.initialize(&mut || (random.next() >> 11) as f64 / (1_u64 << 53) as f64 + 0.5);
        random.fill(x.as_mut_slice());
        for step in ["step 1", "step 2"] {
            net.forward_train(x, y, tape);
            report(&["model", step, "logits"], hash(y.as_slice()));
            let loss = softmax_cross_entropy(y, &[3, 7], Reduction::Mean, dy);
            report(&["model", step, "loss"], hash(&[loss]));
            report(&["model", step, "dy"], hash(dy.as_slice()));
            net.backward_parameters(x, y, dy, tape, gradient);
            report(&["model", step, "dw of conv1"], hash(gradient.conv1.weight.as_slice()));
            report(&["model", step, "dw of fc1"], hash(gradient.fc1.weight.as_slice()));
            Sgd::new(0.1).step(net, gradient, &mut ());
            report(&["model", step, "w of conv2"], hash(net.conv2.weight.as_slice()));
        }
    }
}

/// All that the results are computed in.
pub struct Memory {
    single: Numbers<f32>,
    double: Numbers<f64>,
    training: Training,
}

impl Memory {
    pub const ZERO: Self = Self { single: Numbers::ZERO, double: Numbers::ZERO, training: Training::ZERO };

    /// Calls `report` with the words of the name and the hash of each result.
    pub fn report(&mut self, mut report: impl FnMut(&[&str], u64)) {
        self.single.kernels("f32", &mut report);
        self.double.kernels("f64", &mut report);
        self.training.steps(&mut report);
    }
}
