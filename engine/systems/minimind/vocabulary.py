"""Text to the ids that a model was trained with: cl100k's, bytes, phonemes, or phones. Imports no torch.

docs/systems/minimind.md#vocabularies
"""

import base64
import hashlib
import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from engine.config_file import check, strings
from engine.errors import ConfigError, EngineError
from engine.systems.minimind import phones
from engine.text.phonemes import phonemize
from engine.text.unspoken import says, unread_by_espeak

if TYPE_CHECKING:
    import tiktoken

CL100K, BYTES, PHONEMES, PHONES = "cl100k", "bytes", "phonemes", "phones"
KINDS = (CL100K, BYTES, PHONEMES, PHONES)
# Ids of cl100k, those of its special tokens included.
CL100K_SIZE = 100_277
_RANKS = Path(__file__).parents[3] / "assets" / "cl100k_base.tiktoken.xz"
_RANKS_BYTES, _RANKS_SHA256 = 1_681_126, "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
_SPLIT = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]"
    r"|\s+(?!\S)|\s"
)
_SPECIAL = {
    "<|endoftext|>": 100_257, "<|fim_prefix|>": 100_258, "<|fim_middle|>": 100_259, "<|fim_suffix|>": 100_260,
    "<|endofprompt|>": 100_276,
}  # fmt: skip
# What new models are given of English: espeak-ng's American IPA by characters, with stress and marks.
ENGLISH = tuple(" !\"'(),-.:;?¡¿—…«»“”abdefhijklmnoprstuvwxzæðŋɐɑɒɔəɚɛɜɡɪɫɬɹɾʃʊʌʒʔʲˈˌː̩̃θᵻ")
ESPEAK_VOICE = "en-us"
MOST_SYMBOLS, LONGEST_SYMBOL = 4096, 16
# What ends a text, of which the first that a model knows is set where there is none.
_CLOSING = frozenset(".,;:!?…—")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A text as ``ids``; the ``phonemes`` that they stand for, None for other ids; and what is ``left_out``."""

    ids: tuple[int, ...]
    phonemes: str | None = None
    left_out: tuple[str, ...] = ()


class Vocabulary(Protocol):
    """What reads text.

    ``slowest_s`` is how long an id takes to say at most, in seconds, and ``fastest_s`` at least. ``languages`` are
    those that it can be read in.
    """

    kind: str
    size: int
    languages: tuple[str, ...]
    slowest_s: float
    fastest_s: float

    def read(self, text: str, language: str = "", *, ends: bool = True) -> Read:
        """The ids of ``text`` in ``language``, "" the first; it ``ends`` a sentence or goes on."""


class Cl100k:
    """Byte pairs of any text, as tiktoken's ``cl100k_base`` merges them."""

    kind: str = CL100K
    size: int = CL100K_SIZE
    languages: tuple[str, ...] = ("en", "zh")
    slowest_s: float = 0.4
    fastest_s: float = 0.04

    def read(self, text: str, language: str = "", *, ends: bool = True) -> Read:  # noqa: ARG002
        """Special tokens are text like any other. Raises EngineError without the file of ranks."""
        return Read(ids=tuple(cl100k().encode_ordinary(text)))


class Bytes:
    """The bytes of UTF-8."""

    kind: str = BYTES
    size: int = 256
    languages: tuple[str, ...] = ("en", "zh")
    slowest_s: float = 0.25
    fastest_s: float = 0.02

    def read(self, text: str, language: str = "", *, ends: bool = True) -> Read:  # noqa: ARG002
        """A lone surrogate is read as a question mark."""
        return Read(ids=tuple(text.encode("utf-8", "replace")))


class Phonemes:
    """espeak-ng's IPA of American English, in the ``symbols`` of a model: an id is a symbol's place among them."""

    kind: str = PHONEMES
    languages: tuple[str, ...] = ("en",)
    slowest_s: float = 0.25
    fastest_s: float = 0.02

    def __init__(self, symbols: Sequence[str] = ENGLISH) -> None:
        self._ids = {symbol: index for index, symbol in enumerate(symbols)}
        self._longest = max(map(len, symbols))
        self.size = len(symbols)

    def read(self, text: str, language: str = "", *, ends: bool = True) -> Read:  # noqa: ARG002
        """The longest symbols that the IPA of ``text`` is made of; a text without a mark at its end gets one.

        Raises EngineError without espeak-ng, and TextError for what brings it down.
        """
        unread = unread_by_espeak(text)
        spoken = " ".join(phonemize(text.translate(dict.fromkeys(map(ord, unread), " ")), ESPEAK_VOICE).split())
        if spoken and spoken[-1] not in _CLOSING:
            spoken += next((mark for mark in (".!" if ends else ",;.") if mark in self._ids), "")
        found, lost, at = [], [], 0
        while at < len(spoken):
            end = next((at + n for n in range(self._longest, 0, -1) if spoken[at : at + n] in self._ids), at)
            if end == at:
                lost += [spoken[at]] if says(spoken[at]) else []
                at += 1
                continue
            found.append(spoken[at:end])
            at = end
        left_out = tuple(dict.fromkeys((*unread, *lost)))
        return Read(ids=tuple(self._ids[symbol] for symbol in found), phonemes="".join(found), left_out=left_out)


