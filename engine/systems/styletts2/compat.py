"""The reference's own behaviour: what is kept at the ends of sentences, and all that the option ``compat`` does.

docs/systems/styletts2.md#quirks-that-were-kept and docs/systems/styletts2.md#faults-only-under-compat
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import TextError
from engine.request import Segment
from engine.systems.styletts2.text import Encoded, PreparedSegment, encode, phonemize, tokenise, with_quotes

# The models of one speaker end abruptly without these frames.
END_FRAMES = 5
# The models of many speakers end in a pulse, which so many samples hide.
END_CUT, LONG_FORM_END_CUT = 50, 100
# With fewer phonemes guidance turns speech into noise.
LEAST_GUIDED = 10
MAX_CHARS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How each sentence is spoken: with ``extra_frames`` for its last phoneme, and ``cut`` samples less at its end.

    One of fewer than ``least_guided`` phonemes is sampled without guidance.
    """

    extra_frames: int
    cut: int
    least_guided: int


def usual_ending(*, multispeaker: bool) -> Ending:
    """That of the reference for single sentences, for every sentence; never guided where that makes noise."""
    return Ending(
        extra_frames=0 if multispeaker else END_FRAMES,
        cut=END_CUT if multispeaker else 0,
        least_guided=LEAST_GUIDED,
    )


def published_ending(*, multispeaker: bool, sentences: int) -> Ending:
    """That of the reference, whose procedure for long texts ends sentences in another way."""
    long_form = sentences > 1
    if multispeaker:
        return Ending(extra_frames=0, cut=LONG_FORM_END_CUT if long_form else END_CUT, least_guided=0)
    return Ending(extra_frames=0 if long_form else END_FRAMES, cut=0, least_guided=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEnd:
    """The reference's front end, used as `text.FrontEnd` is.

    Numbers are torn apart at their marks, quotation marks garbled, sentences cut at every full stop; what it would fall
    over is refused before there is any sound.
    """

    multispeaker: bool
    max_length: int
    cleaned: bool = False

    def segment(self, text: str, language: str) -> list[Segment]:
        """One sentence as it is; of several, each piece between full stops with one at its end. Raises TextError."""
        if not text.strip():
            raise TextError("the text is empty; there is nothing to say")
        if len(text) > MAX_CHARS:
            raise TextError(
                "the text has {count:,} characters; compat speaks at most {max_chars:,}, so cut it",
                count=len(text),
                max_chars=MAX_CHARS,
            )
        sentences = [sentence for sentence in text.split(".") if sentence.strip()]
        if len(sentences) < 2:
            return [Segment(text=text, language=language)]
        return [Segment(text=f"{sentence}.", language=language) for sentence in sentences]

    def prepared(self, segments: Sequence[Segment]) -> list[PreparedSegment]:
        """Each segment in one piece; what the table lacks is dropped without a word. Raises TextError."""
        return [self._prepared(segment.text, long_form=len(segments) > 1) for segment in segments]

    def encode_style_text(self, _text: str) -> None:
        """None: the reference takes such a text and then conditions on what is said."""

    def _prepared(self, text: str, *, long_form: bool) -> PreparedSegment:
        phonemes = text if self.cleaned else read(text, multispeaker=self.multispeaker, long_form=long_form)
        encoded = encode(phonemes)
        ids = encoded.ids
        if len(ids) == 1:
            raise TextError("{text!r} has no sound that the model knows; leave it out", text=text[:40])
        if len(ids) > self.max_length:
            raise TextError(
                "a sentence has {count} phonemes, and the model reads {max_length}; cut it, or leave compat "
                "off, which does so",
                count=len(ids),
                max_length=self.max_length,
            )
        return PreparedSegment(
            text=text,
            phonemes=encoded.symbols,
            left_out=encoded.left_out,
            pieces=(Encoded(ids=ids, symbols=encoded.symbols),),
        )


def read(text: str, *, multispeaker: bool, long_form: bool = False) -> str:
    """Phonemes of ``text`` as the reference reads it."""
    text = text.strip()
    tokens = tokenise(phonemize(text if multispeaker else text.replace('"', ""), flags=True))
    return with_quotes(tokens) if multispeaker and long_form else tokens
