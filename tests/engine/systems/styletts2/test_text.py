"""The front end: the published vectors, and what is better than they are."""

import pytest

from engine.systems.styletts2.text import (
    IDS,
    SYMBOLS,
    encode,
    phonemize,
    read_as_published,
)
from tests.releases import styletts2_json as read_json

VECTORS = read_json("frontend_vectors")
PATHS = {
    "lj": {"multispeaker": False},
    "libri": {"multispeaker": True},
    "libri_longform": {"multispeaker": True, "long_form": True},
}
# espeak-ng 1.52 no longer tells these two apart; the vectors are of 1.51.
OLD, NEW = "oːɹ", "ɔːɹ"


def same(phonemes):
    return phonemes.replace(OLD, NEW)


def test_the_table_of_symbols_is_the_published_one():
    published = read_json("symbols")
    assert list(SYMBOLS) == published["symbols_in_order"]
    assert len(SYMBOLS) == 178
    assert IDS["'"] == 176


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_the_phonemes_and_ids_are_the_published_ones(vector, path):
    published = vector[path]
    text = vector["input"] if path != "lj" else vector["input"].replace('"', "")
    phonemes = read_as_published(vector["input"], **PATHS[path])
    if "error" in published:
        # Nothing is left to be read, over which the reference stumbles.
        assert phonemes == ""
        return
    assert same(phonemize(text, flags=True)) == same(published["phonemizer_out"][0]).strip()
    assert same(phonemes) == same(published["phonemes"])
    mended = encode(same(published["phonemes"])).ids
    assert encode(same(phonemes)).ids == mended
    if OLD not in published["phonemes"]:
        assert list(encode(phonemes).ids) == published["tokens"]
