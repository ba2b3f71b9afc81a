#!/usr/bin/env python3
"""What a convolution costs in code, and what its inner loops are made of.

    python3 benches/size/size.py                 this processor's targets and microcontrollers, as far as installed
    python3 benches/size/size.py --target NAME   only this target (may be repeated)

Builds programs of 1, 2, 5 and 10 convolutions of different shapes (f32), forward alone and forward and backward, and
prints the bytes of their code and what each further convolution adds. Then it looks at the innermost loops that multiply
and add in the assembly of the largest program: how many there are, how many use vectors, and how many can leave for a
panic (a bounds check) or call something. The portable loops and the tiles of the vector levels cannot; --list names
those that can.
"""

import argparse
import os
import re
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
COUNTS = {1: "", 2: "two", 5: "five", 10: "ten"}
# Name, target, flags of the compiler.
BUILDS = [
    ("x86-64, portable", "x86_64-unknown-linux-gnu", ""),
    ("x86-64, AVX2", "x86_64-unknown-linux-gnu", "-C target-cpu=x86-64-v3"),
    ("x86-64, AVX-512", "x86_64-unknown-linux-gnu", "-C target-cpu=x86-64-v4"),
    ("Cortex-M4F, portable", "thumbv7em-none-eabihf", ""),
    ("aarch64, portable", "aarch64-unknown-none", ""),
]
# A multiplication of numbers in registers of numbers, by instruction set.
MULTIPLY = re.compile(r"^(vfm?n?m(add|sub)|v?mul[ps]s|vmla|vmls|vmul\.f32|vfma|fmadd|fmla|fmul)")
VECTOR = re.compile(r"ps$|\.4s|\.2s")
BRANCH = re.compile(r"^(j[a-z]+|b(\.?[a-z]{2})?(\.[nw])?|cbn?z|tbn?z)$")
CALL = re.compile(r"^(call|callq|bl|blx|blr)$")
END = re.compile(r"^(jmp|ret|retq|b|b\.w|b\.n|bx|ud2|pop|br|udf|brk)$")


