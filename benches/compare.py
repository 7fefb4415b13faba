"""Measures turnset against the floor and two Python baselines, and fails when a bound is broken.

    compare.py --turnset BIN --floor BIN --calls 40000 [--runs 3] [--work DIR] [--python PY] [--json FILE]
    compare.py --turnset BIN --calls 40000 --memory-calls 420000

Only ratios of runs on one machine within one invocation are judged: absolute times say little elsewhere. The second
form asks whether turnset's memory grows with its input.
"""

import argparse
import hashlib
import json
import operator
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
SEED = 1
MEMORY_BOUND_MB = 400
# ru_maxrss counts bytes on macOS and kilobytes elsewhere.
MAXRSS_PER_MB = 1e6 if sys.platform == "darwin" else 1e6 / 1024

HOLDS = {"<=": operator.le, "<": operator.lt}
BOUNDS = {
    "jsonl": {("floor", "cpu"): ("<=", 2.0), ("fast", "cpu"): ("<", 0.5), ("fast", "wall"): ("<", 0.5)},
    "folder": {("floor", "cpu"): ("<=", 2.0), ("fast", "cpu"): ("<", 0.667), ("fast", "wall"): ("<", 0.667)},
}
RATIOS = (
    ("floor", "cpu"),
    ("fast", "cpu"),
    ("fast", "wall"),
    ("fast", "peak"),
    ("plain", "cpu"),
    ("plain", "wall"),
    ("plain", "peak"),
)


class Figures(NamedTuple):
    """Of a command with its children: seconds, seconds, and the megabytes of its largest single process.

    `peak` flatters tools of several processes, and cannot fall below this script's own 20 MB or so, which the kernel
    hands on to a child.
    """

    wall: float
    cpu: float
    peak: float


