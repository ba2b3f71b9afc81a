//! What PyTorch computes (`fixtures/make_fixtures.py`): forward and all gradients, in f32 and f64, through layers and
//! through free functions. Outputs are NaN before they are overwritten.

mod support;

use std::sync::LazyLock;

use constconv::functional;
use constconv::prelude::*;
use support::{Shaped, assert_close, fixture, load, nan, on_a_large_stack};

/// Runs a layer both ways on outputs full of NaN, compares y and dx, and returns the gradient of the parameters.
fn run<L, X, Y>(layer: &L, x: &X, y: &Y, dy: &Y, dx: &X, [y_terms, dx_terms]: [usize; 2]) -> Gradient<L>
where
    L: Backward<X, Output = Y>,
    Gradient<L>: PartialEq,
    X: Shaped,
    Y: Shaped,
{
    let mut found: Y = nan();
    layer.forward_into(x, &mut found);
    assert_close("y", &found, y, y_terms);

    let (mut found, mut found_dx) = (nan::<Y>(), nan::<X>());
    let (mut tape, mut gradient, mut parameters_only) = (Zeroed::ZERO, Zeroed::ZERO, Zeroed::ZERO);
    layer.forward_train(x, &mut found, &mut tape);
    assert_close("y in training", &found, y, y_terms);
    layer.backward_into(x, &found, dy, &mut tape, &mut found_dx, &mut gradient);
    assert_close("dx", &found_dx, dx, dx_terms);
    layer.backward_parameters(x, &found, dy, &mut tape, &mut parameters_only);
    assert!(gradient == parameters_only, "gradient with and without dx");
    gradient
}

/// An array of a fixture, read when it is first asked for: the compiler would take longer.
macro_rules! stored {
    ($name:ident: $array:ty, $group:literal $case:ident $stored:literal) => {
        static $name: LazyLock<$array> = LazyLock::new(|| stored(concat!($group, "/", stringify!($case)), $stored));
    };
}

fn stored<A: Shaped>(case: &str, name: &str) -> A {
    let mut array = A::ZERO;
    array.as_mut_slice().copy_from_slice(&load(case, name));
    array
}

/// A bias and its gradient, if there is one: `B`, `DB` and how to compare `DB`.
macro_rules! bias {
    ($group:literal $case:ident $t:ident $f:literal NoBias) => {
        static B: LazyLock<()> = LazyLock::new(|| ());
        fn check_db((): &(), _: usize) {}
    };
    ($group:literal $case:ident $t:ident $f:literal Bias) => {
stored!(B: Vector<$t, $f>, $group $case "b");
        fn check_db(db: &Vector<$t, $f>, terms: usize) {
    stored!(DB: Vector<$t, $f>, $group $case "db");
            assert_close("db", db, &*DB, terms);
        }
    };
}

mod conv2d {
    use super::*;

    /// case: x, w → y, stride, padding, rounding, dilation, (groups, bias)
    macro_rules! cases {
        ($($case:ident: $x:tt, $w:tt => $y:tt, $s:ty, $p:ty, $r:ty, $d:ty, $kind:tt;)*) => { $(
            mod $case {
                use super::*;
                cases!(@test f32 $case $x $w $y $s, $p, $r, $d, $kind);
                cases!(@test f64 $case $x $w $y $s, $p, $r, $d, $kind);
            }
        )* };
        (
            @test $t:ident $case:ident
            [$n:literal $c:literal $h:literal $w:literal]
            [$f:literal $cg:literal $kh:literal $kw:literal]
            [$ho:literal $wo:literal]
            $s:ty, $p:ty, $r:ty, $d:ty, ($g:ty, $b:ident)
        ) => {
            #[test]
            fn $t() {
                stored!(X: Tensor<$t, $n, $c, $h, $w>, "conv2d" $case "x");
                stored!(W: Tensor<$t, $f, $cg, $kh, $kw>, "conv2d" $case "w");
                stored!(DY: Tensor<$t, $n, $f, $ho, $wo>, "conv2d" $case "dy");
                stored!(Y: Tensor<$t, $n, $f, $ho, $wo>, "conv2d" $case "y");
                stored!(DX: Tensor<$t, $n, $c, $h, $w>, "conv2d" $case "dx");
                stored!(DW: Tensor<$t, $f, $cg, $kh, $kw>, "conv2d" $case "dw");
                bias!("conv2d" $case $t $f $b);
                const TERMS: [usize; 2] = [$cg * $kh * $kw + 1, $f * $cg / $c * $kh * $kw];

                on_a_large_stack(|| {
                    type Conv = Conv2d<$t, $c, $f, Kernel<$kh, $kw>, $s, $p, $r, $d, $g, $b>;
                    let gradient = run(&Conv::new(W.clone(), B.clone()), &*X, &*Y, &*DY, &*DX, TERMS);
                    assert_close("dw", &gradient.weight, &*DW, $n * $ho * $wo);
                    check_db(&gradient.bias, $n * $ho * $wo);

                    let options =
                        || (<$s>::default(), <$p>::default(), <$r>::default(), <$d>::default(), <$g>::default());
                    assert_close("y of the function", &functional::conv2d(&*X, &*W, &*B, options()), &*Y, TERMS[0]);
                    let mut y = nan();
                    functional::conv2d_into(&*X, &*W, &*B, options(), &mut y);
                    assert_close("y of the function that overwrites", &y, &*Y, TERMS[0]);
                    let (dx, dw, db) = functional::conv2d_backward(&*X, &*W, &*B, options(), &*DY);
                    assert_close("dx of the function", &dx, &*DX, TERMS[1]);
                    assert_eq!((dw, db), (gradient.weight, gradient.bias), "dw and db of the function");
                });
            }
        };
    }

