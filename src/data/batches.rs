//! The `for_each_batch!` macro.

/// A loop over the batches of an array: `for_each_batch!(batch in array, SIZE of LENGTH => { .. })`. Batches have SIZE
/// items, the last one has what is left.
///
/// Both sizes are in the types: `batch` is an `&[_; SIZE]`, and an `&[_; LENGTH % SIZE]` at the end. So the block is compiled
/// for each of the two, and what it calls may be generic over the size. Sizes are numbers, constants, or `{ expressions }`.
/// `continue`, `break` and `?` do what they do in a `for` loop.
///
/// ```
/// use constconv::for_each_batch;
/// use constconv::prelude::*;
///
/// const SAMPLES: usize = 7;
/// model! {
///     Net: Matrix<f32, 1, 2> => {
///         fc: Linear<f32, 2, 1>,
///     }
/// }
///
/// /// One step for any batch size.
/// fn step<const N: usize>(net: &mut Net, data: &[[f32; 2]; N], target: f32) -> f32
/// where
///     Net: Backward<Matrix<f32, N, 2>, Output = Matrix<f32, N, 1>>,
/// {
///     let (x, target) = (Matrix::new(*data), Matrix::full(target));
///     let (mut y, mut dy, mut tape) = (Matrix::zeros(), Matrix::zeros(), Zeroed::ZERO);
///     net.forward_train(&x, &mut y, &mut tape);
///     let loss = constconv::loss::mse(&y, &target, Reduction::Mean, &mut dy);
///     Sgd::new(0.1).descend(net, &x, &y, &mut dy, &mut tape);
///     loss
/// }
///
/// let data = [[1.0, -1.0]; SAMPLES];
/// let mut net = Net::BLANK;
/// let mut losses = Vec::new();
/// for_each_batch!(batch in data, 3 of SAMPLES => {
///     losses.push((batch.len(), step(&mut net, batch, 1.0)));
/// });
/// assert_eq!(losses.iter().map(|loss| loss.0).collect::<Vec<_>>(), [3, 3, 1]);
/// assert!(losses[0].1 > losses[1].1 && losses[1].1 > losses[2].1);
/// ```
///
/// The length is that of the array:
///
/// ```compile_fail
/// let data = [0; 7];
/// constconv::for_each_batch!(batch in data, 3 of 8 => {}); // expected an array with a size of 8, found one of 7
/// ```
#[macro_export]
macro_rules! for_each_batch {
    ($batch:pat in $array:expr, $size:tt of $length:tt => $body:block $(,)?) => {{
        #[allow(unused_braces)]
        const __LENGTH: usize = $length;
        #[allow(unused_braces)]
        const __SIZE: usize = $size;
        const _: () = ::core::assert!(__SIZE > 0, "a batch has at least one sample");
        // Without a rest, its loop is compiled for whole batches and has none.
        const __REST: usize = match __LENGTH - __LENGTH / __SIZE * __SIZE {
            0 => __SIZE,
            rest => rest,
        };
        let __array: &[_; __LENGTH] = &$array;
        let (__whole, __rest) = __array.as_chunks::<__SIZE>();
        // Whether the loop ran to its end; after a `break` there is no rest.
        let (mut __at, mut __all) = (0, false);
        loop {
            if __at == __whole.len() {
                __all = true;
                break;
            }
            __at += 1;
            let $batch = &__whole[__at - 1];
            $body
        }
        if __all {
            for $batch in __rest.as_chunks::<__REST>().0 {
                $body
            }
        }
    }};
}
