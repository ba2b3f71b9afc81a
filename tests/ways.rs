//! Several ways to the same numbers, held against each other in f32, f64 and, exactly, in i64:
//!
//! | | forward | dx | dw |
//! |---|---|---|---|
//! | direct | the kernels | the kernels | the kernels |
//! | columns | W · columns | col2im(Wᵀ · dY) | dY · columnsᵀ |
//! | convolution | of the padded input | of the residual, spread and padded, with filters turned by 180° | of the padded input with the residual |
//!
//! and poolings through columns: by the arg-max of each column, by an explicit 0/1 mask, by equal shares.

mod support;

use constconv::functional::*;
use constconv::prelude::*;
use num_traits::FromPrimitive;
use proptest::prelude::*;
use support::{Number, Random, assert_same, on_a_large_stack, random_array};

/// name: x, filters => output, stride, padding, dilation. Strides divide: what the roundings do is a test of its own.
macro_rules! convolutions {
    ($($name:ident: $x:tt, $w:tt => $y:tt, $s:tt, $p:tt, $d:tt;)*) => { $(
        mod $name {
            use super::*;

            convolutions!(@ways $x $w $y $s $p $d);

            proptest! {
                #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

                #[test]
                fn ways_agree(seed: u64) {
                    on_a_large_stack(move || {
                        ways::<f32>(seed);
                        ways::<f64>(seed);
                        ways::<i64>(seed);
                    });
                }
            }
        }
    )* };
    (
        @ways [$n:literal $c:literal $h:literal $w:literal] [$f:literal $kh:literal $kw:literal]
        [$ho:literal $wo:literal]
        [$sh:literal $sw:literal] [$ph:literal $pw:literal] [$dh:literal $dw:literal]
    ) => {
        fn ways<T: Number>(seed: u64) {
            type X<T> = Tensor<T, $n, $c, $h, $w>;
            type W<T> = Tensor<T, $f, $c, $kh, $kw>;
            type Y<T> = Tensor<T, $n, $f, $ho, $wo>;
            // Rows of filters, and places of the output.
            type Filters<T> = Matrix<T, $f, { $c * $kh * $kw }>;
            type Places<T> = Matrix<T, $f, { $n * $ho * $wo }>;
            const TERMS: [usize; 3] = [$c * $kh * $kw, $f * $kh * $kw, $n * $ho * $wo];
            const PADDING: Padding<$ph, $pw> = Padding;
            let options = (Stride::<$sh, $sw>, PADDING, Exact, Dilation::<$dh, $dw>);

            let random = &mut Random::new(seed);
            let (x, w): (X<T>, W<T>) = (random_array(random), random_array(random));
            let residual: Y<T> = random_array(random);
            let y: Y<T> = conv2d(&x, &w, &(), options);
            let (dx, dw, ()) = conv2d_backward(&x, &w, &(), options, &residual);

            // Through columns: one product of matrices each.
            let columns = im2col(&x, Kernel::<$kh, $kw>, options);
            let filters: Filters<T> = reshape(&w);
            let places: Tensor<T, $f, $n, $ho, $wo> = reshape(&matmul(&filters, &columns));
            assert_same("y through columns", &swap_first_axes(&places), &y, TERMS[0]);

            let residuals: Places<T> = reshape(&swap_first_axes(&residual));
            let dcolumns = matmul(&transpose(&filters), &residuals);
            let scattered: X<T> = col2im(&dcolumns, Kernel::<$kh, $kw>, options);
            assert_same("dx through columns", &scattered, &dx, TERMS[1]);
            let product: W<T> = reshape(&matmul(&residuals, &transpose(&columns)));
            assert_same("dw through columns", &product, &dw, TERMS[2]);

            // The padding first, then a convolution without.
            let padded = zero_pad2d(&x, PADDING);
            let unpadded: Y<T> =
                conv2d(&padded, &w, &(), (Stride::<$sh, $sw>, Padding::<0>, Exact, Dilation::<$dh, $dw>));
            assert_same("y of the padded input", &unpadded, &y, TERMS[0]);

            // dx: zeros between the residuals, full padding, filters turned by 180° with their channels swapped.
            type Full = Padding<{ $dh * ($kh - 1) }, { $dw * ($kw - 1) }>;
            let spread = zero_pad2d(&insert_zeros(&residual, Stride::<$sh, $sw>), Full::default());
            let turned = swap_first_axes(&w.rotated_180());
            let full = conv2d(&spread, &turned, &(), (Stride::<1>, Padding::<0>, Exact, Dilation::<$dh, $dw>));
            assert_same("dx by a full convolution", &crop2d(&full, PADDING), &dx, TERMS[1]);

            // dw: the padded input convolved with the residual; images are summed over like channels. Strides of the
            // one are dilations of the other.
            let correlated: Tensor<T, $c, $f, $kh, $kw> = conv2d(
                &swap_first_axes(&padded),
                &swap_first_axes(&residual),
                &(),
                (Stride::<$dh, $dw>, Padding::<0>, Exact, Dilation::<$sh, $sw>),
            );
            assert_same("dw by a convolution", &swap_first_axes(&correlated), &dw, TERMS[2]);
            // The same with the zeros written out.
            let correlated: Tensor<T, $c, $f, $kh, $kw> = conv2d(
                &swap_first_axes(&padded),
                &swap_first_axes(&insert_zeros(&residual, Stride::<$sh, $sw>)),
                &(),
                (Stride::<$dh, $dw>,),
            );
            assert_same("dw by a convolution with zeros inserted", &swap_first_axes(&correlated), &dw, TERMS[2]);
        }
    };
}