    cases! {
        s6: [10 32 14 14], [16 32 3 3] => [14 14],
            Stride<1>, Padding<1>, Exact, Dilation<1>, (Ungrouped, Bias);
        stride1_padding0_batch3: [3 3 5 6], [4 3 3 3] => [3 4],
            Stride<1>, Padding<0>, Exact, Dilation<1>, (Ungrouped, Bias);
        stride1_padding2_batch1: [1 2 5 7], [3 2 3 3] => [7 9],
            Stride<1>, Padding<2>, Exact, Dilation<1>, (Ungrouped, Bias);
        stride2_padding1: [2 2 7 9], [3 2 3 3] => [4 5],
            Stride<2>, Padding<1>, Exact, Dilation<1>, (Ungrouped, Bias);
        stride3_padding2: [2 2 8 11], [3 2 3 3] => [4 5],
            Stride<3>, Padding<2>, Exact, Dilation<1>, (Ungrouped, Bias);
        dilation2_padding2: [2 2 7 8], [3 2 3 3] => [7 8],
            Stride<1>, Padding<2>, Exact, Dilation<2>, (Ungrouped, Bias);
        rectangular: [2 3 9 7], [2 3 3 5] => [5 7],
            Stride<2, 1>, Padding<1, 2>, Exact, Dilation<1>, (Ungrouped, Bias);
        rectangular_dilation1x2: [2 2 6 11], [3 2 2 3] => [5 5],
            Stride<1, 2>, Padding<0, 1>, Exact, Dilation<1, 2>, (Ungrouped, Bias);
        no_bias: [2 3 5 5], [2 3 2 2] => [4 4],
            Stride<1>, Padding<0>, Exact, Dilation<1>, (Ungrouped, NoBias);
        kernel1x1: [2 4 5 6], [3 4 1 1] => [5 6],
            Stride<1>, Padding<0>, Exact, Dilation<1>, (Ungrouped, Bias);
        kernel_as_large_as_input: [2 3 5 6], [4 3 5 6] => [1 1],
            Stride<1>, Padding<0>, Exact, Dilation<1>, (Ungrouped, Bias);
        floor_stride2: [2 2 8 6], [3 2 3 3] => [3 2],
            Stride<2>, Padding<0>, Floor, Dilation<1>, (Ungrouped, Bias);
        floor_stride3_padding1: [2 2 9 10], [3 2 3 2] => [3 4],
            Stride<3>, Padding<1>, Floor, Dilation<1>, (Ungrouped, Bias);
        ceil_stride2: [2 2 8 6], [3 2 3 3] => [4 3],
            Stride<2>, Padding<0>, Ceil, Dilation<1>, (Ungrouped, Bias);
        ceil_stride3x2_padding1_dilation2: [2 2 9 10], [3 2 3 3] => [3 5],
            Stride<3, 2>, Padding<1>, Ceil, Dilation<2>, (Ungrouped, Bias);
        groups2: [2 4 5 6], [6 2 3 3] => [5 6],
            Stride<1>, Padding<1>, Exact, Dilation<1>, (Groups<2>, Bias);
        groups4_stride2: [2 8 7 5], [4 2 3 3] => [4 3],
            Stride<2>, Padding<1>, Exact, Dilation<1>, (Groups<4>, Bias);
    }
}

