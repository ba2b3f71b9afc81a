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
import argparse, glob, os, subprocess, sys, time

CASES = {  # N C H W F K S P
    "seed_s6": (10, 32, 14, 14, 16, 3, 1, 1),
    "seed_s1": (2, 3, 20, 20, 4, 2, 2, 1),
    "seed_s3a": (8, 16, 5, 5, 32, 3, 1, 0),
    "seed_s3b": (3, 3, 28, 28, 4, 3, 1, 0),
    "lenet1": (1, 1, 28, 28, 6, 5, 1, 2),
    "lenet2": (1, 6, 14, 14, 16, 5, 1, 0),
    "cifar": (1, 32, 32, 32, 32, 3, 1, 1),
    "res56": (1, 64, 56, 56, 64, 3, 1, 1),
    "res14": (1, 256, 14, 14, 256, 3, 1, 1),
    "down28": (1, 64, 28, 28, 128, 3, 2, 1),
    "point28": (1, 64, 28, 28, 128, 1, 1, 0),
}
LINEAR = {  # N IN OUT
    "gemv400": (1, 400, 120),
    "gemv1024": (1, 1024, 1000),
    "gemv4096": (1, 4096, 4096),
    "batch32": (32, 400, 120),
    "batch64": (64, 1024, 1024),
    "batch256": (256, 784, 512),
}


def pytorch_side():
    """Answers the questions of `Side`, with PyTorch."""
    import torch

    torch.set_num_threads(1)

    def fastest(seconds, call):
        call()
        start = time.perf_counter()
        call()
        batch = max(1, int(50e-6 / max(time.perf_counter() - start, 1e-9)))
        best, start = float("inf"), time.perf_counter()
        while time.perf_counter() - start < seconds:
            begin = time.perf_counter()
            for _ in range(batch):
                call()
            best = min(best, (time.perf_counter() - begin) / batch)
        return best

    def conv2d(dtype, backward, n, c, h, w, f, k, s, p):
        x, weight, bias = torch.randn(n, c, h, w, dtype=dtype), torch.randn(f, c, k, k, dtype=dtype), torch.randn(f, dtype=dtype)
        if not backward:
            return lambda: torch.conv2d(x, weight, bias, s, p)
        dy = torch.randn_like(torch.conv2d(x, weight, bias, s, p))
        run = torch.ops.aten.convolution_backward
        return lambda: run(dy, x, weight, [f], [s, s], [p, p], [1, 1], False, [0, 0], 1, [True, True, True])

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
            call = {"conv2d": conv2d, "winograd": conv2d, "linear": linear}[operation](dtype, direction == "bwd", *map(int, sizes))
            print(fastest(float(seconds), call), flush=True)


class Side:
    """A process that answers with times."""

    def __init__(self, command, **environment):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())


def table(title, operation, cases, level, dtype, ours, torch, options):
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
                    seconds = side.ask(operation, level, dtype, direction, *cases[name], options.seconds)
                    key = name, direction, side
                    best[key] = min(best.get(key, seconds), seconds)
    product = {"fwd": 1, "bwd": 1}
    for name in names:
        if operation != "linear":
            n, c, h, w, f, k, s, p = cases[name]
            macs = n * f * c * k * k * ((h + 2 * p - k) // s + 1) * ((w + 2 * p - k) // s + 1)
        else:
            n, inputs, outputs = cases[name]
            macs = n * inputs * outputs
        cells = [name]
        for direction, flops in ("fwd", 2 * macs), ("bwd", 4 * macs):
            us, ratio = best[name, direction, ours], best[name, direction, torch] / best[name, direction, ours]
            product[direction] *= ratio
            cells += [f"{us * 1e6:.1f}", f"{flops / us / 1e9:.0f}", f"{100 * flops / us / peak:.0f}", f"{ratio:.2f}"]
        print("|", " | ".join(cells), "|")
    mean = {direction: value ** (1 / len(names)) for direction, value in product.items()}
    print(f"\nGeometric mean: forward {mean['fwd']:.2f}, backward {mean['bwd']:.2f}. Peak: {peak / 1e9:.0f} GFLOP/s.", flush=True)


PEERS = "candle", "burn-flex", "burn-ndarray"


def peers_table(program, ours, options):
    names = [name for name in CASES if not options.case or name in options.case]
    sides = {"ours": ours} | {peer: Side([program, peer], RAYON_NUM_THREADS="1") for peer in PEERS}
    print("\n### f32, time of the Rust peers over ours\n")
    print("| case |", " | ".join(f"{peer} {what}" for what in ("fwd", "fwd + bwd") for peer in PEERS), "|")
    print("|---" * (1 + 2 * len(PEERS)) + "|")
    best = {}
    for _ in range(options.rounds):
        for name in names:
            for direction in "fwd", "bwd":
                for side, process in sides.items():
                    seconds = process.ask("conv2d", "avx512", "f32", direction, *CASES[name], options.seconds)
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

    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    builds = [path for path in glob.glob(os.path.join(root, "target/release/deps/compare-*")) if not path.endswith(".d")]
    if not builds:
        sys.exit("first: cargo bench --bench compare --no-run")
    command = [sys.executable, os.path.abspath(__file__), "--pytorch-side"]
    ours = Side([max(builds, key=os.path.getmtime)])
    torch = Side(command)
    wanted = options.table or ["avx512", "avx2", "f64", "winograd", "linear", "peers"]
    if "avx512" in wanted:
        table("f32, AVX-512", "conv2d", CASES, "avx512", "f32", ours, torch, options)
    if "avx2" in wanted:
        limited = Side(command, ONEDNN_MAX_CPU_ISA="AVX2", ATEN_CPU_CAPABILITY="avx2")
        table("f32, both limited to AVX2", "conv2d", CASES, "avx2", "f32", ours, limited, options)
    if "f64" in wanted:
        table("f64, AVX-512", "conv2d", CASES, "avx512", "f64", ours, torch, options)
    if "winograd" in wanted:
        cases = {name: sizes for name, sizes in CASES.items() if sizes[5:7] == (3, 1)}
        table("f32, AVX-512, Winograd's algorithm for y and dx (GFLOP/s count the direct algorithm's operations)", "winograd", cases, "avx512", "f32", ours, torch, options)
    if "linear" in wanted:
        table("fully connected, f32, AVX-512", "linear", LINEAR, "avx512", "f32", ours, torch, options)
    peers = os.path.join(root, "benches/compare/peers/target/release/peers")
    if "peers" in wanted and os.path.exists(peers):
        peers_table(peers, ours, options)


main()
