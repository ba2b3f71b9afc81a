//! Models made of models: the same layers, some of them in another form.

/// A layer or model of which another one is made for the purpose `P`: the same layers, but those that `P` is about in
/// another form.
///
/// [`model!`](crate::model!) implements it for every model whose layers have it: the other model is a row of their other
/// forms, [planned](mod@crate::model) as any row is. The purposes are [`ByWinograd`](crate::layer::ByWinograd) and
/// [`OnThreads`](crate::layer::OnThreads). A layer of your own stays what it is in three lines:
///
/// ```
/// use constconv::module;
/// use constconv::module::Rewrite;
/// use constconv::prelude::*;
///
/// /// y = x + 1.
/// #[derive(Clone)]
/// struct Increment;
/// # module! { [] Increment {} }
///
/// impl<P> Rewrite<P> for Increment {
///     type Output = Self;
///
///     fn rewrite(&self) -> Self {
///         self.clone()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no form for `{P}`",
    label = "a layer of your own implements `Rewrite<P>`, most often with `Output = Self`"
)]
pub trait Rewrite<P> {
    /// The other form.
    type Output;

    /// Makes it.
    ///
    /// ```
    /// use constconv::module::Rewrite;
    /// use constconv::prelude::*;
    /// let row = (Conv2d::<f32, 1, 1, Kernel<5>>::BLANK, Relu);
    /// let (conv, Relu) = Rewrite::<OnThreads>::rewrite(&row);
    /// assert_eq!(conv, Parallel::new(row.0));
    /// ```
    #[must_use]
    fn rewrite(&self) -> Self::Output;
}

macro_rules! rows {
    ($(($($layer:ident)+);)*) => { $(
        #[allow(non_snake_case)]
        impl<P, $($layer: Rewrite<P>),+> Rewrite<P> for ($($layer,)+) {
            type Output = ($($layer::Output,)+);

            fn rewrite(&self) -> Self::Output {
                let ($($layer,)+) = self;
                ($($layer.rewrite(),)+)
            }
        }
    )* };
}

rows! {
    (A);
    (A B);
    (A B C);
    (A B C D);
    (A B C D E);
    (A B C D E F);
    (A B C D E F G);
    (A B C D E F G H);
    (A B C D E F G H I);
    (A B C D E F G H I J);
    (A B C D E F G H I J K);
    (A B C D E F G H I J K L);
}
