"""StyleTTS 2: speech in one pass from phonemes and a style, which diffusion samples. Imports no torch."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.events import Progress
from engine.message import Message
from engine.publisher import Licences
from engine.request import Voice
from engine.system import FrontEnd, Pace, System, SystemSpec, Voicing
from engine.systems.styletts2 import voices
from engine.systems.styletts2.files import check_name, labels, of_many, pick, speakers
from engine.systems.styletts2.options import STYLED, STYLELESS, Options
from engine.systems.styletts2.releases import RELEASES

if TYPE_CHECKING:
    import torch


def _load(checkpoint: Path, device: "torch.device", dtype: "torch.dtype") -> Generator[Progress, None, System]:
    # Importing torch and the networks takes seconds, too.
    yield Progress(done=0, total=None, label=Message("starting {system}", system=SPEC.name))
    from engine.systems.styletts2.system import load

    return (yield from load(checkpoint, device, dtype))


def _front_end(checkpoint: Path | None) -> FrontEnd:
    # The rules for reading text take a while to compile.
    from engine.systems.styletts2.front_end import front_end

    return front_end(checkpoint)


def _check(checkpoint: Path) -> None:
    from engine.systems.styletts2.checkpoint import read

    read(checkpoint)


VOICING = Voicing(
    presets=True,
    prompt_audio=True,
    random=True,
    strings="style:…, a style that somebody has shared",
)


def _voicing_of(checkpoint: Path) -> Voicing:
    """A model of one speaker takes nothing from recordings; one of many draws a voice by mixing some."""
    if of_many(checkpoint):
        return replace(VOICING, random=len(speakers(checkpoint)) > 1)
    return replace(VOICING, presets=False, prompt_audio=False)


def _traits(checkpoint: Path, voice: Voice | None) -> frozenset[str]:
    if voice is None:
        return frozenset({STYLED} if of_many(checkpoint) else {STYLED, STYLELESS})
    return frozenset({STYLED if voices.TENSOR in voice.tensors or of_many(checkpoint) else STYLELESS})


SPEC = SystemSpec(
    id=voices.SYSTEM,
    name="StyleTTS 2",
    purpose="English with feeling, in anybody's voice",
    summary="Speaks with feeling: it samples a style for each sentence, or takes it from a few seconds of anybody.",
    languages=("en",),
    sample_rate=24_000,
    options=Options,
    voicing=VOICING,
    licences=Licences(code="Apache-2.0", weights="listeners must be told that the speech is synthesised"),
    load=_load,
    speakers=speakers,
    front_end=_front_end,
    labels=labels,
    voicing_of=_voicing_of,
    traits=_traits,
    check_voice=voices.check,
    check_name=check_name,
    voice_string=voices.to_string,
    blend=voices.blend,
    pace=Pace(option="speed"),
    verbatim=lambda options: options.compat or options.cleaned,
    releases=RELEASES,
    pick=pick,
    check=_check,
    samples={
        "en": (
            "So I opened the old box in the attic, and do you know what was in it? Every letter that she had ever "
            "written to me.",
            "I can't believe it! We have really won! Quick, call your mother and tell her that we're coming home.",
            "The storm passed before dawn. In the harbour, the boats lay still, and nobody spoke of the night.",
        ),
    },
)
