//! Arrays as text: planes as aligned grids, long axes elided.

use constconv::prelude::*;

#[test]
fn planes_are_grids_with_aligned_columns() {
    let x = Tensor::<f32, 1, 2, 2, 3>::new([[[[1.0, -2.5, 30.0], [4.0, 5.0, 6.0]], [[0.0; 3]; 2]]]);
    let text = "\
Tensor 1×2×2×3
 [0, 0]
     1 -2.5   30
     4    5    6
 [0, 1]
  0 0 0
  0 0 0
";
    assert_eq!(x.to_string(), text);
}

#[test]
fn a_signal_is_a_grid_of_its_channels() {
    let x = Signal::<i32, 2, 2, 3>::new([[[1, -2, 30], [4, 5, 6]], [[0; 3]; 2]]);
    let text = "\
Signal 2×2×3
 [0]
   1 -2 30
   4  5  6
 [1]
  0 0 0
  0 0 0
";
    assert_eq!(x.to_string(), text);
    assert!(Signal::<u8, 10, 1, 12>::zeros().to_string().contains("\n … 4 signals\n"));
}

#[test]
fn precision_is_the_formatters() {
    let a = Matrix::new([[1.0, 2.0 / 3.0], [10.0, 0.0]]);
    assert_eq!(format!("{a:.2}"), "Matrix 2×2\n   1.00  0.67\n  10.00  0.00\n");
    assert_eq!(format!("{a:.1?}"), "Matrix 2×2\n   1.0  0.7\n  10.0  0.0\n");
    assert_eq!(format!("{:?}", Vector::new([1.0, -1.0])), "Vector 2\n  1.0 -1.0\n");
}

#[test]
fn long_axes_are_elided() {
    let x = Tensor::<u8, 10, 1, 9, 12>::from_fn(|[_, _, h, w]| (h + w) as u8);
    let text = x.to_string();
    assert!(text.starts_with("Tensor 10×1×9×12\n [0, 0]\n   0  1  2 …  9 10 11\n"), "{text}");
    assert!(text.contains("\n  … 3 rows\n") && text.contains("\n … 4 images\n"), "{text}");
    // A headline, and for each of six images a title, six rows and the line between them; and the line between images.
    assert_eq!(text.lines().count(), 1 + 6 * 8 + 1);
}
