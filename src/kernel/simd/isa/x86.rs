//! What the instruction sets of x86-64 have in common.

/// Writes how to get a token and how to enter code that is compiled for it.
macro_rules! token {
    ($token:ident needs $($feature:tt)+) => {
        impl $token {
            /// The token, if the processor has the instructions: asked at run time.
            #[cfg(feature = "std")]
            #[inline]
            pub(crate) fn detect() -> Option<Self> {
                ($(std::arch::is_x86_feature_detected!($feature))&&+).then_some(Self(()))
            }

            /// The token, if the crate is compiled for the instructions.
            #[cfg(not(feature = "std"))]
            #[inline]
            pub(crate) fn detect() -> Option<Self> {
                ($(cfg!(target_feature = $feature))&&+).then_some(Self(()))
            }
        }

        impl Token for $token {
            #[inline(always)]
            fn call<J: Job<Self>>(self, job: J) -> J::Output {
                $(#[target_feature(enable = $feature)])+
                fn entry<J: Job<$token>>(token: $token, job: J) -> J::Output {
                    job.run(token)
                }
                // `inline(never)` has no effect beside `target_feature`. A function without the features in between is
                // not inlined into the caller, nor can `entry` be inlined into it.
                #[inline(never)]
                fn outside<J: Job<$token>>(token: $token, job: J) -> J::Output {
                    // SAFETY: the token proves that the processor has the features.
                    unsafe { entry(token, job) }
                }
                outside(self, job)
            }
        }
    };
}

/// Writes one `Simd` implementation: the instructions that are called by name, then what needs more than a name.
macro_rules! vectors {
    ($token:ident, $half:ident, $element:ident, $vector:ident, $lanes:literal lanes, $registers:literal registers:
     $zero:ident $splat:ident $load:ident $store:ident $add:ident $fma:ident $max:ident $min:ident; $($rest:item)*) => {
        impl Simd<$element> for $token {
            type Vector = $vector;
            const LANES: usize = $lanes;
            const REGISTERS: usize = $registers;

            type Half = $half;
            #[inline(always)]
            fn half(self) -> $half {
                self.into()
            }
            #[inline(always)]
            fn zero(self) -> $vector {
                // SAFETY: the token proves the instruction set.
                unsafe { $zero() }
            }
            #[inline(always)]
            fn splat(self, value: $element) -> $vector {
                // SAFETY: the token proves the instruction set.
                unsafe { $splat(value) }
            }
            #[inline(always)]
            fn add(self, a: $vector, b: $vector) -> $vector {
                // SAFETY: the token proves the instruction set.
                unsafe { $add(a, b) }
            }
            #[inline(always)]
            fn mul_add(self, a: $vector, b: $vector, c: $vector) -> $vector {
                // SAFETY: the token proves the instruction set.
                unsafe { $fma(a, b, c) }
            }
            #[inline(always)]
            fn at_least(self, limit: $vector, value: $vector) -> $vector {
                // SAFETY: the token proves the instruction set. The second operand is the result if one is NaN.
                unsafe { $max(limit, value) }
            }
            #[inline(always)]
            fn at_most(self, limit: $vector, value: $vector) -> $vector {
                // SAFETY: as above.
                unsafe { $min(limit, value) }
            }
            #[inline(always)]
            fn prefetch(self, at: *const $element) {
                // SAFETY: every x86-64 processor has the instruction, which reads nothing.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) }
            }
            // SAFETY: the caller's promise is the trait's.
            #[inline(always)]
            unsafe fn load(self, from: *const $element) -> $vector {
                // SAFETY: the token proves the instruction set; the caller vouches for the memory.
                unsafe { $load(from) }
            }
            // SAFETY: the caller's promise is the trait's.
            #[inline(always)]
            unsafe fn store(self, to: *mut $element, value: $vector) {
                // SAFETY: the token proves the instruction set; the caller vouches for the memory.
                unsafe { $store(to, value) }
            }
            $($rest)*
        }
    };
}
