#!/usr/bin/env python3
"""Compares the convolutions of this crate with PyTorch's, one thread each, and prints Markdown tables.

    cargo bench --bench compare --no-run && python3 benches/compare/compare.py [--rounds 5] [--seconds 0.04] [--case NAME] [--table NAME]

How it measures: both sides run the same geometries in turns within one process tree, `rounds` times over; of each side
the fastest call of all rounds counts, because on a shared machine everything else is noise. The peak is a loop of
independent fused multiply-adds, measured before each case, the best of all. Backward is dx, dw and db
together: PyTorch's through aten::convolution_backward, which is its fastest way. AVX2 is a second pair of processes,
PyTorch's limited by ONEDNN_MAX_CPU_ISA and ATEN_CPU_CAPABILITY. Both sides read and write ordinary NCHW tensors.

Rust peers are a table of their own, printed when their package has been built (it takes minutes):

    cargo build --release --manifest-path benches/compare/peers/Cargo.toml

They have no backward pass without recording the forward one, so both are timed together, ours too.
"""
import argparse, os, sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from sides import ROOT, Side, built, fastest

CASES = {  # operation, then N C H W F K S P G
    "seed_s6": ("conv2d", 10, 32, 14, 14, 16, 3, 1, 1, 1),
    "seed_s1": ("conv2d", 2, 3, 20, 20, 4, 2, 2, 1, 1),
    "seed_s3a": ("conv2d", 8, 16, 5, 5, 32, 3, 1, 0, 1),
    "seed_s3b": ("conv2d", 3, 3, 28, 28, 4, 3, 1, 0, 1),
    "lenet1": ("conv2d", 1, 1, 28, 28, 6, 5, 1, 2, 1),
    "lenet2": ("conv2d", 1, 6, 14, 14, 16, 5, 1, 0, 1),
    "cifar": ("conv2d", 1, 32, 32, 32, 32, 3, 1, 1, 1),
    "res56": ("conv2d", 1, 64, 56, 56, 64, 3, 1, 1, 1),
    "res14": ("conv2d", 1, 256, 14, 14, 256, 3, 1, 1, 1),
    "down28": ("conv2d", 1, 64, 28, 28, 128, 3, 2, 1, 1),
    "point28": ("conv2d", 1, 64, 28, 28, 128, 1, 1, 0, 1),
    "depth28": ("conv2d", 1, 64, 28, 28, 64, 3, 1, 1, 64),
    "depth14": ("conv2d", 1, 128, 14, 14, 128, 3, 1, 1, 128),
    "depth28s2": ("conv2d", 1, 64, 28, 28, 64, 3, 2, 1, 64),
    "depth28k5": ("conv2d", 1, 64, 28, 28, 64, 5, 1, 2, 64),
    "group28": ("conv2d", 1, 64, 28, 28, 64, 3, 1, 1, 8),
    "up14": ("transposed", 1, 64, 14, 14, 32, 4, 2, 1, 1),
    "up28": ("transposed", 1, 32, 28, 28, 16, 2, 2, 0, 1),
}
LINEAR = {  # operation, then N IN OUT
    "gemv400": ("linear", 1, 400, 120),
    "gemv1024": ("linear", 1, 1024, 1000),
    "gemv4096": ("linear", 1, 4096, 4096),
    "batch32": ("linear", 32, 400, 120),
    "batch64": ("linear", 64, 1024, 1024),
    "batch256": ("linear", 256, 784, 512),
}


