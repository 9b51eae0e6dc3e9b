"""One request on its way: ids of text behind a voice's, codes, sound.

What carries over between sentences (the one before as the voice of the next) is a local variable here: neither the
request nor the model is changed (docs/systems/vallex.md#long-text).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.codec_lm.generation import Utterance
from engine.codec_lm.guard import FRAME_RATE
from engine.codec_lm.options import SLIDING
from engine.codec_lm.speaking import Speaking, Spoken, to_samples
from engine.events import AudioChunk, Notice, Progress
from engine.systems.vallex.options import ACCENTS, NO_ACCENT, Options
from engine.systems.vallex.symbols import LANGUAGES
from engine.systems.vallex.text import PreparedSegment

# A sentence is the voice of the next one up to this length; what is longer would leave no room for it.
LONGEST_LINK = 10 * FRAME_RATE
# In the reference's procedure a sentence follows the one before it in one case of two.
FOLLOWS = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """A voice: its codes (T, 8), the ids of what is said in them, and the language of that."""

    codes: Tensor
    ids: tuple[int, ...]
    language: str

    @classmethod
    def nobody(cls) -> "Prompt":
        """No voice at all."""
        return cls(torch.zeros(0, 8, dtype=torch.int64), (), "en")


def utterance(prompt: Prompt, said: PreparedSegment, options: Options) -> Utterance:
    """The ids of a prompt and of a sentence, with the language of each: its own, or that of the accent."""
    accent = None if options.accent == NO_ACCENT else ACCENTS[options.accent]
    languages = [LANGUAGES.index(accent or language) for language in said.languages]
    return Utterance(
        ids=(*prompt.ids, *said.ids),
        enrolled=len(prompt.ids),
        languages=(*[LANGUAGES.index(prompt.language)] * len(prompt.ids), *languages),
    )


def speak(
    speaking: Speaking, sentences: Sequence[PreparedSegment], prompt: Prompt, options: Options
) -> Iterator[AudioChunk | Notice | Progress]:
    """All sentences, each as soon as it is there: the first alone, so that nobody waits for the others.

    By the sliding window, and always without a voice, each takes the one before it as its voice.
    """
    if options.long_text == SLIDING or not len(prompt.codes):
        yield from _one_after_another(speaking, sentences, prompt, options)
        return
    start = 0
    while start < len(sentences):
        batch = sentences[start : start + (speaking.at_once if start else 1)]
        lines = [utterance(prompt, said, options) for said in batch]
        for event in speaking.speak(lines, prompt.codes):
            yield _chunk(speaking, event, start + event.index) if isinstance(event, Spoken) else event
        start += len(batch)


def _one_after_another(
    speaking: Speaking, sentences: Sequence[PreparedSegment], prompt: Prompt, options: Options
) -> Iterator[AudioChunk | Notice | Progress]:
    for index, said in enumerate(sentences):
        for event in speaking.speak([utterance(prompt, said, options)], prompt.codes):
            if not isinstance(event, Spoken):
                yield event
                continue
            yield _chunk(speaking, event, index)
            if len(event.codes) <= LONGEST_LINK:
                prompt = Prompt(event.codes.cpu(), said.ids, Counter(said.languages).most_common(1)[0][0])


def speak_as_published(
    speaking: Speaking, sentences: Sequence[PreparedSegment], prompt: Prompt, options: Options, rng: torch.Generator
) -> Iterator[AudioChunk | Notice | Progress]:
    """The reference's procedures: a text in one piece, or sentences whose codes are decoded all at once.

    By the sliding window half of the sentences, drawn after each, follow the one before them, whose language is not
    known then.
    """
    first, codes = prompt, []
    sliding = len(sentences) > 1 and (options.long_text == SLIDING or not len(prompt.codes))
    for said in sentences:
        for event in speaking.speak([utterance(prompt, said, options)], prompt.codes):
            if isinstance(event, Spoken):
                codes.append(event.codes)
            else:
                yield event
        if sliding:
            follows = torch.rand(1, generator=rng).item() < FOLLOWS
            prompt = Prompt(codes[-1].cpu(), said.ids, first.language) if follows else first
    sound = yield from speaking.rendered(torch.cat(codes))
    yield _chunk(speaking, Spoken(0, codes[-1], sound), 0)


def _chunk(speaking: Speaking, spoken: Spoken, segment: int) -> AudioChunk:
    return AudioChunk(samples=to_samples(spoken.sound), sample_rate=speaking.sample_rate, segment=segment)
