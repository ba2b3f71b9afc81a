//! One inference of LeNet-5.
#![no_std]
#![no_main]

cortex_m_bench::inference!(LeNet5, Tensor<f32, 1, 1, 28, 28>);
