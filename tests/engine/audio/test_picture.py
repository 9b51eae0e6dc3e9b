import io

import numpy as np
import pytest
from PIL import Image

from engine.audio.picture import mel_png, pair_png

RATE = 22_050


def pixels(samples, rate=RATE, **size):
    """Lightness (height, width)."""
    return np.asarray(Image.open(io.BytesIO(mel_png(samples, rate, **size))).convert("L")).astype(int)


def tone(hz, seconds):
    return np.sin(2 * np.pi * hz * np.arange(int(RATE * seconds)) / RATE)


@pytest.mark.parametrize(("width", "height"), [(800, 160), (300, 64), (33, 200)])
def test_the_picture_has_the_size_asked_for(width, height):
    assert pixels(tone(440, 1), width=width, height=height).shape == (height, width)


def test_time_runs_over_the_whole_width():
    sound = np.concatenate([tone(1000, 1), np.zeros(RATE * 2), tone(1000, 1)])
    bright = pixels(sound, width=400).max(axis=0) > 128
    assert bright[5:95].all()
    assert not bright[110:290].any()
    assert bright[305:395].all()


def test_higher_is_further_up():
    rows = [pixels(tone(hz, 1))[:, 400].argmax() for hz in (200, 1000, 4000, 9000)]
    assert rows == sorted(rows, reverse=True)
    assert len(set(rows)) == 4


def test_louder_is_brighter():
    levels = [1.0, 0.1, 0.01, 0.001]
    sound = np.concatenate([tone(1000, 1) * level for level in levels])
    columns = pixels(sound, width=400).max(axis=0)[50::100]
    assert list(columns) == sorted(columns, reverse=True)
    assert len(set(columns)) == 4


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(1), np.zeros(RATE), tone(440, 1) * 1e-6])
def test_silence_is_dark(samples):
    assert pixels(samples).max() < 10


def test_one_sample_and_an_hour_pass():
    assert pixels(np.ones(1)).shape == (160, 800)
    assert pixels(np.random.default_rng(0).standard_normal(8000 * 3600).astype(np.float32), 8000).shape == (160, 800)


def test_a_pair_stands_above_each_other_by_one_measure():
    data = pair_png(tone(1000, 1), 0.01 * tone(1000, 1), RATE, width=300, height=64)
    picture = np.asarray(Image.open(io.BytesIO(data)).convert("L")).astype(int)
    assert picture.shape == (64 + 4 + 64, 300)
    above, between, below = picture[:64], picture[64:68], picture[68:]
    assert np.array_equal(above, pixels(tone(1000, 1), width=300, height=64))
    assert between.max() == 0
    assert 0 < below.max() < above.max() - 50
