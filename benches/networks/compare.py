#!/usr/bin/env python3
"""Compares whole networks with ONNX Runtime, tract and PyTorch, one thread each, f32, and prints Markdown tables.

    pip install onnx onnxruntime torch
    cargo build --release --manifest-path benches/networks/peers/Cargo.toml     # tract, takes minutes
    cargo bench --bench networks --no-run && python3 benches/networks/compare.py [--rounds 20] [--seconds 0.01] [--network NAME]

With `--write` the tables also replace those between the two comments in `BENCHMARKS.md`.

How it measures: all sides are processes that live as long as the run and have the same parameters and inputs. First their
outputs are compared with ours, and PyTorch's losses of three steps of training; a difference ends the run. Then they take
turns, a few milliseconds each, `rounds` times over; of each side the fastest call of all rounds counts, because on a shared
machine everything else is noise.

- ONNX Runtime: all graph optimisations, one thread, sequential. Inputs and outputs are bound, which saves time on small
  networks; with `run` they are not. `export.py` writes the files.
- tract: optimised, from the same files. It is left out where it has not been built.
- PyTorch: eager, in `inference_mode`; a step of training is forward, loss, backward and fused `optim.SGD`.
- Ours: `forward_with`; a step is the same with `Sgd::step`, and `descend` with `Sgd::descend`.

A call from Python is part of the peers' times; what a call takes that computes nothing stands below the tables.
"""
import argparse, os, re, sys, tempfile

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from sides import ROOT, Side, built, fastest

NETWORKS = "digits", "lenet5", "ds_cnn", "mobilenet", "resnet8", "autoencoder", "wakeword"
STANDSTILL = 1e-9  # the rate of the steps that are measured
PEERS = {"onnxruntime": "ONNX Runtime", "tract": "tract", "pytorch": "PyTorch"}
PEERS_FOLDER = os.path.join(ROOT, "benches/networks/peers")


def onnxruntime_side(folder):
    import numpy as np, onnxruntime

    def call(name, size):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        session = onnxruntime.InferenceSession(os.path.join(folder, f"{name}_{size}.onnx"), options, ["CPUExecutionProvider"])
        (x,), (y,) = session.get_inputs(), session.get_outputs()
        numbers = np.fromfile(os.path.join(folder, f"{name}.x"), "<f4")
        numbers = np.ascontiguousarray(numbers[: np.prod(x.shape)].reshape(x.shape))
        binding = session.io_binding()
        binding.bind_cpu_input(x.name, numbers)
        result = onnxruntime.OrtValue.ortvalue_from_shape_and_type(y.shape, np.float32)
        binding.bind_ortvalue_output(y.name, result)
        return lambda: session.run_with_iobinding(binding), result.numpy, lambda: session.run(None, {x.name: numbers})

    calls = {}

    def find(name, size):
        if (name, size) not in calls:
            calls[name, size] = call(name, size)
        return calls[name, size]

    def outputs(name, size):
        call, result, _ = find(name, size)
        call()
        return result().reshape(-1)

    def forward(name, size, seconds):
        return [fastest(float(seconds), find(name, size)[0])]

    def run(name, size, seconds):
        return [fastest(float(seconds), find(name, size)[2])]

    return outputs, forward, run


def pytorch_side(folder):
    import torch
    from torch.nn import functional as F

    import export

    torch.set_num_threads(1)
    found = {}

    def find(name):
        if name not in found:
            if name == "nothing":
                found[name] = torch.nn.Identity(), torch.ones(1, 1)
            else:
                found[name] = export.network(folder, name), torch.from_numpy(export.batch(folder, name, 32))
        return found[name]

    def outputs(name, size):
        network, x = find(name)
        with torch.inference_mode():
            return network(x[: int(size)]).reshape(-1).numpy()

    def forward(name, size, seconds):
        network, x = find(name)
        with torch.inference_mode():
            x = x[: int(size)]
            return [fastest(float(seconds), lambda: network(x))]

    def training(network, x, rate):
        sgd = torch.optim.SGD(network.parameters(), rate, fused=True)

        def step():
            y = network(x)
            loss = F.mse_loss(y, x) if y.shape == x.shape else F.cross_entropy(y, labels)
            sgd.zero_grad()
            loss.backward()
            sgd.step()
            return loss

        labels = torch.arange(len(x)) % network(x[:1]).shape[1]
        return step

    def losses(name, rate):
        step = training(export.network(folder, name), find(name)[1], float(rate))
        return [step().item() for _ in range(3)]

    def step(name, seconds):
        return [fastest(float(seconds), training(*find(name), STANDSTILL))]

    return outputs, forward, losses, step


def answer(functions):
    """Answers the questions of `Side`."""
    functions = {function.__name__: function for function in functions}
    for line in sys.stdin:
        question, *words = line.split()
        print(*functions[question](*words), flush=True)


def numbers(side, *question):
    """The numbers of an answer, or none if the side cannot do it."""
    line = side.line(*question)
    if line.startswith("failed"):
        print(*question, line.strip(), file=sys.stderr)
        return None
    return [float(word) for word in line.split()]