mod depthwise_conv2d {
    use super::*;

    /// case: x, filters and kernel → y, stride, padding, rounding, dilation, bias
    macro_rules! cases {
        ($($case:ident: $x:tt, $w:tt => $y:tt, $s:ty, $p:ty, $r:ty, $d:ty, $b:ident;)*) => { $(
            mod $case {
                use super::*;
                cases!(@test f32 $case $x $w $y $s, $p, $r, $d, $b);
                cases!(@test f64 $case $x $w $y $s, $p, $r, $d, $b);
            }
        )* };
        (
            @test $t:ident $case:ident
            [$n:literal $c:literal $h:literal $w:literal] [$f:literal $kh:literal $kw:literal]
            [$ho:literal $wo:literal] $s:ty, $p:ty, $r:ty, $d:ty, $b:ident
        ) => {
            #[test]
            fn $t() {
                stored!(X: Tensor<$t, $n, $c, $h, $w>, "depthwise_conv2d" $case "x");
                stored!(W: Tensor<$t, $f, 1, $kh, $kw>, "depthwise_conv2d" $case "w");
                stored!(DY: Tensor<$t, $n, $f, $ho, $wo>, "depthwise_conv2d" $case "dy");
                stored!(Y: Tensor<$t, $n, $f, $ho, $wo>, "depthwise_conv2d" $case "y");
                stored!(DX: Tensor<$t, $n, $c, $h, $w>, "depthwise_conv2d" $case "dx");
                stored!(DW: Tensor<$t, $f, 1, $kh, $kw>, "depthwise_conv2d" $case "dw");
                bias!("depthwise_conv2d" $case $t $f $b);

                type Conv = DepthwiseConv2d<$t, $c, $f, Kernel<$kh, $kw>, $s, $p, $r, $d, $b>;
                let layer = Conv::new(W.clone(), B.clone());
                let gradient = run(&layer, &*X, &*Y, &*DY, &*DX, [$kh * $kw + 1, $f / $c * $kh * $kw]);
                assert_close("dw", &gradient.weight, &*DW, $n * $ho * $wo);
                check_db(&gradient.bias, $n * $ho * $wo);

                let options = (<$s>::default(), <$p>::default(), <$r>::default(), <$d>::default(), Groups::<$c>);
                assert_eq!(functional::conv2d(&*X, &*W, &*B, options), layer.forward(&*X), "the function");
            }
        };
    }

    cases! {
        multiplier1: [2 3 5 6], [3 3 3] => [5 6], Stride<1>, Padding<1>, Exact, Dilation<1>, Bias;
        multiplier2_stride2: [2 3 7 7], [6 3 3] => [3 3], Stride<2>, Padding<0>, Exact, Dilation<1>, Bias;
        dilation2_padding2: [2 3 6 7], [3 3 3] => [6 7], Stride<1>, Padding<2>, Exact, Dilation<2>, Bias;
        multiplier2_kernel5_stride2_padding2: [2 2 7 9], [4 5 5] => [4 5],
            Stride<2>, Padding<2>, Exact, Dilation<1>, Bias;
        multiplier3_rectangular_ceil_no_bias: [2 2 6 5], [6 3 2] => [4 4],
            Stride<2, 1>, Padding<1, 0>, Ceil, Dilation<1>, NoBias;
    }
}

mod conv_transpose2d {
    use super::*;

