//! The operations on tensors: each against its definition, place by place, and against its adjoint,
//! ⟨A x, dy⟩ = ⟨x, Aᵀ dy⟩, exactly in i64; by value, and into memory full of other elements.

mod support;

use constconv::functional::*;
use constconv::prelude::*;
use constconv::shape::Columns;
use proptest::prelude::*;
use support::{Random, random_array};

type X = Tensor<i64, 2, 3, 4, 5>;

fn dot<A: Array<Scalar = i64>>(a: &A, b: &A) -> i64 {
    a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| a * b).sum()
}

/// Checks an operation, by value and into memory, and its adjoint, in the same two forms.
#[track_caller]
fn check<X, Y>(
    seed: u64,
    (operation, operation_into): (impl Fn(&X) -> Y, impl Fn(&X, &mut Y)),
    (adjoint, adjoint_into): (impl Fn(&Y) -> X, impl Fn(&Y, &mut X)),
    definition: impl Fn(&X) -> Y,
) where
    X: Array<Scalar = i64> + PartialEq + std::fmt::Debug,
    Y: Array<Scalar = i64> + PartialEq + std::fmt::Debug,
{
    let random = &mut Random::new(seed);
    let (x, dy): (X, Y) = (random_array(random), random_array(random));
    let (mut y, mut dx): (Y, X) = (random_array(random), random_array(random));
    operation_into(&x, &mut y);
    adjoint_into(&dy, &mut dx);
    assert_eq!((&y, &dx), (&operation(&x), &adjoint(&dy)), "by value and into memory");
    assert_eq!(y, definition(&x), "definition");
    assert_eq!(dot(&y, &dy), dot(&x, &dx), "adjoint");
}

/// x at a place that may lie outside, where it is 0.
fn at<const N: usize, const C: usize, const H: usize, const W: usize>(
    x: &Tensor<i64, N, C, H, W>,
    [n, c]: [usize; 2],
    [h, w]: [isize; 2],
) -> i64 {
    let inside = (0..H as isize).contains(&h) && (0..W as isize).contains(&w);
    if inside { x[[n, c, h as usize, w as usize]] } else { 0 }
}

/// Padding and cropping by the same sides; the type of the padded tensor is written.
macro_rules! sides {
    ($seed:ident, $sides:expr, top $top:literal, left $left:literal: $x:ty => $y:ty) => {
        check::<$x, $y>(
            $seed,
            (|x| zero_pad2d(x, $sides), |x, y| zero_pad2d_into(x, $sides, y)),
            (|y| crop2d(y, $sides), |y, x| crop2d_into(y, $sides, x)),
            |x| <$y>::from_fn(|[n, c, h, w]| at(x, [n, c], [h as isize - $top, w as isize - $left])),
        );
        check::<$y, $x>(
            $seed,
            (|y| crop2d(y, $sides), |y, x| crop2d_into(y, $sides, x)),
            (|x| zero_pad2d(x, $sides), |x, y| zero_pad2d_into(x, $sides, y)),
            |y| <$x>::from_fn(|[n, c, h, w]| y[[n, c, h + $top, w + $left]]),
        );
    };
}

