//! What the portable kernels must give on every processor, bit by bit: a hash of the results of each operation, without
//! `std` and heap, so that the program in `benches/cortex_m` can compare too.

use constconv::kernel::{self, ChannelGeometry, Conv2dGeometry, Level, LinearGeometry, Pool2dGeometry};

/// Recorded on x86-64. In the order of [`hashes`].
pub const RECORDED: [(&str, u64); 12] = [
    ("conv2d", 0xEC61_FEC3_BDBC_2959),
    ("conv2d_backward_input", 0xBAE4_B628_A5AD_F4C9),
    ("conv2d_backward_filter", 0x3D0E_13DC_A173_1010),
    ("conv2d_backward_bias", 0x4592_0CBA_1A3A_9CCE),
    ("linear", 0x67B2_5C08_3CA1_4158),
    ("linear_backward_input", 0x400E_1520_A516_C24F),
    ("linear_backward_weight", 0x2CF2_F3D5_0B8E_EDDE),
    ("linear_backward_bias", 0xBF58_CEE9_C7C0_3637),
    ("avg_pool2d", 0x8094_861D_CF29_4EF4),
    ("batch_norm", 0x1A11_5111_258E_F8B9),
    ("log_softmax", 0x0C2E_9D80_92AF_9FB3),
    ("lenet", 0x249F_7659_777F_F09A),
];

const LONGEST: usize = 6 * 28 * 28;

/// Room for the operands and results of an operation.
pub struct Memory {
    x: [f32; LONGEST],
    w: [f32; 400 * 120],
    y: [f32; LONGEST],
}

impl Memory {
    pub const NEW: Self = Self { x: [0.0; LONGEST], w: [0.0; 400 * 120], y: [0.0; LONGEST] };
}

/// Numbers in −1..1 with 24 bits (SplitMix64).
fn fill(seed: u64, values: &mut [f32]) {
    let mut state = seed;
    for value in values {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        *value = ((z >> 40) as f32) * (1.0 / (1 << 23) as f32) - 1.0;
    }
}

/// The bits of numbers (FNV-1a), after those before.
fn hash(before: u64, values: &[f32]) -> u64 {
    values.iter().fold(before, |hash, value| (hash ^ u64::from(value.to_bits())).wrapping_mul(0x0000_0100_0000_01B3))
}

/// Convolutions whose sums take all ways through the kernels.
fn convolutions() -> [Conv2dGeometry; 8] {
    let new = Conv2dGeometry::new;
    [
        new([1, 1, 28, 28], [6, 5, 5], [28, 28]).padding([2, 2]),
        new([2, 6, 14, 14], [7, 5, 5], [10, 10]),
        new([1, 8, 16, 16], [8, 3, 3], [16, 16]).padding([1, 1]),
        new([1, 8, 15, 17], [4, 3, 3], [8, 9]).padding([1, 1]).stride([2, 2]),
        new([2, 16, 5, 5], [12, 1, 1], [5, 5]),
        new([1, 6, 12, 11], [6, 3, 4], [8, 8]).dilation([2, 1]).groups(6),
        new([1, 3, 1, 200], [2, 1, 7], [1, 65]).stride([1, 3]),
        new([1, 40, 9, 2], [2, 8, 2], [2, 1]),
    ]
}