convolutions! {
    //               x            filters   output  stride padding dilation
    dense:           [2 3 6 5],   [4 3 3]   => [4 3],   [1 1], [0 0], [1 1];
    padded:          [3 2 5 7],   [3 3 3]   => [5 7],   [1 1], [1 1], [1 1];
    padded_fully:    [1 2 4 3],   [2 3 2]   => [6 4],   [1 1], [2 1], [1 1];
    strided:         [2 3 7 9],   [2 3 3]   => [3 4],   [2 2], [0 0], [1 1];
    strided_padded:  [2 2 8 11],  [3 3 3]   => [4 5],   [3 3], [2 2], [1 1];
    dilated:         [2 2 7 8],   [3 3 3]   => [7 8],   [1 1], [2 2], [2 2];
    rectangular:     [2 3 9 7],   [2 3 5]   => [5 7],   [2 1], [1 2], [1 1];
    everything:      [2 2 6 11],  [2 2 3]   => [5 5],   [1 2], [0 1], [1 2];
    everything_else: [1 3 10 8],  [2 2 2]   => [4 4],   [3 2], [1 0], [2 1];
    one_cell:        [2 4 5 6],   [3 1 1]   => [5 6],   [1 1], [0 0], [1 1];
    whole_plane:     [2 3 5 6],   [4 5 6]   => [1 1],   [1 1], [0 0], [1 1];
}

/// `Floor` is a crop and `Ceil` a padding at the bottom and on the right; dx of what is cropped is 0.
fn roundings<T: Number>(seed: u64) {
    let random = &mut Random::new(seed);
    let x: Tensor<T, 2, 2, 8, 9> = random_array(random);
    let w: Tensor<T, 3, 2, 3, 2> = random_array(random);
    macro_rules! rounding {
        ($rounding:ident, [$ho:literal $wo:literal], $there:ident, $back:ident, $sides:ty) => {
            let residual: Tensor<T, 2, 3, $ho, $wo> = random_array(random);
            let sides = <$sides>::default();
            let fitted = $there(&x, sides);
            let y: Tensor<T, 2, 3, $ho, $wo> = conv2d(&x, &w, &(), (Stride::<2, 3>, Padding::<0>, $rounding));
            assert_same("y", &conv2d(&fitted, &w, &(), (Stride::<2, 3>,)), &y, 12);
            let (dx, dw, ()) = conv2d_backward(&x, &w, &(), (Stride::<2, 3>, Padding::<0>, $rounding), &residual);
            let (dfitted, dw_fitted, ()) = conv2d_backward(&fitted, &w, &(), (Stride::<2, 3>,), &residual);
            assert_same("dx", &$back(&dfitted, sides), &dx, 18);
            assert_same("dw", &dw_fitted, &dw, 24);
        };
    }
    rounding!(Floor, [3 3], crop2d, zero_pad2d, Sides<0, 1, 0, 1>);
    rounding!(Ceil, [4 4], zero_pad2d, crop2d, Sides<0, 1, 0, 2>);
}

