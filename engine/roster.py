"""What there is to choose from, as plain data for people and programs: systems with their options, and voices."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import UserError, VoiceError
from engine.options import declared
from engine.system import Portrait, SystemSpec

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.library.card import Card

# What is told of an option, in this order; null where its kind has no such thing.
KEYS = (
    *("name", "label", "type", "default", "minimum", "maximum", "step", "choices", "max_length"),
    *("group", "needs", "help"),
)


def facts(engine: "Engine", spec: SystemSpec) -> dict[str, Any]:
    """A system: what it is, whether it can speak now, the voices of its first model, and every option."""
    voices: tuple[str, ...] = ()
    # A damaged checkpoint must not hide the others; whoever speaks with it is told what is wrong.
    with suppress(UserError):
        voices = engine.voices(spec.id)
    return {
        "id": spec.id,
        "name": spec.name,
        "purpose": spec.purpose,
        "summary": spec.summary,
        "state": engine.state(spec.id),
        "languages": list(spec.languages),
        "tokens": dict(spec.tokens),
        "sample_rate": spec.sample_rate,
        "max_chars": spec.max_chars,
        "clones": spec.voicing.prompt_audio,
        "rewrites": spec.rewrites,
        "voices": list(voices),
        "labels": {name: str(label) for name, label in spec.labels(voices).items()},
        "licences": {"code": spec.licences.code, "weights": spec.licences.weights},
        "options": [{key: option.describe().get(key) for key in KEYS} for option in declared(spec.options)],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A voice as it is asked for: by ``system``, ``model`` ("" is the system's first) and ``voice`` ("" is its own).

    ``title`` is what people call it and ``character`` what it is like, in a few words, "" where nobody has said so.
    ``languages`` are the codes of those that it speaks; ``saved`` says that the user has saved it.
    """

    system: str
    model: str
    voice: str
    title: str
    languages: tuple[str, ...]
    character: str = ""
    saved: bool = False

    @property
    def id(self) -> str:
        """One name for all of it, which no other voice has: ``kokoro/built-in/af_clara``, ``styletts2/ada``."""
        return "/".join(filter(None, (self.system, self.model, self.voice)))

    def speaks(self, language: str) -> bool:
        """Whether it speaks a language, by its code or by a tag such as ``pt-BR``."""
        return _code(language) in {_code(each) for each in self.languages}

    def describe(self) -> dict[str, Any]:
        """As plain data, in English."""
        return {
            "id": self.id,
            "system": self.system,
            "model": self.model,
            "voice": self.voice,
            "title": str(self.title),
            "languages": list(self.languages),
            "character": str(self.character),
            "saved": self.saved,
        }


def roster(engine: "Engine", system: str = "", language: str = "") -> tuple[Offered, ...]:
    """The voices of the checkpoints that are ready and those that were saved, in the order of the page.

    Only those of a ``system`` and of a ``language``, where these are named. Nothing is loaded; of a checkpoint that is
    damaged there are none. Raises UnknownSystem.
    """
    specs = (engine.system(system),) if system else engine.systems()
    ready = [(card, card.checkpoint) for card in engine.library.cards() if card.checkpoint]
    offers: list[Offered] = []
    for spec in specs:
        own = [(card, checkpoint) for card, checkpoint in ready if card.system == spec.id]
        for card, checkpoint in own:
            # Whoever speaks with it is told what is wrong; the others must not be hidden by it.
            with suppress(UserError):
                offers += _of_checkpoint(spec, card, checkpoint)
        spoken = own[0][0].languages if own else spec.languages
        offers += [
            Offered(system=spec.id, model="", voice=name, title=name, languages=spoken, saved=True)
            for name in engine.shelf.names(spec.id)
        ]
    return tuple(each for each in offers if not language or each.speaks(language))


def find(offers: Sequence[Offered], name: str, language: str = "") -> Offered:
    """The voice of this id, else the first that is called so; for "" the first that speaks the ``language``.

    Raises VoiceError where there is none.
    """
    if name:
        called = [each for each in offers if name in (each.id, each.voice, each.title)]
        if not called:
            raise VoiceError("there is no voice {name!r} here; ask for the list of them", name=name[:80])
        return next((each for each in called if each.id == name), called[0])
    speaking = [each for each in offers if not language or each.speaks(language)]
    if not speaking and language:
        raise VoiceError("no voice here speaks {language!r}; install a model that does", language=language[:20])
    if not speaking:
        raise VoiceError("there is no voice here yet; download a model")
    return speaking[0]


def _of_checkpoint(spec: SystemSpec, card: "Card", checkpoint: Path) -> list[Offered]:
    names = spec.speakers(checkpoint)
    portraits, labels = spec.portraits(checkpoint), spec.labels(names)
    offers = []
    for name in names or ("",):
        portrait = portraits.get(name, Portrait())
        offers.append(
            Offered(
                system=spec.id,
                model=card.name,
                voice=name,
                title=labels.get(name, name) or card.title,
                languages=(portrait.language,) if portrait.language else card.languages,
                character=portrait.character,
            )
        )
    return offers


def _code(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()
