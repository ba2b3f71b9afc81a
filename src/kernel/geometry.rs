//! The sizes that kernels work with: plain numbers, with the letters of the layer table.
//!
//! `new` makes them, with the usual values for what it does not ask for; methods set the others.

/// The sizes of one 2-D convolution. Pairs are (height, width); a 1-D one has H = KH = HO = 1.
///
/// Activations are stored (N, C, H, W), filters (F, C/G, KH, KW). `output` is given, not derived: the same
/// kernel serves every rounding, because a window cell outside of the input reads as zero wherever it lies.
///
/// ```
/// use constconv::kernel::Conv2dGeometry;
/// // Conv2d<f32, 1, 6, Kernel<5>, Stride<1>, Padding<2>> on a batch of 32 images of 28×28.
/// let g = Conv2dGeometry::new([32, 1, 28, 28], [6, 5, 5], [28, 28]).padding([2, 2]);
/// assert_eq!(g.x_len(), 32 * 28 * 28);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conv2dGeometry {
    /// Images in the batch (N).
    pub n: usize,
    /// Input channels (C).
    pub c: usize,
    /// Input height and width (H, W).
    pub input: [usize; 2],
    /// Output channels (F).
    pub f: usize,
    /// Output height and width (HO, WO).
    pub output: [usize; 2],
    /// Kernel height and width (KH, KW).
    pub kernel: [usize; 2],
    /// Stride (SH, SW).
    pub stride: [usize; 2],
    /// Zero padding on the top and left side (PH, PW).
    pub padding: [usize; 2],
    /// Dilation (DH, DW).
    pub dilation: [usize; 2],
    /// Groups (G); it divides C and F.
    pub groups: usize,
}

impl Conv2dGeometry {
    /// Input (N, C, H, W), filters (F, KH, KW) and output (HO, WO), with stride 1, no padding, dilation 1 and one group.
    ///
    /// ```
    /// use constconv::kernel::Conv2dGeometry;
    /// let g = Conv2dGeometry::new([32, 3, 9, 7], [6, 3, 2], [7, 6]);
    /// assert_eq!((g.n, g.c, g.input, g.f, g.kernel, g.output), (32, 3, [9, 7], 6, [3, 2], [7, 6]));
    /// assert_eq!((g.stride, g.padding, g.dilation, g.groups), ([1, 1], [0, 0], [1, 1], 1));
    /// ```
    #[must_use]
    pub const fn new([n, c, h, w]: [usize; 4], [f, kh, kw]: [usize; 3], output: [usize; 2]) -> Self {
        let (input, kernel) = ([h, w], [kh, kw]);
        Self { n, c, input, f, output, kernel, stride: [1; 2], padding: [0; 2], dilation: [1; 2], groups: 1 }
    }

    /// With another stride.
    ///
    /// ```
    /// use constconv::kernel::Conv2dGeometry;
    /// // Every second window.
    /// let g = Conv2dGeometry::new([1, 3, 8, 8], [6, 2, 2], [4, 4]).stride([2, 2]);
    /// assert_eq!(g.stride, [2, 2]);
    /// ```
    #[must_use]
    pub const fn stride(self, stride: [usize; 2]) -> Self {
        Self { stride, ..self }
    }

    /// With another zero padding on the top and left side.
    ///
    /// ```
    /// use constconv::kernel::Conv2dGeometry;
    /// let g = Conv2dGeometry::new([1, 3, 8, 8], [6, 3, 3], [8, 8]).padding([1, 1]);
    /// assert_eq!(g.padding, [1, 1]);
    /// ```
    #[must_use]
    pub const fn padding(self, padding: [usize; 2]) -> Self {
        Self { padding, ..self }
    }

    /// With another dilation.
    ///
    /// ```
    /// use constconv::kernel::Conv2dGeometry;
    /// // Windows of 5×5 cells, of which every second one counts.
    /// let g = Conv2dGeometry::new([1, 3, 8, 8], [6, 3, 3], [4, 4]).dilation([2, 2]);
    /// assert_eq!(g.dilation, [2, 2]);
    /// ```
    #[must_use]
    pub const fn dilation(self, dilation: [usize; 2]) -> Self {
        Self { dilation, ..self }
    }

