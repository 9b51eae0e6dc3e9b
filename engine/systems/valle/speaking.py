"""One request on its way: ids of text behind a voice's, codes, sound.

What carries over between pieces (the one before as the voice of the next) is a local variable here: neither the request
nor the model is changed (docs/systems/valle.md#long-text).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.codec_lm.generation import Utterance, continual
from engine.codec_lm.guard import FRAME_RATE
from engine.codec_lm.options import SLIDING
from engine.codec_lm.speaking import Speaking, Spoken, to_samples
from engine.errors import TextError, VoiceError
from engine.events import AudioChunk, Notice, Progress
from engine.request import Segment
from engine.systems.valle.front_end import ValleFrontEnd
from engine.systems.valle.options import Options
from engine.systems.valle.text import PreparedSegment

# A piece is the voice of the next one up to this length; what is longer would leave no room for it.
LONGEST_LINK = 10 * FRAME_RATE


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """A voice: its codes (T, Q) and what is said in them, "" where nobody knows."""

    codes: Tensor
    transcript: str

    @classmethod
    def nobody(cls) -> "Prompt":
        """No voice at all."""
        return cls(torch.zeros(0, 8, dtype=torch.int64), "")


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment of the request and how it is read."""

    segment: Segment
    said: PreparedSegment


@dataclass(frozen=True, slots=True)
class Reader:
    """What makes ids of a prompt's text and a piece together."""

    front_end: ValleFrontEnd
    options: Options

    def utterance(self, prompt: Prompt, piece: Piece) -> Utterance:
        """The ids of both, the first of which are the prompt's."""
        ids = self.front_end.together(prompt.transcript, piece.segment, piece.said, self.options)
        return Utterance(ids=ids.ids, enrolled=ids.prompt_length)

    def segments(self, text: str) -> list[Segment]:
        """A text as that of a request is cut. Raises TextError."""
        return self.front_end.segment(text, "", self.options)


def speak(
    speaking: Speaking, reader: Reader, pieces: Sequence[Piece], prompt: Prompt
) -> Iterator[AudioChunk | Notice | Progress]:
    """All pieces, each as soon as it is there: the first alone, so that nobody waits for the others.

    By the sliding window, and always without a voice, each takes the one before it as its voice; under ``compat``,
    which knows no long text, none does.
    """
    options = reader.options
    if not options.compat and (options.long_text == SLIDING or not len(prompt.codes)):
        yield from _one_after_another(speaking, reader, pieces, prompt)
        return
    start = 0
    while start < len(pieces):
        batch = pieces[start : start + (speaking.at_once if start and not options.compat else 1)]
        lines = [reader.utterance(prompt, piece) for piece in batch]
        for event in speaking.speak(lines, prompt.codes):
            yield _chunk(speaking, event, start + event.index) if isinstance(event, Spoken) else event
        start += len(batch)


def continue_recording(
    speaking: Speaking, reader: Reader, pieces: Sequence[Piece], prompt: Prompt
) -> Iterator[AudioChunk | Progress]:
    """The rest of a recording made anew, where the ``pieces`` are all that is said in it.

    docs/codec-lm.md#continuing-a-recording. Raises VoiceError without a recording, or for a model that cannot do it,
    and TextError where something else is known to be said.
    """
    if not len(prompt.codes):
        raise VoiceError("there is no recording to continue; give one, and all that is said in it as the text")
    if prompt.transcript and _letters(reader.segments(prompt.transcript)) != _letters(each.segment for each in pieces):
        raise TextError(
            "the text is not what is said in the recording ({transcript!r:.60}); to continue it, give all of that",
            transcript=prompt.transcript,
        )
    ids = reader.front_end.whole([piece.said for piece in pieces], reader.options)
    codes = yield from continual(speaking.loaded, ids, prompt.codes)
    sound = yield from speaking.rendered(codes)
    yield _chunk(speaking, Spoken(0, codes, sound), len(pieces) - 1)


def _letters(segments: Iterable[Segment]) -> str:
    return "".join(filter(str.isalnum, "".join(segment.text for segment in segments))).casefold()


def _one_after_another(
    speaking: Speaking, reader: Reader, pieces: Sequence[Piece], prompt: Prompt
) -> Iterator[AudioChunk | Notice | Progress]:
    for index, piece in enumerate(pieces):
        for event in speaking.speak([reader.utterance(prompt, piece)], prompt.codes):
            if not isinstance(event, Spoken):
                yield event
                continue
            yield _chunk(speaking, event, index)
            if len(event.codes) <= LONGEST_LINK:
                prompt = Prompt(event.codes.cpu(), piece.segment.text)


def _chunk(speaking: Speaking, spoken: Spoken, segment: int) -> AudioChunk:
    return AudioChunk(samples=to_samples(spoken.sound), sample_rate=speaking.sample_rate, segment=segment)
