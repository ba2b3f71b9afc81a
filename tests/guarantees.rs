//! What the types promise beyond their methods, checked when this file compiles: traits that the compiler derives by
//! itself and that one private field can take away, sizes, object safety, and outputs as types.

use std::panic::{RefUnwindSafe, UnwindSafe};

use constconv::io::{Buffer, Full, Sink};
use constconv::kernel::Level;
use constconv::prelude::*;
use static_assertions::{
    assert_eq_align, assert_eq_size, assert_impl_all, assert_not_impl_any, assert_obj_safe, assert_type_eq_all,
};

model! {
    Net: Tensor<f32, 1, 1, 12, 12> => {
        conv: Conv2d<f32, 1, 4, Kernel<3>>,
        norm: BatchNorm2d<f32, 4>,
        relu: Relu,
        pool: MaxPool2d<Kernel<2>>,
        drop: Dropout,
        fc: Linear<f32, 100, 10>,
        log_softmax: LogSoftmax,
    }
}

type X = Tensor<f32, 1, 1, 12, 12>;
type Batch = Tensor<f32, 8, 1, 12, 12>;

// One model serves many threads, each with its own memory, and crosses a `catch_unwind`.
assert_impl_all!(Net: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone);
assert_impl_all!(Gradient<Net>: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone);
assert_impl_all!(Workspace<Net, Batch>: Send, Sync, Unpin);
assert_impl_all!(Tape<Net, Batch>: Send, Sync, Unpin);
assert_impl_all!(Batch: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone);
assert_impl_all!(Adam<f32>: Send, Sync, Copy);
assert_impl_all!(Sgd<f32>: Send, Sync, Copy);

// Large values are copied where a program says so.
assert_not_impl_any!(Net: Copy);
assert_not_impl_any!(Gradient<Net>: Copy);
assert_not_impl_any!(Batch: Copy);
assert_not_impl_any!(Vector<f32, 1>: Copy);

// A level is a token, as small as it can be.
assert_impl_all!(Level: Send, Sync, Copy, Eq);
assert_eq_size!(Level, Option<Level>, u8);

// Arrays and parameters take the space of their elements; layers without parameters take none.
assert_eq_size!(Signal<f64, 2, 3, 5>, [f64; 30]);
assert_eq_align!(Signal<f64, 2, 3, 5>, f64);
assert_eq_size!(Conv2d<f32, 3, 8, Kernel<3>>, [f32; 8 * 3 * 9 + 8]);
assert_eq_size!(Linear<f64, 7, 5>, [f64; 7 * 5 + 5]);
assert_eq_size!(Relu, MaxPool2d<Kernel<2>>, Flatten, Softmax, GlobalAvgPool2d, ());
assert_eq_size!(Option<&Net>, &Net);

// Code that logs to any sink can be compiled once.
assert_obj_safe!(Sink<Error = Full>);
assert_impl_all!(Buffer<'static>: Sink, Send);

// Shapes are computed by the compiler: the type is the proof.
assert_type_eq_all!(Output<Net, X>, Matrix<f32, 1, 10>);
assert_type_eq_all!(Output<Net, Batch>, Matrix<f32, 8, 10>);
type Down = Conv2d<f32, 3, 8, Kernel<3>, Stride<2>, Padding<1>, Floor>;
assert_type_eq_all!(Output<Down, Tensor<f32, 2, 3, 16, 15>>, Tensor<f32, 2, 8, 8, 8>);
type Up = ConvTranspose2d<f32, 8, 3, Kernel<4>, Stride<2>, Padding<1>>;
assert_type_eq_all!(Output<Up, Tensor<f32, 2, 8, 8, 8>>, Tensor<f32, 2, 3, 16, 16>);
assert_type_eq_all!(Output<Flatten, Tensor<f32, 2, 3, 4, 5>>, Matrix<f32, 2, 60>);
assert_type_eq_all!(Output<GlobalAvgPool2d, Tensor<f32, 2, 3, 4, 5>>, Tensor<f32, 2, 3, 1, 1>);

/// The promise in use: two threads share a model, and a third is handed one.
#[test]
fn threads_share_a_model() {
    let net = Net::BLANK;
    let expected = net.forward(&X::zeros());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(net.forward(&X::zeros()), expected));
        }
    });
    let moved = std::thread::spawn(move || net.forward(&X::zeros()));
    assert_eq!(moved.join().unwrap(), expected);
}
