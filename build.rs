//! Build script: writes the two-way table between axis lengths and `typenum` numbers.
//!
//! Stable Rust cannot compute with const generics, so each length needs an `impl`. The lengths must be literals
//! (as expressions the same table takes minutes), and the way back must not have all its `impl`s on one type: the
//! compiler compares all `impl`s of a trait whose `Self` is the same type constructor with each other. So a number is
//! looked up as a row (its high bits, a type of its own) and a cell (its low six bits). The way there has them on one
//! type, `Axis`, so that the time grows with the square of their number: long axes are those that flattened feature maps
//! have, multiples of 64.
//!
//! Remove this file, and `src/shape/axis.rs` with it, when `generic_const_exprs` is stable.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

/// Numbers below this have fewer than six bits and no row.
const ROWLESS: usize = 32;
/// Cells in a row: six bits.
const CELLS: usize = 64;
/// Above the axes of all lengths there is the first cell of each row up to this length.
const LONGEST_ROUND: usize = 32_768;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let longest = if env::var_os("CARGO_FEATURE_AXES_16384").is_some() {
        16_384
    } else if env::var_os("CARGO_FEATURE_AXES_8192").is_some() {
        8_192
    } else {
        4_096
    };

    let mut code = format!(
        "/// The table holds all axes up to this length: 4096; 8192 or 16384 with the feature `axes-8192` or `axes-16384`.\n\
        ///\n\
        /// Longer ones are multiples of 64, up to [`LONGEST_ROUND_AXIS`].\n\
        ///\n\
        /// ```\n\
        /// use constconv::shape::LONGEST_AXIS;\n\
        /// assert!(LONGEST_AXIS >= 4096);\n\
        /// ```\n\
        pub const LONGEST_AXIS: usize = {longest};\n\
        /// The longest axis of all: a multiple of 64, as are all that are longer than [`LONGEST_AXIS`].\n\
        ///\n\
        /// ```\n\
        /// use constconv::prelude::*;\n\
        /// use constconv::shape::LONGEST_ROUND_AXIS;\n\
        /// assert_eq!(LONGEST_ROUND_AXIS, 32768);\n\
        /// // The flattened feature map of VGG: 512·7·7 = 392·64.\n\
        /// let x = Tensor::<i8, 1, 512, 7, 7>::zeros();\n\
        /// let y: Matrix<i8, 1, 25088> = Flatten.forward(&x);\n\
        /// ```\n\
        pub const LONGEST_ROUND_AXIS: usize = {LONGEST_ROUND};\n"
    );
    writeln!(code, "/// The same for `typenum`.\npub(super) type Longest = {};", number(longest)).unwrap();
    writeln!(code, "/// The last row.\npub(super) type LastRow = {};", number(LONGEST_ROUND / CELLS)).unwrap();
    let round = (longest / CELLS + 1..=LONGEST_ROUND / CELLS).map(|row| row * CELLS);
    for n in (0..=longest).chain(round) {
        // A list of all rows would be pages of many megabytes.
        writeln!(
            code,
            "#[doc(hidden)] #[diagnostic::do_not_recommend] impl Known for Axis<{n}> {{ type Number = {}; }}",
            number(n)
        )
        .unwrap();
        if n < ROWLESS {
            writeln!(code, "#[doc(hidden)] impl ToAxis for {} {{ type Axis = Axis<{n}>; }}", number(n)).unwrap();
        } else {
            let (row, cell) = (n / CELLS, bits(n % CELLS));
            if n % CELLS == 0 || n == ROWLESS {
                writeln!(code, "#[doc(hidden)] #[derive(Debug)] pub struct Row{row};").unwrap();
                writeln!(code, "impl HasRow for {} {{ type Row = Row{row}; }}", number(row)).unwrap();
            }
            writeln!(code, "impl Cell<({cell})> for Row{row} {{ type Axis = Axis<{n}>; }}").unwrap();
        }
    }

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("axis_table.rs"), code).expect("OUT_DIR is writable");
}

/// `n` as a `typenum` type.
fn number(n: usize) -> String {
    match n {
        0 => "UTerm".into(),
        _ => format!("UInt<{}, B{}>", number(n / 2), n % 2),
    }
}

/// The six bits of `n`, most significant first.
fn bits(n: usize) -> String {
    (0..6).rev().map(|bit| format!("B{}", n >> bit & 1)).collect::<Vec<_>>().join(", ")
}
