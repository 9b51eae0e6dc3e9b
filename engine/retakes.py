"""The best of several takes: a text is said with one seed after the other until a recogniser hears all of it.

The rule: the take with the fewest errors is kept, of equal ones the earliest; a take without errors is the last.
docs/recognition.md#retakes
"""

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import OptionError
from engine.events import AudioChunk, Event, Notice, Progress, Rewritten, Started, Tried, Try
from engine.hearing import MIN_SECONDS, Hearing
from engine.message import Message
from engine.recognition.compared import compare
from engine.recognition.recogniser import MAX_SECONDS
from engine.request import MOST_TRIES, SynthesisRequest, VoicePrompt

if TYPE_CHECKING:
    from engine.engine import Engine


def check(tries: int) -> None:
    """Raises OptionError for a number of tries that is out of bounds."""
    if not 1 <= tries <= MOST_TRIES:
        raise OptionError("Tries must be between 1 and {most}; it was {tries}", most=MOST_TRIES, tries=tries)


def best(engine: "Engine", request: SynthesisRequest, most_seed: int) -> Generator[Event, None, None]:
    """The events of the best of ``request.tries`` takes, with the seeds from its own on; 0 follows on ``most_seed``.

    Progress comes as it is made, and one Started; the rest when the take is chosen, after one Tried. Closing it stops
    the work. Raises what a single take and what `Hearing.transcribe` raises.
    """
    language = request.language.lower().replace("_", "-").partition("-")[0]
    # Before the work: what nobody can check is not said several times.
    engine.hearing.choose(language)
    kept: list[Event] = []
    tries: list[Try] = []
    chosen, started = 0, False
    for number in range(request.tries):
        seed = (request.seed + number) % (most_seed + 1)
        events: list[Event] = []
        yield Progress(done=number, total=request.tries, label="making a take")
        for event in engine.synthesize(replace(request, seed=seed, tries=1)):
            if isinstance(event, Progress):
                yield event
            elif not isinstance(event, Started):
                events.append(event)
            elif not started:
                started = True
                yield replace(event, seed=request.seed)
        tries.append((yield from _judged(engine.hearing, request.text, language, seed, events)))
        if not number or tries[-1].errors < tries[chosen].errors:
            chosen, kept = number, events
        if not tries[chosen].errors:
            break
    yield Tried(tries=tuple(tries), kept=chosen)
    if tries[chosen].errors:
        yield Notice(
            message=Message(
                "the best of {count} takes has {errors} errors of {total}, as far as a recogniser can tell",
                count=len(tries),
                errors=tries[chosen].errors,
                total=tries[chosen].total,
            )
        )
    yield from kept


def _judged(
    hearing: Hearing, text: str, language: str, seed: int, events: list[Event]
) -> Generator[Progress, None, Try]:
    chunks = [event for event in events if isinstance(event, AudioChunk)]
    samples = np.concatenate([chunk.samples for chunk in chunks]) if chunks else np.zeros(0, np.float32)
    said = next((event.text for event in reversed(events) if isinstance(event, Rewritten)), text)
    rate = chunks[0].sample_rate if chunks else 1
    heard, spoken = "", language or "en"
    if len(samples) >= MIN_SECONDS * rate:
        prompt = VoicePrompt(samples=samples, sample_rate=rate)
        found = yield from hearing.transcribe(prompt, language=language, max_seconds=MAX_SECONDS)
        heard, spoken = found.text, found.language
    compared = compare(said, heard, spoken)
    return Try(seed=seed, heard=heard, errors=compared.errors, total=compared.total)
