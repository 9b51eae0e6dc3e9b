"""Tags in an Ogg Opus file are found by every reader, and the sound is as it was."""

import io

import numpy as np
import pytest
import soundfile

from engine.audio.encode import encode
from engine.audio.ogg import with_tags
from tests.engine.audio.test_encode import tags

SOUND = np.sin(np.arange(24_000) / 20).astype(np.float32) * 0.5


@pytest.mark.parametrize("length", [1, 254, 255, 256, 5000])
def test_tags_of_any_length_are_read_by_libsndfile_and_ffmpeg(length: int) -> None:
    plain = encode(SOUND, 24_000, "opus", {})
    tagged = with_tags(plain, {"comment": "x" * length, "title": "ä"}, vendor="libopus")
    with soundfile.SoundFile(io.BytesIO(tagged)) as file:
        assert (file.comment, file.title) == ("x" * length, "ä")
        np.testing.assert_array_equal(file.read(), soundfile.read(io.BytesIO(plain))[0])
    assert tags(tagged)["comment"] == "x" * length
