//! Tensors with names: what a file of weights holds.
//!
//! The names are PyTorch's: those of the fields, with dots between them. They are known as a table of constants,
//! [`Named::MEMBERS`], a tree that has the shape of the types; [`Tensors`] walks it without memory. The numbers come
//! from trait functions, in the order of the table.

use core::fmt::{self, Debug, Display, Formatter};

use super::Module;
use crate::io::{Element, ElementType, Text, equal};
use crate::tensor::{Elements, Matrix, Signal, Tensor, Vector};

/// What has tensors with names: every layer and model whose elements are `f32`, `f64` or integers of 8 to 64 bits,
/// gradients, optimizers and their state, arrays, and numbers. [`named!`](crate::named!) implements it for a struct of
/// your own.
///
/// The names of a model are those of PyTorch's `state_dict`:
///
/// | | name |
/// |---|---|
/// | a field of a model | its name, or the one after `as`: `stem as "features.0": Conv2d<..>` |
/// | a layer, a branch, or an element in a tuple or array | `0`, `1`, … |
/// | the shortcut of a [`Residual`](crate::layer::Residual) | `shortcut`; its body adds nothing |
/// | [`Frozen`](crate::layer::Frozen), [`Tap`](crate::layer::Tap), [`Winograd`](crate::layer::Winograd), [`Sum`](crate::layer::Sum), [`Product`](crate::layer::Product), [`Concat`](crate::layer::Concat) | nothing |
/// | the parts of a layer | `weight`, `bias`; `running_mean`, `running_var` |
///
/// A batch normalisation of a file may have a `num_batches_tracked`, too; it is not kept, and not written, as PyTorch
/// does not ask for it.
///
/// ```
/// use constconv::module::tensors;
/// use constconv::prelude::*;
///
/// model! {
///     Net: Tensor<f32, 1, 1, 8, 8> => {
///         stem as "features.0": Conv2d<f32, 1, 4, Kernel<3>, Stride<1>, Padding<1>>,
///         block: Residual<(BatchNorm2d<f32, 4>, Relu)>,
///         fc: Linear<f32, 256, 10, NoBias>,
///     }
/// }
/// let names: Vec<String> = tensors::<Net>().map(|tensor| tensor.to_string()).collect();
/// assert_eq!(names, [
///     "features.0.weight: F32 (4, 1, 3, 3)",
///     "features.0.bias: F32 (4,)",
///     "block.0.weight: F32 (4,)",
///     "block.0.bias: F32 (4,)",
///     "block.0.running_mean: F32 (4,)",
///     "block.0.running_var: F32 (4,)",
///     "fc.weight: F32 (10, 256)",
/// ]);
/// ```
#[diagnostic::on_unimplemented(
    message = "the tensors of `{Self}` have no names",
    label = "files hold layers, models, arrays and numbers whose elements are `f32`, `f64` or integers of 8 to 64 bits",
    note = "`module!` and `model!` name the parts of a layer or model, `named!` those of any other struct"
)]
pub trait Named {
    /// The table: names, shapes, and where the tensors lie in the struct.
    const MEMBERS: &'static [Member];

    /// Hands out the numbers, in the order of the table.
    #[doc(hidden)]
    fn each(&self, visitor: &mut impl Each);

    /// Hands out the numbers, in the order of the table.
    #[doc(hidden)]
    fn each_mut(&mut self, visitor: &mut impl EachMut);