/// A depthwise convolution through columns: filters (C, C, KH, KW) that are 0 off the diagonal.
fn depthwise<T: Number>(seed: u64) {
    type Direct<T> = Conv2d<T, 3, 3, Kernel<3, 2>, Stride<2>, Padding<1>, Floor, Dilation<1>, Groups<3>, NoBias>;
    let options = (Stride::<2>, Padding::<1>, Floor);
    let random = &mut Random::new(seed);
    let (x, w): (Tensor<T, 2, 3, 7, 6>, Tensor<T, 3, 1, 3, 2>) = (random_array(random), random_array(random));
    let direct = Direct::<T>::new(w.clone(), ());
    let residual: Tensor<T, 2, 3, 4, 4> = random_array(random);
    let (dx, gradient) = direct.backward(&x, &residual);

    let columns = im2col(&x, Kernel::<3, 2>, options);
    let on_the_diagonal =
        Tensor::<T, 3, 3, 3, 2>::from_fn(|[f, c, u, v]| if f == c { w[[c, 0, u, v]] } else { T::ZERO });
    let filters: Matrix<T, 3, 18> = reshape(&on_the_diagonal);
    let y: Tensor<T, 3, 2, 4, 4> = reshape(&matmul(&filters, &columns));
    assert_same("y", &swap_first_axes(&y), &direct.forward(&x), 6);

    let residuals: Matrix<T, 3, 32> = reshape(&swap_first_axes(&residual));
    let scattered: Tensor<T, 2, 3, 7, 6> = col2im(&matmul(&transpose(&filters), &residuals), Kernel::<3, 2>, options);
    assert_same("dx", &scattered, &dx, 6);
    let dw: Tensor<T, 3, 3, 3, 2> = reshape(&matmul(&residuals, &transpose(&columns)));
    assert_same("dw", &Tensor::from_fn(|[c, _, u, v]| dw[[c, c, u, v]]), &gradient.weight, 32);
}

/// name: x => output, kernel, stride; each plane is an image of its own, so that a column is a window.
macro_rules! poolings {
    ($(
        $name:ident: [$n:literal $c:literal $h:literal $w:literal] [$kh:literal $kw:literal]
            => [$ho:literal $wo:literal], $s:ty, $p:ty;
    )*) => { $(
        mod $name {
            use super::*;

            type X<T> = Tensor<T, $n, $c, $h, $w>;
            type Y<T> = Tensor<T, $n, $c, $ho, $wo>;
            type Planes<T> = Tensor<T, { $n * $c }, 1, $h, $w>;
            type Windows<T> = Matrix<T, { $kh * $kw }, { $n * $c * $ho * $wo }>;
            type Places<T> = Matrix<T, 1, { $n * $c * $ho * $wo }>;

            /// dx from what each cell of each window gets.
            fn gather<T: Number>(shares: &Windows<T>) -> X<T> {
                let planes: Planes<T> = col2im(shares, Kernel::<$kh, $kw>, (<$s>::default(), <$p>::default()));
                reshape(&planes)
            }

            fn ways<T: Number + FromPrimitive>(seed: u64) {
                let random = &mut Random::new(seed);
                // Many a tie, all above the zeros of the padding.
                let x = X::<T>::from_fn(|_| T::from_u64(1 + random.bits() % 5).expect("a small number"));
                let residual: Y<T> = random_array(random);
                let places: Places<T> = reshape(&residual);
                let planes: Planes<T> = reshape(&x);
                let windows: Windows<T> = im2col(&planes, Kernel::<$kh, $kw>, (<$s>::default(), <$p>::default()));

                // The first maximum of each column.
                let winners: [usize; $n * $c * $ho * $wo] = std::array::from_fn(|column| {
                    let wins = |a: usize, max: usize| windows[[a, column]] > windows[[max, column]];
                    (1..$kh * $kw).fold(0, |max, cell| if wins(cell, max) { cell } else { max })
                });
                let maxima: Y<T> = reshape(&Places::from_fn(|[_, column]| windows[[winners[column], column]]));
                let options = (Kernel::<$kh, $kw>, <$s>::default(), <$p>::default());
                assert_same("largest", &max_pool2d(&x, options), &maxima, 1);
                let dx = max_pool2d_backward(&x, options, &residual);
                let mut shares = Windows::<T>::zeros();
                for (column, winner) in winners.into_iter().enumerate() {
                    shares[[winner, column]] = places[[0, column]];
                }
                assert_same("dx by the arg-max", &gather(&shares), &dx, $kh * $kw);

                let mask = max_mask(&windows);
                let shares = Windows::from_fn(|[cell, column]| mask[[cell, column]] * places[[0, column]]);
                assert_same("dx by the mask", &gather(&shares), &dx, $kh * $kw);

                // A mean: numbers that KH·KW divides, exactly for integers.
                let cells = T::from_usize($kh * $kw).expect("a small number");
                let residual = residual.map(|a| a * cells);
                let dx: X<T> = avg_pool2d_backward(&residual, options, IncludePad);
                let shares = Windows::from_fn(|[_, column]| residual.as_slice()[column] / cells);
                assert_same("dx by equal shares", &gather(&shares), &dx, $kh * $kw);
                let mean = matmul(&Matrix::<T, 1, { $kh * $kw }>::full(T::ONE), &windows.map(|a| a * cells));
                let mean: Y<T> = reshape(&mean.map(|sum| sum / cells));
                assert_same("mean", &avg_pool2d(&x.map(|a| a * cells), options, IncludePad), &mean, $kh * $kw);
            }

            proptest! {
                #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

                #[test]
                fn ways_agree(seed: u64) {
                    ways::<f32>(seed);
                    ways::<f64>(seed);
                    ways::<i64>(seed);
                }
            }
        }
    )* };
}

