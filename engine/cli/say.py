"""``say``: text into a sound file, with a report of what it took."""

import argparse
import contextlib
import json
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.cli.library import add_checkpoint, add_folder, chosen_checkpoint, open_library
from engine.cli.output import answer, progress_line
from engine.cli.voice import add_voice, chosen_prompt, chosen_voice
from engine.engine import MAX_SEED, Engine
from engine.errors import OptionError, TextError
from engine.events import AudioChunk, Event, Notice, Progress, Rewritten, Started
from engine.library import Library
from engine.options import parse
from engine.request import SynthesisRequest
from engine.system import SystemSpec


def add(commands: Any) -> None:
    """Declare the command."""
    say = commands.add_parser("say", help="turn text into a sound file", allow_abbrev=False)
    help = "what to say; - reads it from standard input; a text that begins with - goes last, after --"  # noqa: A001
    say.add_argument("text", metavar="TEXT", help=help)
    say.add_argument("--system", required=True, metavar="ID", help="see: python -m engine systems")
    add_checkpoint(say)
    add_folder(say)
    add_voice(say)
    say.add_argument("--language", default="", metavar="CODE", help="en, zh, ja, ... (default: the system's first)")
    say.add_argument("--seed", metavar="N", help=f"0..{MAX_SEED}; equal seeds sound equal (default: a random one)")
    say.add_argument("--set", action="append", default=[], metavar="OPTION=VALUE", help="an option of the system")
    say.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    say.add_argument("--dtype", choices=("auto", "float32", "bfloat16", "float16"), default="auto")
    say.add_argument("--out", required=True, type=Path, metavar="FILE", help="ends in .wav .flac .mp3 .ogg or .opus")
    say.add_argument("--raw", action="store_true", help="the vocoder's samples untouched, as 32-bit float WAV")
    say.add_argument("--json", action="store_true", help="one JSON object on stdout")
    say.set_defaults(run=_say)


@dataclass(slots=True)
class _Heard:
    """What came out of one synthesis, and when (seconds of `time.perf_counter`)."""

    started: Started | None = None
    started_at: float = 0.0
    first_audio_at: float = 0.0
    ended_at: float = 0.0
    pieces: list[np.ndarray] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def samples(self) -> np.ndarray:
        return np.concatenate(self.pieces) if self.pieces else np.zeros(0, np.float32)


def _say(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    from engine.audio import encode
    from engine.audio.label import label

    encode.check(chosen.out, raw=chosen.raw)
    library = open_library(chosen, specs)
    engine = Engine(specs, device=chosen.device, dtype=chosen.dtype, library=library)
    request = _request(chosen, engine.system(chosen.system), library)
    # A library that prints must not spoil the one object on stdout.
    with contextlib.redirect_stdout(sys.stderr):
        heard = _listen(engine.synthesize(request))
    samples = heard.samples()
    encode.write(chosen.out, samples, heard.started.sample_rate, label(request), raw=chosen.raw)
    report = _report(request, heard, len(samples))
    if chosen.json:
        answer(json.dumps(report))
        return 0
    for warning in heard.warnings:
        sys.stderr.write(f"note: {warning}\n")
    answer(
        f"{chosen.out}: {report['audio_s']:.2f} s of sound in {report['synth_s']:.2f} s "
        f"(real-time factor {report['rtf']:.3f}), seed {report['seed']}"
    )
    return 0


def _request(chosen: argparse.Namespace, spec: SystemSpec, library: Library) -> SynthesisRequest:
    options = parse(spec.options, dict(map(_assignment, chosen.set)))
    return SynthesisRequest(
        system=spec.id,
        text=_text(chosen.text, spec.max_chars),
        options=options,
        voice=chosen_voice(chosen, spec),
        prompt=chosen_prompt(chosen, spec),
        language=chosen.language,
        seed=_seed(chosen.seed),
        checkpoint=chosen_checkpoint(chosen, spec, library),
        raw=chosen.raw,
    )


def _assignment(setting: str) -> tuple[str, str]:
    name, equals, value = setting.partition("=")
    if not equals:
        raise OptionError(f"--set {setting} has no value; write --set {name}=VALUE")
    return name.strip(), value.strip()


def _text(argument: str, max_chars: int) -> str:
    if argument != "-":
        return argument
    # Four bytes are the most that a character takes in UTF-8.
    data = sys.stdin.buffer.read(4 * max_chars + 1)
    if len(data) > 4 * max_chars:
        raise TextError(f"the text on standard input has more than {max_chars:,} characters, so cut it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextError(f"the text on standard input is not UTF-8 (byte {error.start}); convert it first") from error


def _seed(argument: str | None) -> int:
    if argument is None:
        return secrets.randbelow(2**32)
    try:
        seed = int(argument)
    except ValueError:
        raise OptionError(f"--seed {argument[:40]} is not a whole number") from None
    if not 0 <= seed <= MAX_SEED:
        raise OptionError(f"--seed {argument[:40]} is outside 0..{MAX_SEED}")
    return seed


def _listen(events: Iterator[Event]) -> _Heard:
    heard = _Heard()
    with progress_line() as show:
        for event in events:
            now = time.perf_counter()
            match event:
                case Started():
                    heard.started, heard.started_at = event, now
                case AudioChunk():
                    heard.first_audio_at = heard.first_audio_at or now
                    heard.pieces.append(event.samples)
                case Notice():
                    heard.warnings.append(event.message)
                case Rewritten():
                    heard.warnings.append(f"spoken as rewritten: {event.text}")
                case Progress():
                    show(event)
    heard.ended_at = time.perf_counter()
    return heard


def _report(request: SynthesisRequest, heard: _Heard, samples: int) -> dict[str, Any]:
    started = heard.started
    audio_s = samples / started.sample_rate
    synth_s = heard.ended_at - heard.started_at
    return {
        "system": request.system,
        "sample_rate": started.sample_rate,
        "samples": samples,
        "audio_s": round(audio_s, 4),
        "load_s": round(started.load_s, 4),
        "first_audio_s": round(heard.first_audio_at - heard.started_at, 4),
        "synth_s": round(synth_s, 4),
        "rtf": round(synth_s / audio_s, 5),
        "peak_rss_mb": _peak_rss_mb(),
        "device": started.device,
        "dtype": started.dtype,
        "seed": started.seed,
        "segments": started.segments,
        "warnings": heard.warnings,
    }


def _peak_rss_mb() -> float | None:
    """The most memory that this process has held, in MiB; None where the platform does not say."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in KiB, macOS in bytes.
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)
