"""What a text-to-speech system is: the cheap facts (`SystemSpec`) and the loaded thing (`System`)."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from engine.events import AudioChunk, Notice, Progress, Rewritten, Words
from engine.message import Message
from engine.publisher import Publisher
from engine.request import Segment, Voice, VoicePrompt

if TYPE_CHECKING:
    import torch


class System(Protocol):
    """A loaded model. It keeps nothing of a request, so one object serves several requests at once."""

    sample_rate: int

    @property
    def front_end(self) -> "FrontEnd":
        """What it reads text with."""

    def parameters(self) -> "Iterable[torch.Tensor]":
        """The tensors of its networks: what it takes of the device's memory while nobody speaks."""

    def voices(self) -> tuple[str, ...]:
        """The names of the voices that the checkpoint itself holds, in its order; empty when it has just one."""

    def voice(self, name: str) -> Voice:
        """The voice that a string stands for ("" is the default). Raises VoiceError."""

    def encode_voice(self, prompt: VoicePrompt) -> Voice:
        """A voice made from a recording. Raises VoiceError where the system cannot."""

    def segment(self, text: str, language: str, options: Any) -> list[Segment]:
        """The text cut into what is spoken in one breath. Raises TextError when nothing is left to say."""

    def synthesize(
        self, segments: Sequence[Segment], voice: Voice, options: Any, rng: "torch.Generator"
    ) -> Iterator[AudioChunk | Progress | Notice | Rewritten | Words]:
        """Speak. Chunks come in the order of the segments, numbered by them; all randomness is drawn from ``rng``."""


class Converter(System, Protocol):
    """A loaded model that can also say what somebody has said in another of its voices."""

    def convert(
        self, samples: np.ndarray, source: Voice, target: Voice, rng: "torch.Generator"
    ) -> Iterator[AudioChunk | Progress]:
        """Mono ``samples`` (n,) float32 at the system's rate, said by ``source``, in the voice ``target``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How one segment is read: its ``text`` in words, and the ``phonemes`` or letters that the model is given for it.

    They are None where the model is given the words themselves. ``left_out`` are the characters that nothing stands
    for, each once.
    """

    text: str
    phonemes: str | None = None
    left_out: tuple[str, ...] = ()


