"""VALL-E: the voice of a recording, by checkpoints that their users have trained. Imports no torch."""

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.codec_lm.options import SAMPLE
from engine.codec_lm.prompts import SHORTEST_PROMPT_S, joined
from engine.events import Progress
from engine.message import Message
from engine.publisher import Licences
from engine.request import Voice
from engine.system import FrontEnd, System, SystemSpec, Voicing
from engine.systems.valle import voices
from engine.systems.valle.files import pick, speakers
from engine.systems.valle.options import Options
from engine.systems.valle.releases import RELEASES

if TYPE_CHECKING:
    import torch


def _load(checkpoint: Path, device: "torch.device", dtype: "torch.dtype") -> Generator[Progress, None, System]:
    # Importing torch and the networks takes seconds, too.
    yield Progress(done=0, total=None, label=Message("starting {system}", system=SPEC.name))
    from engine.systems.valle.system import load

    return (yield from load(checkpoint, device, dtype))


def _front_end(checkpoint: Path | None) -> FrontEnd:
    # The rules for reading text take a while to compile.
    from engine.systems.valle.front_end import front_end

    return front_end(checkpoint)


def _check(checkpoint: Path) -> None:
    import torch

    from engine.systems.valle.system import load

    for _ in load(checkpoint, torch.device("cpu"), torch.float32):
        pass


def _traits(_checkpoint: Path, voice: Voice | None) -> frozenset[str]:
    return frozenset({SAMPLE} if voice is None or "codes" in voice.tensors else ())


SPEC = SystemSpec(
    id=voices.SYSTEM,
    name="VALL-E",
    purpose="Anybody's voice, by a model of your own",
    summary="Speaks with anybody's voice after three seconds of it, by a checkpoint that you have trained.",
    languages=("en", "zh"),
    sample_rate=24_000,
    options=Options,
    voicing=Voicing(prompt_audio=True, prompt_text=True, shortest_s=SHORTEST_PROMPT_S),
    licences=Licences(code="Apache-2.0", weights="those of whoever trained them"),
    load=_load,
    cpu_places=4,
    speakers=speakers,
    front_end=_front_end,
    traits=_traits,
    check_voice=voices.check,
    join=joined,
    sinc_prompts=True,
    verbatim=lambda options: options.compat,
    releases=RELEASES,
    pick=pick,
    check=_check,
    dtypes=("float32", "bfloat16", "float16"),
    samples={
        "en": (
            "Three seconds are enough to remember a voice. The rest is practice.",
            "It rained all morning, and by noon the whole street was a river.",
        ),
        "zh": ("三秒钟就能记住一个声音，剩下的都是练习。",),
    },
)
