//! A batch in parts: each with its own memory, one after the other or on several threads.

use core::fmt;

use crate::module::{Feeds, Module, Parameters, Trains};
use crate::tensor::{Array, Batch, Either, Zeroed};

/// The element type of the output of `M` for an `X`.
type Number<M, X> = <<X as Feeds<M>>::Output as Array>::Scalar;

/// One part of a batch: samples, and the memory to train a model on them. A gradient of its own makes it independent
/// of the other parts.
///
/// See [`train_parts`]. A part is as large as its tape, so it is best kept in a `static` or on the heap.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::model::Part;
/// // Sixteen samples of a batch, and the memory to train a linear layer on them.
/// type Samples = Matrix<f32, 16, 4>;
/// let part = Part::<Linear<f32, 4, 2>, Samples>::ZERO;
/// assert_eq!((part.y.shape(), part.gradient.weight.shape()), ([16, 2], [2, 4]));
/// ```
pub struct Part<M: Module, X: Trains<M>> {
    /// The samples.
    pub x: X,
    /// The output of the model for them.
    pub y: X::Output,
    /// The gradient of the loss with respect to y.
    pub dy: X::Output,
    /// What the forward pass keeps for the backward pass.
    pub tape: X::Tape,
    /// The gradient of the model on this part.
    pub gradient: M::Gradient,
    /// The loss on this part.
    pub loss: Number<M, X>,
}

/// The loss alone: the rest is as large as a tape.
impl<M: Module, X: Trains<M>> fmt::Debug for Part<M, X> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Part").field("loss", &self.loss).finish_non_exhaustive()
    }
}

impl<M: Module, X: Trains<M> + Zeroed> Zeroed for Part<M, X> {
    const ZERO: Self = Self {
        x: X::ZERO,
        y: Zeroed::ZERO,
        dy: Zeroed::ZERO,
        tape: Zeroed::ZERO,
        gradient: Zeroed::ZERO,
        loss: num_traits::ConstZero::ZERO,
    };
}

impl<M: Module<Gradient: Parameters>, X: Trains<M>> Part<M, X> {
    /// Forward, loss and backward; overwrites everything but the samples.
    fn train(&mut self, model: &M, loss: impl FnOnce(&X::Output, &mut X::Output) -> Number<M, X>) {
        let Self { x, y, dy, tape, gradient, loss: value } = self;
        gradient.zero();
        model.forward_train(x, y, tape);
        *value = loss(y, dy);
        model.backward_parameters(x, y, dy, tape, gradient);
    }
}

/// Forward, loss and backward on each part of a batch; adds the gradient of all parts to `gradient` and returns the sum
/// of their losses.
///
/// `loss` takes the index of the part and its y, overwrites dy and returns the value of the loss. Where it takes the
/// mean over a part, and there are P parts of one size, loss and gradient are P times those of the mean over the batch.
///
/// With the feature `parallel`, parts run on the threads of the current `rayon` pool; without it, one after the other.
/// Sums are taken in the order of the parts, when all of them are done. So the result depends on how the batch is cut
/// into parts, to the bit, but never on threads. PyTorch: `nn.DataParallel`.
///
/// For a batch normalisation each part is a batch of its own: it is normalised by its own mean and variance, and the
/// running statistics follow the parts in their order.
///
/// ```
/// use constconv::loss::softmax_cross_entropy;
/// use constconv::model::{Part, train_parts};
/// use constconv::prelude::*;
///
/// model! {
///     Net: Images<1> => {
///         conv: Conv2d<f32, 1, 2, Kernel<3>>,
///         relu: Relu,
///         fc: Linear<f32, 72, 10>,
///     }
/// }
///
/// type Images<const N: usize> = Tensor<f32, N, 1, 8, 8>;
///
/// const PARTS: usize = 2; // of 16 images each: a batch of 32
/// let mut parts: Vec<Part<Net, Images<16>>> = (0..PARTS).map(|_| Zeroed::ZERO).collect();
/// let labels = [[3; 16]; PARTS];
/// parts[1].x.fill(0.5);
///
/// let mut model = Net::BLANK;
/// let mut gradient = Gradient::<Net>::ZERO;
/// let loss = train_parts(
///     &model,
///     &mut parts,
///     |part, y, dy| softmax_cross_entropy(y, &labels[part], Reduction::Mean, dy),
///     &mut gradient,
/// );
/// gradient.scale(1.0 / PARTS as f32); // the mean over the batch
/// Sgd::new(0.1_f32).step(&mut model, &gradient, &mut ());
/// assert!((loss / PARTS as f32 - 10.0_f32.ln()).abs() < 1e-6);
/// ```
pub fn train_parts<M, X>(
    model: &M,
    parts: &mut [Part<M, X>],
    loss: impl Fn(usize, &X::Output, &mut X::Output) -> Number<M, X> + Sync,
    gradient: &mut M::Gradient,
) -> Number<M, X>
where
    M: Module<Gradient: Parameters> + Sync,
    X: Trains<M>,
    Part<M, X>: Send,
{
    for_each(parts, |index, part| part.train(model, |y, dy| loss(index, y, dy)));
    let mut sum = num_traits::Zero::zero();
    for part in parts {
        gradient.add(&part.gradient);
        sum += part.loss;
    }
    sum
}

/// K samples of a batch `X`.
type Samples<const K: usize, X> = <X as Batch>::Of<K>;

