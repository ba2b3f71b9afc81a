//! Shapes as types: the formula in types against the formula in numbers, long axes, and inferred types.

use constconv::prelude::*;
use constconv::shape::{
    Axis, Extent, LONGEST_AXIS, LONGEST_ROUND_AXIS, Pooled, Rounding, SidedSlide, Slide, TransposedSlide,
    output_extent, sided_extent, transposed_extent,
};

/// The extent as a type, and as a number.
macro_rules! extent {
    ($rounding:ty, $l:literal $k:literal $s:literal $p:literal $d:literal) => {
        <<Axis<$l> as Slide<$k, $s, $p, $rounding, $d>>::Output as Extent>::LENGTH
    };
}

/// Compares the two on every combination of an axis, and kernel and stride, and padding and dilation.
macro_rules! grid {
    ($r:ty = $v:ident: [$($l:literal)*] $windows:tt $margins:tt) => { $( grid!(@l $r, $v, $l $windows $margins); )* };
    (@l $r:ty, $v:ident, $l:literal [$([$k:literal $s:literal])*] $margins:tt) => {
        $( grid!(@w $r, $v, $l $k $s $margins); )*
    };
    (@w $r:ty, $v:ident, $l:literal $k:literal $s:literal [$([$p:literal $d:literal])*]) => { $(
        assert_eq!(
            Some(extent!($r, $l $k $s $p $d)),
            output_extent($l, $k, $s, $p, $d, Rounding::$v),
            "L {} K {} S {} P {} D {}", $l, $k, $s, $p, $d,
        );
    )* };
}

/// What the types refuse is shown in `ui/`.
#[test]
fn the_extent_as_a_type_is_the_extent_as_a_number() {
    grid! { Exact = Exact: [5 8] [[1 1] [3 1]] [[0 1] [1 1] [2 2]] }
    grid! { Exact = Exact: [7 9] [[1 2] [3 2]] [[0 1] [1 1] [2 1]] }
    grid! { Floor = Floor: [6 7 8] [[2 2] [2 3] [3 2]] [[0 1] [1 1] [2 2]] }
    grid! { Ceil = Ceil: [6 7 8] [[2 2] [2 3] [3 2]] [[0 1] [1 1] [2 2]] }
    grid! { Pooled<Exact> = PooledExact: [5 7 9] [[3 2] [3 1]] [[0 1] [1 1]] }
    grid! { Pooled<Floor> = PooledFloor: [6 7 8] [[2 2] [2 3] [3 2]] [[0 1] [1 1] [1 2]] }
    grid! { Pooled<Ceil> = PooledCeil: [6 7 8] [[2 2] [2 3] [3 2]] [[0 1] [1 1] [1 2]] }
    for rounding in [Rounding::PooledExact, Rounding::PooledFloor, Rounding::PooledCeil] {
        assert_eq!(output_extent(8, 3, 1, 2, 1, rounding), None, "{rounding:?}"); // 2·2 > 3
    }
    assert_eq!(output_extent(8, 3, 2, 1, 1, Rounding::PooledExact), None); // 7 is odd
}

/// The same for padding that differs from side to side; where it does not, it is that of the other one.
#[test]
fn the_sided_extent_as_a_type_is_the_extent_as_a_number() {
    macro_rules! grid {
        ($($r:ident: [$($l:literal)*] $windows:tt $margins:tt;)*) => { $($( grid!(@l $r, $l $windows $margins); )*)* };
        (@l $r:ident, $l:literal [$([$k:literal $s:literal])*] $margins:tt) => { $( grid!(@w $r, $l $k $s $margins); )* };
        (@w $r:ident, $l:literal $k:literal $s:literal [$([$a:literal $b:literal $d:literal])*]) => { $(
            let extent = <<Axis<$l> as SidedSlide<$k, $s, $a, $b, $r, $d>>::Output as Extent>::LENGTH;
            let at = format!("L {} K {} S {} A {} B {} D {}", $l, $k, $s, $a, $b, $d);
            assert_eq!(Some(extent), sided_extent($l, $k, $s, [$a, $b], $d, Rounding::$r), "{at}");
            if $a == $b {
                assert_eq!(Some(extent), output_extent($l, $k, $s, $a, $d, Rounding::$r), "{at}");
            }
        )* };
    }
    grid! {
        Exact: [5 8] [[1 1] [3 1]] [[0 1 1] [2 0 1] [1 1 2]];
        Exact: [7 9] [[1 2] [3 2]] [[0 2 1] [3 1 1]];
        Exact: [8] [[3 2]] [[0 1 1] [4 5 1]];
        Floor: [6 7 8] [[2 2] [2 3] [3 2]] [[0 1 1] [3 0 1] [2 2 2]];
        Ceil: [6 7 8] [[2 2] [2 3] [3 2]] [[0 1 1] [3 0 1] [2 2 2]];
    }
    assert_eq!(sided_extent(8, 3, 2, [1, 1], 1, Rounding::Exact), None); // 7 is odd
    assert_eq!(sided_extent(2, 4, 1, [0, 1], 1, Rounding::Exact), None);
    for rounding in [Rounding::PooledExact, Rounding::PooledFloor, Rounding::PooledCeil] {
        assert_eq!(sided_extent(8, 3, 1, [1, 1], 1, rounding), None, "{rounding:?}");
    }
    for beyond in [LONGEST_AXIS + 1, LONGEST_ROUND_AXIS + 1, LONGEST_ROUND_AXIS + 64, usize::MAX] {
        assert_eq!(sided_extent(8, 3, 1, [beyond, 0], 1, Rounding::Floor), None);
        assert_eq!(sided_extent(8, 3, 1, [0, beyond], 1, Rounding::Floor), None);
    }
}

