"""From answers to judgements, and from judgements to what is known of systems, voices and sentences."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.listening.design import PAIRED, Design, Heard
from engine.listening.statistics import Mean, binomial_p, mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The ``scores`` that the ``listener`` of a number gave at a place of their plan, and ``when`` (seconds, UTC)."""

    listener: int
    place: int
    heard: Heard
    scores: tuple[int, ...]
    when: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What an answer says of one sound, by its number, or of it against the ``other``; of a ``check`` if it was right.

    ``value`` is the score of MOS and MUSHRA. Of a pair it is how much better the first of the design is than the
    other: -1, 0 or 1 of A/B, -3 to 3 of CMOS. Of ABX it is 1 where the unknown was told, 0 where not.
    """

    answer: Answer
    sound: int
    other: int = -1
    value: int
    right: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is known of ``of``, names of what is grouped ``by``: one's own mean, or that of the first over the second.

    Of pairs ``first`` and ``second`` count who was preferred (of ABX who was right and who was not), ``p`` is the
    binomial test of them, without the ``ties``.
    """

    by: str
    of: tuple[str, ...]
    mean: Mean
    first: int = 0
    second: int = 0
    ties: int = 0
    p: float | None = None

    def describe(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def judgements(design: Design, answers: Iterable[Answer]) -> list[Judgement]:
    """What the answers say, in their order."""
    return [each for answer in answers for each in _judged(design, answer)]


def inattentive(judged: Iterable[Judgement]) -> frozenset[int]:
    """The numbers of the listeners who have answered a check wrongly."""
    return frozenset(each.answer.listener for each in judged if each.right is False)


def rows(design: Design, judged: Sequence[Judgement], *, attentive: bool = False) -> list[Row]:
    """The means per system, voice and sentence; with ``attentive`` without the listeners who failed a check.

    Checks themselves are never counted. Pairs of one system with itself are compared by their voices alone.
    """
    failed = inattentive(judged) if attentive else frozenset()
    counted = [each for each in judged if each.right is None and each.answer.listener not in failed]
    groups: dict[tuple[str, tuple[str, ...]], list[Judgement]] = {}
    for each in counted:
        for by, name in _GROUPINGS.items():
            if (of := name(design, each)) is not None:
                groups.setdefault((by, of), []).append(each)
    order = list(_GROUPINGS)
    return [_row(design, by, of, groups[by, of]) for by, of in sorted(groups, key=lambda key: order.index(key[0]))]


def _judged(design: Design, answer: Answer) -> list[Judgement]:
    trial, heard, scores = design.trials[answer.heard.trial], answer.heard.sounds, answer.scores
    if design.kind not in PAIRED:
        by_sound = dict(zip(heard, scores, strict=True))
        right = _tells(by_sound[trial.sounds[-1]], [by_sound[each] for each in trial.sounds[:-1]])
        shown = right if trial.check else None
        return [Judgement(answer=answer, sound=each, value=by_sound[each], right=shown) for each in trial.sounds]
    first, second = trial.sounds
    if design.kind == "abx":
        chosen = heard[0 if scores[0] < 0 else 1]
        value = int(chosen == heard[2])
        right = value > 0
    else:
        value = scores[0] if heard[0] == second else -scores[0]
        right = value > 0  # the second of a check is the spoilt one
    return [Judgement(answer=answer, sound=first, other=second, value=value, right=right if trial.check else None)]


def _tells(spoilt: int, others: Sequence[int]) -> bool:
    """Whether a spoilt sound was rated as one: below the middle of the five, or below the mean of those beside it."""
    return spoilt < sum(others) / len(others) if others else spoilt < 3


def _row(design: Design, by: str, of: tuple[str, ...], group: Sequence[Judgement]) -> Row:
    listeners = [each.answer.listener for each in group]
    found = mean([each.value for each in group], listeners, design.seed % 2**32)
    if design.kind not in PAIRED:
        return Row(by=by, of=of, mean=found)
    right = sum(each.value > 0 for each in group)
    ties = 0 if design.kind == "abx" else sum(each.value == 0 for each in group)
    wrong = len(group) - right - ties
    return Row(by=by, of=of, mean=found, first=right, second=wrong, ties=ties, p=binomial_p(right, right + wrong))


def _system(design: Design, each: Judgement) -> tuple[str, ...] | None:
    names = tuple(sound.system for sound in _sounds(design, each))
    return names if len(names) == len(set(names)) else None


def _voice(design: Design, each: Judgement) -> tuple[str, ...] | None:
    return tuple(text for sound in _sounds(design, each) for text in (sound.system, sound.voice))


def _sentence(design: Design, each: Judgement) -> tuple[str, ...] | None:
    systems = _system(design, each)
    return systems and (*systems, design.sounds[each.sound].sentence)


def _sounds(design: Design, each: Judgement) -> list[Any]:
    return [design.sounds[number] for number in (each.sound, each.other) if number >= 0]


_GROUPINGS: dict[str, Callable[[Design, Judgement], tuple[str, ...] | None]] = {
    "system": _system,
    "voice": _voice,
    "sentence": _sentence,
}
