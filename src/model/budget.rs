//! Budgets: what a model may cost, asserted at compile time.

/// Asserts what a model costs on a microcontroller, at compile time and in `cargo check`.
///
/// | | what is limited | |
/// |---|---|---|
/// | `inference` | bytes of RAM for inference, parameters in flash | [`INFERENCE_RAM`] + [`INFERENCE_STACK`] |
/// | `training` | bytes of RAM for a training step, with parameters | [`TRAINING_TOTAL`] |
/// | `descent` | the same without a gradient, [`Sgd::descend`](crate::optim::Sgd::descend) | [`DESCENT_TOTAL`] |
/// | `flash` | bytes of the model as a `static`: parameters, statistics, hyperparameters; no code | `size_of` |
/// | `parameters` | elements that are trained | [`PARAMETERS`](crate::module::Module::PARAMETERS) |
/// | `macs` | multiply-adds of one forward pass | [`MACS`](crate::model::Footprint::MACS) |
///
/// [`INFERENCE_RAM`]: crate::model::Footprint::INFERENCE_RAM
/// [`INFERENCE_STACK`]: crate::model::Footprint::INFERENCE_STACK
/// [`TRAINING_TOTAL`]: crate::model::TrainingFootprint::TRAINING_TOTAL
/// [`DESCENT_TOTAL`]: crate::model::TrainingFootprint::DESCENT_TOTAL
///
/// ```
/// use constconv::assert_budget;
/// use constconv::prelude::*;
///
/// model! {
///     pub Net: Tensor<f32, 1, 1, 8, 8> => {
///         conv: Conv2d<f32, 1, 8, Kernel<3>, Stride<1>, Padding<1>>,
///         relu: Relu,
///         pool: MaxPool2d<Kernel<2>>,
///         fc: Linear<f32, 128, 10>,
///     }
/// }
/// assert_budget!(Net: inference <= 5 * 1024, descent <= 16 * 1024, flash <= 6 * 1024, parameters <= 1_400);
/// ```
///
/// ```compile_fail
/// # use constconv::prelude::*;
/// # constconv::model! {
/// #     pub Net: Tensor<f32, 1, 1, 8, 8> => {
/// #         fc: Linear<f32, 64, 10>,
/// #     }
/// # }
/// constconv::assert_budget!(Net: flash <= 2 * 1024); // "Net needs 2 600 bytes of flash, 2 048 allowed"
/// ```
#[macro_export]
macro_rules! assert_budget {
    (@inference $model:ty) => {
        <$model as $crate::model::Footprint>::INFERENCE_RAM + <$model as $crate::model::Footprint>::INFERENCE_STACK
    };
    (@training $model:ty) => { <$model as $crate::model::TrainingFootprint>::TRAINING_TOTAL };
    (@descent $model:ty) => { <$model as $crate::model::TrainingFootprint>::DESCENT_TOTAL };
    (@flash $model:ty) => { ::core::mem::size_of::<$model>() };
    (@parameters $model:ty) => { <$model as $crate::module::Module>::PARAMETERS };
    (@macs $model:ty) => { <$model as $crate::model::Footprint>::MACS };

    (@text inference) => { " bytes of RAM for inference" };
    (@text training) => { " bytes of RAM for training" };
    (@text descent) => { " bytes of RAM for training without a gradient" };
    (@text flash) => { " bytes of flash" };
    (@text parameters) => { " parameters" };
    (@text macs) => { " multiply-adds" };
    (@text $cost:ident) => { "" }; // the other rule has said what is wrong

    (@$cost:ident $($rest:tt)*) => {
        ::core::compile_error!("a budget limits `inference`, `training`, `descent`, `flash`, `parameters` or `macs`");
    };

    ($model:ty: $($cost:ident <= $limit:expr),+ $(,)?) => { $(
        const _: () = {
            const __NEEDED: usize = $crate::assert_budget!(@$cost $model);
            const __ALLOWED: usize = $limit;
            if __NEEDED > __ALLOWED {
                const __TEXT: $crate::model::BudgetText = $crate::model::BudgetText::new(
                    ::core::stringify!($model),
                    __NEEDED,
                    $crate::assert_budget!(@text $cost),
                    __ALLOWED,
                );
                ::core::panic!("{}", __TEXT.get());
            }
        };
    )+ };
    ($($budget:tt)*) => {
        ::core::compile_error!("a budget is `Model: inference <= bytes, flash <= bytes`, with `inference`, `training`, `descent`, `flash`, `parameters` or `macs`");
    };
}

/// What [`assert_budget!`](crate::assert_budget!) says: text made in a constant.
#[doc(hidden)]
#[derive(Debug)]
pub struct BudgetText {
    bytes: [u8; 256],
    length: usize,
}

impl BudgetText {
    /// "Net needs 41 200 bytes of RAM for inference, 32 768 allowed".
    #[must_use]
    pub const fn new(model: &str, needed: usize, unit: &str, allowed: usize) -> Self {
        let empty = Self { bytes: [0; 256], length: 0 };
        empty.text(model).text(" needs ").number(needed).text(unit).text(", ").number(allowed).text(" allowed")
    }

    /// Up to the first character that found no room.
    #[must_use]
    pub const fn get(&self) -> &str {
        let text = self.bytes.split_at(self.length).0;
        match core::str::from_utf8(text) {
            Ok(text) => text,
            Err(error) => match core::str::from_utf8(text.split_at(error.valid_up_to()).0) {
                Ok(text) => text,
                Err(_) => "",
            },
        }
    }

    const fn text(mut self, text: &str) -> Self {
        let mut i = 0;
        while i < text.len() && self.length < self.bytes.len() {
            self.bytes[self.length] = text.as_bytes()[i];
            self.length += 1;
            i += 1;
        }
        self
    }

    /// With a space before each three digits.
    const fn number(self, number: usize) -> Self {
        let text = if number >= 1000 { self.number(number / 1000).text(" ") } else { self };
        let (rest, is_first) = (number % 1000, number < 1000);
        let text = if is_first && rest < 100 { text } else { text.digit(rest / 100) };
        let text = if is_first && rest < 10 { text } else { text.digit(rest / 10 % 10) };
        text.digit(rest % 10)
    }

    const fn digit(self, digit: usize) -> Self {
        const DIGITS: &str = "0123456789";
        self.text(DIGITS.split_at(digit).1.split_at(1).0)
    }
}

#[cfg(test)]
mod tests {
    use super::BudgetText;

    #[test]
    fn numbers_have_their_digits_in_threes() {
        let text = BudgetText::new("Net", 41_200, " bytes", 1_000_007);
        assert_eq!(text.get(), "Net needs 41 200 bytes, 1 000 007 allowed");
        assert_eq!(BudgetText::new("N", 0, "", 100).get(), "N needs 0, 100 allowed");
        assert_eq!(BudgetText::new("N", 99, "", 1_010).get(), "N needs 99, 1 010 allowed");
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let name = ["ä"; 200].concat();
        assert_eq!(BudgetText::new(&name[..], 1, "", 0).get(), &name[..256]);
        assert_eq!(BudgetText::new(&["n", &name].concat(), 1, "", 0).get().len(), 255);
    }
}
