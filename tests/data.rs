//! Batches of samples, and how good a classifier is.

use constconv::data::{gather, shuffle, shuffle_with};
use constconv::for_each_batch;
use constconv::metrics::{ConfusionMatrix, argmax, correct};
use constconv::prelude::*;
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

/// Every item once and in order, the rest last; a multiple has no rest; fewer items than a batch are one batch.
#[test]
fn batches_are_whole_and_a_rest() {
    macro_rules! sizes {
        ($size:tt of $length:tt) => {{
            let items: [usize; $length] = core::array::from_fn(|i| i);
            let (mut sizes, mut seen) = (Vec::new(), Vec::new());
            for_each_batch!(batch in items, $size of $length => {
                sizes.push(batch.len());
                seen.extend_from_slice(batch);
            });
            assert_eq!(seen, items);
            sizes
        }};
    }
    assert_eq!(sizes!(4 of 10), [4, 4, 2]);
    assert_eq!(sizes!(5 of 10), [5, 5]);
    assert_eq!(sizes!(10 of 10), [10]);
    assert_eq!(sizes!(32 of 10), [10]);
    assert_eq!(sizes!(1 of 3), [1, 1, 1]);
    assert!(sizes!(3 of 0).is_empty());
    const HALF: usize = 5;
    assert_eq!(sizes!({ HALF + 1 } of 10), [6, 4]);
}

/// As in a `for` loop: also from a batch to the rest.
#[test]
fn continue_break_and_question_marks() {
    let items = Box::new([1_u8, 2, 3, 4, 5]); // behind a pointer, too
    let mut sums = Vec::new();
    for_each_batch!(batch in items, 2 of 5 => {
        if batch[0] == 1 {
            continue;
        }
        sums.push(batch.iter().sum::<u8>());
    });
    assert_eq!(sums, [7, 5]);

    let mut first = Vec::new();
    for_each_batch!(batch in items, 2 of 5 => {
        if batch[0] == 3 {
            break;
        }
        first.push(batch.len());
    });
    assert_eq!(first, [2]);

    fn until(items: &[u8; 5], end: u8) -> Result<usize, u8> {
        let mut count = 0;
        for_each_batch!(batch in items, 2 of 5 => {
            if batch.contains(&end) {
                Err(end)?;
            }
            count += batch.len();
        });
        Ok(count)
    }
    assert_eq!((until(&items, 5), until(&items, 9)), (Err(5), Ok(5)));
}

#[test]
fn gathered_samples_are_those_of_the_data() {
    let data = Tensor::<i32, 5, 2, 1, 3>::from_fn(|[n, c, _, w]| (100 * n + 10 * c + w) as i32);
    let mut batch = Tensor::<f64, 3, 2, 1, 3>::full(-1.0);
    gather(&data, &[4, 0, 4], &mut batch, |a| f64::from(a) / 2.0);
    let samples = [4, 0, 4];
    assert_eq!(batch, Tensor::from_fn(|[n, c, h, w]| f64::from(data[[samples[n], c, h, w]]) / 2.0));

    let signals = Signal::<u8, 2, 1, 2>::new([[[1, 2]], [[3, 4]]]);
    let mut one = Signal::<u8, 1, 1, 2>::zeros();
    gather(&signals, &[1], &mut one, |a| a);
    assert_eq!(one, Signal::new([[[3, 4]]]));
}

#[test]
#[should_panic = "index out of bounds"]
fn a_sample_that_is_not_there() {
    gather(&Matrix::new([[1, 2]]), &[1], &mut Matrix::<i32, 1, 2>::zeros(), |a| a);
}

/// All 24 orders of four items, each 1 000 times of 24 000, give or take five standard deviations.
#[test]
fn all_orders_are_as_likely() {
    let mut source = StdRng::seed_from_u64(11);
    let mut counts = std::collections::BTreeMap::new();
    for _ in 0..24_000 {
        let mut order = [0, 1, 2, 3];
        shuffle(&mut order, &mut source);
        *counts.entry(order).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 24);
    assert!(counts.values().all(|count| (845..1155).contains(count)), "{counts:?}");
}

#[test]
fn the_largest_uniform_number_is_a_place_too() {
    let mut order = [0, 1, 2];
    shuffle_with(&mut order, &mut || 1.0 - f64::EPSILON / 2.0);
    assert_eq!(order, [0, 1, 2]);
    shuffle_with::<u8>(&mut [], &mut || unreachable!());
}

#[test]
fn the_first_of_the_largest() {
    let nan = f64::NAN;
    let y = Matrix::new([[1.0, 2.0, 2.0], [nan, 9.0, nan], [-1.0, nan, 5.0], [f64::NEG_INFINITY; 3]]);
    assert_eq!(argmax(&y), [1, 0, 1, 0]);
    assert_eq!(correct(&y, &[1, 1, 1, 2]), 2);
    assert_eq!(argmax(&Matrix::<u8, 0, 2>::zeros()), []);
}

proptest! {
    /// The matrix of all samples is the sum of those of two halves, and its shares are those of the pairs.
    #[test]
    fn a_confusion_matrix_counts_pairs(pairs in prop::collection::vec((0_usize..4, 0_usize..4), 0..40), at in 0_usize..40) {
        let of = |pairs: &[(usize, usize)]| {
            let mut matrix = ConfusionMatrix::<4>::new();
            for &(label, class) in pairs {
                matrix.add(label, class);
            }
            matrix
        };
        let (all, (a, b)) = (of(&pairs), pairs.split_at(at.min(pairs.len())));
        let mut sum = of(a);
        sum += &of(b);
        prop_assert_eq!(&sum, &all);

        let share = |part: usize, whole: usize| part as f32 / whole as f32;
        let count = |is: &dyn Fn(&(usize, usize)) -> bool| pairs.iter().filter(|pair| is(pair)).count();
        let same = |a: f32, b: f32| a == b || a.is_nan() && b.is_nan();
        let right = count(&|pair| pair.0 == pair.1);
        prop_assert_eq!((all.total() as usize, all.correct() as usize), (pairs.len(), right));
        prop_assert!(same(all.accuracy(), share(right, pairs.len())));
        for k in 0..4 {
            let hits = count(&|&pair| pair == (k, k));
            prop_assert!(same(all.recall(k), share(hits, count(&|pair| pair.0 == k))));
            prop_assert!(same(all.precision(k), share(hits, count(&|pair| pair.1 == k))));
        }
    }
}

#[test]
fn columns_are_as_wide_as_the_largest_count() {
    let mut matrix = ConfusionMatrix::<2>::new();
    (0..123).for_each(|_| matrix.add(1, 0));
    assert_eq!(matrix.to_string(), concat!("    0   1\n", "0   ·   ·\n", "1 123   ·\n"));
}
