"""``convert``: a recording of one voice of a model, said in another."""

import argparse
import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from engine.cli.asked import add_system
from engine.cli.library import add_checkpoint, add_folder, chosen_checkpoint, open_library
from engine.cli.output import answer, progress_line
from engine.cli.say import chosen_seed
from engine.engine import MAX_SEED, Engine
from engine.system import SystemSpec


def add(commands: Any) -> None:
    """Declare the command."""
    convert = commands.add_parser("convert", help="say a recording in another voice of a model", allow_abbrev=False)
    convert.add_argument("recording", type=Path, metavar="FILE", help="a recording of one of the model's voices")
    add_system(convert)
    add_checkpoint(convert)
    add_folder(convert)
    convert.add_argument("--from", required=True, dest="source", metavar="VOICE", help="whose voice it is")
    convert.add_argument("--to", required=True, dest="target", metavar="VOICE", help="whose voice it is to be")
    convert.add_argument("--seed", metavar="N", help=f"0..{MAX_SEED}; equal seeds sound equal (default: a random one)")
    convert.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    convert.add_argument("--dtype", choices=("auto", "float32", "bfloat16", "float16"), default="auto")
    help = "ends in .wav .flac .mp3 .ogg or .opus"  # noqa: A001
    convert.add_argument("--out", "-o", required=True, type=Path, metavar="FILE", help=help)
    convert.add_argument("--json", action="store_true", help="one JSON object on stdout")
    convert.set_defaults(run=_convert)


def _convert(chosen: argparse.Namespace, specs: tuple[SystemSpec, ...] | None) -> int:
    from engine.audio import encode
    from engine.audio.label import converted
    from engine.conversion import from_recording, gather

    encode.check(chosen.out)
    library = open_library(chosen, specs)
    engine = Engine(specs, device=chosen.device, dtype=chosen.dtype, library=library)
    spec = engine.system(chosen.system)
    checkpoint = chosen_checkpoint(chosen, engine, spec)
    seed = chosen_seed(chosen.seed)
    engine.check_conversion(spec.id, checkpoint)
    request = from_recording(spec.id, chosen.recording, chosen.source, chosen.target, seed=seed, checkpoint=checkpoint)
    # A library that prints must not spoil the one object on stdout.
    with contextlib.redirect_stdout(sys.stderr), progress_line() as show:
        samples, rate = gather(engine.convert(request), show)
    encode.write(chosen.out, samples, rate, converted(request))
    report = {"file": str(chosen.out), "sample_rate": rate, "audio_s": round(len(samples) / rate, 4), "seed": seed}
    answer(json.dumps(report) if chosen.json else f"{chosen.out}: {report['audio_s']:.2f} s of sound, seed {seed}")
    return 0
