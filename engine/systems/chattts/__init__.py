"""ChatTTS: a dialogue model that speaks Chinese and English. Imports no torch."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.events import Progress
from engine.message import Message
from engine.publisher import Licences
from engine.request import Voice
from engine.system import FrontEnd, System, SystemSpec, Voicing
from engine.systems.chattts import voices
from engine.systems.chattts.files import check_name, pick, speakers
from engine.systems.chattts.options import SPEAKER, Options
from engine.systems.chattts.releases import RELEASES
from engine.systems.chattts.tokens import IN_TEXT

if TYPE_CHECKING:
    import torch


def _load(checkpoint: Path, device: "torch.device", dtype: "torch.dtype") -> Generator[Progress, None, System]:
    # Importing torch and the networks takes seconds, too.
    yield Progress(done=0, total=None, label=Message("starting {system}", system=SPEC.name))
    from engine.systems.chattts.system import load

    return (yield from load(checkpoint, device, dtype))


def _front_end(checkpoint: Path | None) -> FrontEnd:
    # The rules for reading text take a while to compile.
    from engine.systems.chattts.front_end import front_end

    return front_end(checkpoint)


def _check(checkpoint: Path) -> None:
    import torch

    from engine.systems.chattts.system import load

    for _ in load(checkpoint, torch.device("cpu"), torch.float32):
        pass


VOICING = Voicing(
    presets=True,
    prompt_audio=True,
    prompt_text=True,
    random=True,
    strings="a string of ChatTTS, of a speaker or of a sample",
)


def _voicing_of(checkpoint: Path) -> Voicing:
    # Numbers draw from what is known of the published model's speakers.
    return VOICING if speakers(checkpoint) else replace(VOICING, presets=False, random=False)


def _traits(_checkpoint: Path, voice: Voice | None) -> frozenset[str]:
    return frozenset({SPEAKER} if voice is None or "codes" not in voice.tensors else ())


SPEC = SystemSpec(
    id=voices.SYSTEM,
    name="ChatTTS",
    purpose="Chats as people do, with pauses and laughter",
    summary="Talks as people do, with pauses, laughter and filler words; any number of voices, Chinese and English.",
    languages=("zh", "en"),
    sample_rate=24_000,
    options=Options,
    voicing=VOICING,
    licences=Licences(code="Apache-2.0", weights="CC BY-NC 4.0: not for commercial use"),
    load=_load,
    cpu_places=4,
    speakers=speakers,
    front_end=_front_end,
    labels=voices.labels,
    voicing_of=_voicing_of,
    traits=_traits,
    voice_file=voices.read_file,
    check_voice=voices.check,
    check_name=check_name,
    voice_string=voices.to_string,
    blend=voices.blend,
    verbatim=lambda options: options.compat,
    rewrites="refine",
    tokens=IN_TEXT,
    releases=RELEASES,
    pick=pick,
    check=_check,
    dtypes=("float32", "bfloat16", "float16"),
    samples={
        "zh": (
            "昨天下了一场大雨，[uv_break]今天的空气特别清新。[laugh]我们去江边走走吧，顺便吃碗热腾腾的面。[lbreak]",
            "你听说了吗？[uv_break]小王下个月要去北京工作了，[uv_break]我们周末请他吃顿饭吧。[lbreak]",
        ),
        "en": (
            "So I opened the box, [uv_break]and guess what was in it. [laugh]Another box, of course.[lbreak]",
            "Well, [uv_break]to be honest, I have no idea. [laugh]But let's find out together, shall we?[lbreak]",
        ),
    },
)
