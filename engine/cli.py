"""The command line: ``python -m engine systems | say | train``, drawn from the same declarations as the page.

Exit status: 0; 2 for a mistake of the user; 1 for anything else. Errors are one line on the error stream.
"""

import argparse
import contextlib
import json
import secrets
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from engine.engine import MAX_SEED, Engine
from engine.errors import (
    AudioError,
    Busy,
    ConfigError,
    EngineError,
    OptionError,
    OutOfMemory,
    TextError,
    UserError,
    VoiceError,
)
from engine.events import AudioChunk, Event, Notice, Progress, Started
from engine.options import declared, parse
from engine.request import SynthesisRequest, Voice, VoicePrompt
from engine.system import SystemSpec

_HINTS = {
    Busy: "wait for the other work to end",
    OutOfMemory: "a shorter text or --device cpu may help",
}


def main(arguments: Sequence[str] | None = None, specs: tuple[SystemSpec, ...] | None = None) -> int:
    """Run one command; returns the exit status. ``specs`` are the systems to offer, by default the registered ones."""
    try:
        chosen = _parser().parse_args(arguments)
        return chosen.run(chosen, specs)
    except UserError as error:
        return _complain(error, 2)
    except EngineError as error:
        return _complain(error, 1, _HINTS.get(type(error), "run with python -X dev to see where"))
    except KeyboardInterrupt:
        return _complain("stopped", 1)
    except BrokenPipeError:
        # Whoever read the output has gone; the interpreter must not try to flush into nothing.
        sys.stdout = None
        return 1
    except Exception as error:
        # The outermost frame: a user gets a line, a developer the whole of it.
        if sys.flags.dev_mode:
            raise
        return _complain(f"internal error: {type(error).__name__}: {error}", 1, "run with python -X dev to see where")


def _complain(error: Exception | str, status: int, hint: str = "") -> int:
    line = " ".join(str(error).split())
    sys.stderr.write(f"polyphone: {line}{f' ({hint})' if hint else ''}\n")
    return status


