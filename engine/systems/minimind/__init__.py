"""MiniMind-TTS: a small language model over the codes of WavTokenizer, to be trained by its users. Imports no torch."""

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.events import Progress
from engine.message import Message
from engine.publisher import Licences
from engine.system import FrontEnd, System, SystemSpec, Voicing
from engine.systems.minimind import voices
from engine.systems.minimind.files import defaults, pick, speakers
from engine.systems.minimind.options import Options
from engine.systems.minimind.releases import RELEASES

if TYPE_CHECKING:
    import torch


def _load(checkpoint: Path, device: "torch.device", dtype: "torch.dtype") -> Generator[Progress, None, System]:
    # Importing torch and the networks takes seconds, too.
    yield Progress(done=0, total=None, label=Message("starting {system}", system=SPEC.name))
    from engine.systems.minimind.system import load

    return (yield from load(checkpoint, device, dtype))


def _front_end(checkpoint: Path | None) -> FrontEnd:
    # The rules for reading text take a while to compile.
    from engine.systems.minimind.front_end import front_end

    return front_end(checkpoint)


def _check(checkpoint: Path) -> None:
    import torch

    from engine.systems.minimind.system import load

    for _ in load(checkpoint, torch.device("cpu"), torch.float32):
        pass


def _train(config: Path) -> Generator[Progress, None, None]:
    from engine.systems.minimind.training.train import train

    yield from train(config)


SPEC = SystemSpec(
    id=voices.SYSTEM,
    name="MiniMind-TTS",
    purpose="A small model to train and to take apart",
    summary="A language model over WavTokenizer's codes, small enough to be trained at home; it likens recordings.",
    languages=("en", "zh"),
    sample_rate=24_000,
    options=Options,
    voicing=Voicing(prompt_audio=True, prompt_text=True, shortest_s=voices.SHORTEST_S),
    licences=Licences(code="Apache-2.0", weights="those of whoever trained them"),
    load=_load,
    cpu_places=4,
    train=_train,
    speakers=speakers,
    front_end=_front_end,
    defaults=defaults,
    check_voice=voices.check,
    join=voices.joined,
    verbatim=lambda options: options.compat,
    releases=RELEASES,
    pick=pick,
    check=_check,
    dtypes=("float32", "bfloat16", "float16"),
    samples={
        "en": (
            "It is a small model, and it has learned to speak from nothing but sound.",
            "It rained all morning, and by noon the whole street was a river.",
        ),
        "zh": ("这个模型很小，但是它学会了说话。",),
    },
)