/// Windows as columns, against the formula.
fn columns<K: Copy, O: Copy, Y, const N: usize, const C: usize, const H: usize, const W: usize>(
    seed: u64,
    (kernel, options): (K, O),
) where
    Tensor<i64, N, C, H, W>: Columns<K, O, Scalar = i64, Output = Y>,
    Y: Array<Scalar = i64> + PartialEq + std::fmt::Debug,
{
    let window = (
        <Tensor<i64, N, C, H, W> as Columns<K, O>>::STRIDE,
        <Tensor<i64, N, C, H, W> as Columns<K, O>>::PADDING,
        <Tensor<i64, N, C, H, W> as Columns<K, O>>::DILATION,
    );
    let [kh, kw] = <Tensor<i64, N, C, H, W> as Columns<K, O>>::KERNEL;
    let [ho, wo] = <Tensor<i64, N, C, H, W> as Columns<K, O>>::OUTPUT;
    check::<Tensor<i64, N, C, H, W>, Y>(
        seed,
        (|x| im2col(x, kernel, options), |x, y| im2col_into(x, kernel, options, y)),
        (|y| col2im(y, kernel, options), |y, x| col2im_into(y, kernel, options, x)),
        |x| {
            let mut columns = Y::ZERO;
            for (i, cell) in columns.as_mut_slice().iter_mut().enumerate() {
                let (row, column) = (i / (N * ho * wo), i % (N * ho * wo));
                let (c, u, v) = (row / (kh * kw), row / kw % kh, row % kw);
                let (n, i, j) = (column / (ho * wo), column / wo % ho, column % wo);
                let (stride, padding, dilation) = window;
                let place =
                    |axis: usize, o, k| (o * stride[axis] + k * dilation[axis]) as isize - padding[axis] as isize;
                *cell = at(x, [n, c], [place(0, i, u), place(1, j, v)]);
            }
            columns
        },
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn padding_and_cropping(seed: u64) {
        sides!(seed, Padding::<1>, top 1, left 1: X => Tensor<i64, 2, 3, 6, 7>);
        sides!(seed, Padding::<0, 2>, top 0, left 2: X => Tensor<i64, 2, 3, 4, 9>);
        sides!(seed, Sides::<1, 2, 3, 4>, top 1, left 3: X => Tensor<i64, 2, 3, 7, 12>);
        sides!(seed, Sides::<0, 0, 0, 1>, top 0, left 0: Tensor<i64, 1, 2, 3, 0> => Tensor<i64, 1, 2, 3, 1>);
    }

    #[test]
    fn windows_as_columns(seed: u64) {
        macro_rules! windows {
            ($($n:literal $c:literal $h:literal $w:literal: $window:expr;)*) => { $(
                columns::<_, _, _, $n, $c, $h, $w>(seed, $window);
            )* };
        }
        windows! {
            2 3 4 5: (Kernel::<2>, ());
            1 1 3 3: (Kernel::<3>, ());
            2 2 5 7: (Kernel::<3, 1>, (Stride::<1>, Padding::<2, 1>));
            2 3 7 9: (Kernel::<3>, (Stride::<2>, Padding::<1>));
            1 2 8 6: (Kernel::<3>, (Stride::<2>, Padding::<0>, Floor));
            2 2 8 6: (Kernel::<3>, (Stride::<2, 3>, Padding::<0, 1>, Ceil));
            2 2 7 8: (Kernel::<3, 2>, (Stride::<1, 2>, Padding::<2, 1>, Exact, Dilation::<2, 3>));
            3 2 1 1: (Kernel::<1>, (Stride::<1>, Padding::<3>)); // windows in the padding alone
        }
    }

    #[test]
    fn products_of_matrices(seed: u64) {
        let random = &mut Random::new(seed);
        let (a, b): (Matrix<i64, 3, 5>, Matrix<i64, 5, 4>) = (random_array(random), random_array(random));
        let product = |a: &Matrix<i64, 3, 5>, b: &Matrix<i64, 5, 4>| {
            Matrix::from_fn(|[m, n]| (0..5).map(|k| a[[m, k]] * b[[k, n]]).sum())
        };
        check::<Matrix<i64, 3, 5>, Matrix<i64, 3, 4>>(
            seed,
            (|a| matmul(a, &b), |a, y| matmul_into(a, &b, y)),
            (|dy| matmul_backward(&a, &b, dy).0, |dy, da| matmul_backward_into(&a, &b, dy, da, &mut Matrix::full(7))),
            |a| product(a, &b),
        );
        check::<Matrix<i64, 5, 4>, Matrix<i64, 3, 4>>(
            seed,
            (|b| matmul(&a, b), |b, y| matmul_into(&a, b, y)),
            (|dy| matmul_backward(&a, &b, dy).1, |dy, db| matmul_backward_into(&a, &b, dy, &mut Matrix::full(7), db)),
            |b| product(&a, b),
        );
        check::<Matrix<i64, 3, 5>, Matrix<i64, 5, 3>>(
            seed,
            (transpose, transpose_into),
            (transpose, transpose_into),
            |a| Matrix::from_fn(|[r, c]| a[[c, r]]),
        );
    }

    #[test]
    fn zeros_between_cells_and_picked_cells(seed: u64) {
        macro_rules! strides {
            ($($sh:literal $sw:literal: $x:ty => $y:ty;)*) => { $(
                check::<$x, $y>(
                    seed,
                    (|x| insert_zeros(x, Stride::<$sh, $sw>), |x, y| insert_zeros_into(x, Stride::<$sh, $sw>, y)),
                    (|y| subsample(y, Stride::<$sh, $sw>), |y, x| subsample_into(y, Stride::<$sh, $sw>, x)),
                    |x| {
                        let mut y = <$y>::zeros();
                        for (i, &number) in x.iter().enumerate() {
                            let [_, c, h, w] = x.shape();
                            y[[i / (c * h * w), i / (h * w) % c, i / w % h * $sh, i % w * $sw]] = number;
                        }
                        y
                    },
                );
            )* };
        }
        strides! {
            1 1: X => X;
            2 2: X => Tensor<i64, 2, 3, 7, 9>;
            3 1: X => Tensor<i64, 2, 3, 10, 5>;
            2 4: Tensor<i64, 1, 1, 1, 2> => Tensor<i64, 1, 1, 1, 5>;
        }
        // More cells than insertion would have made: the rest is left out.
        let x: Tensor<i64, 1, 2, 6, 7> = random_array(&mut Random::new(seed));
        let picked: Tensor<i64, 1, 2, 2, 4> = subsample(&x, Stride::<3, 2>);
        prop_assert_eq!(picked, Tensor::from_fn(|[n, c, h, w]| x[[n, c, 3 * h, 2 * w]]));
    }

    #[test]
    fn nearest_neighbour_upsampling(seed: u64) {
        macro_rules! scales {
            ($($sh:literal $sw:literal: $x:ty => $y:ty;)*) => { $(
                check::<$x, $y>(
                    seed,
                    (
                        |x| upsample_nearest2d(x, Scale::<$sh, $sw>),
                        |x, y| upsample_nearest2d_into(x, Scale::<$sh, $sw>, y),
                    ),
                    (
                        |dy| upsample_nearest2d_backward(dy, Scale::<$sh, $sw>),
                        |dy, dx| upsample_nearest2d_backward_into(dy, Scale::<$sh, $sw>, dx),
                    ),
                    |x| <$y>::from_fn(|[n, c, h, w]| x[[n, c, h / $sh, w / $sw]]),
                );
            )* };
        }
        scales! {
            1 1: X => X;
            2 2: X => Tensor<i64, 2, 3, 8, 10>;
            3 1: X => Tensor<i64, 2, 3, 12, 5>;
            1 4: Tensor<i64, 1, 1, 2, 1> => Tensor<i64, 1, 1, 2, 4>;
        }
    }

    #[test]
    fn flips_and_rotations(seed: u64) {
        check::<X, X>(
            seed,
            (flip_horizontal, flip_horizontal_into),
            (flip_horizontal, flip_horizontal_into),
            |x| Tensor::from_fn(|[n, c, h, w]| x[[n, c, h, 4 - w]]),
        );
        check::<X, X>(
            seed,
            (flip_vertical, flip_vertical_into),
            (flip_vertical, flip_vertical_into),
            |x| Tensor::from_fn(|[n, c, h, w]| x[[n, c, 3 - h, w]]),
        );
        check::<X, Tensor<i64, 2, 3, 5, 4>>(
            seed,
            (|x| x.rotated_90(), |x, y| *y = x.rotated_90()),
            (|y| y.rotated_270(), |y, x| *x = y.rotated_270()),
            |x| flip_vertical(&permute(x, Axes::<0, 1, 3, 2>)),
        );
        let x: X = random_array(&mut Random::new(seed));
        prop_assert_eq!(x.rotated_90().rotated_90(), x.rotated_180());
        prop_assert_eq!(flip_vertical(&flip_horizontal(&x)), x.rotated_180());
    }

    #[test]
    fn channels_after_channels(seed: u64) {
        let random = &mut Random::new(seed);
        let (a, b): (X, Tensor<i64, 2, 2, 4, 5>) = (random_array(random), random_array(random));
        let y: Tensor<i64, 2, 5, 4, 5> = concat_channels(&a, &b);
        prop_assert_eq!(&y, &Tensor::from_fn(|[n, c, h, w]| if c < 3 { a[[n, c, h, w]] } else { b[[n, c - 3, h, w]] }));
        let mut into = Tensor::full(7);
        concat_channels_into(&a, &b, &mut into);
        prop_assert_eq!(&into, &y);
        // The two undo each other, so that each is the other's adjoint.
        prop_assert_eq!(split_channels(&y, Split::<3, 2>), (a.clone(), b.clone()));
        let (mut first, mut second) = (Tensor::full(7), Tensor::full(7));
        split_channels_into(&y, Split::<3, 2>, &mut first, &mut second);
        prop_assert_eq!((first, second), (a, b));
        let (none, all) = split_channels(&y, Split::<0, 5>);
        prop_assert_eq!((none.len(), all), (0, y));
    }

    #[test]
    fn channels_of_signals(seed: u64) {
        let random = &mut Random::new(seed);
        let (a, b): (Signal<i64, 2, 3, 5>, Signal<i64, 2, 1, 5>) = (random_array(random), random_array(random));
        let y: Signal<i64, 2, 4, 5> = concat_channels(&a, &b);
        prop_assert_eq!(&y, &Signal::from_fn(|[n, c, l]| if c < 3 { a[[n, c, l]] } else { b[[n, c - 3, l]] }));
        prop_assert_eq!(split_channels(&y, Split::<3, 1>), (a, b));
    }

    #[test]
    fn the_same_numbers_in_another_shape(seed: u64) {
        macro_rules! shapes {
            ($($y:ty)*) => { $(
                check::<X, $y>(seed, (reshape, reshape_into), (reshape, reshape_into), |x| {
                    let mut y = <$y>::zeros();
                    y.as_mut_slice().copy_from_slice(x.as_slice());
                    y
                });
            )* };
        }
        shapes! { X Tensor<i64, 5, 4, 3, 2> Signal<i64, 5, 4, 6> Matrix<i64, 2, 60> Matrix<i64, 120, 1> Vector<i64, 120> }
    }

    /// Small numbers, so that many maxima stand several times in a column.
    #[test]
    fn the_mask_has_a_one_at_the_first_maximum(seed: u64) {
        let random = &mut Random::new(seed);
        let x = Matrix::<i64, 4, 9>::from_fn(|_| (random.bits() % 3) as i64 - 3);
        let mut mask = Matrix::full(7);
        max_mask_into(&x, &mut mask);
        prop_assert_eq!(&mask, &max_mask(&x));
        for c in 0..9 {
            let column = |a: &Matrix<i64, 4, 9>| [0, 1, 2, 3].map(|r| a[[r, c]]);
            let max = column(&x).into_iter().max();
            let first = column(&x).iter().position(|&a| Some(a) == max);
            prop_assert_eq!(column(&mask), [0, 1, 2, 3].map(|r| i64::from(Some(r) == first)));
        }
    }
}

#[test]
fn of_several_nan_the_mask_takes_the_last() {
    let x = Matrix::new([[f32::NAN, 1.0, 2.0], [5.0, f32::NAN, 2.0], [f32::NAN, 3.0, 1.0]]);
    assert_eq!(max_mask(&x), Matrix::new([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]));
}

/// All 24 orders, with the way back.
#[test]
fn axes_in_every_order() {
    let x: X = random_array(&mut Random::new(1));
    let mut orders = 0;
    macro_rules! orders {
        ($($a:literal $b:literal $c:literal $d:literal;)*) => { $(
            let order = [$a, $b, $c, $d];
            let y = permute(&x, Axes::<$a, $b, $c, $d>);
            assert_eq!(y.shape(), order.map(|axis| x.shape()[axis]), "{order:?}");
            for (i, &number) in x.iter().enumerate() {
                let place = [i / 60, i / 20 % 3, i / 5 % 4, i % 5];
                assert_eq!(y[order.map(|axis| place[axis])], number, "{order:?}");
            }
            assert_eq!(permute_backward(&y, Axes::<$a, $b, $c, $d>), x, "{order:?}");
            let (mut into, mut back) = (y.map(|_| 7), X::full(7));
            permute_into(&x, Axes::<$a, $b, $c, $d>, &mut into);
            permute_backward_into(&y, Axes::<$a, $b, $c, $d>, &mut back);
            assert_eq!((&into, &back), (&y, &x), "{order:?}");
            orders += 1;
        )* };
    }
    orders! {
        0 1 2 3; 0 1 3 2; 0 2 1 3; 0 2 3 1; 0 3 1 2; 0 3 2 1; 1 0 2 3; 1 0 3 2; 1 2 0 3; 1 2 3 0; 1 3 0 2; 1 3 2 0;
        2 0 1 3; 2 0 3 1; 2 1 0 3; 2 1 3 0; 2 3 0 1; 2 3 1 0; 3 0 1 2; 3 0 2 1; 3 1 0 2; 3 1 2 0; 3 2 0 1; 3 2 1 0;
    }
    assert_eq!(orders, 24);

    let mut swapped = Tensor::full(7);
    swap_first_axes_into(&x, &mut swapped);
    assert_eq!(swapped, swap_first_axes(&x));
    assert_eq!(swapped, permute(&x, Axes::<1, 0, 2, 3>));
}

/// The layouts of the specification, by their letters.
#[test]
fn layouts_lead_to_each_other() {
    type Nchw = Tensor<i64, 2, 3, 4, 5>;
    type Nhwc = Tensor<i64, 2, 4, 5, 3>;
    type Hwcn = Tensor<i64, 4, 5, 3, 2>;
    let x: Nchw = random_array(&mut Random::new(2));
    let nhwc: Nhwc = permute(&x, Axes::<0, 2, 3, 1>);
    let hwcn: Hwcn = permute(&x, Axes::<2, 3, 1, 0>);
    assert_eq!(nhwc[[1, 3, 4, 2]], x[[1, 2, 3, 4]]);
    assert_eq!(hwcn[[3, 4, 2, 1]], x[[1, 2, 3, 4]]);
    assert_eq!(permute(&nhwc, Axes::<1, 2, 3, 0>), hwcn);
    assert_eq!(permute(&hwcn, Axes::<3, 0, 1, 2>), nhwc);
    assert_eq!(permute(&hwcn, Axes::<3, 2, 0, 1>), x);
    assert_eq!(permute(&nhwc, Axes::<0, 3, 1, 2>), x);

    type Fchw = Tensor<i64, 2, 3, 4, 5>;
    type Cfhw = Tensor<i64, 3, 2, 4, 5>;
    type Hwcf = Tensor<i64, 4, 5, 3, 2>;
    let w: Fchw = x;
    let cfhw: Cfhw = swap_first_axes(&w);
    let hwcf: Hwcf = permute(&w, Axes::<2, 3, 1, 0>);
    assert_eq!(permute(&cfhw, Axes::<2, 3, 0, 1>), hwcf);
    assert_eq!(permute(&hwcf, Axes::<2, 3, 0, 1>), cfhw);
}

/// Where there is nothing, nothing happens.
#[test]
fn empty_tensors() {
    let none = Tensor::<i64, 0, 3, 4, 5>::zeros();
    let _: Tensor<i64, 0, 4, 5, 3> = permute(&none, Axes::<0, 2, 3, 1>);
    let _: Tensor<i64, 0, 3, 8, 10> = upsample_nearest2d(&none, Scale::<2>);
    let _: Matrix<i64, 12, 0> = im2col(&none, Kernel::<2>, ());
    let _: Tensor<i64, 0, 3, 4, 5> = flip_vertical(&flip_horizontal(&none));
    let narrow = Tensor::<i64, 2, 1, 3, 0>::zeros();
    assert_eq!(flip_vertical(&flip_horizontal(&narrow)), narrow);
    let padded: Tensor<i64, 2, 1, 5, 2> = zero_pad2d(&narrow, Padding::<1>);
    assert_eq!(padded, Tensor::zeros());
    let _: Matrix<i64, 4, 3> = matmul(&Matrix::<i64, 4, 0>::zeros(), &Matrix::<i64, 0, 3>::zeros());
    let _: Matrix<i64, 3, 0> = max_mask(&Matrix::<i64, 3, 0>::zeros());
    let _: Matrix<i64, 0, 3> = transpose(&Matrix::<i64, 3, 0>::zeros());
}

/// The layers are the functions; max pooling after `ZeroPad2d` sees zeros, where its own padding is nothing.
#[test]
fn layers_of_padding_and_upsampling() {
    let (x, dy): (X, Tensor<i64, 2, 3, 8, 15>) = (random_array(&mut Random::new(3)), random_array(&mut Random::new(4)));
    let upsample = UpsampleNearest2d::<Scale<2, 3>>::new();
    assert_eq!(upsample.forward(&x), upsample_nearest2d(&x, Scale::<2, 3>));
    assert_eq!(upsample.backward(&x, &dy).0, upsample_nearest2d_backward(&dy, Scale::<2, 3>));
    let pad = ZeroPad2d::<Sides<4, 0, 3, 7>>::new();
    assert_eq!(pad.forward(&x), zero_pad2d(&x, Sides::<4, 0, 3, 7>));
    assert_eq!(pad.backward(&x, &dy).0, crop2d(&dy, Sides::<4, 0, 3, 7>));

    let below_zero = Tensor::<i64, 1, 1, 2, 2>::full(-1);
    let padded = ZeroPad2d::<Padding<1>>::new().forward(&below_zero);
    assert_eq!(MaxPool2d::<Kernel<2>>::new().forward(&padded), Tensor::<i64, 1, 1, 2, 2>::full(0));
    let own = MaxPool2d::<Kernel<2>, Stride<2>, Padding<1>>::new();
    assert_eq!(own.forward(&below_zero), Tensor::<i64, 1, 1, 2, 2>::full(-1));
}

/// What PyTorch computes (`fixtures/operations.py`).
mod pytorch {
    use super::*;
    use crate::support::{assert_close, fixture};

    /// case: x → y, operation, adjoint
    macro_rules! cases {
        ($t:ident: $($case:ident: $x:ty => $y:ty, $operation:expr, $adjoint:expr;)*) => { $({
            static X: $x = fixture!("operation" $case $t "x");
            static DY: $y = fixture!("operation" $case $t "dy");
            static Y: $y = fixture!("operation" $case $t "y");
            static DX: $x = fixture!("operation" $case $t "dx");
            let (operation, adjoint): (fn(&$x) -> $y, fn(&$y) -> $x) = ($operation, $adjoint);
            assert_close(concat!("y of ", stringify!($case)), &operation(&X), &Y, 1);
            assert_close(concat!("dx of ", stringify!($case)), &adjoint(&DY), &DX, 9);
        })* };
    }

    macro_rules! operations {
        ($($t:ident)*) => { $(
            mod $t {
                use super::*;

                type X = Tensor<$t, 2, 3, 4, 5>;

                #[test]
                fn one_tensor() {
                    const ORDER: Axes<3, 2, 0, 1> = Axes;
                    cases! { $t:
                        transpose: Matrix<$t, 3, 5> => Matrix<$t, 5, 3>, transpose, transpose;
                        permute: X => Tensor<$t, 5, 4, 2, 3>, |x| permute(x, ORDER), |y| permute_backward(y, ORDER);
                        swap_first_axes: X => Tensor<$t, 3, 2, 4, 5>, swap_first_axes, swap_first_axes;
                        zero_pad2d_by_padding: X => Tensor<$t, 2, 3, 6, 9>,
                            |x| zero_pad2d(x, Padding::<1, 2>), |y| crop2d(y, Padding::<1, 2>);
                        zero_pad2d_by_sides: X => Tensor<$t, 2, 3, 7, 8>,
                            |x| zero_pad2d(x, Sides::<1, 2, 3, 0>), |y| crop2d(y, Sides::<1, 2, 3, 0>);
                        crop2d: X => Tensor<$t, 2, 3, 3, 2>,
                            |x| crop2d(x, Sides::<1, 0, 2, 1>), |y| zero_pad2d(y, Sides::<1, 0, 2, 1>);
                        insert_zeros: X => Tensor<$t, 2, 3, 7, 13>,
                            |x| insert_zeros(x, Stride::<2, 3>), |y| subsample(y, Stride::<2, 3>);
                        upsample_nearest2d: X => Tensor<$t, 2, 3, 8, 15>,
                            |x| upsample_nearest2d(x, Scale::<2, 3>), |y| upsample_nearest2d_backward(y, Scale::<2, 3>);
                        flip_horizontal: X => X, flip_horizontal, flip_horizontal;
                        flip_vertical: X => X, flip_vertical, flip_vertical;
                        rotate_by_90: X => Tensor<$t, 2, 3, 5, 4>, Tensor::rotated_90, Tensor::rotated_270;
                        rotate_by_180: X => X, Tensor::rotated_180, Tensor::rotated_180;
                        rotate_by_270: X => Tensor<$t, 2, 3, 5, 4>, Tensor::rotated_270, Tensor::rotated_90;
                        reshape: X => Tensor<$t, 5, 2, 4, 3>, reshape, reshape;
                    }
                }

                /// The adjoint has zeros after the last row and column that are taken.
                #[test]
                fn subsampling() {
                    cases! { $t:
                        subsample: X => Tensor<$t, 2, 3, 2, 2>, |x| subsample(x, Stride::<2, 3>), |y| {
                            zero_pad2d(&insert_zeros::<_, _, Tensor<$t, 2, 3, 3, 4>, 2, 3, 2, 2>(y, Stride::<2, 3>),
                                Sides::<0, 1, 0, 1>)
                        };
                    }
                }

                #[test]
                fn windows_as_columns() {
                    const WINDOW: (Stride<2, 1>, Padding<1, 0>, Floor, Dilation<1, 2>) =
                        (Stride, Padding, Floor, Dilation);
                    type Image = Tensor<$t, 2, 3, 5, 6>;
                    type Columns = Matrix<$t, 18, 24>;
                    cases! { $t:
                        im2col: Image => Columns,
                            |x| im2col(x, Kernel::<3, 2>, WINDOW), |y| col2im(y, Kernel::<3, 2>, WINDOW);
                        col2im: Columns => Image,
                            |y| col2im(y, Kernel::<3, 2>, WINDOW), |x| im2col(x, Kernel::<3, 2>, WINDOW);
                    }
                    static X: Matrix<$t, 6, 9> = fixture!("operation" max_mask $t "x");
                    static Y: Matrix<$t, 6, 9> = fixture!("operation" max_mask $t "y");
                    assert_eq!(max_mask(&X), Y);
                }

                #[test]
                fn channels() {
                    static A: X = fixture!("operation" concat_channels $t "a");
                    static B: Tensor<$t, 2, 2, 4, 5> = fixture!("operation" concat_channels $t "b");
                    static Y: Tensor<$t, 2, 5, 4, 5> = fixture!("operation" concat_channels $t "y");
                    static DY: Tensor<$t, 2, 5, 4, 5> = fixture!("operation" concat_channels $t "dy");
                    static DA: X = fixture!("operation" concat_channels $t "da");
                    static DB: Tensor<$t, 2, 2, 4, 5> = fixture!("operation" concat_channels $t "db");
                    assert_eq!(concat_channels(&A, &B), Y);
                    assert_eq!(split_channels(&DY, Split::<3, 2>), (DA.clone(), DB.clone()));

                    static SPLIT: X = fixture!("operation" split_channels $t "x");
                    static PARTS: Vector<$t, 120> = fixture!("operation" split_channels $t "y");
                    static DPARTS: Vector<$t, 120> = fixture!("operation" split_channels $t "dy");
                    static DSPLIT: X = fixture!("operation" split_channels $t "dx");
                    let (a, b) = split_channels(&SPLIT, Split::<1, 2>);
                    assert_eq!([a.as_slice(), b.as_slice()].concat(), PARTS.as_slice());
                    let (da, db) = DPARTS.as_slice().split_at(40);
                    let da = Tensor::<$t, 2, 1, 4, 5>::from_fn(|[n, _, h, w]| da[20 * n + 5 * h + w]);
                    let db = Tensor::<$t, 2, 2, 4, 5>::from_fn(|[n, c, h, w]| db[20 * (2 * n + c) + 5 * h + w]);
                    assert_eq!(concat_channels(&da, &db), DSPLIT);
                }

                #[test]
                fn composing() {
                    static F1: Tensor<$t, 3, 2, 3, 3> = fixture!("operation" compose $t "f1");
                    static F2: Tensor<$t, 4, 3, 3, 3> = fixture!("operation" compose $t "f2");
                    static Y: Tensor<$t, 4, 2, 5, 5> = fixture!("operation" compose $t "y");
                    assert_close("y", &compose(&F1, &F2), &Y, 27);
                }
            }
        )* };
    }

    operations! { f32 f64 }
}