    /// case: x, w → y and its channels, stride, padding, output padding, dilation, groups, bias
    macro_rules! cases {
        ($($case:ident: $x:tt, $w:tt => $y:tt, $s:ty, $p:ty, $o:ty, $d:ty, $g:ty, $b:ident;)*) => { $(
            mod $case {
                use super::*;
                cases!(@test f32 $case $x $w $y $s, $p, $o, $d, $g, $b);
                cases!(@test f64 $case $x $w $y $s, $p, $o, $d, $g, $b);
            }
        )* };
        (
            @test $t:ident $case:ident
            [$n:literal $c:literal $h:literal $w:literal] [$fg:literal $kh:literal $kw:literal]
            [$f:literal $ho:literal $wo:literal] $s:ty, $p:ty, $o:ty, $d:ty, $g:ty, $b:ident
        ) => {
            #[test]
            fn $t() {
                stored!(X: Tensor<$t, $n, $c, $h, $w>, "conv_transpose2d" $case "x");
                stored!(W: Tensor<$t, $c, $fg, $kh, $kw>, "conv_transpose2d" $case "w");
                stored!(DY: Tensor<$t, $n, $f, $ho, $wo>, "conv_transpose2d" $case "dy");
                stored!(Y: Tensor<$t, $n, $f, $ho, $wo>, "conv_transpose2d" $case "y");
                stored!(DX: Tensor<$t, $n, $c, $h, $w>, "conv_transpose2d" $case "dx");
                stored!(DW: Tensor<$t, $c, $fg, $kh, $kw>, "conv_transpose2d" $case "dw");
                bias!("conv_transpose2d" $case $t $f $b);
                const TERMS: [usize; 2] = [$c * $fg / $f * $kh * $kw + 1, $fg * $kh * $kw];

                type Up = ConvTranspose2d<$t, $c, $f, Kernel<$kh, $kw>, $s, $p, $o, $d, $g, $b>;
                let gradient = run(&Up::new(W.clone(), B.clone()), &*X, &*Y, &*DY, &*DX, TERMS);
                assert_close("dw", &gradient.weight, &*DW, $n * $h * $w);
                check_db(&gradient.bias, $n * $ho * $wo);

                let options =
                    || (<$s>::default(), <$p>::default(), <$o>::default(), <$d>::default(), <$g>::default());
                let y = functional::conv_transpose2d(&*X, &*W, &*B, options());
                assert_close("y of the function", &y, &*Y, TERMS[0]);
                let mut y = nan();
                functional::conv_transpose2d_into(&*X, &*W, &*B, options(), &mut y);
                assert_close("y of the function that overwrites", &y, &*Y, TERMS[0]);
                let (dx, dw, db) = functional::conv_transpose2d_backward(&*X, &*W, &*B, options(), &*DY);
                assert_close("dx of the function", &dx, &*DX, TERMS[1]);
                assert_eq!((dw, db), (gradient.weight, gradient.bias), "dw and db of the function");
            }
        };
    }

    cases! {
        stride1: [2 3 4 5], [2 3 3] => [2 6 7],
            Stride<1>, Padding<0>, OutputPadding<0>, Dilation<1>, Ungrouped, Bias;
        stride2_padding1_output_padding1: [2 2 4 3], [3 3 3] => [3 8 6],
            Stride<2>, Padding<1>, OutputPadding<1>, Dilation<1>, Ungrouped, Bias;
        stride3x2_padding0x1_output_padding1x0: [2 2 3 4], [3 2 3] => [3 9 7],
            Stride<3, 2>, Padding<0, 1>, OutputPadding<1, 0>, Dilation<1>, Ungrouped, Bias;
        stride2_padding1_dilation2: [2 2 4 5], [3 3 2] => [3 9 9],
            Stride<2>, Padding<1>, OutputPadding<0>, Dilation<2>, Ungrouped, Bias;
        stride2_padding1_no_bias: [2 3 4 3], [2 3 3] => [2 7 5],
            Stride<2>, Padding<1>, OutputPadding<0>, Dilation<1>, Ungrouped, NoBias;
        groups2_stride2_padding1_output_padding1: [2 4 3 4], [3 3 3] => [6 6 8],
            Stride<2>, Padding<1>, OutputPadding<1>, Dilation<1>, Groups<2>, Bias;
        groups3_output_padding1_dilation2_no_bias: [2 3 4 3], [1 3 2] => [3 9 6],
            Stride<1>, Padding<0>, OutputPadding<1>, Dilation<2>, Groups<3>, NoBias;
    }
}

mod conv1d {
    use super::*;