    /// With another number of groups, which divides C and F.
    ///
    /// ```
    /// use constconv::kernel::Conv2dGeometry;
    /// // Depthwise.
    /// let g = Conv2dGeometry::new([1, 3, 8, 8], [3, 3, 3], [6, 6]).groups(3);
    /// assert_eq!(g.w_len(), 3 * 3 * 3);
    /// ```
    #[must_use]
    pub const fn groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    /// Elements of the input: N·C·H·W.
    ///
    /// ```
    /// use constconv::kernel::Conv2dGeometry;
    /// let g = Conv2dGeometry::new([2, 4, 5, 5], [6, 3, 3], [3, 3]).groups(2);
    /// assert_eq!(g.x_len(), 2 * 4 * 5 * 5);
    /// ```
    pub const fn x_len(&self) -> usize {
        self.n * self.c * self.input[0] * self.input[1]
    }

    /// Elements of the filters: F·(C/G)·KH·KW.
    ///
    /// ```
    /// use constconv::kernel::Conv2dGeometry;
    /// let g = Conv2dGeometry::new([2, 4, 5, 5], [6, 3, 3], [3, 3]).groups(2);
    /// assert_eq!(g.w_len(), 6 * 2 * 3 * 3); // a filter sees the 2 channels of its group
    /// ```
    pub const fn w_len(&self) -> usize {
        self.f * (self.c / self.groups) * self.kernel[0] * self.kernel[1]
    }

    /// Elements of the output: N·F·HO·WO.
    ///
    /// ```
    /// use constconv::kernel::Conv2dGeometry;
    /// let g = Conv2dGeometry::new([2, 4, 5, 5], [6, 3, 3], [3, 3]).groups(2);
    /// assert_eq!(g.y_len(), 2 * 6 * 3 * 3);
    /// ```
    pub const fn y_len(&self) -> usize {
        self.n * self.f * self.output[0] * self.output[1]
    }

    /// Multiply-adds of one forward pass: N·F·HO·WO·(C/G)·KH·KW.
    ///
    /// ```
    /// use constconv::kernel::Conv2dGeometry;
    /// let g = Conv2dGeometry::new([2, 4, 5, 5], [6, 3, 3], [3, 3]).groups(2);
    /// assert_eq!(g.macs(), (2 * 6 * 3 * 3) * (2 * 3 * 3)); // 18 terms for each output
    /// ```
    pub const fn macs(&self) -> usize {
        self.y_len() * (self.c / self.groups) * self.kernel[0] * self.kernel[1]
    }
}

/// The sizes of one 2-D pooling. Every image and channel is a plane of its own; a signal is a plane of height 1.
///
/// ```
/// use constconv::kernel::Pool2dGeometry;
/// // MaxPool2d<Kernel<2>> on (1, 6, 28, 28).
/// let g = Pool2dGeometry::new(6, [28, 28], [2, 2], [14, 14]);
/// assert_eq!(g.x_len(), 4 * g.y_len());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pool2dGeometry {
    /// Planes: N·C.
    pub planes: usize,
    /// Input height and width (H, W).
    pub input: [usize; 2],
    /// Output height and width (HO, WO).
    pub output: [usize; 2],
    /// Kernel height and width (KH, KW).
    pub kernel: [usize; 2],
    /// Stride (SH, SW).
    pub stride: [usize; 2],
    /// Padding on the top and left side (PH, PW).
    pub padding: [usize; 2],
    /// Dilation (DH, DW).
    pub dilation: [usize; 2],
}

impl Pool2dGeometry {
    /// Planes, input (H, W), kernel (KH, KW) and output (HO, WO): windows side by side, without padding and dilation.
    ///
    /// ```
    /// use constconv::kernel::Pool2dGeometry;
    /// let g = Pool2dGeometry::new(6, [9, 6], [3, 2], [3, 3]);
    /// assert_eq!((g.planes, g.input, g.kernel, g.output), (6, [9, 6], [3, 2], [3, 3]));
    /// assert_eq!((g.stride, g.padding, g.dilation), ([3, 2], [0, 0], [1, 1]));
    /// ```
    #[must_use]
    pub const fn new(planes: usize, input: [usize; 2], kernel: [usize; 2], output: [usize; 2]) -> Self {
        Self { planes, input, output, kernel, stride: kernel, padding: [0; 2], dilation: [1; 2] }
    }

