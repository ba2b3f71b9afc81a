pub struct A<const N: usize, const M: usize>;
impl<const N: usize, const M: usize> A<N, M> { pub fn zeros() -> Self { A } }
fn main() { let x = A::zeros(); }