/// The working memory of one thread in [`forward_parts`]: that of a model for K samples of an `X`, or for a single one.
///
/// ```
/// use constconv::prelude::*;
/// use constconv::model::PartWorkspace;
/// type Net = (Linear<f32, 4, 3>, Linear<f32, 3, 2>);
/// // The outputs of the first layer for eight of the samples.
/// assert_eq!(size_of::<PartWorkspace<8, Net, Matrix<f32, 100, 4>>>(), 8 * 3 * 4);
/// ```
pub type PartWorkspace<const K: usize, M, X> =
    Either<<Samples<K, X> as Feeds<M>>::Workspace, <Samples<1, X> as Feeds<M>>::Workspace>;

/// y = f(x) for a batch in parts of K samples, of which as many run at the same time as there are workspaces; what is
/// left of the batch runs sample by sample. Overwrites `y`.
///
/// With the feature `parallel`, the calling thread and threads of the current `rayon` pool take one part after the other;
/// without it, the calling thread does. The result does not depend on threads: each part has the bits that
/// [`forward`](Module::forward) gives it. Those are the bits of the whole batch, too, unless the model has a
/// [`Linear`](crate::layer::Linear) of more than 1024 inputs, a [`ConvTranspose2d`](crate::layer::ConvTranspose2d) or a
/// [`Winograd`](crate::layer::Winograd): these sum in an order that depends on the number of samples.
///
/// K = 1 takes the least memory. With many `Linear` layers larger parts are faster, as they read a weight once for several
/// samples.
///
/// ```
/// use constconv::model::{PartWorkspace, forward_parts};
/// use constconv::prelude::*;
///
/// model! {
///     Net: Images<1> => {
///         conv: Conv2d<f32, 1, 4, Kernel<3>>,
///         relu: Relu,
///         fc: Linear<f32, 144, 10>,
///     }
/// }
///
/// type Images<const N: usize> = Tensor<f32, N, 1, 8, 8>;
///
/// const THREADS: usize = 2;
/// let mut workspaces: [PartWorkspace<8, Net, Images<37>>; THREADS] = Zeroed::ZERO;
/// let (net, x, mut y) = (Net::BLANK, Images::<37>::full(0.5), Matrix::zeros());
/// forward_parts::<8, _, _>(&net, &x, &mut y, &mut workspaces); // four parts of 8, and 5 images
/// assert_eq!(y, net.forward(&x));
/// ```
///
/// # Panics
/// Without any workspace.
pub fn forward_parts<const K: usize, M, X>(
    model: &M,
    x: &X,
    y: &mut X::Output,
    workspaces: &mut [PartWorkspace<K, M, X>],
) where
    M: Module + Sync,
    X: Batch<Of<1>: Feeds<M, Output = Samples<1, X::Output>>, Of<K>: Feeds<M, Output = Samples<K, X::Output>>>
        + Feeds<M, Output: Batch>,
    PartWorkspace<K, M, X>: Send,
{
    /// A part, or a single sample.
    enum Job<A, B> {
        Part(A),
        Sample(B),
    }

    assert!(!workspaces.is_empty(), "parts of a batch run in the workspaces, of which there are none");
    let ((x, x_rest), (y, y_rest)) = (x.parts::<K>(), y.parts_mut::<K>());
    let parts = x.iter().zip(y).map(Job::Part).chain(x_rest.iter().zip(y_rest).map(Job::Sample));
    let run = |workspace: &mut PartWorkspace<K, M, X>, job| match job {
        Job::Part((x, y)) => Feeds::forward_pass(x, model, y, workspace.left_mut()),
        Job::Sample((x, y)) => Feeds::forward_pass(x, model, y, workspace.right_mut()),
    };
    deal(parts, workspaces, run);
}

/// Hands out the jobs, one after the other, to whoever is done with the last one.
#[cfg(feature = "parallel")]
fn deal<J: Send, W: Send>(jobs: impl Iterator<Item = J> + Send, workspaces: &mut [W], run: impl Fn(&mut W, J) + Sync) {
    let jobs = std::sync::Mutex::new(jobs);
    // A job that panics holds no lock.
    let next = || jobs.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
    let work = |workspace: &mut W| {
        while let Some(job) = next() {
            run(workspace, job);
        }
    };
    rayon::in_place_scope(|scope| {
        let mut workspaces = workspaces.iter_mut();
        let own = workspaces.next();
        let work = &work;
        workspaces.for_each(|workspace| scope.spawn(move |_| work(workspace)));
        own.into_iter().for_each(work);
    });
}

/// Runs the jobs, one after the other.
#[cfg(not(feature = "parallel"))]
fn deal<J, W>(jobs: impl Iterator<Item = J>, workspaces: &mut [W], run: impl Fn(&mut W, J)) {
    if let Some(workspace) = workspaces.first_mut() {
        jobs.for_each(|job| run(workspace, job));
    }
}

/// Runs `f` on each part, on the threads of the current pool.
#[cfg(feature = "parallel")]
fn for_each<P: Send>(parts: &mut [P], f: impl Fn(usize, &mut P) + Sync) {
    use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};
    parts.par_iter_mut().enumerate().for_each(|(index, part)| f(index, part));
}

/// Runs `f` on each part, one after the other.
#[cfg(not(feature = "parallel"))]
fn for_each<P: Send>(parts: &mut [P], f: impl Fn(usize, &mut P) + Sync) {
    parts.iter_mut().enumerate().for_each(|(index, part)| f(index, part));
}