class Phones:
    """The reference's own: initials and finals of Chinese, ARPAbet of English, phonemes of Japanese."""

    kind: str = PHONES
    size: int = len(phones.SYMBOLS)
    languages: tuple[str, ...] = ("en", "zh", "ja")
    slowest_s: float = 0.3
    fastest_s: float = 0.02

    def read(self, text: str, language: str = "", *, ends: bool = True) -> Read:  # noqa: ARG002
        """Raises EngineError or PackageMissing where a package that the language needs is missing."""
        said = phones.say(text, language or self.languages[0])
        return Read(
            ids=tuple(phones.IDS[phone] for phone in said.phones),
            phonemes=" ".join(said.phones),
            left_out=said.left_out,
        )


def of(raw: Mapping[str, Any], n_text: int, source: str) -> Vocabulary:
    """The vocabulary of a model with ``n_text`` ids, by what the JSON file beside it says under ``vocabulary``.

    Where it says nothing there are bytes in a model of 256 ids, and cl100k in any other. Raises ConfigError.
    """
    kind = raw.get("vocabulary")
    if kind is None:
        kind = BYTES if n_text == 256 else CL100K
    check(kind in KINDS, "vocabulary={kind!r:.40} is none of {known}", kind=kind, known=", ".join(KINDS))
    plain: dict[str, type[Cl100k | Bytes | Phones]] = {CL100K: Cl100k, BYTES: Bytes, PHONES: Phones}
    vocabulary: Vocabulary = Phonemes(_symbols(raw)) if kind == PHONEMES else plain[kind]()
    if vocabulary.size != n_text:
        raise ConfigError(
            "{source} knows {n_text} ids of text, and the vocabulary {kind} has {size}; say in the JSON file beside it "
            "which it was trained with",
            source=source,
            n_text=n_text,
            kind=kind,
            size=vocabulary.size,
        )
    return vocabulary


def told(vocabulary: Vocabulary, symbols: Sequence[str] = ENGLISH) -> dict[str, Any]:
    """What the JSON file beside a model says of its vocabulary, which `of` reads."""
    return {"vocabulary": vocabulary.kind} | ({"symbols": list(symbols)} if vocabulary.kind == PHONEMES else {})


def _symbols(raw: Mapping[str, Any]) -> Sequence[str]:
    symbols = raw.get("symbols")
    check(strings(symbols) and symbols, "the vocabulary phonemes needs its symbols, a list of texts")
    assert isinstance(symbols, list)
    check(len(symbols) <= MOST_SYMBOLS, "symbols has {count} texts, which are too many", count=len(symbols))
    check(
        len(set(symbols)) == len(symbols) and all(0 < len(symbol) <= LONGEST_SYMBOL for symbol in symbols),
        "symbols has an empty text, a long one, or one twice",
    )
    return symbols


@lru_cache(maxsize=1)
def cl100k() -> "tiktoken.Encoding":
    """The public encoding, of the file of ranks that ships. Raises EngineError where that is missing or another."""
    import tiktoken

    try:
        with lzma.open(_RANKS) as file:
            ranks = file.read(_RANKS_BYTES + 1)
    except (OSError, lzma.LZMAError, EOFError) as error:
        raise EngineError(
            "the file of cl100k's ranks cannot be read ({error}); put {name} back under assets",
            error=" ".join(str(error).split())[:200],
            name=_RANKS.name,
        ) from None
    if hashlib.sha256(ranks).hexdigest() != _RANKS_SHA256:
        raise EngineError("{name} is not the published file of ranks; put that back under assets", name=_RANKS.name)
    lines = (line.split() for line in ranks.splitlines() if line)
    return tiktoken.Encoding(
        name="cl100k_base",
        pat_str=_SPLIT,
        mergeable_ranks={base64.b64decode(token): int(rank) for token, rank in lines},
        special_tokens=_SPECIAL,
    )