    /// case: x, w → y, stride, padding, rounding, dilation, groups, bias
    macro_rules! cases {
        ($($case:ident: $x:tt, $w:tt => $lo:literal, $s:ty, $p:ty, $r:ty, $d:ty, $g:ty, $b:ident;)*) => { $(
            mod $case {
                use super::*;
                cases!(@test f32 $case $x $w $lo $s, $p, $r, $d, $g, $b);
                cases!(@test f64 $case $x $w $lo $s, $p, $r, $d, $g, $b);
            }
        )* };
        (
            @test $t:ident $case:ident [$n:literal $c:literal $l:literal] [$f:literal $cg:literal $k:literal] $lo:literal
            $s:ty, $p:ty, $r:ty, $d:ty, $g:ty, $b:ident
        ) => {
            #[test]
            fn $t() {
                stored!(X: Signal<$t, $n, $c, $l>, "conv1d" $case "x");
                stored!(W: Signal<$t, $f, $cg, $k>, "conv1d" $case "w");
                stored!(DY: Signal<$t, $n, $f, $lo>, "conv1d" $case "dy");
                stored!(Y: Signal<$t, $n, $f, $lo>, "conv1d" $case "y");
                stored!(DX: Signal<$t, $n, $c, $l>, "conv1d" $case "dx");
                stored!(DW: Signal<$t, $f, $cg, $k>, "conv1d" $case "dw");
                bias!("conv1d" $case $t $f $b);
                const TERMS: [usize; 2] = [$cg * $k + 1, $f * $cg / $c * $k];

                type Conv = Conv1d<$t, $c, $f, Kernel<$k>, $s, $p, $r, $d, $g, $b>;
                let gradient = run(&Conv::new(W.clone(), B.clone()), &*X, &*Y, &*DY, &*DX, TERMS);
                assert_close("dw", &gradient.weight, &*DW, $n * $lo);
                check_db(&gradient.bias, $n * $lo);

                let options =
                    || (<$s>::default(), <$p>::default(), <$r>::default(), <$d>::default(), <$g>::default());
                assert_close("y of the function", &functional::conv1d(&*X, &*W, &*B, options()), &*Y, TERMS[0]);
                let mut y = nan();
                functional::conv1d_into(&*X, &*W, &*B, options(), &mut y);
                assert_close("y of the function that overwrites", &y, &*Y, TERMS[0]);
                let (dx, dw, db) = functional::conv1d_backward(&*X, &*W, &*B, options(), &*DY);
                assert_close("dx of the function", &dx, &*DX, TERMS[1]);
                assert_eq!((dw, db), (gradient.weight, gradient.bias), "dw and db of the function");
            }
        };
    }

    cases! {
        stride1_padding1: [2 3 9], [4 3 3] => 9, Stride<1>, Padding<1>, Exact, Dilation<1>, Ungrouped, Bias;
        stride2_padding2_dilation2: [2 2 11], [3 2 3] => 6,
            Stride<2>, Padding<2>, Exact, Dilation<2>, Ungrouped, Bias;
        groups2_padding1_no_bias: [2 4 7], [6 2 3] => 7, Stride<1>, Padding<1>, Exact, Dilation<1>, Groups<2>, NoBias;
        floor_stride3: [2 2 12], [3 2 4] => 3, Stride<3>, Padding<0>, Floor, Dilation<1>, Ungrouped, Bias;
        ceil_stride2_padding1_dilation2_groups2: [2 4 10], [2 2 3] => 5,
            Stride<2>, Padding<1>, Ceil, Dilation<2>, Groups<2>, Bias;
    }
}

/// case: layer, x → y
macro_rules! pool {
    ($group:literal; $($case:ident: $pool:ty, $x:tt => $y:tt;)*) => { $(
        mod $case {
            use super::*;
            pool!(@test f32 $group $case $pool, $x $y);
            pool!(@test f64 $group $case $pool, $x $y);
        }
    )* };
    (
        @test $t:ident $group:literal $case:ident $pool:ty,
        [$n:literal $c:literal $h:literal $w:literal] [$ho:literal $wo:literal]
    ) => {
        #[test]
        fn $t() {
            stored!(X: Tensor<$t, $n, $c, $h, $w>, $group $case "x");
            stored!(DY: Tensor<$t, $n, $c, $ho, $wo>, $group $case "dy");
            stored!(Y: Tensor<$t, $n, $c, $ho, $wo>, $group $case "y");
            stored!(DX: Tensor<$t, $n, $c, $h, $w>, $group $case "dx");
            run(&<$pool>::default(), &*X, &*Y, &*DY, &*DX, [9, 9]);
        }
    };
    (
        @test $t:ident $group:literal $case:ident $pool:ty, [$n:literal $c:literal $l:literal] [$lo:literal]
    ) => {
        #[test]
        fn $t() {
            stored!(X: Signal<$t, $n, $c, $l>, $group $case "x");
            stored!(DY: Signal<$t, $n, $c, $lo>, $group $case "dy");
            stored!(Y: Signal<$t, $n, $c, $lo>, $group $case "y");
            stored!(DX: Signal<$t, $n, $c, $l>, $group $case "dx");
            run(&<$pool>::default(), &*X, &*Y, &*DY, &*DX, [3, 3]);
        }
    };
}

