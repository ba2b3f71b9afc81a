//! Every size at which a kernel changes its way, in one list: `tests/thresholds.rs` draws its geometries around them.

/// Bytes of the largest class of scratch memory: what blocking must stay within.
pub const CAPACITY: usize = 480 * 1024;
/// The greatest number of lanes of any vector; others have a half or a quarter.
pub const MAX_LANES: usize = 16;

/// y and dx by tiles.
pub mod tiles {
    /// Bytes of packed weights.
    pub const WEIGHTS: usize = 208 * 1024;
    /// Bytes of the padded copy.
    pub const SOURCE: usize = 216 * 1024;
    /// Bytes of images of y that are computed together where some rows of them are asked for.
    pub const IMAGES: usize = 128 * 1024;
    /// Vectors of cells below which a band is too short to be computed alone.
    pub const SHORT: usize = 4;
    /// Steps of a tile: the greatest product of a block of input channels and the taps.
    pub const STEPS: usize = 1024;
    /// The most steps of a sum that is brought to y together with others: of longer ones, the tiles are as large as can
    /// be.
    pub const FEW_STEPS: usize = 320;
    /// Rows that a band should have, so that the rows shared by two bands are not copied too often.
    pub const ROWS: usize = 8;
}

/// Groups of few channels: y, dx and dw.
pub mod narrow {
    /// The most pairs of a channel and a filter in a group: with more of them tiles use what they read for several.
    pub const PAIRS: usize = 16;
    /// Bytes of the padded copy: what stays in the first cache,
    pub const SOURCE: usize = 24 * 1024;
    /// and what there is if that is too little for some rows.
    pub const MAX_SOURCE: usize = 216 * 1024;
    /// Output rows whose sums are in registers together, and the fewest of a band.
    pub const ROWS: usize = 8;
    /// Bytes of the bands of y that are computed together.
    pub const TOGETHER: usize = 64 * 1024;
    /// Kernel rows that share what they read; also rows and columns of a block of dw.
    pub const SHARED: usize = 3;
    /// Bytes of the sums of dw.
    pub const SUMS: usize = 64 * 1024;
    /// Terms that a sum of dw takes up before it is added to dw: a sum of sums is more exact than one long sum.
    pub const TERMS: usize = 256;
}

/// Depthwise convolutions with 3×3 kernels: y, dx and dw.
pub mod depthwise {
    /// Rows and columns of the kernel.
    pub const KERNEL: usize = 3;
    /// Output rows of a band: their sums, the weights and a vector of the source stay in 16 registers.
    pub const ROWS: usize = 4;
    /// Bytes of the bands of y that are computed together.
    pub const TOGETHER: usize = 128 * 1024;
    /// Terms that a sum of dw takes up before it is added to dw: a sum of sums is more exact than one long sum.
    pub const TERMS: usize = 1024;
}

/// 1×1 kernels on few cells.
pub mod pointwise {
    /// Channels for each cell of a plane from which on the weights are not packed,
    pub const PER_CELL: usize = 12;
    /// and the most channels.
    pub const CHANNELS: usize = 1024;
    /// Filters whose sums are brought to y together.
    pub const FILTERS: usize = 16;
}

/// Depthwise convolutions with 3×3 kernels whose planes are one long row: y and dx.
pub mod flat {
    /// The longest rows: their masks stay in the first cache.
    pub const WIDTH: usize = 64;
    /// Where no instruction picks lanes, the fewest cells of a plane, if channels fill the lanes.
    pub const CELLS: usize = 48;
}

/// Depthwise convolutions with 3×3 kernels and a stride whose pixels are picked from vectors: y.
pub mod picked {
    /// The greatest stride along rows: with more of it two vectors hold too few pixels.
    pub const STEP: usize = 4;
}

/// Depthwise convolutions with channels in the lanes: y and dx.
pub mod channels {
    /// The most pixels of a plane of the target: the rows of larger ones fill vectors.
    pub const PIXELS: usize = 200;
    /// Bytes of the padded copy of a block of channels: what stays in the first cache,
    pub const SOURCE: usize = 20 * 1024;
    /// and what there is if that is too little for one row.
    pub const MAX_SOURCE: usize = 128 * 1024;
}

/// dx scattered, in vector multiply-adds.
pub mod scatter {
    /// What it costs, about, to bring a vector of products to its sum if lanes are channels,
    pub const CHANNEL_SUM: usize = 5;
    /// and if they are pixels.
    pub const PIXEL_SUM: usize = 10;
    /// What it costs to move a number on its own.
    pub const SINGLE: usize = 2;
}

/// dw by tiles and dot products.
pub mod dw {
    /// Bytes of the sums of a block,
    pub const SUMS: usize = 152 * 1024;
    /// of the copy of x,
    pub const SOURCE: usize = 216 * 1024;
    /// and of the copy of dy.
    pub const GRADIENT: usize = 96 * 1024;
    /// Steps of a tile: pixels of a band.
    pub const STEPS: usize = 512;
    /// Rows that a band should have if the scratch memory allows it.
    pub const ROWS: usize = 4;
    /// Vectors of a dot product, about: a sum of sums is more exact than one long sum.
    pub const TERMS: usize = 128;
    /// Bands whose sums are added up before they are added to dw, for the same reason.
    pub const SUMMED: usize = 64;
}

/// dx and dw at the winners of a max pooling.
pub mod winners {
    /// Bytes of dense images of dy,
    pub const DENSE: usize = 128 * 1024;
    /// and of one image, if it is larger.
    pub const MOST: usize = 224 * 1024;
    /// Bytes of the sums of a block of filters,
    pub const SUMS: usize = 128 * 1024;
    /// and of the lists of winners.
    pub const LISTS: usize = 32 * 1024;
    /// Terms that a sum of dw takes up, about, before it is added to dw: a sum of sums is more exact than one long sum.
    pub const TERMS: usize = 1024;
}

/// db.
pub mod db {
    /// Vectors that are added up side by side, because an addition takes longer than the next one waits for.
    pub const CHAINS: usize = 4;
    /// Vectors of a chain: the sums of such blocks are added up in pairs.
    pub const TERMS: usize = 16;
}

/// Winograd's F(4×4, 3×3): y and dx.
pub mod winograd {
    /// Outputs of a tile along each axis.
    pub const TILE: usize = 4;
    /// Bytes of one element of each input channel of a block.
    pub const CHANNELS: usize = 128;
    /// For a band that is a whole plane: the fewest input channels of a block,
    pub const WHOLE_CHANNELS: usize = 8;
    /// and the fewest tiles of the plane in a batch.
    pub const WHOLE_TILES: usize = 16;
    /// Columns of tiles in a band.
    pub const COLUMNS: usize = 14;
    /// Channels and filters from which on transformed weights are worth their transforms of x and y.
    pub const FEWEST_CHANNELS: usize = 16;
    /// Bytes of transformed weights that are read from memory: more of them take longer than to transform weights anew.
    pub const MOST_STORED: usize = 4 << 20;
}

/// The fully connected layer.
pub mod linear {
    /// Inputs of a block of y: so many that the operands of some dot products stay in the first cache.
    pub const INPUTS: usize = 1024;
    /// Bytes of one operand in all steps of a tile.
    pub const STEPS: usize = 2048;
    /// Tiles of rows that share a panel.
    pub const TILES: usize = 8;
    /// Products with at most so many rows or terms work in place, with so many terms at a time.
    pub const FEW: usize = 4;
    /// Rows of dy in a sum: such sums are added up in pairs.
    pub const ROWS: usize = 16;
}
