//! One step of the digits network.
#![no_std]
#![no_main]

cortex_m_bench::training!(Digits, Tensor<f32, 1, 1, 8, 8>);
