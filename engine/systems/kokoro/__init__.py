"""Kokoro: speech in eight languages in one pass, in stored voices that can be mixed. Imports no torch."""

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import VoiceError, WeightsMissing
from engine.events import Progress
from engine.message import Message
from engine.publisher import Licences
from engine.release import Merits
from engine.request import Voice
from engine.system import FrontEnd, Pace, Portrait, System, SystemSpec, Voicing
from engine.systems.kokoro import voices
from engine.systems.kokoro.files import labels, pick, portraits, speakers
from engine.systems.kokoro.languages import CODES, of_voice
from engine.systems.kokoro.options import Options
from engine.systems.kokoro.releases import RELEASES, VOICES

if TYPE_CHECKING:
    import torch


def _load(checkpoint: Path, device: "torch.device", dtype: "torch.dtype") -> Generator[Progress, None, System]:
    # Importing torch and the networks takes seconds, too.
    yield Progress(done=0, total=None, label=Message("starting {system}", system=SPEC.name))
    from engine.systems.kokoro.system import load

    return (yield from load(checkpoint, device, dtype))


def _front_end(checkpoint: Path | None) -> FrontEnd:
    # The rules for reading text take a while to compile.
    from engine.systems.kokoro.front_end import front_end

    return front_end(checkpoint)


def _check(checkpoint: Path) -> None:
    from engine.systems.kokoro.checkpoint import read

    read(checkpoint)


def _voice_file(path: Path) -> Voice:
    from engine.systems.kokoro.packs import read_file

    return read_file(path)


def _check_name(name: str, checkpoint: Path | None) -> None:
    voices.check_name(name.strip(), tuple(VOICES) if checkpoint is None else speakers(checkpoint))


def _voice_language(voice: Voice | str, checkpoint: Path | None) -> str:
    """That of the voice itself, or of the first that a string names; "" for what names none."""
    if isinstance(voice, Voice):
        language = voices.language_of(voice)
        return language.tag if language else ""
    try:
        first = voices.parse(voice)[0].name if voice else next(iter(speakers(checkpoint) if checkpoint else VOICES), "")
    except (VoiceError, WeightsMissing):
        return ""
    language = of_voice(first)
    return language.tag if language else ""


def _portraits(checkpoint: Path) -> Mapping[str, Portrait]:
    return PORTRAITS if checkpoint.resolve() == BUNDLED.resolve() else portraits(checkpoint)


BUNDLED = Path(__file__).parents[3] / "assets" / "voices" / "kokoro"

# What the voices that ship are like; `docs/bundled-voice.md` tells of their teachers.
PORTRAITS = {
    "af_clara": Portrait(language="en", character=Message("a woman, bright and clear")),
    "am_hugo": Portrait(language="en", character=Message("a man, deep and calm")),
}

SPEC = SystemSpec(
    id=voices.SYSTEM,
    name="Kokoro",
    purpose="Natural voices in eight languages, on any machine",
    summary="Small and natural: 54 voices that can be mixed, in eight languages, with the time of every word.",
    languages=CODES,
    sample_rate=24_000,
    options=Options,
    voicing=Voicing(presets=True, strings="af_heart=2,bf_emma=1, a mix of voices by their weights"),
    licences=Licences(
        code="Apache-2.0",
        weights="Apache-2.0, also the voices that ship, which were made for Polyphone of the public model and belong "
        "to no person",
        bundled="Apache-2.0",
        bundled_commercial=True,
    ),
    load=_load,
    speakers=speakers,
    front_end=_front_end,
    labels=labels,
    portraits=_portraits,
    voice_file=_voice_file,
    check_voice=voices.check,
    check_name=_check_name,
    voice_language=_voice_language,
    voice_string=voices.to_string,
    blend=voices.blend,
    pace=Pace(option="speed"),
    verbatim=lambda options: options.compat or options.cleaned,
    releases=RELEASES,
    pick=pick,
    check=_check,
    bundled=BUNDLED,
    bundled_merits={"en": Merits(naturalness=3, speed=4, voice="af_clara")},
    samples={
        "en": (
            "The lighthouse keeper wrote a letter every evening, and every morning the wind carried it out to sea.",
            "Did you remember the tickets? The concert starts at 7:30, and I'd hate to miss the first song.",
        ),
        "es": ("Cada tarde el panadero cantaba en la plaza, y los niños dejaban de jugar para escucharlo.",),
        "fr": ("Au bout du chemin, il y avait une vieille maison où personne n'osait entrer.",),
        "hi": ("सुबह की पहली किरण के साथ गाँव की गलियाँ जाग उठीं।",),
        "it": ("La nonna apriva la finestra ogni mattina e salutava il mare come un vecchio amico.",),
        "pt": ("Quando a chuva parou, a cidade inteira cheirava a café e a terra molhada.",),
        "ja": ("駅前の小さな喫茶店では、毎朝同じ席に同じ人が座っています。",),
        "zh": ("老街的尽头有一家书店，店主每天都会给窗台上的猫读一页书。",),
    },
)