poolings! {
    tiles:       [2 3 6 8] [2 2] => [3 4], Stride<2>,    Padding<0>;
    overlapping: [2 2 5 7] [3 3] => [3 5], Stride<1>,    Padding<0>;
    pad_before:  [2 2 7 9] [3 3] => [4 5], Stride<2>,    Padding<1>;
    oblong:      [1 3 5 8] [2 4] => [4 3], Stride<1, 2>, Padding<0>;
    apart:       [3 1 8 5] [2 1] => [3 3], Stride<3, 2>, Padding<0>;
}

/// S3's max pooling: zeros of the padding take part. That is padding first, cropping dx.
fn pooling_over_zeros<T: Number>(seed: u64) {
    let random = &mut Random::new(seed);
    let (x, residual): (Tensor<T, 2, 2, 5, 5>, Tensor<T, 2, 2, 3, 3>) = (random_array(random), random_array(random));
    let options = (Kernel::<3>, Stride::<2>);
    let padded = zero_pad2d(&x, Padding::<1>);
    let y = max_pool2d(&padded, options);
    let dx = crop2d(&max_pool2d_backward(&padded, options, &residual), Padding::<1>);

    let mut expected = Tensor::<T, 2, 2, 5, 5>::zeros();
    for (place, &dy) in residual.iter().enumerate() {
        let [n, c, i, j] = [place / 18, place / 9 % 2, place / 3 % 3, place % 3];
        let cell = |k: usize| (2 * i + k / 3).checked_sub(1).zip((2 * j + k % 3).checked_sub(1));
        let inside = |k: usize| cell(k).filter(|&(h, w)| h < 5 && w < 5);
        let value = |k: usize| inside(k).map_or(T::ZERO, |(h, w)| x[[n, c, h, w]]);
        let winner = (1..9).fold(0, |max, k| if value(k) > value(max) { k } else { max });
        assert_eq!(y[[n, c, i, j]], value(winner));
        if let Some((h, w)) = inside(winner) {
            expected[[n, c, h, w]] += dy;
        }
    }
    assert_same("dx", &dx, &expected, 4);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn roundings_are_crops_and_paddings(seed: u64) {
        roundings::<f32>(seed);
        roundings::<f64>(seed);
        roundings::<i64>(seed);
    }

    #[test]
    fn depthwise_convolutions_are_diagonal(seed: u64) {
        depthwise::<f32>(seed);
        depthwise::<f64>(seed);
        depthwise::<i64>(seed);
    }

    #[test]
    fn max_pooling_over_zeros_is_padding_first(seed: u64) {
        pooling_over_zeros::<f32>(seed);
        pooling_over_zeros::<f64>(seed);
        pooling_over_zeros::<i64>(seed);
    }
}