mod max_pool1d {
    use super::*;

    pool! { "max_pool1d";
        kernel3_stride2_padding1: MaxPool1d<Kernel<3>, Stride<2>, Padding<1>>, [2 3 9] => [5];
        kernel2_stride3_floor: MaxPool1d<Kernel<2>, Stride<3>, Padding<0>, Floor>, [2 2 10] => [3];
        kernel3_stride2_padding1_dilation2_ceil:
            MaxPool1d<Kernel<3>, Stride<2>, Padding<1>, Ceil, Dilation<2>>, [2 2 10] => [5];
        kernel2_stride2_padding1_ceil_drops_window:
            MaxPool1d<Kernel<2>, Stride<2>, Padding<1>, Ceil>, [2 2 7] => [4];
        ties_negative_kernel3_stride1_padding1: MaxPool1d<Kernel<3>, Stride<1>, Padding<1>>, [2 2 9] => [9];
        nan: MaxPool1d<Kernel<3>, Stride<1>>, [2 2 7] => [5];
    }
}

mod avg_pool1d {
    use super::*;

    pool! { "avg_pool1d";
        kernel3_stride2_padding1_exclude_pad:
            AvgPool1d<Kernel<3>, Stride<2>, Padding<1>, Exact, ExcludePad>, [2 3 9] => [5];
        kernel3_stride2_padding1_include_pad: AvgPool1d<Kernel<3>, Stride<2>, Padding<1>>, [2 3 9] => [5];
        kernel2_stride3_floor: AvgPool1d<Kernel<2>, Stride<3>, Padding<0>, Floor>, [2 2 10] => [3];
        kernel3_stride2_padding1_ceil_include_pad:
            AvgPool1d<Kernel<3>, Stride<2>, Padding<1>, Ceil>, [2 2 8] => [5];
        kernel3_stride2_padding1_ceil_exclude_pad:
            AvgPool1d<Kernel<3>, Stride<2>, Padding<1>, Ceil, ExcludePad>, [2 2 8] => [5];
        kernel2_stride3_ceil_drops_window: AvgPool1d<Kernel<2>, Stride<3>, Padding<0>, Ceil>, [2 2 6] => [2];
    }
}

mod max_pool2d {
    use super::*;

    pool! { "max_pool2d";
        kernel2_stride2: MaxPool2d<Kernel<2>>, [2 3 6 8] => [3 4];
        kernel3_stride2_padding1: MaxPool2d<Kernel<3>, Stride<2>, Padding<1>>, [2 2 7 9] => [4 5];
        kernel2x3_stride1x2: MaxPool2d<Kernel<2, 3>, Stride<1, 2>>, [2 2 5 7] => [4 3];
        kernel2_stride3_floor: MaxPool2d<Kernel<2>, Stride<3>, Padding<0>, Floor>, [2 2 9 7] => [3 2];
        kernel3_stride2_ceil: MaxPool2d<Kernel<3>, Stride<2>, Padding<0>, Ceil>, [2 2 6 8] => [3 4];
        kernel2_stride2_padding1_ceil_drops_window:
            MaxPool2d<Kernel<2>, Stride<2>, Padding<1>, Ceil>, [2 2 5 7] => [3 4];
        dilation2_padding1: MaxPool2d<Kernel<3>, Stride<1>, Padding<1>, Exact, Dilation<2>>, [2 2 7 8] => [5 6];
        ties_kernel3_stride1: MaxPool2d<Kernel<3>, Stride<1>>, [2 3 6 7] => [4 5];
        ties_negative_kernel3_stride2_padding1: MaxPool2d<Kernel<3>, Stride<2>, Padding<1>>, [2 2 7 9] => [4 5];
        nan: MaxPool2d<Kernel<3>, Stride<1>>, [2 2 6 7] => [4 5];
        nan_twice_in_a_window: MaxPool2d<Kernel<3>, Stride<1>>, [2 2 6 7] => [4 5];
    }
}

mod avg_pool2d {
    use super::*;