def measured(command, log):
    # What earlier runs left unwritten must not slow this one.
    os.sync()
    with open(log, "wb") as output:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begin = time.perf_counter()
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=output)
        # wait4 gives the peak of this child alone: RUSAGE_CHILDREN only knows the largest child so far.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        talk = log.read_text(errors="replace")[-2000:]
        sys.exit(f"error: exit code {process.returncode} from {command[0]} {command[1]}\n{talk}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Figures(wall, cpu, usage.ru_maxrss / MAXRSS_PER_MB)


def removed(path):
    shutil.rmtree(path, ignore_errors=True)
    return path


def corpus(work, calls, form):
    """Generates a corpus, or finds the one that this very generator made before."""
    generator = HERE / "generate.py"
    version = hashlib.sha256(generator.read_bytes()).hexdigest()[:8]
    path = work / f"calls-{calls}-{version}{'.jsonl' if form == 'jsonl' else ''}"
    if not path.exists():
        print(f"generating {path.name}", file=sys.stderr)
        # Under another name until complete, so that an interrupted run leaves nothing that looks whole.
        unfinished = work / f"unfinished-{os.getpid()}-{form}"
        subprocess.run(
            [sys.executable, generator, "--calls", str(calls), "--seed", str(SEED), f"--{form}", unfinished], check=True
        )
        unfinished.rename(path)
    return path


def warmed(path):
    """Reads a corpus once, so that the first tool does not pay for the disk. Gives its size in bytes."""
    files = [path] if path.is_file() else (Path(parent, name) for parent, _, names in os.walk(path) for name in names)
    size = 0
    for file in files:
        with open(file, "rb", buffering=0) as source:
            while chunk := source.read(1 << 20):
                size += len(chunk)
    return size


def turnset_build(turnset, source, out, log, *more):
    return measured([turnset, "build", source, "--out", removed(out), "--overwrite", *more], log)


def runs_over(given, source, scratch):
    """The figures of every run by tool. Interleaved, so that a busy spell on the machine hits all tools alike."""
    log = scratch / "log"
    found = {"turnset": [], "with report": [], "floor": [], "fast": [], "plain": []}
    for run in range(given.runs):
        print(f"run {run + 1} of {given.runs} over {source.name}", file=sys.stderr)
        out = scratch / "turnset"
        # The others write no report: what it costs stands beside.
        found["turnset"].append(turnset_build(given.turnset, source, out, log, "--set", "output.report=false"))
        found["with report"].append(turnset_build(given.turnset, source, out, log))
        found["floor"].append(measured([given.floor, source, out, removed(scratch / "floor")], log))
        for name in ("fast", "plain"):
            # The plain one is slow and steady: once is enough.
            if name == "fast" or run == 0:
                # -B: leaves no bytecode beside the sources.
                script = [given.python, "-B", HERE / f"baseline_{name}.py"]
                found[name].append(measured([*script, source, removed(scratch / name)], log))
    return found


def medians(runs):
    return Figures(*(median(column) for column in zip(*runs)))


def judged(form, typical):
    """Every ratio of turnset to another tool, with its bound if it has one."""
    rows = []
    for other, figure in RATIOS:
        ratio = getattr(typical["turnset"], figure) / max(getattr(typical[other], figure), 1e-9)
        sign, bound = BOUNDS[form].get((other, figure), (None, None))
        kept = None if sign is None else HOLDS[sign](ratio, bound)
        rows.append({"ratio": f"turnset/{other} {figure}", "value": ratio, "sign": sign, "bound": bound, "kept": kept})
    return rows


def print_form(form, calls, size, found, typical, rows):
    print(f"\n{form}: {calls} calls, {size / 1e6:.0f} MB, {os.cpu_count()} cores")
    print(f"  {'':20} {'wall s':>8} {'cpu s':>8} {'peak MB':>8}  runs")
    for tool, figures in typical.items():
        print(f"  {tool:20} {figures.wall:8.2f} {figures.cpu:8.2f} {figures.peak:8.0f}  {len(found[tool])}")
    for row in rows:
        bound = "" if row["kept"] is None else f"{row['sign']} {row['bound']}  {'kept' if row['kept'] else 'BROKEN'}"
        print(f"  {row['ratio']:20} {row['value']:8.3f}  {bound}".rstrip())


def compare(given, scratch):
    forms = {}
    for form in BOUNDS:
        source = corpus(given.work, given.calls, form)
        size = warmed(source)
        found = runs_over(given, source, scratch)
        typical = {tool: medians(runs) for tool, runs in found.items()}
        rows = judged(form, typical)
        print_form(form, given.calls, size, found, typical, rows)
        forms[form] = {
            "bytes": size,
            "medians": {tool: figures._asdict() for tool, figures in typical.items()},
            "runs": {tool: [figures._asdict() for figures in runs] for tool, runs in found.items()},
            "ratios": rows,
        }
    broken = [
        f"{form}: {row['ratio']}" for form, each in forms.items() for row in each["ratios"] if row["kept"] is False
    ]
    return {"calls": given.calls, "forms": forms, "broken": broken}


def compare_memory(given, scratch):
    log, out = scratch / "log", scratch / "turnset"
    small = turnset_build(given.turnset, corpus(given.work, given.calls, "jsonl"), out, log)
    large_corpus = corpus(given.work, given.memory_calls, "jsonl")
    try:
        size = large_corpus.stat().st_size
        large = turnset_build(given.turnset, large_corpus, out, log)
    finally:
        large_corpus.unlink()
    kept = large.peak <= MEMORY_BOUND_MB
    print(f"\nmemory: {given.memory_calls} calls, {size / 1e6:.0f} MB")
    print(f"  peak MB {large.peak:8.0f}  <= {MEMORY_BOUND_MB}  {'kept' if kept else 'BROKEN'}")
    growth = f"{large.peak / small.peak:.2f} times the peak for {given.memory_calls / given.calls:.1f} times the calls"
    print(f"  peak MB {small.peak:8.0f}  over {given.calls} calls: {growth}")
    return {
        "calls": given.calls,
        "memory_calls": given.memory_calls,
        "small": small._asdict(),
        "large": large._asdict(),
        "bound_mb": MEMORY_BOUND_MB,
        "broken": [] if kept else ["memory: peak"],
    }


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--turnset", type=Path, required=True)
    arguments.add_argument("--floor", type=Path)
    arguments.add_argument("--calls", type=int, default=40_000)
    arguments.add_argument("--memory-calls", type=int, help="measures only turnset's memory, over this many calls too")
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--work", type=Path, default=HERE.parent / "target" / "bench", help="keeps the corpora")
    arguments.add_argument("--python", default=sys.executable, help="an interpreter that has requirements.txt")
    arguments.add_argument("--json", type=Path, help="writes every figure to this file")
    given = arguments.parse_args()
    if not (given.floor or given.memory_calls):
        arguments.error("give --floor, or --memory-calls")

    given.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=given.work) as scratch:
        figures = (compare_memory if given.memory_calls else compare)(given, Path(scratch))
    figures = {"machine": platform.machine(), "system": platform.system(), "cores": os.cpu_count(), **figures}
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n")
    for broken in figures["broken"]:
        print(f"broken bound: {broken}", file=sys.stderr)
    sys.exit(1 if figures["broken"] else 0)


if __name__ == "__main__":
    main()