/// A number or an extent that is not in the table is no type, and nothing overflows.
#[test]
fn beyond_the_table_there_is_no_extent() {
    const L: usize = LONGEST_AXIS;
    let roundings = [Rounding::Exact, Rounding::Floor, Rounding::Ceil];
    for rounding in roundings.into_iter().chain([Rounding::PooledExact, Rounding::PooledFloor, Rounding::PooledCeil]) {
        assert_eq!(output_extent(L, 1, 1, 0, 1, rounding), Some(L));
        assert_eq!(output_extent(5000.max(L + 1), 1, 1, 0, 1, rounding), None);
        assert_eq!(output_extent(L, 3, 1, 1, 1, rounding), Some(L));
        for beyond in [L + 1, LONGEST_ROUND_AXIS + 64, usize::MAX] {
            assert_eq!(output_extent(beyond, 1, L, 0, 1, rounding), None);
            assert_eq!(output_extent(3, 1, beyond, 0, 1, rounding), None);
            assert_eq!(output_extent(3, beyond, 1, 0, 1, rounding), None);
            assert_eq!(output_extent(3, 1, 1, beyond, 1, rounding), None);
            assert_eq!(output_extent(3, 1, 1, 0, beyond, rounding), None);
        }
    }
    for rounding in roundings {
        assert_eq!(output_extent(L, 1, 1, 1, 1, rounding), None); // L + 2
        assert_eq!(output_extent(L, 1, 1, L - 1, 1, rounding), None); // 3·L − 2
        // Multiples of 64 go on.
        assert_eq!(output_extent(L, 1, 1, 32, 1, rounding), Some(L + 64));
        assert_eq!(output_extent(LONGEST_ROUND_AXIS, 1, 1, 0, 1, rounding), Some(LONGEST_ROUND_AXIS));
        assert_eq!(output_extent(LONGEST_ROUND_AXIS, 1, 1, 32, 1, rounding), None);
    }

    assert_eq!(transposed_extent(L, 1, 1, 0, 0, 1), Some(L));
    assert_eq!(transposed_extent(L, 2, 1, 0, 0, 1), None); // L + 1
    assert_eq!(transposed_extent(L, L, L, 0, 0, L), None);
    for beyond in [L + 1, usize::MAX] {
        assert_eq!(transposed_extent(beyond, 1, 1, L, 0, 1), None);
        assert_eq!(transposed_extent(1, beyond, 1, L, 0, 1), None);
        assert_eq!(transposed_extent(1, 1, beyond, 0, 0, 1), None);
        assert_eq!(transposed_extent(1, 1, 1, beyond, 0, 1), None);
        assert_eq!(transposed_extent(1, 1, 1, 0, beyond, 1), None);
        assert_eq!(transposed_extent(1, 1, 1, 0, 0, beyond), None);
    }
}

/// The same for transposed windows, and each extent is one from which the window leads back.
#[test]
fn the_transposed_extent_as_a_type_is_the_extent_as_a_number() {
    macro_rules! grid {
        ($($l:literal)*; $steps:tt; $margins:tt) => { $( grid!(@l $l; $steps; $margins); )* };
        (@l $l:literal; [$([$k:literal $s:literal $d:literal])*]; $margins:tt) => {
            $( grid!(@w $l $k $s $d; $margins); )*
        };
        (@w $l:literal $k:literal $s:literal $d:literal; [$([$p:literal $o:literal])*]) => { $(
            let extent = <<Axis<$l> as TransposedSlide<$k, $s, $p, $o, $d>>::Output as Extent>::LENGTH;
            let at = format!("L {} K {} S {} P {} O {} D {}", $l, $k, $s, $p, $o, $d);
            assert_eq!(Some(extent), transposed_extent($l, $k, $s, $p, $o, $d), "{at}");
            assert_eq!(extent, ($l - 1) * $s + $d * ($k - 1) + $o + 1 - 2 * $p, "{at}");
            assert!(output_extent(extent, $k, $s, $p, $d, Rounding::Floor) >= Some($l), "{at}");
        )* };
    }
    grid! { 3 4 7; [[1 2 1] [2 2 1] [3 2 1] [3 3 1] [4 3 2] [2 1 2]]; [[0 0] [1 0] [0 1] [1 1]] }
    grid! { 3 5; [[3 1 1] [5 1 1] [3 1 2]]; [[0 0] [1 0] [2 0]] }
    grid! { 1 6; [[5 1 3] [4 2 3] [5 4 1]]; [[0 0] [1 1] [2 2]] }
    assert_eq!(transposed_extent(4, 3, 2, 1, 2, 2), None);
    assert_eq!(transposed_extent(2, 1, 1, 1, 0, 1), None);
    assert_eq!(transposed_extent(3, 0, 1, 0, 0, 1), None);
    assert_eq!(transposed_extent(3, 1, 0, 0, 0, 1), None);
    assert_eq!(transposed_extent(3, 1, 1, 0, 0, 0), None);
}

