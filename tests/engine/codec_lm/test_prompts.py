"""What is no prompt is refused."""

import numpy as np
import pytest

from engine.codec_lm.prompts import check_length, checked_codes
from engine.errors import VoiceError


def test_codes_are_kept():
    codes = np.arange(40, dtype=np.int64).reshape(5, 8)
    assert checked_codes(codes).dtype == np.int16
    assert np.array_equal(checked_codes(codes), codes)


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (np.zeros((5, 7), int), "shape"),
        (np.zeros((0, 8), int), "shape"),
        (np.zeros((4501, 8), int), "shape"),
        (np.zeros((5, 8)), "float64"),
        (np.full((5, 8), 1024), "code 1024"),
        (np.full((5, 8), -1), "code 1"),
    ],
)
def test_other_arrays_are_refused(codes, message):
    with pytest.raises(VoiceError, match=message):
        checked_codes(codes)


def test_long_recordings_are_refused():
    check_length(15)
    with pytest.raises(VoiceError, match="takes 16 s"):
        check_length(16)
