//! Geometries whose products no `usize` can count, or that hold nothing: no kernel reads or writes out of bounds.
#![cfg(target_pointer_width = "64")]

use constconv::kernel::{Conv2dGeometry, Level, reference};

/// A geometry with some of its sizes replaced.
macro_rules! with {
    ($g:expr; $($field:ident: $value:expr),+) => {{
        let mut g: Conv2dGeometry = $g;
        $(g.$field = $value;)+
        g
    }};
}

/// Zeros in memory that the system promises and that is never touched; `None` if it does not promise so much.
fn untouched(len: usize) -> Option<Vec<f32>> {
    Vec::<f32>::new().try_reserve_exact(len).ok().map(|()| vec![0.0; len])
}

/// The products of all pixels with all taps are 2⁶² elements, whose bytes are 0 if the multiplication wraps.
#[test]
fn products_that_wrap() {
    let g = Conv2dGeometry::new([1, 1, 4000, 1], [1, 1 << 5, 1 << 26], [1 << 15, 1 << 16]);
    let (Some(w), Some(dy)) = (untouched(g.w_len()), untouched(g.y_len())) else { return };
    for level in Level::available() {
        let mut dx = vec![f32::NAN; g.x_len()];
        level.conv2d_backward_input(&g, &w, &dy, &mut dx);
        assert!(dx.iter().all(|&dx| dx == 0.0), "at level {}", level.name());
    }
}

/// Extents as large as they may be, of which one is 0, so that all slices are short.
#[test]
fn extents_without_elements() {
    const LARGEST: usize = i32::MAX as usize;
    let all = Conv2dGeometry::new([1, 1, 1, 1], [1, 1, 1], [1, 1]);
    let plane = [LARGEST, 2];
    for g in [
        with!(all; n: 0, c: 2, f: 3, input: plane, output: plane),
        with!(all; c: 0, f: 0, n: LARGEST, input: plane, output: plane, kernel: plane),
        with!(all; c: 0, f: 5, kernel: plane, output: [3, 3]),
        with!(all; c: 5, f: 0, kernel: plane, input: [3, 3], output: plane),
        with!(all; n: LARGEST, c: 3, input: [0, 2], f: 3, output: [0, LARGEST]),
        with!(all; input: [0, LARGEST], output: [3, 1], padding: [2, LARGEST - 1], kernel: [2, 2]),
        with!(all; stride: [LARGEST, 1], dilation: [LARGEST, 1], output: [3, 1], kernel: [2, 1]),
        with!(all; stride: [1, LARGEST], padding: [0, LARGEST], output: [1, 3], kernel: [1, 3]),
        with!(all; padding: [1 << 20, 3], dilation: [1, LARGEST], kernel: [1, 2], output: [2, 9], c: 20, f: 20),
    ] {
        let (x, w, dy, b) = (vec![1.0_f32; g.x_len()], vec![1.0; g.w_len()], vec![1.0; g.y_len()], vec![1.0; g.f]);
        for level in Level::available() {
            let (mut y, mut dx) = (vec![f32::NAN; g.y_len()], vec![f32::NAN; g.x_len()]);
            let (mut dw, mut db) = (vec![0.0; g.w_len()], vec![0.0; g.f]);
            level.conv2d(&g, &x, &w, Some(&b), &mut y);
            level.conv2d_winograd(&g, &x, &w, Some(&b), &mut y);
            level.conv2d_backward_input(&g, &w, &dy, &mut dx);
            level.conv2d_backward_filter(&g, &x, &dy, &mut dw);
            level.conv2d_backward_bias(&g, &dy, &mut db);
            let is_finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
            assert!(is_finite(&y) && is_finite(&dx) && is_finite(&dw), "at level {} for {g:?}", level.name());
            let pixels = (g.n * g.output[0] * g.output[1]) as f32;
            assert!(db.iter().all(|&db| db == pixels), "at level {} for {g:?}", level.name());
        }
    }
}

/// Costs that no integer counts are only estimated: with the largest dilation, all columns but the first are outside.
#[test]
fn costs_beyond_all_integers() {
    let g = Conv2dGeometry::new([1, 1, 1024, 1], [1 << 14, 1, 4000], [1, 16]).dilation([1, i32::MAX as usize]);
    let far = with!(g; c: 3, kernel: [1, 60], input: [1 << 14, 1]);
    for g in [g, far, with!(far; c: 20), with!(far; stride: [1, 2])] {
        let (w, dy) = (vec![1.0_f32; g.w_len()], vec![1.0; g.y_len()]);
        for level in Level::available() {
            let mut dx = vec![f32::NAN; g.x_len()];
            level.conv2d_backward_input(&g, &w, &dy, &mut dx);
            for (index, dx) in dx.into_iter().enumerate() {
                let is_first = index % g.input[0] == 0;
                let right = if is_first { g.f as f32 } else { 0.0 };
                assert_eq!(dx, right, "cell {index} at level {} for {g:?}", level.name());
            }
        }
    }
}

/// Windows whose cells are so far apart that no way with a copy of what lies between them pays.
#[test]
fn windows_of_few_cells() {
    let far = Conv2dGeometry::new([1 << 12, 2, 2, 64], [2, 1, 5], [2, 1])
        .stride([1, 1 << 13])
        .padding([0, 1 << 13])
        .dilation([1, (1 << 12) + 8]);
    for g in [far, with!(far; n: 3, stride: [1, 512], padding: [0, 700], dilation: [1, 256])] {
        let numbers = |len: usize, m: usize| (0..len).map(|n| (n * m % 7) as f32 - 3.0).collect::<Vec<_>>();
        let (x, w, dy) = (numbers(g.x_len(), 5), numbers(g.w_len(), 3), numbers(g.y_len(), 4));
        let (mut y, mut dx, mut dw) = (vec![0.0; g.y_len()], vec![0.0; g.x_len()], vec![0.0; g.w_len()]);
        reference::conv2d(&g, &x, &w, None, &mut y);
        reference::conv2d_backward_input(&g, &w, &dy, &mut dx);
        reference::conv2d_backward_filter(&g, &x, &dy, &mut dw);
        for level in Level::available() {
            let (mut y_found, mut dx_found) = (vec![f32::NAN; g.y_len()], vec![f32::NAN; g.x_len()]);
            let mut dw_found = vec![0.0; g.w_len()];
            level.conv2d(&g, &x, &w, None, &mut y_found);
            level.conv2d_backward_input(&g, &w, &dy, &mut dx_found);
            level.conv2d_backward_filter(&g, &x, &dy, &mut dw_found);
            assert!(y_found == y && dx_found == dx && dw_found == dw, "at level {} for {g:?}", level.name());
        }
    }
}
