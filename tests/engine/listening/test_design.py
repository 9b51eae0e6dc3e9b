"""What is heard beside what, and in which order: every kind of test, balanced over listeners, by seed."""

import dataclasses
from collections import Counter
from itertools import pairwise

import pytest

from engine.errors import OptionError
from engine.listening.design import ANCHOR, KINDS, MOST_SOUNDS, Design, Heard, Sound, check_scores, design, plan


def takes(systems: int = 3, sentences: int = 2) -> list[Sound]:
    return [
        Sound(system=f"system {who}", voice="ann", sentence=f"Sentence {what}.")
        for what in range(sentences)
        for who in range(systems)
    ]


def refused(kind: str = "mos", sounds: list[Sound] | None = None, **more: int) -> str:
    with pytest.raises(OptionError) as caught:
        design(kind, takes() if sounds is None else sounds, **more)
    return str(caught.value)


@pytest.mark.parametrize(("kind", "count", "together"), [("ab", 6, 2), ("abx", 6, 2), ("cmos", 6, 2), ("mos", 6, 1)])
def test_every_pair_of_a_sentence_is_compared_once_and_every_sound_rated_once(
    kind: str, count: int, together: int
) -> None:
    made = design(kind, takes())
    assert len(made.trials) == len({trial.sounds for trial in made.trials}) == count
    for trial in made.trials:
        assert len(trial.sounds) == together
        assert len({made.sounds[number].sentence for number in trial.sounds}) == 1


def test_mushra_has_all_of_a_sentence_and_its_anchor_at_once() -> None:
    made = design("mushra", takes(), anchors=True)
    assert [trial.sounds for trial in made.trials] == [(0, 1, 2, 6), (3, 4, 5, 7)]
    assert [(sound.system, sound.role, sound.of) for sound in made.sounds[6:]] == [
        (ANCHOR, "anchor", at) for at in (0, 3)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_of_a_check_is_known(kind: str) -> None:
    made = design(kind, takes(), checks=8)
    checks = [trial for trial in made.trials if trial.check]
    assert len(checks) == 8
    for check in checks:
        *beside, spoilt = (made.sounds[number] for number in check.sounds)
        assert spoilt.role == "spoilt"
        assert [sound.role for sound in beside] == [""] * {"mos": 0, "mushra": 3}.get(kind, 1)
        if beside:
            assert spoilt.of in check.sounds


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_the_test_and_every_plan_again(kind: str) -> None:
    def whole(seed: int) -> tuple[Design, list[tuple[Heard, ...]]]:
        made = design(kind, takes(), seed=seed, checks=2)
        return made, [plan(made, listener) for listener in range(20)]

    assert whole(5) == whole(5)
    assert whole(5)[1] != whole(6)[1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("checks", [0, 1])
def test_every_trial_stands_at_each_place_and_follows_each_other_equally_often(kind: str, checks: int) -> None:
    made = design(kind, takes(sentences=3), checks=checks)
    count = len(made.trials)
    rows = count if count % 2 == 0 else 2 * count
    plans = [[heard.trial for heard in plan(made, listener)] for listener in range(rows)]
    places = Counter((place, trial) for each in plans for place, trial in enumerate(each))
    assert set(places.values()) == {rows // count}
    assert len(places) == count**2
    neighbours = Counter(pair for each in plans for pair in pairwise(each))
    assert len(neighbours) == count * (count - 1)
    assert set(neighbours.values()) == {rows // count}
    following = [[heard.trial for heard in plan(made, listener)] for listener in range(rows, 2 * rows)]
    assert following != plans
    assert Counter((place, trial) for each in following for place, trial in enumerate(each)) == places


@pytest.mark.parametrize("kind", ["ab", "abx", "cmos"])
def test_of_two_listeners_each_hears_the_pair_the_other_way_round(kind: str) -> None:
    made = design(kind, takes(), checks=2)
    for trial in range(len(made.trials)):
        heard = [next(each for each in plan(made, who) if each.trial == trial).sounds for who in range(8)]
        assert Counter(each[:2] for each in heard) == dict.fromkeys((heard[0][:2], heard[0][1::-1]), 4)
        if kind == "abx":
            assert set(Counter(heard).values()) == {2}
            assert len(set(heard)) == 4
            assert all(each[2] in each[:2] for each in heard)
    first = [next(each for each in plan(made, 0) if each.trial == trial).sounds for trial in range(len(made.trials))]
    assert len({made.trials[trial].sounds[0] == sounds[0] for trial, sounds in enumerate(first)}) == 2


def test_in_mushra_each_sound_stands_in_each_place_equally_often() -> None:
    made = design("mushra", takes(systems=4))
    for trial in range(2):
        heard = [next(each for each in plan(made, who) if each.trial == trial).sounds for who in range(4)]
        assert len({(place, sound) for each in heard for place, sound in enumerate(each)}) == 16


def test_what_cannot_be_a_test_is_refused() -> None:
    assert "the kinds are ab, abx" in refused("arena")
    assert "1 to 200 sounds, not 0" in refused(sounds=[])
    assert "1 to 200 sounds, not 201" in refused(sounds=takes(systems=1, sentences=MOST_SOUNDS + 1))
    assert "attention checks" in refused(checks=11)
    assert "seed" in refused(seed=-1)
    assert "anchors belong to mos" in refused("ab", anchors=True)
    assert "said by two" in refused("ab", takes(systems=1))
    assert "said by two" in refused("mushra", takes(systems=1))
    assert "too many at once" in refused("mushra", takes(systems=13))
    assert "would be 380 trials" in refused("cmos", takes(systems=20))
    assert "would be 201 trials" in refused("mos", takes(systems=100), checks=1)
    assert "twice" in refused(sounds=[*takes(), takes()[0]])
    for field, text in (("system", " "), ("system", "x" * 81), ("voice", "x" * 81), ("sentence", "x" * 1001)):
        assert "cannot name" in refused(sounds=[dataclasses.replace(takes()[0], **{field: text})])
    assert "another name" in refused(sounds=[dataclasses.replace(takes()[0], system=ANCHOR)])


def test_scores_are_those_of_the_scale() -> None:
    pair, four = Heard(trial=0, sounds=(0, 1)), Heard(trial=0, sounds=(0, 1, 2, 3))
    for kind, heard, scores in (
        ("ab", pair, [0]), ("abx", pair, [-1]), ("mos", pair, [5]), ("cmos", pair, [-3]),
        ("mushra", four, [0, 100, 5, 5]),
    ):  # fmt: skip
        check_scores(kind, heard, scores)
    for kind, heard, scores in (
        ("ab", pair, [2]), ("abx", pair, [0]), ("mos", pair, [0]), ("cmos", pair, [4]),
        ("mushra", four, [0, 1, 2, 101]), ("mos", pair, []), ("mos", pair, [1, 2]), ("mushra", four, [1]),
    ):  # fmt: skip
        with pytest.raises(OptionError, match="score"):
            check_scores(kind, heard, scores)