def check(sides, networks):
    """Ends the run where results differ; returns what each side can do: (side, network, batch)."""
    able = set()
    for name in networks:
        for size in 1, 32:
            expected = numbers(sides["ours"], "outputs", name, size)
            norm = sum(y * y for y in expected) ** 0.5
            for side in PEERS:
                found = numbers(sides[side], "outputs", name, size) if side in sides else None
                if found is None:
                    continue
                error = sum((a - b) ** 2 for a, b in zip(found, expected)) ** 0.5 / norm
                if len(found) != len(expected) or not error <= 2e-5:
                    sys.exit(f"{name}, batch of {size}: the outputs of {side} are not ours, {error:.1e}")
                able.add((side, name, size))
        ours = numbers(sides["ours"], "losses", name)
        theirs = numbers(sides["pytorch"], "losses", name, sides["ours"].ask("rate", name))
        if not all(abs(a - b) <= 1e-4 * b for a, b in zip(ours, theirs)):
            sys.exit(f"{name}: losses {ours}, of PyTorch {theirs}")
        if not ours[2] < 0.999 * ours[0]:
            sys.exit(f"{name}: nothing was learnt, {ours}")
    return able


def measure(sides, networks, able, options):
    """The fastest of each (what, side, network), in µs."""
    best = {}

    def ask(what, side, name, *question):
        us = 1e6 * sides[side].ask(*question, options.seconds)
        best[what, side, name] = min(best.get((what, side, name), us), us)

    for _ in range(options.rounds):
        for name in networks:
            for size in 1, 32:
                for side in sides:
                    if side == "ours" or (side, name, size) in able:
                        ask(size, side, name, "forward", name, size)
            ask("run", "onnxruntime", name, "run", name, 1)
            for side in "ours", "pytorch":
                ask("step", side, name, "step", name)
            ask("descend", "ours", name, "descend", name)
        for side in PEERS:
            if side in sides:
                ask(1, side, "nothing", "forward", "nothing", 1)
    return best


def tables(best, networks):
    lines = []

    def table(title, what, columns):
        """Columns: (what, side) by their titles; beside ours stand times alone."""
        head = ["network", "ours µs", *columns]
        lines.extend([f"**{title}**", "", f"| {' | '.join(head)} |", "|---" * len(head) + "|"])
        for name in networks:
            ours = best[what, "ours", name]
            cells = [f"{ours:.{ours < 100:d}f}"]
            for column, side in columns.values():
                us = best.get((column, side, name))
                ratio = "" if us is None or side == "ours" else f" ({us / ours:.2f})"
                cells.append("–" if us is None else f"{us:.{us < 100:d}f}{ratio}")
            lines.append(f"| {' | '.join([name, *cells])} |")
        lines.append("")

    peers = lambda size: {f"{name} µs": (size, peer) for peer, name in PEERS.items()}
    table("Forward, one sample", 1, peers(1) | {"ONNX Runtime, `run` µs": ("run", "onnxruntime")})
    table("Forward, a batch of 32", 32, peers(32))
    table("A step of training, a batch of 32", "step", {"`descend` µs": ("descend", "ours"), "PyTorch µs": ("step", "pytorch")})
    nothing = [f"{name} {best[1, peer, 'nothing']:.1f}" for peer, name in PEERS.items() if (1, peer, "nothing") in best]
    lines.append(f"A call that computes nothing takes, in µs: {', '.join(nothing)}.")
    return "\n".join(lines)


def versions():
    import onnxruntime, torch

    found = [f"ONNX Runtime {onnxruntime.__version__}", f"PyTorch {torch.__version__.split('+')[0]}"]
    lock = os.path.join(PEERS_FOLDER, "Cargo.lock")
    if os.path.exists(lock):
        found.append("tract " + re.search(r'name = "tract-onnx"\nversion = "(.*)"', open(lock).read())[1])
    return ", ".join(found)


def write(text):
    path = os.path.join(ROOT, "BENCHMARKS.md")
    page = open(path, encoding="utf-8").read()
    begin, end = "<!-- networks: benches/networks/compare.py --write -->\n", "<!-- networks: end -->"
    before, rest = page.split(begin)
    after = rest.split(end)[1]
    open(path, "w", encoding="utf-8").write(f"{before}{begin}\n{text}\n\n{end}{after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=0.01, help="per measurement")
    parser.add_argument("--network", action="append", choices=NETWORKS, help="only this network (may be repeated)")
    parser.add_argument("--write", action="store_true", help="also write the tables into BENCHMARKS.md")
    parser.add_argument("--side", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        side, folder = options.side
        return answer({"onnxruntime": onnxruntime_side, "pytorch": pytorch_side}[side](folder))

    import export

    networks = options.network or NETWORKS
    with tempfile.TemporaryDirectory() as folder:
        ours = Side([built("networks"), "--questions"])
        ours.line("write", folder)
        for name in networks:
            export.export(folder, name)
        export.export_nothing(folder)
        sides = {"ours": ours}
        sides["onnxruntime"] = Side([sys.executable, os.path.abspath(__file__), "--side", "onnxruntime", folder])
        tract = os.path.join(PEERS_FOLDER, "target/release/network_peers")
        if os.path.exists(tract):
            sides["tract"] = Side([tract, folder])
        sides["pytorch"] = Side([sys.executable, os.path.abspath(__file__), "--side", "pytorch", folder])
        able = check(sides, networks)
        best = measure(sides, networks, able, options)
    text = f"{tables(best, networks)}\n{versions()}."
    print(text)
    if options.write:
        write(text)


main()
