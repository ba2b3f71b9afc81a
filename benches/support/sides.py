"""What the comparisons with other libraries share: processes that take turns, each answering questions with a line."""

import glob, os, subprocess, sys, time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


class Side:
    """A process that answers."""

    def __init__(self, command, **environment):
        self.command = command
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})

    def line(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return self.process.stdout.readline() or sys.exit(f"{' '.join(self.command)} ended: {' '.join(map(str, words))}")

    def ask(self, *words):
        return float(self.line(*words))


def built(bench):
    """The newest build of a benchmark of ours."""
    builds = [path for path in glob.glob(os.path.join(ROOT, f"target/release/deps/{bench}-*")) if not path.endswith(".d")]
    return max(builds, key=os.path.getmtime) if builds else sys.exit(f"first: cargo bench --bench {bench} --no-run")


def fastest(seconds, call):
    """Seconds of the fastest of many batches of calls, within about `seconds`."""
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