def build(target, flags, features):
    """Builds the program; returns the paths of the program and of its assembly."""
    folder = os.path.join(HERE, "target", re.sub(r"\W+", "-", target + flags))
    command = [os.path.join(HERE, "..", "..", ".ci", "bare-cargo"), target, "rustc", "--release", "--quiet"]
    assembly = os.path.join(folder, f"size-{features.replace(',', '-')}.s")
    command += ["--manifest-path", os.path.join(HERE, "Cargo.toml"), "--target-dir", folder, "--features", features]
    command += ["--", "--emit", f"link,asm={assembly}"]
    result = subprocess.run(command, env={**os.environ, "RUSTFLAGS": flags}, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(result.stderr.strip())
    return os.path.join(folder, target, "release", "size"), assembly


def code_bytes(path):
    """Bytes of all sections of an ELF file that hold instructions."""
    with open(path, "rb") as file:
        data = file.read()
    wide = data[4] == 2
    start, = struct.unpack_from("<Q", data, 0x28) if wide else struct.unpack_from("<I", data, 0x20)
    size, count = struct.unpack_from("<HH", data, 0x3A if wide else 0x2E)
    total = 0
    for i in range(count):
        header = start + i * size
        flags, = struct.unpack_from("<Q", data, header + 8) if wide else struct.unpack_from("<I", data, header + 8)
        length, = struct.unpack_from("<Q", data, header + 32) if wide else struct.unpack_from("<I", data, header + 20)
        total += length if flags & 4 else 0
    return total


def functions(path):
    """The functions of an assembly file: name and a list of labels and instructions."""
    name, body = None, []
    for line in open(path):
        text = re.split(r"//|@ |#(?=[^0-9-])", line)[0].strip()
        label = re.match(r"^([\w.$]+):", text)
        if label and not label[1].startswith((".L", ".Ltmp")):
            if name:
                yield name, body
            name, body = label[1], []
        elif label:
            body.append((label[1] + ":", ""))
        elif text and not text.startswith("."):
            instruction, _, operands = text.partition("\t")
            body.append((instruction.strip(), operands.strip()))
    if name:
        yield name, body


def blocks(body):
    """The basic blocks of a function: instructions, and the blocks that may follow."""
    starts = {0} | {i for i, (label, _) in enumerate(body) if label.endswith(":")}
    starts |= {i + 1 for i, (instruction, _) in enumerate(body) if BRANCH.match(instruction) or END.match(instruction)}
    starts = sorted(i for i in starts if i < len(body))
    number = {start: block for block, start in enumerate(starts)}
    places = {label[:-1]: number[i] for i, (label, _) in enumerate(body) if label.endswith(":")}
    found = []
    for block, start in enumerate(starts):
        code = body[start : starts[block + 1] if block + 1 < len(starts) else len(body)]
        instruction, operands = code[-1]
        next_blocks = [places.get(operands.split(",")[-1].strip())] if BRANCH.match(instruction) else []
        if not END.match(instruction) and block + 1 < len(starts):
            next_blocks.append(block + 1)
        found.append((code, [next_block for next_block in next_blocks if next_block is not None]))
    return found


def innermost_loops(found):
    """The loops without a loop inside: sets of blocks. A loop goes back to a block that all ways to it pass."""
    before = [[] for _ in found]
    for block, (_, next_blocks) in enumerate(found):
        for next_block in next_blocks:
            before[next_block].append(block)
    order, seen, stack = [], {0}, [(0, iter(found[0][1]))]
    while stack:
        block, rest = stack[-1]
        step = next((n for n in rest if n not in seen), None)
        if step is None:
            order.append(stack.pop()[0])
        else:
            seen.add(step)
            stack.append((step, iter(found[step][1])))
    order.reverse()
    everything = set(order)
    passed = {block: everything for block in order}
    passed[0] = {0}
    changed = True
    while changed:
        changed = False
        for block in order[1:]:
            ways = [passed[p] for p in before[block] if p in seen]
            new = set.intersection(*ways) | {block}
            if new != passed[block]:
                passed[block], changed = new, True
    loops = []
    for block in order:
        for head in found[block][1]:
            if head in passed[block]:
                loop, todo = {head}, [block]
                while todo:
                    inside = todo.pop()
                    if inside not in loop:
                        loop.add(inside)
                        todo += [p for p in before[inside] if p in seen]
                loops.append(loop)
    return [loop for loop in loops if not any(other < loop for other in loops)]


def check_loops(path):
    """Counts innermost loops of multiply-adds and those with vectors, and lists those that call or may panic."""
    loops, vectors, checked = 0, 0, []
    for name, body in functions(path):
        if not any(MULTIPLY.match(instruction) for instruction, _ in body):
            continue
        found = blocks(body)
        for loop in innermost_loops(found):
            inside = [line for block in loop for line in found[block][0]]
            products = [(i, o) for i, o in inside if MULTIPLY.match(i)]
            if not products:
                continue
            loops += 1
            vectors += any(VECTOR.search(i) or VECTOR.search(o) for i, o in products)
            leaves = [o for i, o in inside if CALL.match(i)]
            for exit in {n for block in loop for n in found[block][1] if n not in loop}:
                calls = [o for i, o in found[exit][0] if CALL.match(i)]
                if calls and re.search("panic|wrong_length|fail", calls[0]):
                    leaves.append(calls[0])
            if leaves:
                checked.append(f"{name}: {len(products)} products, {len(leaves)} checks or calls")
    return loops, vectors, checked


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", action="append")
    parser.add_argument("--list", action="store_true", help="name the loops that check bounds or call")
    options = parser.parse_args()
    print("| target | pass | code of 1, 2, 5, 10 convolutions, bytes | each further one | inner loops, with vectors, with checks |")
    print("|---|---|---|---|---|")
    for name, target, flags in BUILDS:
        if options.target and target not in options.target:
            continue
        for direction, feature in ("forward", ""), ("forward and backward", "backward"):
            try:
                sizes = {}
                for count, features in COUNTS.items():
                    program, assembly = build(target, flags, ",".join(filter(None, [features, feature])))
                    sizes[count] = code_bytes(program)
            except RuntimeError as error:
                print(f"{name}: not built: {str(error).splitlines()[0]}", file=sys.stderr)
                break
            loops, vectors, checked = check_loops(assembly)
            each = (sizes[10] - sizes[2]) / 8
            text = ", ".join(str(size) for size in sizes.values())
            print(f"| {name} | {direction} | {text} | {each:.0f} | {loops}, {vectors}, {len(checked)} |", flush=True)
            for loop in checked if options.list else []:
                print(f"    {loop}", file=sys.stderr)


main()