/// A window of one cell keeps the axis: the table leads from each length to a number and back.
#[test]
fn lengths_up_to_4096_are_axes() {
    macro_rules! lengths {
        ($($l:literal)*) => { $( assert_eq!(extent!(Floor, $l 1 1 0 1), $l); )* };
    }
    lengths! { 1 2 31 32 33 63 64 65 127 128 784 1000 1024 1152 1568 2048 3136 4032 4095 4096 }
    const { assert!(LONGEST_AXIS >= 4096) };
}

/// Above, multiples of 64 are: pictures of 32×32 with 8 channels, AlexNet's features, a second of 16 kHz, VGG's features.
#[test]
fn multiples_of_64_are_axes_up_to_32768() {
    macro_rules! lengths {
        ($($l:literal)*) => { $( assert_eq!(extent!(Floor, $l 1 1 0 1), $l); )* };
    }
    lengths! { 4160 8192 9216 16000 16384 25088 32704 32768 }
    const { assert!(LONGEST_ROUND_AXIS == 32_768) };
    let picture = Tensor::<u8, 2, 8, 32, 32>::full(1);
    let flat: Matrix<u8, 2, 8192> = Flatten.forward(&picture);
    assert_eq!(flat[[1, 8191]], 1);
    let sums = Linear::<u16, 9216, 2, NoBias>::new(Matrix::full(1), ()).forward(&Tensor::<u16, 1, 256, 6, 6>::full(1));
    assert_eq!(sums, Matrix::full(9216));
    let second = Signal::<u8, 1, 1, 16000>::full(2);
    let pooled: Signal<u8, 1, 1, 8000> = MaxPool1d::<Kernel<2>>::new().forward(&second);
    assert_eq!(pooled[[0, 0, 7999]], 2);
}

#[test]
fn long_axes_pass_through_layers() {
    let x = Tensor::<u8, 1, 1, 1, 4096>::from_fn(|[_, _, _, w]| (w % 251) as u8);
    let halved: Tensor<u8, 1, 1, 1, 2048> = MaxPool2d::<Kernel<1, 2>>::new().forward(&x);
    assert_eq!(halved[[0, 0, 0, 2047]], x[[0, 0, 0, 4095]].max(x[[0, 0, 0, 4094]]));
    let smoothed: Tensor<u8, 1, 1, 1, 4096> =
        Conv2d::<u8, 1, 1, Kernel<1, 3>, Stride<1>, Padding<0, 1>>::new(Tensor::full(1), Vector::zeros())
            .forward(&Tensor::<u8, 1, 1, 1, 4096>::full(1));
    assert_eq!((smoothed[[0, 0, 0, 0]], smoothed[[0, 0, 0, 1]]), (2, 3));

    let map = Tensor::<u16, 2, 16, 16, 16>::from_fn(|[n, c, h, w]| (n * 4096 + c * 256 + h * 16 + w) as u16);
    let flat: Matrix<u16, 2, 4096> = Flatten.forward(&map);
    assert_eq!(flat[[1, 4095]], 8191);
    let sums = Linear::<u16, 4096, 2, NoBias>::new(Matrix::full(1), ()).forward(&Tensor::<u16, 1, 64, 8, 8>::full(1));
    assert_eq!(sums, Matrix::full(4096));
}

/// Nothing but the first and the last type is written.
#[test]
fn types_are_inferred_through_a_deep_chain() {
    let x = Tensor::<f32, 2, 3, 64, 48>::zeros();
    let y = Conv2d::<f32, 3, 8, Kernel<3>, Stride<1>, Padding<1>>::ZERO.forward(&x); // 64×48
    let y = MaxPool2d::<Kernel<2>>::new().forward(&Relu.forward(&y)); // 32×24
    let y = Conv2d::<f32, 8, 8, Kernel<5, 3>, Stride<3, 1>>::ZERO.forward(&y); // 10×22
    let y = Conv2d::<f32, 8, 4, Kernel<3>, Stride<2>, Padding<1>, Ceil>::ZERO.forward(&y); // ⌈9/2⌉+1 = 6, ⌈21/2⌉+1 = 12
    let y = AvgPool2d::<Kernel<3>, Stride<2>, Padding<0>, Floor>::new().forward(&y); // 2×5
    let y = Conv2d::<f32, 4, 6, Kernel<2>, Stride<1>, Padding<1>, Exact, Dilation<2>>::ZERO.forward(&y); // 2×5
    let y = Linear::<f32, 10, 7>::ZERO.forward(&Linear::<f32, 60, 10>::ZERO.forward(&Flatten.forward(&y)));
    let _: Matrix<f32, 2, 7> = y;
}