class FrontEnd(Protocol):
    """A system's way from text to what its networks are given. It knows none of them, and keeps nothing of a request.

    The loaded system speaks with the same one, so that what is shown is what is said.
    """

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages that the checkpoint speaks; empty where nobody knows."""

    def segment(self, text: str, language: str, options: Any) -> list[Segment]:
        """The text cut into what is spoken in one breath. Raises TextError when nothing is left to say."""

    def read(self, segments: Sequence[Segment], options: Any) -> Iterator[Reading | Notice]:
        """A Reading of each segment, each when its turn comes, and Notices of what is left out.

        Raises TextError when nothing of all of them can be said.
        """

    def caveats(self, options: Any, /) -> tuple[str, ...]:
        """In which ways something else may be said than is read here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voicing:
    """How a system gets its voices: what the page and the command line may offer.

    ``presets`` are named by the checkpoint; ``prompt_audio`` makes one of a recording, better with ``prompt_text``,
    what is said in it, of ``shortest_s`` seconds at least; ``random`` draws one for each number N, named ``seed:N``;
    ``strings`` says in a few words what other string stands for a voice, "" where none does.
    """

    presets: bool = False
    prompt_audio: bool = False
    prompt_text: bool = False
    shortest_s: float = 1.0
    random: bool = False
    strings: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """What to know of a voice before it is heard: the code of its ``language``, its ``character`` in a few words."""

    language: str = ""
    character: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The ``option``, a slider, by which a system speaks faster: its number is a speed, or a ``slowness``."""

    option: str
    slowness: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemSpec(Publisher):
    """The facts of a system, known without importing torch.

    ``purpose`` says in a few words what it is good for. What the library goes by stands in `Publisher`.

    ``speakers`` names the voices of a checkpoint without loading it. ``load`` takes (checkpoint, device, dtype), yields
    Progress and returns a System. ``train`` takes (config file) and yields Progress. ``samples`` holds texts to try
    in each language, the best first.

    ``front_end`` is that of a checkpoint, or for None that of the published ones. It imports no torch unless the
    reference's own behaviour is asked for, and reads no weights. Raises WeightsMissing, WeightsMismatch, ConfigError.

    ``voice_file`` reads a voice out of a file of another kind than `engine.voice_store` writes. Raises VoiceError.
    ``labels`` are what to call voices of a checkpoint whose names say nothing to a person, by those names.
    ``portraits`` tell of the voices of a checkpoint, by their names ("" for the only one), as far as that is known;
    they raise WeightsMissing, WeightsMismatch and ConfigError.
    ``voicing_of`` is the `Voicing` of one checkpoint, where they differ. ``traits`` of a checkpoint and a voice are
    what its options may need (`engine.options.Declared`): those that hold, or for the voice None all that may. Both
    read no weights, and raise WeightsMissing, WeightsMismatch and ConfigError. ``defaults`` are the options that a
    checkpoint itself recommends, by their names; so does it.

    ``check_voice`` raises VoiceError for one that no model of the system could speak with; whether the loaded one can
    is seen when it speaks.
    ``check_name`` raises VoiceError for a name or a string that stands for no voice of a checkpoint (None: of the
    published ones), as far as that is known without its networks; it imports no torch.
    ``voice_language`` is the tag of the language that a voice speaks unless another is asked for, by the voice or its
    name in a checkpoint ("" is the default voice); "" where it has none.
    ``voice_string`` is a voice as a string to hand on, which `System.voice` understands; ``blend`` mixes voices by
    their weights into a new one; ``join`` makes one of several recordings of a speaker, in their order. All raise
    VoiceError for voices that are not of the kind.

    ``pace`` is the option that makes it speak faster, if one does so by a number that can be counted on.

    ``cpu_places`` is how many requests a CPU speaks at once, where nobody says otherwise: more of those that decode
    step by step, since they make their steps together.

    ``sinc_prompts`` brings recordings to the system's rate by torchaudio's default filter, by which the codes were made
    that its networks have seen, instead of a better one.

    ``check_conversion`` returns where a checkpoint can say a recording of one of its voices in another, for which its
    loaded system is a `Converter`; it raises VoiceError where that one cannot, and reads no weights. Without it, none
    can.

    ``verbatim`` says of a request's options whether its text must stay in the very characters that it has, because
    they are phonemes or because the reference's own quirks are asked for. Any other is put in NFKC first.

    ``rewrites`` is the name of the option by which, when it is on, a text is written anew before it is spoken, which a
    `Rewritten` tells; "" where no text is.

    ``tokens`` are what may stand in a text besides words, each with what it does; those with an … stand around words.
    """

    purpose: str
    sample_rate: int
    options: type[Any]
    voicing: Voicing
    load: "Callable[[Path, torch.device, torch.dtype], Generator[Progress, None, System]]"
    speakers: Callable[[Path], tuple[str, ...]]
    front_end: Callable[[Path | None], FrontEnd]
    labels: Callable[[Sequence[str]], Mapping[str, Message]] = lambda _: {}
    portraits: Callable[[Path], Mapping[str, Portrait]] = lambda _: {}
    voicing_of: Callable[[Path], Voicing] | None = None
    traits: Callable[[Path, Voice | None], frozenset[str]] = lambda _checkpoint, _voice: frozenset()
    defaults: Callable[[Path], Mapping[str, Any]] = lambda _: {}
    voice_file: Callable[[Path], Voice] | None = None
    check_voice: Callable[[Voice], None] | None = None
    check_name: Callable[[str, Path | None], None] | None = None
    voice_language: Callable[[Voice | str, Path | None], str] = lambda _voice, _checkpoint: ""
    check_conversion: Callable[[Path], None] | None = None
    voice_string: Callable[[Voice], str] | None = None
    blend: Callable[[Sequence[tuple[Voice, float]]], Voice] | None = None
    join: Callable[[Sequence[Voice]], Voice] | None = None
    pace: Pace | None = None
    cpu_places: int = 2
    sinc_prompts: bool = False
    verbatim: Callable[[Any], bool] = lambda _: False
    rewrites: str = ""
    tokens: Mapping[str, str] = field(default_factory=dict)
    bundled_title: str = "The voice that ships"
    max_chars: int = 100_000
    dtypes: tuple[str, ...] = ("float32",)
    samples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    train: Callable[[Path], Generator[Progress, None, None]] | None = None

    @property
    def state(self) -> str:
        """'ready' when it can speak now, 'downloadable' when it could after a download, else 'needs a checkpoint'."""
        if self.bundled and self.bundled.exists():
            return "ready"
        return "downloadable" if any(release.files for release in self.releases) else "needs a checkpoint"
