"""All that is the reference's own behaviour, to the letter: what the option ``compat`` asks for, for comparisons.

Its front end deletes digits, quotes, question marks and all scripts but two without a word; its batches are decoded
with padding; its streams leave by a schedule of steps (docs/systems/chattts.md#faults-that-only-compat-keeps).
"""

import dataclasses
import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

import numpy as np
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from engine.errors import TextError
from engine.events import AudioChunk, Progress, Rewritten
from engine.nn.decoding.loop import Generated
from engine.nn.decoding.weights import FULL
from engine.request import Segment
from engine.systems.chattts.characters import ALLOWED, BMP, code_points, language_of, outside, replaced, spans, to_text
from engine.systems.chattts.options import Options
from engine.systems.chattts.speaking import Conditioning, Piece, Speaking, rewritten, to_chunk

Normalizer = Callable[[str], str]

MAX_CHARS = 2000
# All pieces are refined in one batch, and without splitting all texts are spoken in one.
MAX_PIECES = 32
# Samples up to this are dropped from results.
SILENCE = 1e-5

_TAG = re.compile(r"\[[\w_]+\]")
_SENTENCE = re.compile(r"(?<=。)|(?<=\.\s)")


def _table(sources: str, targets: str) -> np.ndarray:
    table = np.arange(BMP, dtype=np.uint32)
    table[list(map(ord, sources))] = list(map(ord, targets))
    return table


_FULL_WIDTH = _table("!\"'#$%&(),-*+./:;<=>?@\\^`{|}~", "！“‘＃＄％＆（），－＊＋。／：；＜＝＞？＠＼＾｀｛｜｝～")
_PAUSES = _table("：；（）【】『』「」《》－！:;()><-!", "，，，，，，，，，，，，，。,,,,,,,.")


def segments(texts: Sequence[str], options: Options) -> list[Segment]:
    """The pieces of ``texts``: one text is split, several are not. Raises TextError for none, and for too much."""
    longest = max(map(len, texts))
    if longest > MAX_CHARS:
        raise TextError(
            "the text has {longest:,} characters; compat speaks at most {max_chars:,}, so cut it",
            longest=longest,
            max_chars=MAX_CHARS,
        )
    found = split_pieces(texts[0]) if options.split_text and len(texts) == 1 else list(texts)
    if len(found) > MAX_PIECES:
        raise TextError(
            "the text has {count} pieces; compat speaks at most {max_pieces}, so cut it",
            count=len(found),
            max_pieces=MAX_PIECES,
        )
    if not any(map(str.strip, found)):
        raise TextError("the text is empty; there is nothing to say")
    return [Segment(text=text, language="") for text in found]


def split_pieces(text: str) -> list[str]:
    """The pieces that the reference speaks one by one: lines where there are some, else sentences."""
    if "\n" in text:
        return text.split("\n")
    return [piece for piece in _SENTENCE.split(text) if piece]


def clean(
    text: str,
    *,
    normalize: bool = True,
    language: str = "",
    homophones: Mapping[str, str] | None = None,
    normalizers: Mapping[str, Normalizer] | None = None,
) -> str:
    """What the reference makes of a piece of text before it is tokenized.

    ``normalize`` widens the marks of Chinese text, after the normaliser for the language, if there is one.
    ``language`` is zh or en ('': from the text). ``homophones`` replaces characters by others of the same sound.
    """
    if normalize:
        language = language or language_of(text)
        normalizer = (normalizers or {}).get(language)
        if normalizer is not None:
            text = map_text(text, normalizer)
        if language == "zh":
            text = to_text(replaced(code_points(text), _FULL_WIDTH))
    invalid = bool(outside(code_points(_TAG.sub("", text)), ALLOWED).any())
    if invalid:
        text = to_text(replaced(code_points(text), _PAUSES))
    if homophones:
        text = text.translate({ord(sign): other for sign, other in homophones.items()})
    return map_text(text, only_allowed) if invalid else text


def warm_up() -> None:
    """Compile what scans text, or fetch it from the disk."""
    clean("[a]热 1!")


def map_text(text: str, change: Normalizer) -> str:
    """``text`` with ``change`` applied to all but its bracketed tags, put together as the reference does: by number.

    The n-th text is followed by the n-th tag, and tags without a text are lost.
    """
    texts, tags = spans(code_points(text))
    kept = [text[start:end] for start, end in tags.tolist()]
    parts = [change(text[start:end]) for start, end in texts.tolist()]
    if not kept:
        return parts[0] if parts else ""
    return "".join(_interleaved(parts, kept))