    pool! { "avg_pool2d";
        kernel2_stride2: AvgPool2d<Kernel<2>>, [2 3 6 8] => [3 4];
        kernel2x3_stride1: AvgPool2d<Kernel<2, 3>, Stride<1>>, [2 2 5 7] => [4 5];
        kernel2_stride3_floor: AvgPool2d<Kernel<2>, Stride<3>, Padding<0>, Floor>, [2 2 9 7] => [3 2];
        kernel3_stride2_padding1_include_pad: AvgPool2d<Kernel<3>, Stride<2>, Padding<1>>, [2 2 7 9] => [4 5];
        kernel3_stride2_padding1_exclude_pad:
            AvgPool2d<Kernel<3>, Stride<2>, Padding<1>, Exact, ExcludePad>, [2 2 7 9] => [4 5];
        kernel3_stride2_padding1_ceil_include_pad:
            AvgPool2d<Kernel<3>, Stride<2>, Padding<1>, Ceil>, [2 2 6 8] => [4 5];
        kernel3_stride2_padding1_ceil_exclude_pad:
            AvgPool2d<Kernel<3>, Stride<2>, Padding<1>, Ceil, ExcludePad>, [2 2 6 8] => [4 5];
        kernel2_stride3_ceil_drops_window: AvgPool2d<Kernel<2>, Stride<3>, Padding<0>, Ceil>, [2 2 6 7] => [2 3];
    }
}

mod adaptive_max_pool2d {
    use super::*;

    pool! { "adaptive_max_pool2d";
        to_2x3: AdaptiveMaxPool2d<OutputSize<2, 3>>, [2 3 5 7] => [2 3];
        to_1x1_ties: AdaptiveMaxPool2d<OutputSize<1>>, [2 3 5 7] => [1 1];
    }
}

mod adaptive_avg_pool2d {
    use super::*;

    pool! { "adaptive_avg_pool2d";
        to_2x3: AdaptiveAvgPool2d<OutputSize<2, 3>>, [2 3 5 7] => [2 3];
        to_1x1: AdaptiveAvgPool2d<OutputSize<1>>, [2 3 5 7] => [1 1];
    }
}

mod adaptive_max_pool1d {
    use super::*;

    pool! { "adaptive_max_pool1d";
        to_1_ties: GlobalMaxPool1d, [2 3 7] => [1];
    }
}

mod adaptive_avg_pool1d {
    use super::*;

    pool! { "adaptive_avg_pool1d";
        to_1: GlobalAvgPool1d, [2 3 7] => [1];
    }
}

/// Operations that make a plane of a plane, as pooling does.
mod operation {
    use super::*;

    pool! { "operation";
        zero_pad2d_by_padding: ZeroPad2d<Padding<1, 2>>, [2 3 4 5] => [6 9];
        zero_pad2d_by_sides: ZeroPad2d<Sides<1, 2, 3, 0>>, [2 3 4 5] => [7 8];
        upsample_nearest2d: UpsampleNearest2d<Scale<2, 3>>, [2 3 4 5] => [8 15];
    }
}

mod linear {
    use super::*;

    /// case: rows, inputs → outputs, bias
    macro_rules! cases {
        ($($case:ident: $n:literal, $in:literal => $out:literal, $b:ident;)*) => { $(
            mod $case {
                use super::*;
                cases!(@test f32 $case $n $in $out $b);
                cases!(@test f64 $case $n $in $out $b);
            }
        )* };
        (@test $t:ident $case:ident $n:literal $in:literal $out:literal $b:ident) => {
            #[test]
            fn $t() {
                static X: Matrix<$t, $n, $in> = fixture!("linear" $case $t "x");
                static W: Matrix<$t, $out, $in> = fixture!("linear" $case $t "w");
                static DY: Matrix<$t, $n, $out> = fixture!("linear" $case $t "dy");
                static Y: Matrix<$t, $n, $out> = fixture!("linear" $case $t "y");
                static DX: Matrix<$t, $n, $in> = fixture!("linear" $case $t "dx");
                static DW: Matrix<$t, $out, $in> = fixture!("linear" $case $t "dw");
                bias!("linear" $case $t $out $b);

                let layer = Linear::<$t, $in, $out, $b>::new(W.clone(), B.clone());
                let gradient = run(&layer, &X, &Y, &DY, &DX, [$in + 1, $out]);
                assert_close("dw", &gradient.weight, &DW, $n);
                check_db(&gradient.bias, $n);

                assert_close("y of the function", &functional::linear(&X, &W, &*B), &Y, $in + 1);
                let mut y = nan();
                functional::linear_into(&X, &W, &*B, &mut y);
                assert_close("y of the function that overwrites", &y, &Y, $in + 1);
                let (dx, dw, db) = functional::linear_backward(&X, &W, &*B, &DY);
                assert_close("dx of the function", &dx, &DX, $out);
                assert_eq!((dw, db), (gradient.weight, gradient.bias), "dw and db of the function");
            }
        };
    }