    /// With another stride.
    ///
    /// ```
    /// use constconv::kernel::Pool2dGeometry;
    /// // Windows that overlap.
    /// let g = Pool2dGeometry::new(6, [9, 9], [3, 3], [4, 4]).stride([2, 2]);
    /// assert_eq!(g.stride, [2, 2]);
    /// ```
    #[must_use]
    pub const fn stride(self, stride: [usize; 2]) -> Self {
        Self { stride, ..self }
    }

    /// With another padding on the top and left side.
    ///
    /// ```
    /// use constconv::kernel::Pool2dGeometry;
    /// let g = Pool2dGeometry::new(6, [8, 8], [2, 2], [5, 5]).padding([1, 1]);
    /// assert_eq!(g.padding, [1, 1]);
    /// ```
    #[must_use]
    pub const fn padding(self, padding: [usize; 2]) -> Self {
        Self { padding, ..self }
    }

    /// With another dilation.
    ///
    /// ```
    /// use constconv::kernel::Pool2dGeometry;
    /// let g = Pool2dGeometry::new(6, [9, 9], [2, 2], [3, 3]).stride([3, 3]).dilation([2, 2]);
    /// assert_eq!(g.dilation, [2, 2]);
    /// ```
    #[must_use]
    pub const fn dilation(self, dilation: [usize; 2]) -> Self {
        Self { dilation, ..self }
    }

    /// Elements of the input.
    ///
    /// ```
    /// use constconv::kernel::Pool2dGeometry;
    /// let g = Pool2dGeometry::new(6, [4, 8], [2, 2], [2, 4]);
    /// assert_eq!(g.x_len(), 6 * 4 * 8);
    /// ```
    pub const fn x_len(&self) -> usize {
        self.planes * self.input[0] * self.input[1]
    }

    /// Elements of the output.
    ///
    /// ```
    /// use constconv::kernel::Pool2dGeometry;
    /// let g = Pool2dGeometry::new(6, [4, 8], [2, 2], [2, 4]);
    /// assert_eq!(g.y_len(), 6 * 2 * 4);
    /// ```
    pub const fn y_len(&self) -> usize {
        self.planes * self.output[0] * self.output[1]
    }
}

/// The sizes of one adaptive 2-D pooling: planes that are cut into bins. Every image and channel is a plane of its own.
///
/// ```
/// use constconv::kernel::{AdaptivePool2dGeometry, adaptive_avg_pool2d};
/// // One bin is the whole plane.
/// let g = AdaptivePool2dGeometry::new(2, [1, 2], [1, 1]);
/// let mut y = [0.0; 2];
/// adaptive_avg_pool2d(&g, &[1.0, 2.0, 10.0, 20.0], &mut y);
/// assert_eq!(y, [1.5, 15.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdaptivePool2dGeometry {
    /// Planes: N·C.
    pub planes: usize,
    /// Input height and width (H, W).
    pub input: [usize; 2],
    /// Output height and width (HO, WO); they are not 0.
    pub output: [usize; 2],
}

impl AdaptivePool2dGeometry {
    /// Planes, input (H, W) and output (HO, WO).
    ///
    /// ```
    /// use constconv::kernel::AdaptivePool2dGeometry;
    /// let g = AdaptivePool2dGeometry::new(6, [5, 7], [2, 3]);
    /// assert_eq!((g.planes, g.input, g.output), (6, [5, 7], [2, 3]));
    /// ```
    #[must_use]
    pub const fn new(planes: usize, input: [usize; 2], output: [usize; 2]) -> Self {
        Self { planes, input, output }
    }

    /// Elements of the input.
    ///
    /// ```
    /// use constconv::kernel::AdaptivePool2dGeometry;
    /// assert_eq!(AdaptivePool2dGeometry::new(6, [5, 7], [2, 3]).x_len(), 6 * 5 * 7);
    /// ```
    pub const fn x_len(&self) -> usize {
        self.planes * self.input[0] * self.input[1]
    }