def _interleaved(texts: Sequence[str], tags: Sequence[str]) -> Iterator[str]:
    for index, part in enumerate(texts):
        yield part
        if index < len(tags):
            yield tags[index]


def only_allowed(text: str) -> str:
    """``text`` without what the model cannot read."""
    codes = code_points(text)
    return to_text(codes[~outside(codes, ALLOWED)])


def exact(options: Options) -> Options:
    """``options`` with float32 weights, which is what the reference computes with."""
    return dataclasses.replace(options, weights=FULL)


def speak(
    speaking: Speaking, texts: Sequence[str], conditioning: Conditioning
) -> Iterator[AudioChunk | Progress | Rewritten]:
    """Speak texts that are clean as the reference does: refine all, let the first set the voice, batches or a stream.

    docs/systems/chattts.md#from-text-to-sound
    """
    options = speaking.options
    if options.refine:
        for event in speaking.refine(texts):
            if isinstance(event, Progress):
                yield event
            else:
                texts = event
        yield rewritten(texts, options)
    pieces = [Piece(text, index) for index, text in enumerate(texts)]
    if options.split_text and options.first_as_prompt and len(pieces) > 1 and conditioning.codes is None:
        sound = yield from _first(speaking, pieces[0], conditioning)
        conditioning = speaking.with_prompt(conditioning, sound, pieces[0].text)
    if options.stream:
        for piece in pieces:
            yield from _scheduled(speaking, piece, conditioning)
        return
    at_once = options.max_split_batch if options.split_text else len(pieces)
    for start in range(0, len(pieces), at_once):
        yield from _batch(speaking, pieces[start : start + at_once], conditioning)


def _first(speaking: Speaking, piece: Piece, conditioning: Conditioning) -> Generator[Progress, None, Tensor]:
    """The whole sound (N,) of the piece that sets the voice of the others. It is spoken again with them."""
    for result in speaking.generate([piece], conditioning, speaking.options.max_new_tokens):
        yield Progress(done=result.steps, total=None, label="setting the voice")
    return (yield from speaking.rendered(speaking.frames(result, 0)))


def _batch(speaking: Speaking, pieces: Sequence[Piece], conditioning: Conditioning) -> Iterator[Progress | AudioChunk]:
    """Pieces that are all decoded together at the end, without the samples that are silent."""
    for result in speaking.generate(pieces, conditioning, speaking.options.max_new_tokens):
        yield Progress(done=result.steps, total=None, label="speaking")
    frames = [speaking.frames(result, row) for row in range(len(pieces))]
    # Padded to the longest: a short text ends in the networks' answers to zeros.
    for piece, padded in zip(pieces, pad_sequence(frames, batch_first=True), strict=True):
        wave = yield from speaking.rendered(padded)
        yield to_chunk(wave[wave.abs() > SILENCE], piece)


def _scheduled(speaking: Speaking, piece: Piece, conditioning: Conditioning) -> Iterator[Progress | AudioChunk]:
    """One piece by the published schedule, every time decoding all that there is.

    docs/systems/chattts.md#the-published-streaming-schedule
    """
    options, sent = speaking.options, 0
    for passes, result in enumerate(_results_of_the_schedule(speaking, piece, conditioning), start=1):
        wave = yield from speaking.rendered(speaking.frames(result, 0))
        yield Progress(done=result.steps, total=None, label="speaking")
        if passes > options.pass_first_n_batches:
            end = min(sent + options.stream_speed, len(wave))
            yield to_chunk(wave[sent:end], piece)
            sent = end
    rest = wave[sent:]
    yield to_chunk(rest[rest.abs() > SILENCE], piece)


def _results_of_the_schedule(speaking: Speaking, piece: Piece, conditioning: Conditioning) -> Iterator[Generated]:
    """The results that the schedule decodes, the last of them twice or thrice as published.

    They are those after every step at which the number of steps that did not end the text is a multiple: also the
    step that ends it, when nothing was added.
    """
    every = speaking.options.stream_batch
    for result in speaking.generate([piece], conditioning, speaking.options.max_new_tokens, stride=1):
        if result.steps and result.lengths[0] % every == 0:
            yield result
    yield result
