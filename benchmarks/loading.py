"""How long a checkpoint of 1 GB takes to load, the first time and later, beside plain ``torch.load``.

Each loading is a process of its own. The clock runs from the file's name until every weight has been read once, with
the imports done before; memory is how much the process grew at most, pages mapped from the file included. Cold means
that the system was asked to forget the file before; warm, that it had just been read. The processor's caches and other
work on the machine count, so the middle of several runs is taken.

    python -m benchmarks.loading [--megabytes N] [--runs N] [--threads N] [--folder DIR] [--json FILE]
"""

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.memory import forget_peak, memory_mb
from engine.weights_cache import FOLDER, converted

TENSORS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """One way of loading one file: seconds, and MiB that the process grew by."""

    file: str
    way: str
    pages: str
    seconds: float
    memory_mb: float | None


def plain(path: Path) -> dict[str, Tensor]:
    """As torch does it by itself."""
    return torch.load(path, map_location="cpu", weights_only=True)["model"]


def ours(path: Path) -> dict[str, Tensor]:
    """As the systems do it: checked, with a copy beside the file."""
    return converted(path, lambda held: held["model"], layout="benchmark/1", min_bytes=0)


WAYS: dict[str, Callable[[Path], dict[str, Tensor]]] = {"torch.load": plain, "first": ours, "later": ours}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run all and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the files are made (default: the temporary folder)")
    parser.add_argument("--json", type=Path, metavar="FILE")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        found = list(compare(Path(folder), chosen.megabytes, chosen.runs, chosen.threads))
    sys.stdout.write(table(found))
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(loading) for loading in found], indent=2))


def compare(folder: Path, megabytes: int, runs: int, threads: int) -> Iterator[Loading]:
    """Every way of loading each kind of file, cold and warm. Raises RuntimeError when two ways give other weights."""
    for kind, is_zip in (("zip", True), ("legacy", False)):
        path = folder / f"{kind}.pth"
        write(path, megabytes, is_zip=is_zip)
        sums = set()
        for way in WAYS:
            for pages in ("cold", "warm"):
                taken = []
                for _ in range(runs):
                    if way == "first":
                        shutil.rmtree(folder / FOLDER, ignore_errors=True)
                    for file in (path, *folder.glob(f"{FOLDER}/*")):
                        touch(file, forget=pages == "cold")
                    taken.append(in_a_process(way, path, threads))
                sums |= {each["sum"] for each in taken}
                # The run in the middle.
                run = sorted(taken, key=lambda each: each["seconds"])[len(taken) // 2]
                yield Loading(file=kind, way=way, pages=pages, seconds=run["seconds"], memory_mb=run["memory_mb"])
        if len(sums) != 1:
            raise RuntimeError(f"the ways of loading do not agree: {sums}")
        path.unlink()
        shutil.rmtree(folder / FOLDER)


def write(path: Path, megabytes: int, *, is_zip: bool) -> None:
    """A checkpoint of random weights."""
    rng = torch.Generator().manual_seed(1)
    rows = max(1, megabytes * (1 << 20) // (TENSORS * 4 * 1024))
    state = {f"layers.{index}.weight": torch.randn(rows, 1024, generator=rng) for index in range(TENSORS)}
    torch.save({"model": state, "iteration": 1}, path, _use_new_zipfile_serialization=is_zip)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def touch(path: Path, *, forget: bool) -> None:
    """Make the system forget the pages of a file, or have them at hand."""
    with path.open("rb") as file:
        if forget:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        else:
            while file.read(1 << 24):
                pass


def in_a_process(way: str, path: Path, threads: int) -> dict[str, float | None]:
    """What `measure` says in a process that has just been born, of one that has done nothing but the imports."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["engine.weights_cache", "benchmarks.memory"])
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(measure, way, path, threads).result()


def measure(way: str, path: Path, threads: int) -> dict[str, float | None]:
    """Load and read every weight once."""
    torch.set_num_threads(threads)
    before = memory_mb("VmRSS")
    forget_peak()
    began = time.perf_counter()
    state = WAYS[way](path)
    # Extremes come out the same in whatever order a tensor is gone through.
    total = sum(float(each) for key in sorted(state) for each in torch.aminmax(state[key]))
    seconds = time.perf_counter() - began
    grown = None if before is None else memory_mb("VmHWM") - before
    return {"seconds": seconds, "memory_mb": grown, "sum": total}


def table(found: Sequence[Loading]) -> str:
    """The figures as Markdown."""
    rows = [
        f"| {f.file} | {f.way} | {f.pages} | {f.seconds:.2f} | {'-' if f.memory_mb is None else round(f.memory_mb)} |"
        for f in found
    ]
    return "\n".join(("| file | way | pages | seconds | memory, MiB |", "|---|---|---|---:|---:|", *rows, ""))


if __name__ == "__main__":
    main()
