//! The portable kernels give the same bits on every processor: those that are recorded here. `benches/cortex_m` compares
//! a Cortex-M4F with them.

#[path = "support/bits.rs"]
mod bits;

#[test]
fn portable_results_have_the_recorded_bits() {
    let mut memory = Box::new(bits::Memory::NEW);
    let hashes = bits::hashes(&mut memory);
    for ((name, recorded), hash) in bits::RECORDED.into_iter().zip(hashes) {
        assert_eq!(hash, recorded, "{name}: {hash:#x}, recorded {recorded:#x}; all are {hashes:#x?}");
    }
}
