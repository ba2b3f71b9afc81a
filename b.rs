use std::marker::PhantomData;
pub struct A<const N: usize, const M: usize>;
pub trait Z { fn zeros() -> Self; }
impl<const N: usize, const M: usize> Z for A<N, M> { fn zeros() -> Self { A } }
fn main() { let x = A::zeros(); }
