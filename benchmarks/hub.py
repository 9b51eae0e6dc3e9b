"""How fast files are fetched, and in how much memory: our client beside huggingface_hub's own.

Both download the same file from the same server on loopback into fresh folders, each in a process of its own, in
turns; ours computes and compares the sha256 and waits for the disk, the other does neither. The middle of the runs
counts. The time is that of the call alone, after one small file; the memory is the whole process's peak.

    python -m benchmarks.hub [--mb N] [--runs N] [--folder FOLDER] [--json FILE]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.hub_client import CONFIG, MODEL, REPO
from tests.hub_server import FakeHub

CLIENT = Path(__file__).with_name("hub_client.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One client's figures: MB a second over the runs, the processor's seconds for one, and the largest memory."""

    client: str
    mb: int
    least: float
    rate: float
    most: float
    processor_s: float
    memory_mb: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, and return 0 when ours reaches 0.9 of the other's speed in less than 100 MB."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hub", description=__doc__.splitlines()[0])
    parser.add_argument("--mb", type=int, default=1024, help="size of the file")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=None, help="where to write (default: the system's)")
    parser.add_argument("--json", type=Path, default=None)
    parser.add_argument("--serve", type=Path, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        return serve(options.serve)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        results = race(options.mb, options.runs, Path(folder))
    ratio = results["ours"].rate / results["huggingface_hub"].rate
    _say(f"ours is {ratio:.2f} times as fast, hashing included")
    if options.json:
        rows = {"clients": [asdict(row) for row in results.values()], "ratio": ratio}
        options.json.write_text(json.dumps(rows, indent=2), encoding="utf-8")
    return 0 if ratio >= 0.9 and results["ours"].memory_mb < 100 else 1


def race(mb: int, runs: int, folder: Path) -> dict[str, Fetched]:
    """Both clients in turns, after one round that does not count."""
    (folder / "served").mkdir()
    block = os.urandom(1 << 20)
    with (folder / "served" / MODEL).open("wb") as file:
        for _ in range(mb):
            file.write(block)
    rates: dict[str, list[float]] = {"huggingface_hub": [], "ours": []}
    processor: dict[str, list[float]] = {client: [] for client in rates}
    memory = dict.fromkeys(rates, 0.0)
    command = [sys.executable, "-m", "benchmarks.hub", "--serve", str(folder / "served")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as server:
        url, sha256 = server.stdout.readline().split()
        for run in range(runs + 1):
            for client in rates:
                with tempfile.TemporaryDirectory(dir=folder) as into:
                    taken_s, processor_s, peak_mb = _measure(client, url, sha256, into)
                memory[client] = max(memory[client], peak_mb)
                if run:
                    rates[client].append(mb * (1 << 20) / 1e6 / taken_s)
                    processor[client].append(processor_s)
        server.stdin.close()
    _say("\nclient           file MB  least MB/s  middle    most  processor  peak memory")
    results = {}
    for client, of_client in rates.items():
        row = Fetched(
            client=client,
            mb=mb,
            least=min(of_client),
            rate=median(of_client),
            most=max(of_client),
            processor_s=median(processor[client]),
            memory_mb=memory[client],
        )
        results[client] = row
        _say(
            f"{client:16} {mb:7} {row.least:11.0f} {row.rate:7.0f} {row.most:7.0f} "
            f"{row.processor_s:8.2f} s {row.memory_mb:9.0f} MB"
        )
    return results


def _measure(client: str, url: str, sha256: str, into: str) -> list[float]:
    # By its path and not as a module: this package loads torch, whose memory is not the client's.
    command = [sys.executable, "-P", str(CLIENT), client, url, sha256, into]
    quiet = {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_OFFLINE": "0", "HF_HOME": into}
    environment = {**os.environ, **quiet, "PYTHONPATH": str(CLIENT.parent.parent)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [float(figure) for figure in done.stdout.split()]


def serve(folder: Path) -> int:
    """Be the server until standard input ends; tells its address and the file's sha256."""
    with FakeHub({REPO: {MODEL: folder / MODEL, CONFIG: b"{}"}}) as hub:
        _say(f"{hub.url} {hub.sha256(folder / MODEL)}")
        sys.stdin.read()
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
