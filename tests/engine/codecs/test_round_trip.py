"""There and back through every codec, with what it costs."""

import numpy as np
import pytest

from engine.codecs.round_trip import open_way, round_trip
from engine.codecs.shelf import shelved
from engine.errors import OptionError
from engine.steps import finish
from tests.valle import arrays, encodec_file, vocos_folder
from tests.wavtokenizer import lightning_file


@pytest.fixture(scope="module")
def ways(tmp_path_factory):
    folder = tmp_path_factory.mktemp("codecs")
    encodec_file(folder)
    vocos_folder(folder / "vocos")
    lightning_file(folder, "codec40")
    return {way.id: way for way in shelved([folder])}


@pytest.mark.parametrize(
    ("way", "kbps", "books", "frames", "takes"),
    [("encodec", None, 8, 16, 6.0), ("encodec", 1.5, 2, 16, 1.5), ("vocos", None, 8, 16, 6.0),
     ("wavtokenizer-1", None, 1, 9, 0.28)],
)  # fmt: skip
def test_sound_comes_back_as_long_as_it_was(ways, way, kbps, books, frames, takes):
    samples = arrays("encodec")["wav_5000"].numpy()
    trip = finish(round_trip(*open_way(ways[way]), samples, kbps))
    assert trip.codes.shape == (books, frames)
    assert (len(trip.after), trip.after.dtype) == (5000, np.float32)
    assert np.isfinite(trip.after).all()
    assert trip.kbps == pytest.approx(takes)
    assert trip.frames_per_s == (40 if way.startswith("wav") else 75)
    assert min(trip.encode_s, trip.decode_s) > 0


def test_vocos_makes_other_sound_of_the_same_codes(ways):
    samples = arrays("encodec")["wav_5000"].numpy()
    own, others = (finish(round_trip(*open_way(ways[way]), samples)) for way in ("encodec", "vocos"))
    assert np.array_equal(own.codes, others.codes)
    assert not np.allclose(own.after, others.after, atol=1e-3)


def test_a_bandwidth_that_it_lacks_is_named(ways):
    with pytest.raises(OptionError, match=r"has 0\.28 kbit/s, not 6"):
        finish(round_trip(*open_way(ways["wavtokenizer-1"]), np.zeros(600, np.float32), 6.0))
