"""``say``: text into a sound file, with a report of what it took."""

import argparse
import contextlib
import dataclasses
import json
import secrets
import sys
from pathlib import Path
from typing import Any

from engine.cli.asked import add_manner, add_system, chosen_options, text_of
from engine.cli.library import add_checkpoint, add_folder, chosen_checkpoint, open_library
from engine.cli.output import answer, progress_line
from engine.cli.voice import add_voice, chosen_prompt, chosen_voice
from engine.engine import MAX_SEED, Engine
from engine.errors import OptionError
from engine.request import MOST_TRIES, SynthesisRequest
from engine.speech import Speech, collect
from engine.system import SystemSpec


def add(commands: Any) -> None:
    """Declare the command."""
    say = commands.add_parser("say", help="turn text into a sound file", allow_abbrev=False)
    help = "what to say; - reads it from standard input; a text that begins with - goes last, after --"  # noqa: A001
    say.add_argument("text", metavar="TEXT", help=help)
    add_system(say)
    add_checkpoint(say)
    add_folder(say)
    add_voice(say)
    add_manner(say)
    say.add_argument("--seed", metavar="N", help=f"0..{MAX_SEED}; equal seeds sound equal (default: a random one)")
    help = f"make up to N takes (1..{MOST_TRIES}), and keep the one of which most is heard"  # noqa: A001
    say.add_argument("--tries", type=int, default=1, metavar="N", help=help)
    say.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    say.add_argument("--dtype", choices=("auto", "float32", "bfloat16", "float16"), default="auto")
    say.add_argument("--out", required=True, type=Path, metavar="FILE", help="ends in .wav .flac .mp3 .ogg or .opus")
    say.add_argument("--raw", action="store_true", help="the vocoder's samples untouched, as 32-bit float WAV")
    say.add_argument("--json", action="store_true", help="one JSON object on stdout")
    say.set_defaults(run=_say)


def _say(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    from engine.audio import encode

    encode.check(chosen.out, raw=chosen.raw)
    library = open_library(chosen, specs)
    engine = Engine(specs, device=chosen.device, dtype=chosen.dtype, library=library)
    request = _request(chosen, engine)
    # A library that prints must not spoil the one object on stdout.
    with contextlib.redirect_stdout(sys.stderr), progress_line() as show:
        speech = collect(engine.synthesize(request), request, show)
    speech.save(chosen.out)
    report = _report(speech)
    if chosen.json:
        answer(json.dumps(report))
        return 0
    for warning in report["warnings"]:
        sys.stderr.write(f"note: {warning}\n")
    answer(
        f"{chosen.out}: {report['audio_s']:.2f} s of sound in {report['synth_s']:.2f} s "
        f"(real-time factor {report['rtf']:.3f}), seed {report['seed']}"
    )
    return 0


def _request(chosen: argparse.Namespace, engine: Engine) -> SynthesisRequest:
    spec = engine.system(chosen.system)
    checkpoint = chosen_checkpoint(chosen, engine, spec)
    options = chosen_options(chosen, engine, spec, checkpoint)
    return SynthesisRequest(
        system=spec.id,
        text=text_of(chosen.text, spec.max_chars),
        options=options,
        voice=chosen_voice(chosen, spec),
        prompt=chosen_prompt(chosen, spec, checkpoint),
        language=chosen.language,
        seed=chosen_seed(chosen.seed),
        checkpoint=checkpoint,
        raw=chosen.raw,
        tries=chosen.tries,
    )


def chosen_seed(argument: str | None) -> int:
    """What --seed says, or a drawn one. Raises OptionError."""
    if argument is None:
        return secrets.randbelow(2**32)
    try:
        seed = int(argument)
    except ValueError:
        raise OptionError("--seed {argument} is not a whole number", argument=argument[:40]) from None
    if not 0 <= seed <= MAX_SEED:
        raise OptionError("--seed {argument} is outside 0..{max_seed}", argument=argument[:40], max_seed=MAX_SEED)
    return seed


def _report(speech: Speech) -> dict[str, Any]:
    rewritten = [f"spoken as rewritten: {speech.rewritten.text}"] if speech.rewritten else []
    return {
        "system": speech.request.system,
        "sample_rate": speech.sample_rate,
        "samples": len(speech.samples),
        "audio_s": round(speech.audio_s, 4),
        "load_s": round(speech.timings.load_s, 4),
        "first_audio_s": round(speech.timings.first_audio_s, 4),
        "synth_s": round(speech.timings.synth_s, 4),
        "rtf": round(speech.rtf, 5),
        "peak_rss_mb": _peak_rss_mb(),
        "device": speech.device,
        "dtype": speech.dtype,
        "seed": speech.request.seed,
        "segments": speech.segments,
        "warnings": [*speech.notices, *rewritten],
        "words": [dataclasses.asdict(word) for word in speech.words],
        "tried": speech.tried and dataclasses.asdict(speech.tried),
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
