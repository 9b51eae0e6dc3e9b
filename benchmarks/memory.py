"""How much memory this process has, and has had at most, where the system tells (Linux)."""

import gc
from pathlib import Path


def forget_peak() -> None:
    """Let the peak begin again at what there is now."""
    gc.collect()
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5", encoding="ascii")


def memory_mb(field: str) -> float | None:
    """``VmRSS`` (now) or ``VmHWM`` (the peak) in MiB, files that are mapped included; None where nobody tells."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith(field + ":"))
    return int(line.split()[1]) / 1024
