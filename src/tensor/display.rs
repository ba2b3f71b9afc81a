//! Arrays as text: planes as grids, large ones elided.

use core::fmt::{self, Debug, Display, Formatter, Write};

use super::{Matrix, Signal, Tensor, Vector};

/// Axes longer than this are elided.
const SHOWN: usize = 8;
/// How many of the first and of the last rows, columns or planes of an elided axis are shown.
const EDGE: usize = 3;

/// The places of an axis that are shown; `None` stands for those left out.
fn shown(length: usize) -> impl Iterator<Item = Option<usize>> + Clone {
    let (head, tail) = if length > SHOWN { (EDGE, length - EDGE) } else { (length, length) };
    (0..head).map(Some).chain((tail > head).then_some(None)).chain((tail..length).map(Some))
}

/// Counts characters.
struct Width(usize);

impl Write for Width {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.0 += s.chars().count();
        Ok(())
    }
}

/// Writes one element with the formatter's precision.
type Number<T> = fn(&T, Option<usize>, &mut dyn Write) -> fmt::Result;

fn display<T: Display>(a: &T, precision: Option<usize>, to: &mut dyn Write) -> fmt::Result {
    match precision {
        Some(precision) => write!(to, "{a:.precision$}"),
        None => write!(to, "{a}"),
    }
}

fn debug<T: Debug>(a: &T, precision: Option<usize>, to: &mut dyn Write) -> fmt::Result {
    match precision {
        Some(precision) => write!(to, "{a:.precision$?}"),
        None => write!(to, "{a:?}"),
    }
}

/// The width of the widest element of a plane that is shown.
fn widest<T, const R: usize, const C: usize>(
    plane: &[[T; C]; R],
    number: Number<T>,
    precision: Option<usize>,
) -> usize {
    let mut widest = 0;
    for row in shown(R).flatten() {
        for column in shown(C).flatten() {
            let mut width = Width(0);
            // Counting cannot fail.
            let _ = number(&plane[row][column], precision, &mut width);
            widest = widest.max(width.0);
        }
    }
    widest
}

/// A plane as a grid, with a line for each row.
fn grid<T, const R: usize, const C: usize>(
    plane: &[[T; C]; R],
    width: usize,
    number: Number<T>,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let precision = f.precision();
    for row in shown(R) {
        let Some(row) = row else {
            writeln!(f, "  … {} rows", R - 2 * EDGE)?;
            continue;
        };
        f.write_str(" ")?;
        for column in shown(C) {
            f.write_char(' ')?;
            let Some(column) = column else {
                f.write_char('…')?;
                continue;
            };
            let mut used = Width(0);
            number(&plane[row][column], precision, &mut used)?;
            for _ in used.0..width {
                f.write_char(' ')?;
            }
            number(&plane[row][column], precision, f)?;
        }
        f.write_char('\n')?;
    }
    Ok(())
}

impl<T, const N: usize, const C: usize, const H: usize, const W: usize> Tensor<T, N, C, H, W> {
    fn write(&self, number: Number<T>, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "Tensor {N}×{C}×{H}×{W}")?;
        for n in shown(N) {
            let Some(n) = n else {
                writeln!(f, " … {} images", N - 2 * EDGE)?;
                continue;
            };
            for c in shown(C) {
                let Some(c) = c else {
                    writeln!(f, " … {} channels", C - 2 * EDGE)?;
                    continue;
                };
                let plane = &self.as_array()[n][c];
                writeln!(f, " [{n}, {c}]")?;
                grid(plane, widest(plane, number, f.precision()), number, f)?;
            }
        }
        Ok(())
    }
}

impl<T, const N: usize, const C: usize, const L: usize> Signal<T, N, C, L> {
    fn write(&self, number: Number<T>, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "Signal {N}×{C}×{L}")?;
        for n in shown(N) {
            let Some(n) = n else {
                writeln!(f, " … {} signals", N - 2 * EDGE)?;
                continue;
            };
            let channels = &self.as_array()[n];
            writeln!(f, " [{n}]")?;
            grid(channels, widest(channels, number, f.precision()), number, f)?;
        }
        Ok(())
    }
}

impl<T, const R: usize, const C: usize> Matrix<T, R, C> {
    fn write(&self, number: Number<T>, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "Matrix {R}×{C}")?;
        grid(self.as_array(), widest(self.as_array(), number, f.precision()), number, f)
    }
}

impl<T, const N: usize> Vector<T, N> {
    fn write(&self, number: Number<T>, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "Vector {N}")?;
        // A row of a matrix without copying: a reference to one array is a slice of one.
        match core::slice::from_ref(self.as_array()).first_chunk::<1>() {
            Some(plane) => grid(plane, 0, number, f),
            None => Ok(()),
        }
    }
}

macro_rules! as_text {
    ($($name:ident<$($axis:ident),+>)*) => { $(
        /// Planes as grids; more than 8 rows, columns or planes are elided. `{:.3}` sets the precision.
        impl<T: Display, $(const $axis: usize),+> Display for $name<T, $($axis),+> {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                self.write(display::<T>, f)
            }
        }

        /// As [`Display`], with the `Debug` form of each element.
        impl<T: Debug, $(const $axis: usize),+> Debug for $name<T, $($axis),+> {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                self.write(debug::<T>, f)
            }
        }
    )* };
}

as_text! {
    Tensor<N, C, H, W>
    Signal<N, C, L>
    Matrix<R, C>
    Vector<N>
}
