"""Attacks on a studio that is started for it: on loopback, bounded in number and time; what was tried, what survived.

Files and addresses, odd requests, hostile checkpoints, archives and recordings, floods, idle connections, sound that
nobody reads, kill -9 while saving, many clients, other hosts and origins, long texts.

    python -m benchmarks.hostile [--quick] [--only WORD]
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import httpx

from benchmarks import hostile_requests, hostile_uploads, hostile_wire
from benchmarks.hostile_server import Tally, Target, served

Attack = Callable[[Target], Tally]


def main(arguments: Sequence[str] | None = None) -> int:
    """Attack, print a table, and return 0 when nothing got through."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a sample of each kind, within a minute")
    parser.add_argument("--only", default="", metavar="WORD", help="only the kinds whose name holds this word")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        tallies = attack(Path(folder), quick=options.quick, only=options.only)
    return 1 if any(tally.through for tally in tallies) else 0


def attack(folder: Path, *, quick: bool, only: str = "") -> list[Tally]:
    """Every kind in turn against one server in ``folder``, and the kills against others; prints a line for each."""
    _say(f"{'kind':36} tried survived seconds")
    tallies: list[Tally] = []
    kinds = _kinds(quick)
    wanted = {name: run for name, run in kinds.items() if only in name}
    if wanted:
        with served(folder / "studio") as target:
            tallies += [_run(name, partial(run, target)) for name, run in wanted.items()]
            log = (folder / "studio" / "log.txt").read_text("utf-8", "replace")
            faults = [line for line in log.splitlines() if line.startswith("internal error")]
            tallies.append(_shown(Tally(kind="errors in its log", tried=1, through=faults[:5]), 0.0))
    if only in "kill -9 while saving":
        tallies.append(_run("kill -9 while saving", lambda: hostile_wire.kills(folder / "killed", 1 if quick else 12)))
    tried, through = sum(tally.tried for tally in tallies), sum(len(tally.through) for tally in tallies)
    _say(f"{'all':36} {tried:5} {tried - through:8}")
    return tallies


def _kinds(quick: bool) -> dict[str, Attack]:
    requests, uploads, wire = hostile_requests, hostile_uploads, hostile_wire
    return {
        "odd values in fields": lambda target: requests.fields(target, 29 if quick else 1),
        "odd paths, methods and heads": lambda target: requests.paths(target, 41 if quick else 3),
        "files and addresses": lambda target: requests.files(target, 8 if quick else 2),
        "other hosts and origins": requests.sites,
        "hostile checkpoints": lambda target: uploads.checkpoints(target, 6 if quick else 1),
        "hostile archives": lambda target: uploads.archives(target, 5 if quick else 1),
        "hostile sounds": lambda target: uploads.sounds(target, 7 if quick else 1),
        "upload floods": lambda target: uploads.floods(target, 12 if quick else 3),
        "half-open and silent connections": lambda target: wire.idlers(target, 100 if quick else 250),
        "clients at once": lambda target: wire.crowd(target, 20 if quick else 50),
        "unread sound": wire.unread,
        "texts of odd runs": lambda target: wire.texts(target, 4000 if quick else 50_000),
    }


def _run(name: str, run: Callable[[], Tally]) -> Tally:
    began = time.monotonic()
    try:
        tally = run()
    except httpx.HTTPError as error:
        tally = Tally(kind=name, tried=1, through=[f"no answer: {type(error).__name__} {error}"])
    return _shown(tally, time.monotonic() - began)


def _shown(tally: Tally, seconds: float) -> Tally:
    survived = tally.tried - len(tally.through)
    _say(f"{tally.kind:36} {tally.tried:5} {survived:8} {seconds:7.1f}{'  ' + tally.skipped if tally.skipped else ''}")
    for fault in tally.through[:20]:
        _say(f"    got through: {fault}")
    return tally


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