    cases! {
        bias: 3, 5 => 4, Bias;
        no_bias: 2, 6 => 3, NoBias;
    }
}

mod loss {
    use super::*;

    /// Compares a loss and its gradient under both reductions.
    macro_rules! reductions {
        ($case:ident $t:ident $rows:literal, $loss:expr) => {
stored!(PREDICTION: Matrix<$t, $rows, 5>, "loss" $case "prediction");
stored!(MEAN: Vector<$t, 1>, "loss" $case "loss_mean");
stored!(SUM: Vector<$t, 1>, "loss" $case "loss_sum");
stored!(MEAN_GRADIENT: Matrix<$t, $rows, 5>, "loss" $case "gradient_mean");
stored!(SUM_GRADIENT: Matrix<$t, $rows, 5>, "loss" $case "gradient_sum");
            let loss = $loss;
            for (reduction, value, gradient) in
                [(Reduction::Mean, &*MEAN, &*MEAN_GRADIENT), (Reduction::Sum, &*SUM, &*SUM_GRADIENT)]
            {
                let mut found = nan();
                let found_value: $t = loss(&*PREDICTION, reduction, &mut found);
                assert_close("loss", &Vector::new([found_value]), value, 5 * $rows);
                assert_close("gradient", &found, gradient, 5);
            }
        };
    }

    macro_rules! mse_tests {
        ($($t:ident)*) => {
            mod mse {
                use super::*;
                $(
                    #[test]
                    fn $t() {
                        stored!(TARGET: Matrix<$t, 4, 5>, "loss" mse "target");
                        reductions!(mse $t 4, |y: &_, reduction, dy: &mut _| {
                            constconv::loss::mse(y, &*TARGET, reduction, dy)
                        });
                    }
                )*
            }
        };
    }

    macro_rules! cross_entropy_tests {
        ($($case:ident)*) => { $(
            mod $case {
                use super::*;
                cross_entropy_tests!(@test $case f32);
                cross_entropy_tests!(@test $case f64);
            }
        )* };
        (@test $case:ident $t:ident) => {
            #[test]
            fn $t() {
                static LABELS: Vector<i64, 6> = fixture!("loss" $case $t "labels");
                let labels = LABELS.as_array().map(|label| label as usize);
                reductions!($case $t 6, |y: &_, reduction, dy: &mut _| {
                    constconv::loss::softmax_cross_entropy(y, &labels, reduction, dy)
                });
            }
        };
    }

    mse_tests! { f32 f64 }
    cross_entropy_tests! { softmax_cross_entropy softmax_cross_entropy_large }
}

mod sgd {
    use super::*;

    /// case: optimizer; six steps from one start, compared after each.
    macro_rules! cases {
        ($($case:ident: $sgd:expr;)*) => { $(
            mod $case {
                use super::*;
                cases!(@test f32 $case $sgd);
                cases!(@test f64 $case $sgd);
            }
        )* };
        (@test $t:ident $case:ident $sgd:expr) => {
            #[test]
            fn $t() {
                stored!(START: Vector<$t, 5>, "sgd" $case "p0");
                stored!(GRADIENTS: Matrix<$t, 6, 5>, "sgd" $case "g");
                stored!(EXPECTED: Matrix<$t, 6, 5>, "sgd" $case "p");
                type Layer = Linear<$t, 5, 1, NoBias>;

                let mut layer = Layer::new(Matrix::new([*START.as_array()]), ());
                let (mut sgd, mut state) = ($sgd, Zeroed::ZERO);
                for (g, expected) in GRADIENTS.as_array().iter().zip(EXPECTED.as_array()) {
                    sgd.step(&mut layer, &Layer::new(Matrix::new([*g]), ()), &mut state);
                    assert_close("parameters", &layer.weight, &Matrix::new([*expected]), 4);
                }
            }
        };
    }

    cases! {
        plain: Sgd::new(0.1);
        momentum: Sgd::new(0.1).momentum(0.9);
        nesterov: Sgd::new(0.1).nesterov(0.9);
        weight_decay: Sgd::new(0.1).weight_decay(0.1);
        momentum_weight_decay: Sgd::new(0.1).momentum(0.9).weight_decay(0.1);
    }
}