/// The hash of each operation's results, in the order of [`RECORDED`].
pub fn hashes(memory: &mut Memory) -> [u64; 12] {
    const START: u64 = 0xCBF2_9CE4_8422_2325;
    let (level, mut hashes) = (Level::PORTABLE, [START; 12]);
    for g in &convolutions() {
        let (x, w, y) = (&mut memory.x[..g.x_len()], &mut memory.w[..g.w_len()], &mut memory.y[..g.y_len()]);
        let (mut b, mut db) = ([0.0; 16], [0.0; 16]);
        fill(1, x);
        fill(2, w);
        fill(3, &mut b);
        level.conv2d(g, x, w, Some(&b[..g.f]), y);
        hashes[0] = hash(hashes[0], y);
        fill(4, y);
        level.conv2d_backward_bias(g, y, &mut db[..g.f]);
        hashes[3] = hash(hashes[3], &db);
        level.conv2d_backward_input(g, w, y, x);
        hashes[1] = hash(hashes[1], x);
        fill(1, x);
        level.conv2d_backward_filter(g, x, y, w);
        hashes[2] = hash(hashes[2], w);
    }
    for [n, inputs, outputs] in [[1, 400, 120], [3, 84, 10], [2, 7, 33], [80, 3, 20]] {
        let g = &LinearGeometry::new(n, inputs, outputs);
        let (x, w, y) = (&mut memory.x[..g.x_len()], &mut memory.w[..g.w_len()], &mut memory.y[..g.y_len()]);
        let (mut b, mut db) = ([0.0; 120], [0.0; 120]);
        fill(5, x);
        fill(6, w);
        fill(7, &mut b);
        level.linear(g, x, w, Some(&b[..outputs]), y);
        hashes[4] = hash(hashes[4], y);
        fill(8, y);
        level.linear_backward_bias(g, y, &mut db[..outputs]);
        hashes[7] = hash(hashes[7], &db);
        level.linear_backward_input(g, w, y, x);
        hashes[5] = hash(hashes[5], x);
        fill(5, x);
        level.linear_backward_weight(g, x, y, w);
        hashes[6] = hash(hashes[6], w);
    }

    let (x, y) = (&mut memory.x[..], &mut memory.y[..]);
    fill(9, x);
    for (size, kernel) in [(28, 2), (28, 28), (27, 9)] {
        let output = size / kernel;
        let g = Pool2dGeometry::new(6, [size; 2], [kernel; 2], [output; 2]);
        kernel::avg_pool2d(&g, true, &x[..g.x_len()], &mut y[..g.y_len()]);
        hashes[8] = hash(hashes[8], &y[..g.y_len()]);
    }
    let (g, mut mean, mut var) = (ChannelGeometry::new(2, 3, 28 * 28), [0.0; 3], [0.0; 3]);
    kernel::batch_statistics(&g, x, &mut mean, &mut var);
    kernel::batch_norm(&g, 1e-5, x, [&mean, &var], [&[1.0; 3], &[0.5; 3]], y);
    hashes[9] = hash(hashes[9], y);
    kernel::log_softmax(98, x, y);
    hashes[10] = hash(hashes[10], y);

    for image in 0..8 {
        hashes[11] = hash(hashes[11], &lenet(level, image, memory));
    }
    hashes
}

/// The logits of LeNet-5, with parameters and an image that are made up.
fn lenet(level: Level, image: u64, memory: &mut Memory) -> [f32; 10] {
    let Memory { x, w, y } = memory;
    fill(100 + image, &mut x[..28 * 28]);
    let convolutions = [
        Conv2dGeometry::new([1, 1, 28, 28], [6, 5, 5], [28, 28]).padding([2, 2]),
        Conv2dGeometry::new([1, 6, 14, 14], [16, 5, 5], [10, 10]),
    ];
    for (g, seed) in convolutions.iter().zip(10..) {
        fill(seed, &mut w[..g.w_len()]);
        level.conv2d(g, &x[..g.x_len()], &w[..g.w_len()], None, &mut y[..g.y_len()]);
        kernel::relu(&y[..g.y_len()], &mut x[..g.y_len()]);
        let pool = Pool2dGeometry::new(g.f, g.output, [2, 2], g.output.map(|len| len / 2));
        kernel::max_pool2d(&pool, &x[..pool.x_len()], &mut y[..pool.y_len()]);
        x[..pool.y_len()].copy_from_slice(&y[..pool.y_len()]);
    }
    for ([inputs, outputs], seed) in [[400, 120], [120, 84], [84, 10]].into_iter().zip(20..) {
        let g = LinearGeometry::new(1, inputs, outputs);
        fill(seed, &mut w[..g.w_len()]);
        level.linear(&g, &x[..inputs], &w[..g.w_len()], None, &mut y[..outputs]);
        kernel::relu(&y[..outputs], &mut x[..outputs]);
    }
    core::array::from_fn(|class| y[class])
}
