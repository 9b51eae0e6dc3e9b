"""One client that fetches one file, measured: run by `benchmarks.hub` in a process that holds nothing else."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

REPO = "owner/large"
MODEL, CONFIG = "model.pth", "config.json"


def main(client: str, url: str, sha256: str, into: str) -> None:
    """Fetch the model after one small file; tells the seconds, those of the processor, and the peak memory in MiB."""
    fetch = (_ours if client == "ours" else _theirs)(url, Path(into))
    fetch(CONFIG, None)
    began, busy = time.perf_counter(), time.process_time()
    fetch(MODEL, sha256)
    taken_s, busy_s = time.perf_counter() - began, time.process_time() - busy
    sys.stdout.write(f"{taken_s} {busy_s} {_peak_mb()}\n")


def _ours(url: str, into: Path) -> Callable[[str, str | None], None]:
    from engine.hub import Hub
    from engine.release import RemoteFile

    hub = Hub(endpoints=[url], ledger=into / "ledger.json")

    def fetch(path: str, sha256: str | None) -> None:
        for _ in hub.fetch(REPO, "main", RemoteFile(path=path, sha256=sha256), into / path):
            pass

    return fetch


def _theirs(url: str, into: Path) -> Callable[[str, str | None], None]:
    from huggingface_hub import hf_hub_download

    def fetch(path: str, sha256: str | None) -> None:  # noqa: ARG001 - it compares no hash
        hf_hub_download(REPO, path, endpoint=url, cache_dir=into)

    return fetch


def _peak_mb() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
