//! The sizes that kernels work with: plain numbers, letters as in the layer table.

/// The sizes of one 2-D convolution. Pairs are (height, width); a 1-D one has H = KH = HO = 1.
///
/// Activations are stored (N, C, H, W), filters (F, C/G, KH, KW). `ho` and `wo` are given, not derived: the same
/// kernel serves every rounding, because a window cell outside of the input reads as zero wherever it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Elements of the input: N·C·H·W.
    pub const fn x_len(&self) -> usize {
        self.n * self.c * self.input[0] * self.input[1]
    }

    /// Elements of the filters: F·(C/G)·KH·KW.
    pub const fn w_len(&self) -> usize {
        self.f * (self.c / self.groups) * self.kernel[0] * self.kernel[1]
    }

    /// Elements of the output: N·F·HO·WO.
    pub const fn y_len(&self) -> usize {
        self.n * self.f * self.output[0] * self.output[1]
    }

    /// Multiply-adds of one forward pass: N·F·HO·WO·(C/G)·KH·KW.
    pub const fn macs(&self) -> usize {
        self.y_len() * (self.c / self.groups) * self.kernel[0] * self.kernel[1]
    }
}

/// The sizes of one 2-D pooling. Every image and channel is a plane of its own; a signal is a plane of height 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Elements of the input.
    pub const fn x_len(&self) -> usize {
        self.planes * self.input[0] * self.input[1]
    }

    /// Elements of the output.
    pub const fn y_len(&self) -> usize {
        self.planes * self.output[0] * self.output[1]
    }
}

/// The sizes of one adaptive 2-D pooling: planes that are cut into bins. Every image and channel is a plane of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdaptivePool2dGeometry {
    /// Planes: N·C.
    pub planes: usize,
    /// Input height and width (H, W).
    pub input: [usize; 2],
    /// Output height and width (HO, WO); they are not 0.
    pub output: [usize; 2],
}

/// The sizes of an operation on each channel of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelGeometry {
    /// Images in the batch (N).
    pub n: usize,
    /// Channels (C).
    pub c: usize,
    /// Elements of a plane: H·W.
    pub plane: usize,
}

/// The sizes of one fully connected layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinearGeometry {
    /// Rows of the batch (N).
    pub n: usize,
    /// Input features (IN).
    pub inputs: usize,
    /// Output features (OUT).
    pub outputs: usize,
}
