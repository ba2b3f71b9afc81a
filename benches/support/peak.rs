//! The most that a core can do: multiply-adds that wait for nothing.
#![allow(unsafe_code)] // Vector instructions.

use std::hint::black_box;

use constconv::kernel::Level;

use super::fastest;

/// Floating-point operations per second of a loop of independent multiply-adds; unknown at the portable level.
#[cfg(target_arch = "x86_64")]
pub fn peak(level: &str, element: &str) -> f64 {
    use std::arch::x86_64::*;
    const ROUNDS: usize = 1000;
    const CHAINS: usize = 12;
    macro_rules! peak {
        ($feature:literal, $splat:ident, $fma:ident, $add:ident) => {{
            #[target_feature(enable = $feature)]
            fn rounds() {
                let (factor, term) = (black_box($splat(0.5)), black_box($splat(1.0)));
                let mut chains = [term; CHAINS];
                for _ in 0..ROUNDS {
                    for chain in &mut chains {
                        *chain = $fma(*chain, factor, term);
                    }
                }
                black_box(chains.into_iter().fold(term, |a, b| $add(a, b)));
            }
            // SAFETY: the caller made sure that the processor has the level.
            (size_of_val(&unsafe { $splat(0.0) }), fastest(0.02, || unsafe { rounds() }))
        }};
    }
    assert!(Level::named(level).is_some(), "no level {level}");
    let (bytes, time) = match (level, element) {
        ("avx512", "f32") => peak!("avx512f", _mm512_set1_ps, _mm512_fmadd_ps, _mm512_add_ps),
        ("portable", _) => return f64::NAN,
        ("avx512", _) => peak!("avx512f", _mm512_set1_pd, _mm512_fmadd_pd, _mm512_add_pd),
        (_, "f32") => peak!("avx2,fma", _mm256_set1_ps, _mm256_fmadd_ps, _mm256_add_ps),
        (_, _) => peak!("avx2,fma", _mm256_set1_pd, _mm256_fmadd_pd, _mm256_add_pd),
    };
    let lanes = bytes / if element == "f32" { 4 } else { 8 };
    (2 * ROUNDS * CHAINS * lanes) as f64 / time
}

#[cfg(not(target_arch = "x86_64"))]
pub fn peak(_: &str, _: &str) -> f64 {
    f64::NAN
}
