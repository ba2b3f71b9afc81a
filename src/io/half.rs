//! IEEE floats of 16 bits, as the `f32` of the same value.

/// The bits of the `f32` that has the value of an IEEE half: 1 sign, 5 exponent, 10 fraction.
pub(super) const fn f16_bits(half: u16) -> u32 {
    let (sign, exponent, fraction) = ((half as u32 & 0x8000) << 16, half as u32 >> 10 & 31, half as u32 & 0x3ff);
    sign | match (exponent, fraction) {
        (31, _) => 0xff << 23 | fraction << 13, // infinity, or NaN with its payload
        (0, 0) => 0,
        (0, _) => {
            // fraction · 2⁻²⁴, with the highest bit of the fraction in the place of the hidden one.
            let up = fraction.leading_zeros() - 21;
            (113 - up) << 23 | (fraction << up & 0x3ff) << 13
        }
        _ => (exponent + 112) << 23 | fraction << 13,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition: (−1)ˢ · 2^(e − 15) · (1 + f/1024), or 2⁻¹⁴ · f/1024 where e = 0.
    #[test]
    fn every_half_has_its_value() {
        for half in 0..=u16::MAX {
            let (exponent, fraction) = (i32::from(half >> 10 & 31), f64::from(half & 0x3ff) / 1024.0);
            let sign = if half >> 15 == 1 { -1.0 } else { 1.0 };
            let power = |e: i32| f64::from_bits(((1023 + e) as u64) << 52);
            let expected = match exponent {
                31 if fraction != 0.0 => f64::NAN,
                31 => f64::INFINITY,
                0 => power(-14) * fraction,
                _ => power(exponent - 15) * (1.0 + fraction),
            } * sign;
            let found = f64::from(f32::from_bits(f16_bits(half)));
            assert!(
                found == expected && found.is_sign_negative() == expected.is_sign_negative()
                    || found.is_nan() && expected.is_nan(),
                "{half:#x}: {found} {expected}"
            );
        }
    }
}