    /// Shows each tensor with its name, type and shape to `visitor`.
    ///
    /// ```
    /// use constconv::io::Element;
    /// use constconv::module::{Named, NamedVisitor, TensorInfo};
    /// use constconv::prelude::*;
    /// struct Print(String);
    /// impl NamedVisitor for Print {
    ///     fn tensor<T: Element>(&mut self, tensor: &TensorInfo, numbers: &[T]) {
    ///         self.0 += &format!("{} = {numbers:?};", tensor.name);
    ///     }
    /// }
    /// let mut print = Print(String::new());
    /// Linear::<f32, 2, 1>::new(Matrix::new([[1.0, 2.0]]), Vector::new([3.0])).visit_named(&mut print);
    /// assert_eq!(print.0, "weight = [1.0, 2.0];bias = [3.0];");
    /// ```
    fn visit_named(&self, visitor: &mut impl NamedVisitor)
    where
        Self: Sized,
    {
        struct WithNames<'a, V>(Tensors, &'a mut V);
        impl<V: NamedVisitor> Each for WithNames<'_, V> {
            fn tensor<T: Element>(&mut self, numbers: &[T]) {
                if let Some(tensor) = self.0.next() {
                    self.1.tensor(&tensor, numbers);
                }
            }
        }
        self.each(&mut WithNames(tensors::<Self>(), visitor));
    }

    /// Gives each tensor with its name, type and shape to `visitor`.
    ///
    /// ```
    /// use constconv::io::Element;
    /// use constconv::module::{Named, NamedVisitorMut, TensorInfo};
    /// use constconv::prelude::*;
    /// /// Sets all biases to zero.
    /// struct ClearBiases;
    /// impl NamedVisitorMut for ClearBiases {
    ///     fn tensor<T: Element>(&mut self, tensor: &TensorInfo, numbers: &mut [T]) {
    ///         if tensor.name == "bias" {
    ///             numbers.fill(T::ZERO);
    ///         }
    ///     }
    /// }
    /// let mut layer = Linear::<f32, 2, 1>::new(Matrix::new([[1.0, 2.0]]), Vector::new([3.0]));
    /// layer.visit_named_mut(&mut ClearBiases);
    /// assert_eq!(layer, Linear::new(Matrix::new([[1.0, 2.0]]), Vector::new([0.0])));
    /// ```
    fn visit_named_mut(&mut self, visitor: &mut impl NamedVisitorMut)
    where
        Self: Sized,
    {
        struct WithNames<'a, V>(Tensors, &'a mut V);
        impl<V: NamedVisitorMut> EachMut for WithNames<'_, V> {
            fn tensor<T: Element>(&mut self, numbers: &mut [T]) {
                if let Some(tensor) = self.0.next() {
                    self.1.tensor(&tensor, numbers);
                }
            }
        }
        self.each_mut(&mut WithNames(tensors::<Self>(), visitor));
    }
}

/// Reads tensor after tensor, with names: see [`Named::visit_named`].
///
/// ```
/// use constconv::io::Element;
/// use constconv::module::{Named, NamedVisitor, TensorInfo};
/// use constconv::prelude::*;
/// /// Counts the numbers of each kind.
/// struct Count([usize; 2]);
/// impl NamedVisitor for Count {
///     fn tensor<T: Element>(&mut self, tensor: &TensorInfo, numbers: &[T]) {
///         self.0[usize::from(tensor.is_statistic)] += numbers.len();
///     }
/// }
/// let mut count = Count([0; 2]);
/// BatchNorm2d::<f32, 8>::BLANK.visit_named(&mut count);
/// assert_eq!(count.0, [16, 16]);
/// ```
pub trait NamedVisitor {
    /// One tensor, row-major.
    ///
    /// ```
    /// use constconv::io::Element;
    /// use constconv::module::{Named, NamedVisitor, TensorInfo};
    /// use constconv::prelude::*;
    /// struct Shapes(Vec<&'static [usize]>);
    /// impl NamedVisitor for Shapes {
    ///     fn tensor<T: Element>(&mut self, tensor: &TensorInfo, _: &[T]) {
    ///         self.0.push(tensor.shape);
    ///     }
    /// }
    /// let mut shapes = Shapes(Vec::new());
    /// Linear::<f32, 2, 1>::BLANK.visit_named(&mut shapes);
    /// assert_eq!(shapes.0, [&[1, 2][..], &[1]]);
    /// ```
    fn tensor<T: Element>(&mut self, tensor: &TensorInfo, numbers: &[T]);
}

