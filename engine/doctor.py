"""Whether everything works here: each part is tried, and what does not work is said with what to do about it.

`examine` yields a `Finding` for each thing as soon as it is known. Nothing stops it: a check that breaks is itself a
finding. A missing network is no error, since what is on disk speaks without one.
"""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Literal

import numpy as np

from engine.engine import Engine
from engine.errors import EngineError
from engine.hub import Hub
from engine.hub.cache import cache_folders
from engine.library import Library
from engine.library.card import in_bytes
from engine.message import Message
from engine.request import SynthesisRequest
from engine.speech import collect
from engine.text.packages import OPTIONAL

REQUIREMENTS = Path(__file__).parents[1] / "requirements.txt"
OLDEST_PYTHON = (3, 11)
# Below these a large model does not load, is not downloaded whole, or a long result finds no room.
LEAST_MEMORY = 2 << 30
LEAST_DISK = 5 << 30
LEAST_TEMPORARY = 1 << 30
REINSTALL = Message("install what requirements.txt lists (make run does)")
WORD = "Hello."


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at, in a line: what is so, and if it is not well, what to do."""

    name: str
    state: Literal["ok", "warning", "error"]
    fact: str
    advice: str = ""

    def describe(self) -> dict[str, str]:
        """As plain data."""
        return asdict(self)


Check = Callable[[], Iterator[Finding]]


def examine(engine: Engine, library: Library, hub: Hub, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Look at everything, the quick and fundamental things first."""
    checks: dict[str, Check] = {
        "python": _python,
        "packages": partial(packages, REQUIREMENTS),
        "device": _device,
        "memory": _memory,
        "disk": partial(disk, library.folder),
        "models": partial(_models, library, environment),
        "network": partial(network, hub),
        "languages": languages,
        "espeak": _espeak,
        "audio": _audio,
        "voice": partial(voice, engine),
    }
    for name, check in checks.items():
        yield from guarded(name, check)


def guarded(name: str, check: Check) -> Iterator[Finding]:
    """What a check finds; its own failure is one more finding."""
    try:
        yield from check()
    except ImportError as error:
        yield Finding(name=name, state="error", fact=_line(error), advice=REINSTALL)
    except EngineError as error:
        # Its line says what to do.
        yield Finding(name=name, state="error", fact=_line(error))
    except Exception as error:  # noqa: BLE001 - whatever is broken here is what the doctor was called for
        fact = f"{type(error).__name__}: {_line(error)}"
        yield Finding(name=name, state="error", fact=fact, advice=REINSTALL)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


# -- the machine --


def _python() -> Iterator[Finding]:
    fact = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        yield Finding(name="python", state="error", fact=fact, advice=f"use Python {oldest} or newer")
    else:
        yield Finding(name="python", state="ok", fact=fact)


def packages(requirements: Path) -> Iterator[Finding]:
    """What is installed, against the pins of a requirements file."""
    from packaging.requirements import Requirement

    lines = requirements.read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    pins = [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]
    well = 0
    for pin in pins:
        try:
            found = metadata.version(pin.name)
        except metadata.PackageNotFoundError:
            yield Finding(name="packages", state="error", fact=f"{pin.name} is not installed", advice=REINSTALL)
            continue
        if pin.specifier.contains(found, prereleases=True):
            well += 1
        else:
            fact = f"{pin.name} is {found}; {pin.specifier} was tested"
            yield Finding(name="packages", state="warning", fact=fact, advice=f"if something fails, {REINSTALL}")
    yield Finding(name="packages", state="ok", fact=f"{well} of {len(pins)} are the tested versions")


def _device() -> Iterator[Finding]:
    from engine.device import describe, resolve, try_out

    device, _ = resolve("auto", "auto", ("float32",))
    try_out(device)
    yield Finding(name="device", state="ok", fact=describe(device))
    if device.type == "cpu" and shutil.which("nvidia-smi"):
        yield Finding(
            name="device",
            state="warning",
            fact="there is a driver for NVIDIA cards, but torch cannot use one",
            advice="nvidia-smi should list a card; if it does, install a torch for its version of CUDA",
        )


def _memory() -> Iterator[Finding]:
    free = _free_memory()
    if free is None:
        yield Finding(name="memory", state="ok", fact="this system does not tell how much is free")
        return
    fact = f"{in_bytes(free)} are free"
    if free < LEAST_MEMORY:
        advice = "close other programs before loading a large model"
        yield Finding(name="memory", state="warning", fact=fact, advice=advice)
    else:
        yield Finding(name="memory", state="ok", fact=fact)


