"""Styles as voices: what is no style, no string or no blend is refused in one line."""

import numpy as np
import pytest

from engine.errors import VoiceError
from engine.request import Voice
from engine.systems.styletts2.voices import SYSTEM, blend, fitting, from_string, style_of, to_string, voice_of

NAN = np.full(4, np.nan, np.float32)


def voice(*values, name="a", multispeaker=True):
    return voice_of(np.array(values, np.float32), name, multispeaker=multispeaker)


def test_a_blend_of_one_is_the_voice_and_weights_need_not_add_up():
    one, two = voice(1, 2, 3, 4), voice(3, 2, 1, 0, name="b")
    assert np.array_equal(blend([(one, 7), (two, 0)]).tensors["style"], one.tensors["style"])
    mixed = blend([(one, 2), (two, 2)])
    assert mixed.tensors["style"].tolist() == [2, 2, 2, 2]
    assert (mixed.name, mixed.meta) == ("a 50% + b 50%", one.meta)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([], "no voices"),
        ([(voice(1, 2), -1.0)], "0 or more"),
        ([(voice(1, 2), 0.0)], "not all of them 0"),
        ([(voice(1, 2), float("nan"))], "0 or more"),
        ([(voice(1, 2), 1), (voice(1, 2, 3, 4), 1)], "different models"),
        ([(voice(1, 2), 1), (voice(1, 2, multispeaker=False), 1)], "different models"),
        ([(voice(1, 2), 1), (Voice(system="vits", name="Ada"), 1)], "belongs to vits"),
        ([(voice(1, 2), 1), (Voice(system=SYSTEM, name=""), 1)], "no style of its own"),
    ],
)
def test_what_cannot_be_blended_is_refused(parts, words):
    with pytest.raises(VoiceError, match=words):
        blend(parts)


@pytest.mark.parametrize(
    ("tensor", "words"),
    [
        (np.zeros((2, 2), np.float32), "no style"),
        (np.zeros(3, np.float32), "no style"),
        (np.zeros(4, np.int64), "no style"),
        (np.zeros(0, np.float32), "no style"),
        (NAN, "damaged"),
    ],
)
def test_what_is_no_style_is_refused(tensor, words):
    with pytest.raises(VoiceError, match=words):
        style_of(Voice(system=SYSTEM, name="x", tensors={"style": tensor}))


def test_a_string_holds_exactly_the_style():
    own = voice(0.1, -0.2, 1e-7, 3.25)
    back = from_string(to_string(own), multispeaker=True)
    assert np.array_equal(back.tensors["style"], own.tensors["style"])
    assert fitting(back, 4, multispeaker=True) is not None


@pytest.mark.parametrize("text", ["style:", "style:AAA", "style:é", "style:" + "A" * 8, "style:" + "A" * 200_000])
def test_what_is_no_string_of_a_style_is_refused(text):
    with pytest.raises(VoiceError):
        from_string(text, multispeaker=True)
