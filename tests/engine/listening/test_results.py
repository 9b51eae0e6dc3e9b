"""What is made of answers, whose judgements were written down by hand or drawn from a known preference."""

import numpy as np
import pytest
from scipy import stats

from engine.listening.design import Design, Sound, design, plan
from engine.listening.results import Answer, Row, inattentive, judgements, rows

TAKES = [Sound(system=who, voice=f"{who}'s", sentence=what) for what in ("One.", "Two.") for who in ("good", "bad")]


def answered(made: Design, listener: int, scores: dict[str, int], *, attends: bool = True) -> list[Answer]:
    """The answers of somebody who gives each system its score, and is right about checks or wrong about all."""
    known = dict(scores, anchor=0)

    def value(number: int) -> int:
        sound = made.sounds[number]
        return (0 if attends else 100) if sound.role == "spoilt" else known[sound.system]

    def scored(sounds: tuple[int, ...]) -> tuple[int, ...]:
        match made.kind:
            case "mos":
                return (min(5, max(1, value(sounds[0]))),)
            case "mushra":
                return tuple(map(value, sounds))
            case "abx":
                same = sounds[0] == sounds[2]
                return (-1 if same == attends else 1,)
            case _:
                most = 1 if made.kind == "ab" else 3
                return (min(most, max(-most, value(sounds[1]) - value(sounds[0]))),)

    return [
        Answer(listener=listener, place=place, heard=heard, scores=scored(heard.sounds), when=0.0)
        for place, heard in enumerate(plan(made, listener))
    ]


def by_name(found: list[Row], by: str) -> dict[tuple[str, ...], Row]:
    return {row.of: row for row in found if row.by == by}


@pytest.mark.parametrize(("kind", "anchors"), [("mos", True), ("mushra", True), ("mos", False)])
def test_rated_sounds_have_means_per_system_voice_and_sentence(kind: str, anchors: bool) -> None:
    made = design(kind, TAKES, anchors=anchors, checks=2)
    given = [answer for who in range(6) for answer in answered(made, who, {"good": 4 + who % 2, "bad": 2})]
    judged = judgements(made, given)
    assert inattentive(judged) == frozenset()
    found = rows(made, judged)
    systems = by_name(found, "system")
    assert set(systems) == {("good",), ("bad",)} | ({("anchor",)} if anchors else set())
    assert systems[("good",)].mean.mean == 4.5
    assert systems[("good",)].mean.count == 12
    assert systems[("good",)].mean.low < 4.5 < systems[("good",)].mean.high
    assert (systems[("bad",)].mean.low, systems[("bad",)].mean.mean, systems[("bad",)].mean.high) == (2, 2, 2)
    assert by_name(found, "voice")[("good", "good's")].mean == systems[("good",)].mean
    assert by_name(found, "sentence")[("bad", "Two.")].mean.count == 6
    assert systems[("bad",)].p is None


@pytest.mark.parametrize(("kind", "score"), [("ab", 1), ("cmos", 2)])
def test_a_preference_is_that_of_the_first_whichever_way_round_it_was_heard(kind: str, score: int) -> None:
    made = design(kind, TAKES, checks=2)
    given = [answer for who in range(7) for answer in answered(made, who, {"good": 4, "bad": 2})]
    given += [answer for who in range(7, 9) for answer in answered(made, who, {"good": 2, "bad": 4})]
    given += answered(made, 9, {"good": 3, "bad": 3})
    row = by_name(rows(made, judgements(made, given)), "system")[("good", "bad")]
    assert (row.first, row.second, row.ties) == (14, 4, 2)
    assert row.mean.mean == pytest.approx(score * 10 / 20)
    assert row.p == pytest.approx(stats.binomtest(14, 18).pvalue)
    voices = by_name(rows(made, judgements(made, given)), "voice")
    assert set(voices) == {("good", "good's", "bad", "bad's")}


def test_abx_counts_who_could_tell() -> None:
    made = design("abx", TAKES, checks=1)
    given = [answer for who in range(8) for answer in answered(made, who, {})]
    given += [answer for who in range(8, 10) for answer in answered(made, who, {}, attends=False)]
    judged = judgements(made, given)
    assert inattentive(judged) == {8, 9}
    row = by_name(rows(made, judged), "system")[("good", "bad")]
    assert (row.first, row.second, row.ties, row.mean.mean) == (16, 4, 0, 0.8)
    assert row.p == pytest.approx(stats.binomtest(16, 20).pvalue)
    kept = by_name(rows(made, judged, attentive=True), "system")[("good", "bad")]
    assert (kept.first, kept.second, kept.mean.listeners) == (16, 0, 8)


@pytest.mark.parametrize("kind", ["ab", "mos", "cmos", "mushra"])
def test_who_fails_a_check_is_left_out_on_request_alone(kind: str) -> None:
    made = design(kind, TAKES, checks=2)
    given = answered(made, 0, {"good": 4, "bad": 2}) + answered(made, 1, {"good": 5, "bad": 1}, attends=False)
    judged = judgements(made, given)
    assert inattentive(judged) == {1}
    listeners = [{row.mean.listeners for row in rows(made, judged, attentive=wish)} for wish in (False, True)]
    assert listeners == [{2}, {1}]
    assert rows(made, judged[:0]) == []


def test_voices_of_one_system_are_compared_as_voices() -> None:
    made = design("ab", [Sound(system="one", voice=voice, sentence="Hello.") for voice in ("ann", "ben")])
    given = [answer for who in range(4) for answer in [*_of_first(made, who)]]
    found = rows(made, judgements(made, given))
    assert [(row.by, row.of, row.first) for row in found] == [("voice", ("one", "ann", "one", "ben"), 4)]


def _of_first(made: Design, listener: int) -> list[Answer]:
    heard = plan(made, listener)[0]
    return [Answer(listener=listener, place=0, heard=heard, scores=(-1 if heard.sounds[0] == 0 else 1,), when=0.0)]


def test_means_are_found_again_from_noisy_ratings() -> None:
    made, generator = design("mushra", TAKES), np.random.default_rng(2)
    given = []
    for who in range(60):
        taste = generator.normal(0, 5)
        for place, heard in enumerate(plan(made, who)):
            centre = np.array([70.0 if made.sounds[each].system == "good" else 55.0 for each in heard.sounds])
            scores = np.clip(np.round(centre + taste + generator.normal(0, 8, 2)), 0, 100).astype(int)
            given.append(Answer(listener=who, place=place, heard=heard, scores=tuple(scores.tolist()), when=0.0))
    systems = by_name(rows(made, judgements(made, given)), "system")
    assert systems[("good",)].mean.low < 70 < systems[("good",)].mean.high
    assert systems[("bad",)].mean.low < 55 < systems[("bad",)].mean.high
