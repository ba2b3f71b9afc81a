//! The harness alone, whose code the others have, too.
#![no_std]
#![no_main]

use cortex_m_bench::zeroed;

cortex_m_bench::program! {{
    let x = zeroed!([f32; 64]);
    cortex_m_bench::fill(x, 1.0);
    move || {
        core::hint::black_box(&x);
    }
}}
