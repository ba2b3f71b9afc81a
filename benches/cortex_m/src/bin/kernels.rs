//! Instructions per multiply-add on a Cortex-M4F, as a Markdown table.
#![no_std]
#![no_main]

use constconv::kernel::{self, Conv2dGeometry, reference};
use cortex_m_bench::{fill, instructions};
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use panic_semihosting as _;

const LENET1: Conv2dGeometry = square(1, 28, 6, 5, 1, 2);
const LENET2: Conv2dGeometry = square(6, 14, 16, 5, 1, 0);
const SAME3: Conv2dGeometry = square(8, 16, 8, 3, 1, 1);
const DOWN3: Conv2dGeometry = square(8, 16, 8, 3, 2, 1);
const POINT: Conv2dGeometry = square(16, 8, 16, 1, 1, 0);
const LONGEST: usize = 6 * 28 * 28;

/// One image, square in all its sizes.
const fn square(c: usize, l: usize, f: usize, k: usize, s: usize, p: usize) -> Conv2dGeometry {
    let output = (l + 2 * p - k) / s + 1;
    Conv2dGeometry::new([1, c, l, l], [f, k, k], [output; 2]).stride([s; 2]).padding([p; 2])
}

/// Everything that the kernels read and write.
struct Numbers {
    x: [f32; LONGEST],
    w: [f32; LONGEST],
    b: [f32; 32],
    y: [f32; LONGEST],
    exact: [f32; LONGEST],
}

#[entry]
fn main() -> ! {
    static mut NUMBERS: Numbers =
        Numbers { x: [0.0; LONGEST], w: [0.0; LONGEST], b: [0.0; 32], y: [0.0; LONGEST], exact: [0.0; LONGEST] };
    let Numbers { x, w, b, y, exact } = NUMBERS;
    let mut timer = cortex_m_bench::timer();
    for numbers in [&mut x[..], &mut w[..], &mut b[..]] {
        fill(numbers, 1.0);
    }

    hprintln!("| case | multiply-adds | forward | by the definition | dx | dw |");
    hprintln!("|---|---|---|---|---|---|");
    let cases = [("lenet1", LENET1), ("lenet2", LENET2), ("same3", SAME3), ("down3", DOWN3), ("point", POINT)];
    for (name, g) in cases {
        let (x, w, b) = (&mut x[..g.x_len()], &mut w[..g.w_len()], &b[..g.f]);
        let (y, exact) = (&mut y[..g.y_len()], &mut exact[..g.y_len()]);
        let forward = instructions(&mut timer, || kernel::conv2d(&g, x, w, Some(b), y));
        let definition = instructions(&mut timer, || reference::conv2d(&g, x, w, Some(b), exact));
        assert!(y == exact, "{name} is wrong"); // whole numbers: no rounding
        let dx = instructions(&mut timer, || kernel::conv2d_backward_input(&g, w, y, x));
        let dw = instructions(&mut timer, || kernel::conv2d_backward_filter(&g, x, y, w));
        let per_mac = |count: u64| count as f32 / g.macs() as f32;
        hprintln!(
            "| {} | {} | {:.2} | {:.2} | {:.2} | {:.2} |",
            name,
            g.macs(),
            per_mac(forward),
            per_mac(definition),
            per_mac(dx),
            per_mac(dw)
        );
        fill(x, 1.0);
        fill(w, 1.0);
    }
    debug::exit(debug::EXIT_SUCCESS);
    unreachable!("the emulator has stopped")
}
