"""Voices by name, mixes by weight, and what is none."""

import numpy as np
import pytest

from engine.errors import VoiceError
from engine.request import Voice
from engine.systems.kokoro import voices
from engine.systems.kokoro.voices import blend, parse, to_string, voice_of


def pack(value, rows=510, width=256):
    return np.full((rows, width), value, np.float32)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("af_heart", [("af_heart", 1)]),
        ("af_heart=2,bf_emma=1", [("af_heart", 2), ("bf_emma", 1)]),
        ("af_bella(2)+af_sky(1)", [("af_bella", 2), ("af_sky", 1)]),
        ("a,b", [("a", 1), ("b", 1)]),
        (" a = .5 , b ( 1.5 ) + c", [("a", 0.5), ("b", 1.5), ("c", 1)]),
    ],
)
def test_mixes_are_written_in_several_ways(text, parts):
    assert list(parse(text)) == parts


@pytest.mark.parametrize(
    "text", ["a,", "a b", "a=", "a=-1", "a(2", "a=1e9", "a=nan", "a=0,b=0", "+", "a," * 30, "a" * 1001]
)
def test_what_names_no_voice_is_refused(text):
    with pytest.raises(VoiceError):
        parse(text)


def test_unknown_voices_are_named_with_those_there_are():
    voices.check_name("", ("af_heart",))
    voices.check_name("af_heart=2,bf_emma", ("af_heart", "bf_emma"))
    with pytest.raises(VoiceError, match="no voice 'af_hart'; the voices are af_heart"):
        voices.check_name("af_hart", ("af_heart",))
    with pytest.raises(VoiceError, match="beside this model"):
        voices.check_name("", ())


def test_a_mix_is_the_weighted_mean_and_speaks_as_the_heaviest():
    mixed = blend([(voice_of(pack(1), "jf_alpha"), 1), (voice_of(pack(4), "af_heart"), 3)])
    np.testing.assert_allclose(voices.pack_of(mixed), 3.25)
    assert voices.language_of(mixed).tag == "en-us"
    assert mixed.name == "jf_alpha 25% + af_heart 75%"
    assert to_string(mixed) == "jf_alpha=0.25,af_heart=0.75"


def test_a_mix_of_mixes_is_one_mix():
    half = blend([(voice_of(pack(1), "a"), 1), (voice_of(pack(2), "b"), 1)])
    whole = blend([(half, 1), (voice_of(pack(2), "b"), 1)])
    assert to_string(whole) == "a=0.25,b=0.75"
    np.testing.assert_allclose(voices.pack_of(whole), 1.75)


def test_a_voice_alone_needs_no_string_and_one_of_a_file_has_none():
    assert to_string(voice_of(pack(1), "af_heart")) == ""
    with pytest.raises(VoiceError, match="no mix"):
        to_string(Voice(system="kokoro", name="mine", tensors={"pack": pack(1)}))


@pytest.mark.parametrize(
    "tensors",
    [
        {},
        {"pack": np.zeros((510, 1, 256), np.float32)},
        {"pack": np.zeros((510, 255), np.float32)},
        {"pack": np.zeros((0, 256), np.float32)},
        {"pack": np.zeros((10, 256), np.int64)},
        {"pack": np.full((10, 256), np.nan, np.float32)},
    ],
)
def test_what_is_no_table_of_styles_is_refused(tensors):
    with pytest.raises(VoiceError):
        voices.check(Voice(system="kokoro", name="odd", tensors=tensors))


def test_blends_of_other_models_and_systems_are_refused():
    with pytest.raises(VoiceError, match="different models"):
        blend([(voice_of(pack(1), "a"), 1), (voice_of(pack(1, width=32), "b"), 1)])
    with pytest.raises(VoiceError, match="belongs to styletts2"):
        blend([(Voice(system="styletts2", name="b"), 1)])
    with pytest.raises(VoiceError, match="weights"):
        blend([(voice_of(pack(1), "a"), -1)])
    with pytest.raises(VoiceError, match="256 values; this model needs 32"):
        voices.fitting(voice_of(pack(1), "a"), 32)