def _answer(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise OptionError(f"{message}; see {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m engine", description="Open text-to-speech.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="systems | say | train")

    systems = commands.add_parser("systems", help="list the systems and their options", allow_abbrev=False)
    systems.add_argument("--json", action="store_true", help="as a JSON array on stdout")
    systems.set_defaults(run=_systems)

    say = commands.add_parser("say", help="turn text into a sound file", allow_abbrev=False)
    say.add_argument("text", metavar="TEXT", help="what to say; - reads it from standard input")
    say.add_argument("--system", required=True, metavar="ID", help="see: python -m engine systems")
    say.add_argument("--checkpoint", type=Path, metavar="PATH", help="file or folder in the system's public layout")
    say.add_argument("--voice", default="", metavar="NAME|FILE|STRING", help="a voice of the system, or a saved one")
    say.add_argument("--prompt-audio", metavar="FILE", help="a recording whose voice to take")
    say.add_argument("--prompt-text", default="", metavar="TEXT", help="what is said in that recording")
    say.add_argument("--language", default="", metavar="CODE", help="en, zh, ja, ... (default: the system's first)")
    say.add_argument("--seed", metavar="N", help=f"0..{MAX_SEED}; equal seeds sound equal (default: a random one)")
    say.add_argument("--set", action="append", default=[], metavar="OPTION=VALUE", help="an option of the system")
    say.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    say.add_argument("--dtype", choices=("auto", "float32", "bfloat16", "float16"), default="auto")
    say.add_argument("--out", required=True, type=Path, metavar="FILE", help="ends in .wav .flac .mp3 .ogg or .opus")
    say.add_argument("--raw", action="store_true", help="the vocoder's samples untouched, as 32-bit float WAV")
    say.add_argument("--json", action="store_true", help="one JSON object on stdout")
    say.set_defaults(run=_say)

    train = commands.add_parser("train", help="train a model as a configuration says", allow_abbrev=False)
    train.add_argument("config", type=Path, metavar="CONFIG.json")
    train.set_defaults(run=_train)
    return parser


# -- systems --


def _systems(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    engine = Engine(specs)
    facts = [_facts(engine, spec) for spec in engine.systems()]
    if chosen.json:
        _answer(json.dumps(facts, indent=2))
    else:
        _answer("\n\n".join(map(_readable, facts)))
    return 0


def _facts(engine: Engine, spec: SystemSpec) -> dict[str, Any]:
    keys = ("name", "type", "default", "minimum", "maximum", "step", "choices", "max_length", "help")
    options = [{key: option.describe().get(key) for key in keys} for option in declared(spec.options)]
    return {
        "id": spec.id,
        "name": spec.name,
        "summary": spec.summary,
        "state": spec.state,
        "languages": list(spec.languages),
        "sample_rate": spec.sample_rate,
        "voices": list(engine.voices(spec.id)),
        "licences": {"code": spec.licences.code, "weights": spec.licences.weights},
        "options": options,
    }


def _readable(facts: Mapping[str, Any]) -> str:
    rows = [[o["name"], o["type"], _shown(o["default"]), _bounds(o), o["help"]] for o in facts["options"]]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    table = ["    " + "  ".join([*map(str.ljust, row[:4], widths), row[4]]) for row in rows]
    return "\n".join(
        [
            f"{facts['id']}: {facts['name']} ({facts['state']})",
            f"  {facts['summary']}",
            f"  languages  {', '.join(facts['languages'])}",
            f"  voices     {', '.join(facts['voices']) or 'those of the checkpoint'}",
            f"  sound      {facts['sample_rate']} Hz",
            f"  licences   code: {facts['licences']['code']}; weights: {facts['licences']['weights']}",
            "  options",
            *(table or ["    none"]),
        ]
    )


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value}" or '""'


def _bounds(option: Mapping[str, Any]) -> str:
    if option["choices"]:
        return "|".join(option["choices"])
    if option["minimum"] is not None:
        return f"{option['minimum']:g}..{option['maximum']:g}"
    return "true|false" if option["type"] == "bool" else f"at most {option['max_length']} characters"


# -- say --


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
    engine = Engine(specs, device=chosen.device, dtype=chosen.dtype)
    request = _request(chosen, engine.system(chosen.system))
    # A library that prints must not spoil the one object on stdout.
    with contextlib.redirect_stdout(sys.stderr):
        heard = _listen(engine.synthesize(request))
    samples = heard.samples()
    encode.write(chosen.out, samples, heard.started.sample_rate, label(request), raw=chosen.raw)
    report = _report(request, heard, len(samples))
    if chosen.json:
        _answer(json.dumps(report))
        return 0
    for warning in heard.warnings:
        sys.stderr.write(f"note: {warning}\n")
    _answer(
        f"{chosen.out}: {report['audio_s']:.2f} s of sound in {report['synth_s']:.2f} s "
        f"(real-time factor {report['rtf']:.3f}), seed {report['seed']}"
    )
    return 0


def _request(chosen: argparse.Namespace, spec: SystemSpec) -> SynthesisRequest:
    options = parse(spec.options, dict(map(_assignment, chosen.set)))
    return SynthesisRequest(
        system=spec.id,
        text=_text(chosen.text, spec.max_chars),
        options=options,
        voice=_voice(chosen.voice),
        prompt=_prompt(chosen, spec),
        language=chosen.language,
        seed=_seed(chosen.seed),
        checkpoint=chosen.checkpoint,
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


def _voice(argument: str) -> Voice | str:
    try:
        is_file = Path(argument).is_file()
    except (OSError, ValueError):
        # Too long for a file name, or with characters that none has: a string that a system understands.
        is_file = False
    if not is_file and not argument.endswith(".safetensors"):
        return argument
    from engine import voice_store

    return voice_store.load(Path(argument))


def _prompt(chosen: argparse.Namespace, spec: SystemSpec) -> VoicePrompt | None:
    if chosen.prompt_audio is None:
        if chosen.prompt_text:
            raise OptionError("--prompt-text says what is said in a recording; give the recording as --prompt-audio")
        return None
    if chosen.voice:
        raise VoiceError("--voice and --prompt-audio were both given; choose one of them")
    if not spec.voicing.prompt_audio:
        raise VoiceError(f"{spec.name} takes no voice from a recording; leave --prompt-audio out")
    try:
        from engine.audio import decode
    except ImportError as error:
        raise AudioError(f"reading recordings needs the package {error.name}; install requirements.txt") from error
    samples = decode.read(chosen.prompt_audio, sample_rate=spec.sample_rate)
    return VoicePrompt(
        samples=samples, sample_rate=spec.sample_rate, transcript=chosen.prompt_text, language=chosen.language
    )


def _listen(events: Iterator[Event]) -> _Heard:
    heard = _Heard()
    with _progress_line() as show:
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
                case Progress():
                    show(event)
    heard.ended_at = time.perf_counter()
    return heard


@contextlib.contextmanager
def _progress_line() -> Iterator[Any]:
    """A function that shows a Progress on the last line of a terminal, and does nothing anywhere else."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return

    def show(progress: Progress) -> None:
        sys.stderr.write(f"\r\x1b[K{_described(progress)}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def _described(progress: Progress) -> str:
    return progress.label if progress.total is None else f"{progress.label} {progress.done:g}/{progress.total:g}"


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


# -- train --


def _train(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    spec = Engine(specs).system(_system_of(chosen.config))
    if spec.train is None:
        raise ConfigError(f"{spec.name} cannot be trained here; name another system in {chosen.config.name}")
    with contextlib.closing(spec.train(chosen.config)) as progress:
        for step in progress:
            sys.stderr.write(_described(step) + "\n")
    return 0


def _system_of(config: Path) -> str:
    """The system that a training configuration is for: its key "system", by default vits."""
    try:
        content = json.loads(config.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{config} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{config} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{config} must hold a JSON object, not a {type(content).__name__}")
    system = content.get("system", "vits")
    if not isinstance(system, str):
        raise ConfigError(f"{config}: system must be a text, not {system!r}")
    return system
