"""Voices that were made and not saved are kept within bounds."""

import time

import numpy as np
import pytest

from engine.request import Voice
from server.errors import RequestError
from server.made_voices import MadeVoices
from tests.conftest import fake_pitch, fake_voice


def test_made_voices_are_kept_within_bounds() -> None:
    few = MadeVoices(limit=2)
    ids = [few.keep(fake_voice("x", number)) for number in range(4)]
    assert len(few) == 2
    assert fake_pitch(few.get("fake", ids[3])) == 3
    large = Voice(system="fake", name="x", tensors={"style": np.zeros(100)})
    small = MadeVoices(space=1000)
    first, second = small.keep(large), small.keep(large)
    for voices, gone in ((few, ids[1]), (few, "x"), (small, first)):
        with pytest.raises(RequestError, match="no longer kept"):
            voices.get("fake", gone)
    assert small.get("fake", second) is large
    with pytest.raises(RequestError, match="no longer kept"):
        small.get("other", second)
    brief = MadeVoices(age_s=0.01)
    made = brief.keep(large)
    time.sleep(0.02)
    with pytest.raises(RequestError, match="no longer kept"):
        brief.get("fake", made)
