"""VALL-E X: anybody's voice from three seconds, in three languages. Imports no torch."""

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.codec_lm.options import SAMPLE
from engine.codec_lm.prompts import SHORTEST_PROMPT_S
from engine.events import Progress
from engine.message import Message
from engine.publisher import Licences
from engine.request import Voice
from engine.system import FrontEnd, System, SystemSpec, Voicing
from engine.systems.vallex import voices
from engine.systems.vallex.files import pick, speakers
from engine.systems.vallex.options import Options
from engine.systems.vallex.releases import RELEASES

if TYPE_CHECKING:
    import torch


def _load(checkpoint: Path, device: "torch.device", dtype: "torch.dtype") -> Generator[Progress, None, System]:
    # Importing torch and the networks takes seconds, too.
    yield Progress(done=0, total=None, label=Message("starting {system}", system=SPEC.name))
    from engine.systems.vallex.system import load

    return (yield from load(checkpoint, device, dtype))


def _front_end(checkpoint: Path | None) -> FrontEnd:
    # The rules for reading text take a while to compile.
    from engine.systems.vallex.front_end import front_end

    return front_end(checkpoint)


def _check(checkpoint: Path) -> None:
    import torch

    from engine.systems.vallex.system import load

    for _ in load(checkpoint, torch.device("cpu"), torch.float32):
        pass


def _traits(_checkpoint: Path, voice: Voice | None) -> frozenset[str]:
    return frozenset({SAMPLE} if voice is None or "codes" in voice.tensors else ())


LANGUAGE_TAGS = {
    "[EN]…[EN]": "What is between is English.",
    "[ZH]…[ZH]": "What is between is Chinese.",
    "[JA]…[JA]": "What is between is Japanese.",
}

SPEC = SystemSpec(
    id=voices.SYSTEM,
    name="VALL-E X",
    purpose="Anybody's voice, in three languages",
    summary="Speaks with anybody's voice after three seconds of it, in English, Chinese and Japanese.",
    languages=("en", "zh", "ja"),
    sample_rate=24_000,
    options=Options,
    voicing=Voicing(presets=True, prompt_audio=True, prompt_text=True, shortest_s=SHORTEST_PROMPT_S),
    licences=Licences(code="Apache-2.0", weights="not stated on their page"),
    load=_load,
    cpu_places=4,
    speakers=speakers,
    front_end=_front_end,
    traits=_traits,
    voice_file=voices.read_file,
    check_voice=voices.check,
    join=voices.joined,
    sinc_prompts=True,
    verbatim=lambda options: options.compat,
    tokens=LANGUAGE_TAGS,
    releases=RELEASES,
    pick=pick,
    check=_check,
    dtypes=("float32", "bfloat16", "float16"),
    samples={
        "en": (
            "Three seconds are enough to remember a voice. The rest is practice.",
            "It rained all morning, and by noon the whole street was a river.",
        ),
        "zh": ("三秒钟就能记住一个声音，剩下的都是练习。", "今天早上下了一场大雨，到了中午街道都成了河。"),
        "ja": (
            "三秒あれば声は覚えられます。あとは練習だけです。",
            "今朝はずっと雨で、昼には通りが川になっていました。",
        ),
    },
)
