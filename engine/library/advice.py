"""Which model to take: from what the releases declare of themselves, the best ones for a language and a purpose.

docs/catalogues.md#classes says what the classes of `engine.release.Merits` stand for. `ranked` and `allows` are pure;
`advise` reads the cards of those that come first where a catalogue has not said their licence yet.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.errors import DownloadError, WeightsMissing
from engine.library import Library
from engine.library.card import Card
from engine.library.catalogues import Wanted
from engine.message import Message, as_told
from engine.release import Merits, Terms

# More cards than these are not asked for.
MOST_READ = 12
# From here on nobody waits for it: several times as fast as real time.
FAST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to do: in which ``language`` (its code), as it is spoken in a ``region`` where that is named.

    ``fast`` asks for sound at once rather than for the most natural one; ``commercial`` for a licence that allows what
    is spoken to be sold.
    """

    language: str
    region: str = ""
    fast: bool = False
    commercial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A model that speaks the language. ``terms`` are None where its card has not been read yet."""

    id: str
    merits: Merits
    terms: Terms | None
    ready: bool = False
    region: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """One to take: its card, and what to expect of it."""

    card: Card
    merits: Merits


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The best first. ``languages`` are the English names of all that anything here speaks, by code ("" unknown).

    ``notes`` say what was not to be had.
    """

    options: tuple[Advised, ...]
    languages: dict[str, str]
    notes: tuple[Message, ...] = ()

    def describe(self) -> dict[str, Any]:
        """The advice as plain data."""
        return {
            "options": [
                {
                    "card": each.card.describe(),
                    "naturalness": each.merits.naturalness,
                    "speed": each.merits.speed,
                    "voice": each.merits.voice,
                }
                for each in self.options
            ],
            "languages": self.languages,
            "notes": [as_told(note) for note in self.notes],
        }


def allows(terms: Terms | None, wish: Wish) -> bool:
    """Whether a licence allows it; one that was not read yet may."""
    return not wish.commercial or terms is None or terms.commercial is True


def ranked(options: Iterable[Option], wish: Wish) -> list[Option]:
    """Those that may fit, the best first.

    For sound at once, whatever is several times as fast as real time is fast enough, and the most natural of those
    wins. Among equals one goes before another that is free, of the region, here already, faster, smaller.
    """

    def key(option: Option) -> tuple[object, ...]:
        merits, terms = option.merits, option.terms
        natural = -merits.naturalness
        first = (-min(merits.speed, FAST), natural) if wish.fast else (natural, merits.speed < 2)
        bound = 1 if terms is None else 2 * terms.restricted
        region = 1 if "" in (wish.region, option.region) else 2 * (wish.region != option.region)
        return *first, bound, region, not option.ready, -merits.speed, option.size, option.id

    return sorted((option for option in options if allows(option.terms, wish)), key=key)


def advise(library: Library, wish: Wish, most: int = 3) -> Advice:
    """The best models for a wish among all that are here or, where the network may be asked, can be had."""
    notes: list[Message] = []
    cards = {card.id: card for card in library.cards()}
    options = [*_of_cards(cards.values(), wish)]
    languages = {language: "" for card in cards.values() for language in card.languages}
    try:
        found = library.catalogues.search(Wanted(language=wish.language), most=10_000)
        notes += found.notes
        languages |= found.languages
        for listed in found.entries:
            entry = listed.entry
            if entry.merits and listed.id not in cards:
                options.append(
                    Option(
                        id=listed.id,
                        merits=entry.merits,
                        terms=entry.terms,
                        region=entry.region,
                        size=entry.size,
                    )
                )
    except DownloadError as error:
        notes.append(error.message)
    chosen: list[Advised] = []
    read = 0
    for option in ranked((each for each in options if each.ready or library.online), wish):
        if len(chosen) == most:
            break
        card = cards.get(option.id)
        if card is None:
            read += 1
            if read > MOST_READ:
                break
            try:
                card = library.card(option.id)
            except (DownloadError, WeightsMissing) as error:
                notes.append(error.message)
                continue
        if allows(card.terms, wish):
            chosen.append(Advised(card=card, merits=option.merits))
    return Advice(options=tuple(chosen), languages=languages, notes=tuple(dict.fromkeys(notes)))


def _of_cards(cards: Iterable[Card], wish: Wish) -> Iterator[Option]:
    for card in cards:
        merits = card.merits.get(wish.language) or card.merits.get("")
        obtainable = card.state in ("ready", "partly here", "downloadable")
        if merits and obtainable and wish.language in card.languages:
            yield Option(
                id=card.id, merits=merits, terms=card.terms, ready=card.state == "ready", size=card.size - card.on_disk
            )
