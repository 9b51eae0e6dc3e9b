"""Which sounds are heard beside which, and in which order each listener hears them.

    ab      two sounds of a sentence, which is better           -1 the first, 1 the second, 0 neither
    abx     two sounds and one of them again, which it is       -1 the first, 1 the second
    mos     one sound, how good it is                           1 to 5
    cmos    two sounds, how much better the second is           -3 to 3
    mushra  all sounds of a sentence at once, each how good     0 to 100 for each

A design is made once, from a seed; the plan of the listener of a number follows from it
(docs/listening-tests.md#order).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

import numpy as np

from engine.errors import OptionError

Kind = Literal["ab", "abx", "mos", "cmos", "mushra"]
# "" is what is judged; an anchor is judged with it, and shows how the scale is used; a spoilt one shows who attends.
Role = Literal["", "anchor", "spoilt"]

KINDS: tuple[Kind, ...] = get_args(Kind)
PAIRED = ("ab", "abx", "cmos")
SCALES: Mapping[Kind, tuple[int, ...]] = {
    "ab": (-1, 0, 1),
    "abx": (-1, 1),
    "mos": tuple(range(1, 6)),
    "cmos": tuple(range(-3, 4)),
    "mushra": tuple(range(101)),
}
ANCHOR = "anchor"
MOST_SOUNDS, MOST_TRIALS, MOST_CHECKS, MOST_TOGETHER = 200, 200, 10, 12
LONGEST_NAME, LONGEST_SENTENCE = 80, 1000
SEEDS = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What is known of a sound: who says what. One that is no take is made ``of`` the sound of that number."""

    system: str
    voice: str
    sentence: str
    role: Role = ""
    of: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The numbers of the ``sounds`` that are judged together; of a ``check`` the last is the spoilt one."""

    sounds: tuple[int, ...]
    check: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A test: its ``sounds`` by number, takes first, and its ``trials``."""

    kind: Kind
    seed: int
    sounds: tuple[Sound, ...]
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A trial as a listener hears it: the numbers of the sounds in their places. Of ABX the third is the unknown."""

    trial: int
    sounds: tuple[int, ...]


def design(kind: str, takes: Sequence[Sound], *, seed: int = 0, anchors: bool = False, checks: int = 0) -> Design:
    """A test of ``kind`` (one of `KINDS`) over the sounds ``takes``.

    With ``anchors`` each sentence has one (MOS and MUSHRA alone); ``checks`` trials have an answer that is known. A
    pair is of two takes of one sentence. Raises OptionError for what cannot be judged, or is too much to be.
    """
    named = next((each for each in KINDS if each == kind), None)
    if named is None:
        raise OptionError(
            "there is no listening test {kind!r}; the kinds are {kinds}", kind=kind[:20], kinds=", ".join(KINDS)
        )
    _check(takes, seed, checks)
    if anchors and named in PAIRED:
        raise OptionError("anchors belong to mos and mushra; leave them out of {kind}", kind=named)
    sentences: dict[str, list[int]] = {}
    for number, take in enumerate(takes):
        sentences.setdefault(take.sentence, []).append(number)
    sounds = list(takes)
    if anchors:
        for numbers in sentences.values():
            numbers.append(len(sounds))
            sounds.append(_made(takes, numbers[0], "anchor"))
    trials = _trials(named, list(sentences.values()))
    if not trials:
        raise OptionError("nothing can be compared: no sentence is said by two; choose takes of the same text")
    generator = np.random.default_rng([seed, 0])
    for number in _drawn(generator, len(trials), checks):
        trials.append(_checking(named, trials[number], sounds, takes, generator))
    if len(trials) > MOST_TRIALS:
        raise OptionError(
            "this would be {count} trials for each listener; {most} are the most, so choose fewer takes",
            count=len(trials),
            most=MOST_TRIALS,
        )
    return Design(kind=named, seed=seed, sounds=tuple(sounds), trials=tuple(trials))


def plan(made: Design, listener: int) -> tuple[Heard, ...]:
    """What the listener of this number (from 0) hears, in order."""
    trials = _row(len(made.trials), listener, made.seed, 1)
    # Which of a trial's first two sounds stands first, and which is the unknown, changes from listener to listener.
    coins = np.random.default_rng([made.seed, 2]).integers(0, 2, (len(made.trials), 2))
    heard = []
    for trial in trials:
        sounds = made.trials[trial].sounds
        if made.kind in PAIRED:
            swapped, second = (int(coins[trial, bit]) ^ listener >> bit & 1 for bit in (0, 1))
            sounds = sounds[::-1] if swapped else sounds
            sounds += (sounds[second],) if made.kind == "abx" else ()
        else:
            sounds = tuple(sounds[place] for place in _row(len(sounds), listener, made.seed, 3 + trial))
        heard.append(Heard(trial=trial, sounds=sounds))
    return tuple(heard)


def check_scores(kind: Kind, heard: Heard, scores: Sequence[int]) -> None:
    """Raises OptionError unless ``scores`` are an answer to what was heard."""
    wanted = len(heard.sounds) if kind == "mushra" else 1
    if len(scores) != wanted:
        raise OptionError("this trial wants {wanted} scores, not {count}", wanted=wanted, count=len(scores))
    if not set(scores) <= set(SCALES[kind]):
        raise OptionError(
            "a score of {kind} is one of {scale}", kind=kind, scale=f"{SCALES[kind][0]}..{SCALES[kind][-1]}"
        )


# -- the trials --


def _check(takes: Sequence[Sound], seed: int, checks: int) -> None:
    if not 1 <= len(takes) <= MOST_SOUNDS:
        raise OptionError("a listening test has 1 to {most} sounds, not {count}", most=MOST_SOUNDS, count=len(takes))
    if not 0 <= checks <= MOST_CHECKS:
        raise OptionError(
            "a listening test has 0 to {most} attention checks, not {count}", most=MOST_CHECKS, count=checks
        )
    if not 0 <= seed < SEEDS:
        raise OptionError("the seed {seed} is not within 0..2**63 - 1", seed=seed)
    known = set()
    for take in takes:
        names = ((take.system, 1, LONGEST_NAME), (take.voice, 0, LONGEST_NAME), (take.sentence, 1, LONGEST_SENTENCE))
        for text, least, most in names:
            if not least <= len(text.strip()) <= len(text) <= most:
                raise OptionError(
                    "{text!r} cannot name what is heard; use {least} to {most} characters",
                    text=text[:40],
                    least=least,
                    most=most,
                )
        if take.system == ANCHOR:
            raise OptionError("a system cannot be called {name!r} here; give it another name", name=ANCHOR)
        who = (take.system, take.voice, take.sentence)
        if who in known:
            raise OptionError(
                "{system}, {voice} says the same sentence twice; leave one out, or give one another name",
                system=take.system,
                voice=take.voice or "-",
            )
        known.add(who)


def _made(takes: Sequence[Sound], of: int, role: Role) -> Sound:
    return Sound(system=ANCHOR, voice="", sentence=takes[of].sentence, role=role, of=of)


def _trials(kind: Kind, sentences: list[list[int]]) -> list[Trial]:
    """Of the numbers of the sounds of each sentence."""
    if kind == "mos":
        return [Trial(sounds=(number,)) for numbers in sentences for number in numbers]
    if kind == "mushra":
        for numbers in sentences:
            if len(numbers) > MOST_TOGETHER:
                raise OptionError(
                    "{count} sounds of one sentence are too many at once; {most} are the most",
                    count=len(numbers),
                    most=MOST_TOGETHER,
                )
        return [Trial(sounds=tuple(numbers)) for numbers in sentences if len(numbers) > 1]
    pairs = sum(len(numbers) * (len(numbers) - 1) // 2 for numbers in sentences)
    if pairs > MOST_TRIALS:
        raise OptionError(
            "this would be {count} trials for each listener; {most} are the most, so choose fewer takes",
            count=pairs,
            most=MOST_TRIALS,
        )
    return [Trial(sounds=pair) for numbers in sentences for pair in combinations(numbers, 2)]


def _checking(
    kind: Kind, trial: Trial, sounds: list[Sound], takes: Sequence[Sound], generator: np.random.Generator
) -> Trial:
    """A trial whose answer is known: a take beside a spoilt copy of it, or, of MOS, that alone."""
    # An anchor is spoilt already; what it was made of is not.
    of = int(generator.choice([number if number < len(takes) else sounds[number].of for number in trial.sounds]))
    spoilt = len(sounds)
    sounds.append(_made(takes, of, "spoilt"))
    match kind:
        case "mos":
            beside: tuple[int, ...] = ()
        case "mushra":
            beside = trial.sounds
        case _:
            beside = (of,)
    return Trial(sounds=(*beside, spoilt), check=True)


def _drawn(generator: np.random.Generator, count: int, wanted: int) -> list[int]:
    """``wanted`` numbers below ``count``, each again only when all were drawn."""
    rounds = [generator.permutation(count) for _ in range(-(-wanted // count))]
    return [int(number) for each in rounds for number in each][:wanted]


# -- the order --


def _row(count: int, listener: int, seed: int, stream: int) -> list[int]:
    """The order of ``count`` things for a listener: a row of a Williams square, whose names were drawn.

    In each full square every thing stands at each place, and follows each other one, equally often (Williams 1949).
    The squares differ from each other by what was drawn, as do their rows by their order.
    """
    rows = count if count % 2 == 0 else 2 * count
    square, row = divmod(listener, rows)
    generator = np.random.default_rng([seed, stream, square])
    names, row = generator.permutation(count), int(generator.permutation(rows)[row])
    # 0, 1, n - 1, 2, n - 2, ...: its differences are all different, so that shifted by 0..n - 1 no pair comes twice.
    zigzag = [(place + 1) // 2 if place % 2 else (count - place // 2) % count for place in range(count)]
    shifted = [(each + row) % count for each in zigzag]
    return [int(names[each]) for each in (shifted[::-1] if row >= count else shifted)]
