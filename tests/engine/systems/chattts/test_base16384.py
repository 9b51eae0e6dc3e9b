"""base16384 by its goldens, against the published package, and with damaged strings."""

import contextlib
import random

import pybase16384
import pytest

from engine.errors import VoiceError
from engine.systems.chattts import base16384


def test_the_published_vectors_are_met_both_ways(golden_json):
    vectors = golden_json("speaker_vectors")["base16384"]
    assert len(vectors) == 12
    for vector in vectors:
        data = bytes.fromhex(vector["hex"])
        assert base16384.encode(data) == vector["string"]
        assert base16384.decode(vector["string"]) == data


def test_strings_equal_those_of_the_published_package():
    rng = random.Random(0)
    for size in range(1, 200):
        data = rng.randbytes(size)
        assert base16384.encode(data) == pybase16384.encode_to_string(data)
        assert base16384.decode(base16384.encode(data)) == data


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("a", "character 1"), ("一\x00", "character 2"), ("\ud800", "character 1"), ("😀", "character 1"), ("㴄", "cut")],
)
def test_a_foreign_string_is_refused_by_name(text, complaint):
    with pytest.raises(VoiceError, match=complaint):
        base16384.decode(text)


def test_cut_strings_never_decode_to_the_whole():
    data = random.Random(1).randbytes(100)
    text = base16384.encode(data)
    for at in range(len(text)):
        with contextlib.suppress(VoiceError):
            assert base16384.decode(text[:at]) != data