/// Changes tensor after tensor, with names: see [`Named::visit_named_mut`].
///
/// ```
/// use constconv::io::Element;
/// use constconv::module::{Named, NamedVisitorMut, TensorInfo};
/// use constconv::prelude::*;
/// struct Clear;
/// impl NamedVisitorMut for Clear {
///     fn tensor<T: Element>(&mut self, _: &TensorInfo, numbers: &mut [T]) {
///         numbers.fill(T::ZERO);
///     }
/// }
/// let mut x = Vector::new([1_i64, 2]);
/// x.visit_named_mut(&mut Clear);
/// assert_eq!(x, Vector::zeros());
/// ```
pub trait NamedVisitorMut {
    /// One tensor, row-major.
    ///
    /// ```
    /// use constconv::io::Element;
    /// use constconv::module::{Named, NamedVisitorMut, TensorInfo};
    /// use constconv::prelude::*;
    /// struct Double;
    /// impl NamedVisitorMut for Double {
    ///     fn tensor<T: Element>(&mut self, _: &TensorInfo, numbers: &mut [T]) {
    ///         numbers.iter_mut().for_each(|a| *a += *a);
    ///     }
    /// }
    /// let mut x = Vector::new([1_u8, 2]);
    /// x.visit_named_mut(&mut Double);
    /// assert_eq!(x, Vector::new([2, 4]));
    /// ```
    fn tensor<T: Element>(&mut self, tensor: &TensorInfo, numbers: &mut [T]);
}

/// [`NamedVisitor`] without names.
#[doc(hidden)]
pub trait Each {
    /// One tensor.
    fn tensor<T: Element>(&mut self, numbers: &[T]);
}

/// [`NamedVisitorMut`] without names.
#[doc(hidden)]
pub trait EachMut {
    /// One tensor.
    fn tensor<T: Element>(&mut self, numbers: &mut [T]);
}

/// A module whose gradient is [`Named`]: a bound for generic code, as
/// [`GradientParameters`](super::GradientParameters).
///
/// ```
/// use constconv::module::{GradientNamed, tensors};
/// use constconv::prelude::*;
/// fn count<M: GradientNamed>() -> usize {
///     tensors::<M::Gradient>().count()
/// }
/// assert_eq!(count::<Linear<f32, 2, 1>>(), 2);
/// ```
pub trait GradientNamed: Module<Gradient: Named> {}

impl<M: Module<Gradient: Named>> GradientNamed for M {}