    /// Elements of the output.
    ///
    /// ```
    /// use constconv::kernel::AdaptivePool2dGeometry;
    /// assert_eq!(AdaptivePool2dGeometry::new(6, [5, 7], [2, 3]).y_len(), 6 * 2 * 3);
    /// ```
    pub const fn y_len(&self) -> usize {
        self.planes * self.output[0] * self.output[1]
    }
}

/// The sizes of an operation on each channel of a batch.
///
/// ```
/// use constconv::kernel::{ChannelGeometry, batch_statistics};
/// // (2, 1, 1, 2): the channel has elements in both images.
/// let g = ChannelGeometry::new(2, 1, 2);
/// let (mut mean, mut var) = ([0.0], [0.0]);
/// batch_statistics(&g, &[1.0, 2.0, 3.0, 6.0], &mut mean, &mut var);
/// assert_eq!((mean, var), ([3.0], [3.5]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelGeometry {
    /// Images in the batch (N).
    pub n: usize,
    /// Channels (C).
    pub c: usize,
    /// Elements of a plane: H·W.
    pub plane: usize,
}

impl ChannelGeometry {
    /// Images, channels, and elements of a plane.
    ///
    /// ```
    /// use constconv::kernel::ChannelGeometry;
    /// let g = ChannelGeometry::new(2, 3, 16);
    /// assert_eq!((g.n, g.c, g.plane), (2, 3, 16));
    /// ```
    #[must_use]
    pub const fn new(n: usize, c: usize, plane: usize) -> Self {
        Self { n, c, plane }
    }

    /// Elements of the batch: N·C·plane.
    ///
    /// ```
    /// use constconv::kernel::ChannelGeometry;
    /// assert_eq!(ChannelGeometry::new(2, 3, 16).x_len(), 2 * 3 * 16);
    /// ```
    pub const fn x_len(&self) -> usize {
        self.n * self.c * self.plane
    }
}

/// The sizes of one fully connected layer.
///
/// ```
/// use constconv::kernel::{LinearGeometry, linear};
/// // x (1, 3) times w (2, 3), transposed.
/// let g = LinearGeometry::new(1, 3, 2);
/// let mut y = [0; 2];
/// linear(&g, &[1, 2, 3], &[1, 1, 1, 100, 10, 1], None, &mut y);
/// assert_eq!(y, [6, 123]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinearGeometry {
    /// Rows of the batch (N).
    pub n: usize,
    /// Input features (IN).
    pub inputs: usize,
    /// Output features (OUT).
    pub outputs: usize,
}

impl LinearGeometry {
    /// Rows of the batch, input features and output features.
    ///
    /// ```
    /// use constconv::kernel::LinearGeometry;
    /// let g = LinearGeometry::new(32, 84, 10);
    /// assert_eq!((g.n, g.inputs, g.outputs), (32, 84, 10));
    /// ```
    #[must_use]
    pub const fn new(n: usize, inputs: usize, outputs: usize) -> Self {
        Self { n, inputs, outputs }
    }

    /// Elements of the input: N·IN.
    ///
    /// ```
    /// use constconv::kernel::LinearGeometry;
    /// assert_eq!(LinearGeometry::new(32, 84, 10).x_len(), 32 * 84);
    /// ```
    pub const fn x_len(&self) -> usize {
        self.n * self.inputs
    }

    /// Elements of the weights: OUT·IN.
    ///
    /// ```
    /// use constconv::kernel::LinearGeometry;
    /// assert_eq!(LinearGeometry::new(32, 84, 10).w_len(), 10 * 84);
    /// ```
    pub const fn w_len(&self) -> usize {
        self.outputs * self.inputs
    }

    /// Elements of the output: N·OUT.
    ///
    /// ```
    /// use constconv::kernel::LinearGeometry;
    /// assert_eq!(LinearGeometry::new(32, 84, 10).y_len(), 32 * 10);
    /// ```
    pub const fn y_len(&self) -> usize {
        self.n * self.outputs
    }
}
