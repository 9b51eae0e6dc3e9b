"""Stress raised and lowered, and letters in one."""

import pytest

from engine.systems.kokoro.phonemes.stress import begins_with_vowel, by_capitals, spelled, stressed


@pytest.mark.parametrize(
    ("phonemes", "change", "said"),
    [
        ("ˌæbˈaʃ", None, "ˌæbˈaʃ"), ("ˌæbˈaʃ", -2, "æbaʃ"), ("ˌæbˈaʃ", -1, "æbˌaʃ"), ("ˌæbˈaʃ", 0, "æbˌaʃ"),
        ("ʃi", 0.5, "ʃˌi"), ("ʃi", 2, "ʃˈi"), ("ʃˌi", 1, "ʃˈi"), ("ʃˌi", 0.5, "ʃˌi"), ("ʃˈi", 2, "ʃˈi"), ("s", 2, "s"),
    ],
)  # fmt: skip
def test_stress_is_changed(phonemes: str, change: float | None, said: str) -> None:
    assert stressed(phonemes, change) == said


def test_capitals_add_stress() -> None:
    assert [by_capitals(word) for word in ("she", "She", "SHE", "iPhone")] == [None, 0.5, 2.0, 0.5]


def test_the_last_letter_has_the_stress() -> None:
    assert spelled(["ˈɛf", "bˈi", "ˈI"]) == "ˌɛfbˌiˈI"
    assert spelled(["ə"]) == "ə"


def test_the_first_sound_counts() -> None:
    assert begins_with_vowel("ˈæpᵊl") is True
    assert begins_with_vowel("kˈæt") is False
    assert begins_with_vowel("“") is None