def pytorch_side():
    """Answers the questions of `Side`, with PyTorch."""
    import torch

    torch.set_num_threads(1)

    def convolution(dtype, backward, transposed, n, c, h, w, f, k, s, p, groups):
        x, bias = torch.randn(n, c, h, w, dtype=dtype), torch.randn(f, dtype=dtype)
        weight = torch.randn(*((c, f // groups) if transposed else (f, c // groups)), k, k, dtype=dtype)
        if transposed:
            forward = lambda: torch.conv_transpose2d(x, weight, bias, s, p, 0, groups)
        else:
            forward = lambda: torch.conv2d(x, weight, bias, s, p, 1, groups)
        if not backward:
            return forward
        dy, run = torch.randn_like(forward()), torch.ops.aten.convolution_backward
        return lambda: run(dy, x, weight, [f], [s, s], [p, p], [1, 1], transposed, [0, 0], groups, [True, True, True])

    def conv2d(dtype, backward, *sizes):
        return convolution(dtype, backward, False, *sizes)

    def transposed(dtype, backward, *sizes):
        return convolution(dtype, backward, True, *sizes)

    def linear(dtype, backward, n, inputs, outputs):
        x, weight, bias = torch.randn(n, inputs, dtype=dtype), torch.randn(outputs, inputs, dtype=dtype), torch.randn(outputs, dtype=dtype)
        if not backward:
            return lambda: torch.nn.functional.linear(x, weight, bias)
        dy = torch.randn(n, outputs, dtype=dtype)
        return lambda: (dy @ weight, dy.t() @ x, dy.sum(0))

    with torch.no_grad():
        for line in sys.stdin:
            operation, _, dtype, direction, *sizes, seconds = line.split()
            dtype = {"f32": torch.float32, "f64": torch.float64}[dtype]
            call = {"conv2d": conv2d, "winograd": conv2d, "transposed": transposed, "linear": linear}[operation](dtype, direction == "bwd", *map(int, sizes))
            print(fastest(float(seconds), call), flush=True)


def multiply_adds(operation, n, *sizes):
    """Multiply-adds of one forward pass."""
    if operation == "linear":
        inputs, outputs = sizes
        return n * inputs * outputs
    c, h, w, f, k, s, p, groups = sizes
    if operation == "transposed":
        return n * c * h * w * f // groups * k * k
    return n * f * c // groups * k * k * ((h + 2 * p - k) // s + 1) * ((w + 2 * p - k) // s + 1)


def table(title, cases, level, dtype, ours, torch, options):
    names = [name for name in cases if not options.case or name in options.case]
    if not names:
        return
    print(f"\n### {title}\n")
    print("| case | fwd µs | GFLOP/s | % of peak | PyTorch/ours | bwd µs | GFLOP/s | % of peak | PyTorch/ours |")
    print("|---|---|---|---|---|---|---|---|---|")
    best, peak = {}, 0
    for _ in range(options.rounds):
        for name in names:
            peak = max(peak, ours.ask("peak", level, dtype))
            for direction in "fwd", "bwd":
                for side in ours, torch:
                    operation, *sizes = cases[name]
                    seconds = side.ask(operation, level, dtype, direction, *sizes, options.seconds)
                    key = name, direction, side
                    best[key] = min(best.get(key, seconds), seconds)
    product, dense = {"fwd": 1, "bwd": 1}, 0
    for name in names:
        operation, *sizes = cases[name]
        macs = multiply_adds(operation, *sizes)
        is_dense = operation == "linear" or operation != "transposed" and sizes[-1] == 1
        dense += is_dense
        cells = [name]
        for direction, flops in ("fwd", 2 * macs), ("bwd", 4 * macs):
            us, ratio = best[name, direction, ours], best[name, direction, torch] / best[name, direction, ours]
            product[direction] *= ratio if is_dense else 1
            cells += [f"{us * 1e6:.1f}", f"{flops / us / 1e9:.0f}", f"{100 * flops / us / peak:.0f}", f"{ratio:.2f}"]
        print("|", " | ".join(cells), "|")
    if dense:
        mean = {direction: value ** (1 / dense) for direction, value in product.items()}
        print(f"\nGeometric mean of the {dense} dense cases: forward {mean['fwd']:.2f}, backward {mean['bwd']:.2f}.")
    print(f"\nPeak: {peak / 1e9:.0f} GFLOP/s.", flush=True)


PEERS = "candle", "burn-flex", "burn-ndarray"


def peers_table(program, ours, options):
    names = [name for name, sizes in CASES.items() if sizes[0] == "conv2d" and (not options.case or name in options.case)]
    sides = {"ours": ours} | {peer: Side([program, peer], RAYON_NUM_THREADS="1") for peer in PEERS}
    print("\n### f32, time of the Rust peers over ours\n")
    print("| case |", " | ".join(f"{peer} {what}" for what in ("fwd", "fwd + bwd") for peer in PEERS), "|")
    print("|---" * (1 + 2 * len(PEERS)) + "|")
    best = {}
    for _ in range(options.rounds):
        for name in names:
            for direction in "fwd", "bwd":
                for side, process in sides.items():
                    operation, *sizes = CASES[name]
                    seconds = process.ask(operation, "avx512", "f32", direction, *sizes, options.seconds)
                    key = name, direction, side
                    best[key] = min(best.get(key, seconds), seconds)
    for name in names:
        forward, backward = best[name, "fwd", "ours"], best[name, "bwd", "ours"]
        ratios = [best[name, "fwd", peer] / forward for peer in PEERS]
        ratios += [best[name, "bwd", peer] / (forward + backward) for peer in PEERS]
        print("|", " | ".join([name] + [f"{ratio:.1f}" for ratio in ratios]), "|", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.04, help="per measurement")
    parser.add_argument("--case", action="append", help="only this case (may be repeated)")
    parser.add_argument("--table", action="append", help="only this table: avx512, avx2, f64, winograd, linear, peers")
    parser.add_argument("--pytorch-side", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.pytorch_side:
        return pytorch_side()

    command = [sys.executable, os.path.abspath(__file__), "--pytorch-side"]
    ours = Side([built("compare")])
    torch = Side(command)
    wanted = options.table or ["avx512", "avx2", "f64", "winograd", "linear", "peers"]
    if "avx512" in wanted:
        table("f32, AVX-512", CASES, "avx512", "f32", ours, torch, options)
    if "avx2" in wanted:
        limited = Side(command, ONEDNN_MAX_CPU_ISA="AVX2", ATEN_CPU_CAPABILITY="avx2")
        table("f32, both limited to AVX2", CASES, "avx2", "f32", ours, limited, options)
    if "f64" in wanted:
        table("f64, AVX-512", CASES, "avx512", "f64", ours, torch, options)
    if "winograd" in wanted:
        cases = {name: ("winograd", *sizes) for name, (operation, *sizes) in CASES.items() if (operation, sizes[5], sizes[6], sizes[8]) == ("conv2d", 3, 1, 1)}
        table("f32, AVX-512, Winograd's algorithm for y and dx (GFLOP/s count the direct algorithm's operations)", cases, "avx512", "f32", ours, torch, options)
    if "linear" in wanted:
        table("fully connected, f32, AVX-512", LINEAR, "avx512", "f32", ours, torch, options)
    peers = os.path.join(ROOT, "benches/compare/peers/target/release/peers")
    if "peers" in wanted and os.path.exists(peers):
        peers_table(peers, ours, options)


main()