/// An entry of the table [`Named::MEMBERS`]: a tensor, or a part that has members itself. [`named!`](crate::named!)
/// writes it.
///
/// ```
/// use constconv::module::Named;
/// use constconv::prelude::*;
/// assert_eq!(Linear::<f32, 2, 1>::MEMBERS.len(), 2); // weight and bias
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Member {
    name: Segment,
    /// In bytes, in the struct that it is a member of.
    offset: usize,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum Segment {
    Name(&'static str),
    Index(usize),
}

#[derive(Clone, Copy, Debug)]
enum What {
    Tensor {
        shape: &'static [usize],
        element: ElementType,
        is_statistic: bool,
    },
    Members(&'static [Member]),
    /// A number in files that is not kept.
    Counter,
    /// No bias.
    Nothing,
}

#[doc(hidden)]
impl Member {
    /// An array, or none.
    #[must_use]
    pub const fn tensor<T: Element, A: Elements<T>>(name: &'static str, offset: usize) -> Self {
        let what = match A::SHAPE {
            Some(shape) => What::Tensor { shape, element: T::TYPE, is_statistic: false },
            None => What::Nothing,
        };
        Self { name: Segment::Name(plain(name)), offset, what }
    }

    /// An array that follows the data.
    #[must_use]
    pub const fn statistic<T: Element, A: Elements<T>>(name: &'static str, offset: usize) -> Self {
        let mut member = Self::tensor::<T, A>(name, offset);
        if let What::Tensor { is_statistic, .. } = &mut member.what {
            *is_statistic = true;
        }
        member
    }

    /// A part that has members itself.
    #[must_use]
    pub const fn part<M: Named>(name: &'static str, offset: usize) -> Self {
        Self { name: Segment::Name(plain(name)), offset, what: What::Members(M::MEMBERS) }
    }

    /// A number that files may hold and that is not kept.
    #[must_use]
    pub const fn counter(name: &'static str) -> Self {
        Self { name: Segment::Name(name), offset: 0, what: What::Counter }
    }
}

/// The name as files hold it: of a raw identifier without `r#`.
const fn plain(name: &'static str) -> &'static str {
    if let Some((b"r#", _)) = name.as_bytes().split_at_checked(2) {
        return name.split_at(2).1;
    }
    let mut i = 0;
    while i < name.len() {
        let byte = name.as_bytes()[i];
        assert!(
            byte >= b' ' && byte != b'"' && byte != b'\\',
            "a name holds no quotes, backslashes and control characters"
        );
        i += 1;
    }
    name
}

/// How deep members can lie within members.
const DEPTH: usize = 40;

/// A place in a table: an index for each level, down from the root.
#[derive(Clone, Copy)]
struct Place {
    root: &'static [Member],
    trail: [u16; DEPTH],
    depth: u8,
}

impl Place {
    /// The members of which the last index is one, and where the struct that holds them begins.
    const fn members(&self) -> (&'static [Member], usize) {
        let (mut members, mut offset, mut level) = (self.root, 0, 0);
        while level < self.depth as usize {
            let member = &members[self.trail[level] as usize];
            offset += member.offset;
            members = match member.what {
                What::Members(members) => members,
                _ => &[],
            };
            level += 1;
        }
        (members, offset)
    }

    const fn index(&mut self) -> &mut u16 {
        &mut self.trail[self.depth as usize]
    }
}

/// The tensors of an `M`, in order: [`tensors`].
///
/// ```
/// use constconv::module::{Tensors, tensors};
/// use constconv::prelude::*;
/// const fn parameters(mut tensors: Tensors) -> usize {
///     let mut sum = 0;
///     while let Some(tensor) = tensors.advance() {
///         sum += tensor.len();
///     }
///     sum
/// }
/// const COUNT: usize = parameters(tensors::<Linear<f32, 400, 10>>());
/// assert_eq!(COUNT, 4010);
/// ```
#[derive(Clone, Copy)]
pub struct Tensors(Place);

/// The names, types and shapes of the tensors of an `M`, in order.
///
/// ```
/// use constconv::module::tensors;
/// use constconv::prelude::*;
/// let tensor = tensors::<Conv1d<f32, 3, 8, Kernel<5>>>().next().unwrap();
/// assert_eq!((tensor.name.to_string().as_str(), tensor.shape), ("weight", &[8, 3, 5][..]));
/// ```
#[must_use]
pub const fn tensors<M: Named>() -> Tensors {
    Tensors::of(M::MEMBERS)
}

impl Tensors {
    pub(crate) const fn of(root: &'static [Member]) -> Self {
        Self(Place { root, trail: [0; DEPTH], depth: 0 })
    }

    /// The next one: `next` for constants.
    ///
    /// ```
    /// use constconv::module::{TensorInfo, tensors};
    /// use constconv::prelude::*;
    /// const WEIGHT: TensorInfo = tensors::<Linear<f32, 2, 1>>().advance().unwrap();
    /// assert_eq!(WEIGHT.shape, [1, 2]);
    /// ```
    pub const fn advance(&mut self) -> Option<TensorInfo> {
        loop {
            match self.step() {
                Some((tensor, false)) => return Some(tensor),
                Some((_, true)) => {}
                None => return None,
            }
        }
    }

    /// The next one, and whether it is a number that is not kept.
    pub(crate) const fn step(&mut self) -> Option<(TensorInfo, bool)> {
        loop {
            let (members, offset) = self.0.members();
            let name = Name(self.0);
            let index = self.0.index();
            let Some((_, [member, ..])) = members.split_at_checked(*index as usize) else {
                if self.0.depth == 0 {
                    return None;
                }
                self.0.depth -= 1;
                *self.0.index() += 1;
                continue;
            };
            if let What::Members(_) = member.what {
                assert!(name.0.depth as usize + 1 < DEPTH, "tensors with names lie less than 40 levels deep");
                self.0.depth += 1;
                *self.0.index() = 0;
                continue;
            }
            *index += 1;
            let offset = offset + member.offset;
            return Some(match member.what {
                What::Tensor { shape, element, is_statistic } => {
                    (TensorInfo { name, element, shape, is_statistic, offset }, false)
                }
                What::Counter => {
                    let element = ElementType::I64;
                    (TensorInfo { name, element, shape: &[], is_statistic: true, offset }, true)
                }
                _ => continue,
            });
        }
    }
}

impl Iterator for Tensors {
    type Item = TensorInfo;

    fn next(&mut self) -> Option<TensorInfo> {
        self.advance()
    }
}

impl Debug for Tensors {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// What a table says of one tensor.
///
/// ```
/// use constconv::io::ElementType;
/// use constconv::module::tensors;
/// use constconv::prelude::*;
/// let bias = tensors::<Linear<f32, 4, 3>>().nth(1).unwrap();
/// assert_eq!((bias.element, bias.shape, bias.len()), (ElementType::F32, &[3][..], 3));
/// assert_eq!(bias.to_string(), "bias: F32 (3,)");
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TensorInfo {
    /// The name, with dots between its parts.
    pub name: Name,
    /// The type of the numbers.
    pub element: ElementType,
    /// The lengths of the axes; none for a single number.
    pub shape: &'static [usize],
    /// Whether the numbers follow the data and are not trained, such as running means.
    pub is_statistic: bool,
    /// Where the numbers begin, in bytes from the start of the struct.
    pub offset: usize,
}

impl TensorInfo {
    /// How many numbers there are: the product of the axes.
    ///
    /// ```
    /// use constconv::module::tensors;
    /// use constconv::prelude::*;
    /// assert_eq!(tensors::<Linear<f32, 4, 3>>().next().unwrap().len(), 12);
    /// ```
    #[must_use]
    #[allow(clippy::len_without_is_empty)]
    pub const fn len(&self) -> usize {
        let (mut product, mut i) = (1, 0);
        while i < self.shape.len() {
            product *= self.shape[i];
            i += 1;
        }
        product
    }

    pub(crate) const fn write_to<const N: usize>(&self, text: &mut Text<N>) {
        self.name.write_to(text);
        text.str(": ");
        text.str(self.element.name());
        text.str(" ");
        text.tuple(self.shape);
    }
}

impl Display for TensorInfo {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut shape = Text::<128>::new();
        shape.tuple(self.shape);
        write!(f, "{}: {} {}", self.name, self.element, shape.as_str())
    }
}

/// The name of a tensor: the names of fields and layers, with dots between them. It takes no memory for text.
///
/// ```
/// use constconv::module::tensors;
/// use constconv::prelude::*;
/// type Row = (Relu, Linear<f32, 2, 1>);
/// let name = tensors::<Row>().next().unwrap().name;
/// assert_eq!(name.to_string(), "1.weight");
/// assert!(name == "1.weight" && name != "1.bias");
/// ```
#[derive(Clone, Copy)]
pub struct Name(Place);

impl Name {
    /// The part at this level, and its text if it is an index.
    const fn segment(&self, level: usize) -> (&'static str, Text<20>) {
        let place = Place { depth: level as u8, ..self.0 };
        let mut digits = Text::new();
        match place.members().0[self.0.trail[level] as usize].name {
            Segment::Name(name) => (name, digits),
            Segment::Index(index) => {
                digits.number(index);
                ("", digits)
            }
        }
    }

    /// Whether this is the name.
    pub(crate) const fn is(&self, text: &[u8]) -> bool {
        let (mut rest, mut level, mut is_first) = (text, 0, true);
        while level <= self.0.depth as usize {
            let (name, digits) = self.segment(level);
            let part = if name.is_empty() { digits.as_bytes() } else { name.as_bytes() };
            level += 1;
            if part.is_empty() {
                continue;
            }
            if !is_first {
                let [b'.', after @ ..] = rest else {
                    return false;
                };
                rest = after;
            }
            is_first = false;
            let Some((start, after)) = rest.split_at_checked(part.len()) else {
                return false;
            };
            if !equal(start, part) {
                return false;
            }
            rest = after;
        }
        rest.is_empty()
    }

    pub(crate) const fn write_to<const N: usize>(&self, text: &mut Text<N>) {
        let (mut level, mut is_first) = (0, true);
        while level <= self.0.depth as usize {
            let (name, digits) = self.segment(level);
            let part = if name.is_empty() { digits.as_str() } else { name };
            if !part.is_empty() {
                if !is_first {
                    text.byte(b'.');
                }
                is_first = false;
                text.shown(part);
            }
            level += 1;
        }
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.is(other.as_bytes())
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.is(other.as_bytes())
    }
}

impl Display for Name {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut is_first = true;
        for level in 0..=self.0.depth.into() {
            let (name, digits) = self.segment(level);
            let part = if name.is_empty() { digits.as_str() } else { name };
            if !part.is_empty() {
                f.write_str(if is_first { "" } else { "." })?;
                f.write_str(part)?;
                is_first = false;
            }
        }
        Ok(())
    }
}

impl Debug for Name {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Names the tensors in a struct of your own: writes its [`Named`](crate::module::Named).
///
/// ```text
/// named! { [generic parameters] Type, where [bounds] { field: Type, field as "name": Type } }
/// ```
///
/// The types of the fields are [`Named`](crate::module::Named) themselves; fields that are not in the table are not in
/// files. So a struct holds all that a training has to go on with:
///
/// ```
/// use constconv::module::tensors;
/// use constconv::named;
/// use constconv::prelude::*;
///
/// struct Training {
///     net: Linear<f32, 2, 1>,
///     optimizer: Adam,
///     state: State<Adam, Linear<f32, 2, 1>>,
///     steps: u64,
///     random: Vector<u8, 32>,
/// }
/// named! { [] Training {
///     net as "model": Linear<f32, 2, 1>,
///     optimizer: Adam,
///     state: State<Adam, Linear<f32, 2, 1>>,
///     steps: u64,
///     random: Vector<u8, 32>,
/// } }
/// let mut names = tensors::<Training>().map(|tensor| tensor.name.to_string());
/// assert_eq!(names.next().unwrap(), "model.weight");
/// assert!(names.any(|name| name == "state.means.1.bias"));
/// ```
#[macro_export]
macro_rules! named {
    ([$($generics:tt)*] $type:ty $(, where [$($bounds:tt)*])? {
        $($field:tt $(as $name:literal)?: $field_type:ty),* $(,)?
    }) => {
        $crate::named!(@table [$($generics)*] [$($($bounds)*)?] { $type } { f32 } [] []
            [$({ $field { $field_type } [$($name)?] })*] []);
    };

    (@table [$($generics:tt)*] [$($bounds:tt)*] { $type:ty } { $t:ty }
        [$({ $parameter:tt { $parameter_type:ty } })*]
        [$({ $statistic:tt { $statistic_type:ty } })*]
        [$({ $part:tt { $part_type:ty } $name:tt })*]
        [$($counter:literal)?]
    ) => {
        #[allow(unused_variables)] // There may be nothing with a name.
        impl<$($generics)*> $crate::module::Named for $type
        where
            $($bounds)*
        {
            const MEMBERS: &'static [$crate::module::Member] = &[
                $($crate::module::Member::tensor::<$t, $parameter_type>(
                    ::core::stringify!($parameter), ::core::mem::offset_of!(Self, $parameter),
                ),)*
                $($crate::module::Member::statistic::<$t, $statistic_type>(
                    ::core::stringify!($statistic), ::core::mem::offset_of!(Self, $statistic),
                ),)*
                $($crate::module::Member::part::<$part_type>(
                    $crate::named!(@name $part $name), ::core::mem::offset_of!(Self, $part),
                ),)*
                $($crate::module::Member::counter($counter),)?
            ];

            fn each(&self, __visitor: &mut impl $crate::module::Each) {
                $(if let ::core::option::Option::Some(__numbers) =
                    $crate::tensor::Elements::<$t>::elements(&self.$parameter)
                {
                    $crate::module::Each::tensor(__visitor, __numbers);
                })*
                $(if let ::core::option::Option::Some(__numbers) =
                    $crate::tensor::Elements::<$t>::elements(&self.$statistic)
                {
                    $crate::module::Each::tensor(__visitor, __numbers);
                })*
                $($crate::module::Named::each(&self.$part, __visitor);)*
            }

            fn each_mut(&mut self, __visitor: &mut impl $crate::module::EachMut) {
                $(if let ::core::option::Option::Some(__numbers) =
                    $crate::tensor::Elements::<$t>::elements_mut(&mut self.$parameter)
                {
                    $crate::module::EachMut::tensor(__visitor, __numbers);
                })*
                $(if let ::core::option::Option::Some(__numbers) =
                    $crate::tensor::Elements::<$t>::elements_mut(&mut self.$statistic)
                {
                    $crate::module::EachMut::tensor(__visitor, __numbers);
                })*
                $($crate::module::Named::each_mut(&mut self.$part, __visitor);)*
            }
        }
    };
    (@name $part:tt []) => { ::core::stringify!($part) };
    (@name $part:tt [$name:literal]) => { $name };

    (@$($rest:tt)*) => {
        ::core::compile_error!("the table is `[generic parameters] Type { field: Type, field as \"name\": Type }`");
    };
}

/// A single tensor without a name of its own.
macro_rules! arrays {
    ($($name:ident<$($axis:ident),+>)*) => { $(
        impl<T: Element, $(const $axis: usize),+> Named for $name<T, $($axis),+> {
            const MEMBERS: &'static [Member] = &[Member::tensor::<T, Self>("", 0)];

            fn each(&self, visitor: &mut impl Each) {
                visitor.tensor(self.as_slice());
            }

            fn each_mut(&mut self, visitor: &mut impl EachMut) {
                visitor.tensor(self.as_mut_slice());
            }
        }
    )* };
}

arrays! {
    Tensor<N, C, H, W>
    Signal<N, C, L>
    Matrix<R, C>
    Vector<N>
}

/// A number: a tensor without axes.
impl<T: Element> Named for T {
    const MEMBERS: &'static [Member] = &[Member {
        name: Segment::Name(""),
        offset: 0,
        what: What::Tensor { shape: &[], element: T::TYPE, is_statistic: false },
    }];

    fn each(&self, visitor: &mut impl Each) {
        visitor.tensor(core::slice::from_ref(self));
    }

    fn each_mut(&mut self, visitor: &mut impl EachMut) {
        visitor.tensor(core::slice::from_mut(self));
    }
}

impl<A: Named, const K: usize> Named for [A; K] {
    const MEMBERS: &'static [Member] = &{
        let mut members = [Member { name: Segment::Index(0), offset: 0, what: What::Members(A::MEMBERS) }; K];
        let mut i = 0;
        while i < K {
            members[i].name = Segment::Index(i);
            members[i].offset = i * size_of::<A>();
            i += 1;
        }
        members
    };

    fn each(&self, visitor: &mut impl Each) {
        self.iter().for_each(|element| element.each(visitor));
    }

    fn each_mut(&mut self, visitor: &mut impl EachMut) {
        self.iter_mut().for_each(|element| element.each_mut(visitor));
    }
}

impl Named for () {
    const MEMBERS: &'static [Member] = &[];

    fn each(&self, _: &mut impl Each) {}

    fn each_mut(&mut self, _: &mut impl EachMut) {}
}