def _free_memory() -> int | None:
    """Bytes that programs can still have; Linux also counts what it would give up of its caches."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def disk(models: Path | None) -> Iterator[Finding]:
    """Room and rights where models and results are kept."""
    where = {"results": (Path(tempfile.gettempdir()), LEAST_TEMPORARY, "set TMPDIR to another")}
    if models is not None:
        where = {"models": (models, LEAST_DISK, "name another with --models-dir")} | where
    for kind, (folder, least, otherwise) in where.items():
        # It need not exist yet.
        there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        free = shutil.disk_usage(there).free
        fact = f"{kind} in {folder}: {in_bytes(free)} are free"
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            fact = f"{kind} in {folder}: you may not write there"
            yield Finding(name="disk", state="error", fact=fact, advice=f"change that, or {otherwise}")
        elif free < least:
            yield Finding(name="disk", state="warning", fact=fact, advice=f"make room, or {otherwise}")
        else:
            yield Finding(name="disk", state="ok", fact=fact)


# -- what is here, and the way to what is not --


def _models(library: Library, environment: Mapping[str, str]) -> Iterator[Finding]:
    cards = library.cards()
    ready = [card for card in cards if card.state == "ready"]
    fact = f"{len(ready)} of {len(cards)} are ready, {in_bytes(sum(card.on_disk for card in cards))} on disk"
    yield Finding(name="models", state="ok", fact=fact)
    for card in cards:
        if card.state == "partly here":
            advice = f"python -m engine models download {card.id} goes on with it"
            yield Finding(name="models", state="warning", fact=f"{card.id} is only partly here", advice=advice)
    for folder in cache_folders(environment):
        found = sum(1 for _ in folder.glob("models--*")) if folder.is_dir() else 0
        yield Finding(name="cache", state="ok", fact=f"{found} repositories in {folder}, which downloads can use")


def network(hub: Hub) -> Iterator[Finding]:
    """Whether the endpoints of the hub answer, and how fast."""
    for state in hub.check():
        if state.latency_s is not None and state.reachable:
            fact = f"{state.endpoint} answers in {1000 * state.latency_s:.0f} ms"
            yield Finding(name="network", state="ok", fact=fact)
        elif hub.offline:
            yield Finding(name="network", state="ok", fact=f"{state.endpoint}: {state.reason}")
        else:
            yield Finding(
                name="network",
                state="warning",
                fact=f"{state.endpoint}: {state.reason}",
                advice="only downloads need it: for those, name a mirror that you can reach as HF_ENDPOINT",
            )


# -- from text to sound --


def languages() -> Iterator[Finding]:
    """What can be read of the languages that take packages of their own; nothing is wrong where none is installed."""
    for each in OPTIONAL:
        if each.is_here:
            fact = f"{each.language}: {each.package} is installed"
        else:
            fact = f"{each.language}: {each.package} is not installed; make run LANGUAGES={each.code} installs it"
        yield Finding(name="languages", state="ok", fact=fact)


def _espeak() -> Iterator[Finding]:
    from engine.text.phonemes import phonemize

    phonemes = phonemize("hello")
    if not phonemes:
        raise EngineError("espeak-ng finds no phonemes in the word hello; {reinstall}", reinstall=REINSTALL)
    yield Finding(name="espeak", state="ok", fact=f"reads hello as {phonemes}")


def _audio() -> Iterator[Finding]:
    """A tone through every format and back, at another rate: codecs, containers and the resampler."""
    from engine.audio import encode
    from engine.audio.decode import read

    hertz, rate, other_rate = 440.0, 24_000, 16_000
    tone = 0.5 * np.sin(2 * np.pi * hertz * np.arange(2 * rate) / rate, dtype=np.float32)
    well = []
    for kind in encode.FORMATS:
        samples = read(encode.encode(tone, rate, kind, {}), sample_rate=other_rate)
        seconds = len(samples) / other_rate
        measured = np.abs(np.fft.rfft(samples)).argmax() / seconds
        if abs(seconds - 2) > 0.2 or abs(measured - hertz) > 2:
            fact = f"{kind}: 2 s of {hertz:.0f} Hz came back as {seconds:.2f} s of {measured:.0f} Hz"
            yield Finding(name="audio", state="error", fact=fact, advice=REINSTALL)
        else:
            well.append(kind)
    if well:
        yield Finding(name="audio", state="ok", fact=f"{' '.join(well)}: written, read and resampled")


def voice(engine: Engine) -> Iterator[Finding]:
    """Every voice that ships says a word."""
    ships = [spec for spec in engine.systems() if spec.bundled and spec.bundled.exists()]
    if not ships:
        fact, advice = "no voice ships with this copy", "python -m engine models list shows what can be had"
        yield Finding(name="voice", state="warning", fact=fact, advice=advice)
    for spec in ships:
        request = SynthesisRequest(system=spec.id, text=WORD, options=spec.options(), checkpoint=spec.bundled)
        speech = collect(engine.synthesize(request), request)
        samples, times = speech.samples, speech.timings
        if speech.audio_s < 0.1 or not np.isfinite(samples).all() or np.abs(samples).max() < 0.01:
            fact = f"{spec.name} says a word of {speech.audio_s:.2f} s that nobody can hear"
            yield Finding(name="voice", state="error", fact=fact, advice="fetch a fresh copy of Polyphone")
            continue
        fact = f"{spec.name} loads in {times.load_s:.1f} s and says {speech.audio_s:.1f} s in {times.synth_s:.1f} s"
        yield Finding(name="voice", state="ok", fact=fact)
