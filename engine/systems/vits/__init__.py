"""The MB-iSTFT-VITS family: VITS with its plain, iSTFT, multi-band and multi-stream decoders. Imports no torch."""

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.events import Progress
from engine.message import Message
from engine.publisher import Licences
from engine.request import Voice
from engine.system import FrontEnd, Pace, System, SystemSpec, Voicing
from engine.systems.vits.catalogue import PIPER
from engine.systems.vits.files import check_conversion, defaults, has_random_durations, labels, pick, speakers
from engine.systems.vits.mms import MMS, published
from engine.systems.vits.options import RANDOM_DURATIONS, Options
from engine.systems.vits.releases import RELEASES

if TYPE_CHECKING:
    import torch


def _load(checkpoint: Path, device: "torch.device", dtype: "torch.dtype") -> Generator[Progress, None, System]:
    # Importing torch and the networks takes seconds, too.
    yield Progress(done=0, total=None, label=Message("starting {system}", system=SPEC.name))
    from engine.systems.vits.system import load

    return (yield from load(checkpoint, device, dtype))


def _front_end(checkpoint: Path | None) -> FrontEnd:
    # The rules for reading text take a while to compile.
    from engine.systems.vits.front_end import front_end

    return front_end(checkpoint)


def _check(checkpoint: Path) -> None:
    from engine.systems.vits.checkpoint import read

    read(checkpoint)


def _train(config: Path) -> Generator[Progress, None, None]:
    from engine.systems.vits.training.train import train

    yield from train(config)


def _traits(checkpoint: Path, _voice: Voice | None) -> frozenset[str]:
    return frozenset({RANDOM_DURATIONS} if has_random_durations(checkpoint) else ())


SPEC = SystemSpec(
    id="vits",
    name="MB-iSTFT-VITS",
    purpose="Reads anything at once, on any machine",
    summary="Fast and light: one pass from text to sound, faster than real time on a single core.",
    languages=("en",),
    sample_rate=16_000,
    options=Options,
    voicing=Voicing(presets=True),
    licences=Licences(
        code="Apache-2.0",
        weights="each model keeps its own licence",
    ),
    load=_load,
    train=_train,
    speakers=speakers,
    labels=labels,
    traits=_traits,
    defaults=defaults,
    front_end=_front_end,
    pace=Pace(option="length_scale", slowness=True),
    verbatim=lambda options: options.compat or options.cleaned,
    releases=RELEASES,
    catalogues=(PIPER, MMS),
    published=published,
    pick=pick,
    check=_check,
    check_conversion=check_conversion,
    dtypes=("float32", "bfloat16", "float16"),
    samples={
        "en": (
            "The quick brown fox jumps over the lazy dog, and then it takes a well-earned rest.",
            "Good morning! The train to Oxford leaves at 9:45 from platform 3. Would you like me to wake you at 8?",
            "Once upon a time, in a house at the edge of the forest, there lived a clockmaker who was never on time. "
            "His clocks were perfect. It was only he himself who always came too late.",
        )
    },
)
