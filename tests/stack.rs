//! Vector kernels on small stacks.

use constconv::kernel::{Conv2dGeometry, Level};

/// Bytes of a stack that has the largest scratch memory once, but not twice.
const STACK: usize = 700 * 1024;

/// y, dx and dw of a convolution whose blocks fill the scratch memory.
#[test]
fn scratch_memory_is_on_the_stack_once() {
    for level in Level::available() {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
            let g = Conv2dGeometry::new([1, 96, 40, 40], [96, 3, 3], [40, 40]).padding([1, 1]);
            let (x, w, mut y) = (vec![1.0_f32; g.x_len()], vec![1.0; g.w_len()], vec![0.0; g.y_len()]);
            let (mut dx, mut dw) = (vec![0.0; g.x_len()], vec![0.0; g.w_len()]);
            level.conv2d(&g, &x, &w, None, &mut y);
            level.conv2d_backward_input(&g, &w, &x, &mut dx);
            level.conv2d_backward_filter(&g, &x, &x, &mut dw);
            // Inside of the plane, and the tap in the middle.
            [y[41], dx[41], dw[4]]
        });
        let results = thread.expect("a thread can be made").join().expect("no panic");
        assert_eq!(results, [9.0 * 96.0, 9.0 * 96.0, 1600.0], "at level {}", level.name());
    }
}
