"""Whisper: what it hears in speech, noise and silence, how it is stopped, and what of folders it refuses."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.engine import Engine
from engine.errors import ConfigError, WeightsMismatch, WeightsMissing
from engine.events import Progress
from engine.recognition.recogniser import SAMPLE_RATE, Heard
from engine.recognition.whisper import SPEC, Whisper, languages_of, load, pick, verify
from engine.steps import finish

TEXT = "The kettle is on and the tea is nearly ready."


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return finish(load(SPEC.bundled))


@pytest.fixture(scope="module")
def spoken() -> np.ndarray:
    import soxr

    speech = Engine(device="cpu").say(TEXT, system="kokoro", voice="af_clara", seed=1)
    return soxr.resample(speech.samples, speech.sample_rate, SAMPLE_RATE)


def heard(whisper: Whisper, samples: np.ndarray, language: str = "en") -> Heard:
    return finish(whisper.hear(np.asarray(samples, np.float32), language))


def test_words_are_heard_with_their_times_and_confidences(whisper: Whisper, spoken: np.ndarray) -> None:
    found = heard(whisper, spoken)
    assert (found.text, found.language, found.repeats) == (TEXT, "en", False)
    assert [word.text for word in found.words] == TEXT.split()
    times = [time for word in found.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= len(spoken) / SAMPLE_RATE
    assert all(0 < word.confidence <= 1 for word in found.words)
    assert np.mean([word.confidence for word in found.words]) > 0.7


@pytest.mark.parametrize("level", [0.0, 1e-5, 0.1])
def test_silence_and_noise_hold_no_words(whisper: Whisper, level: float) -> None:
    noise = np.random.default_rng(1).normal(0, level, 3 * SAMPLE_RATE)
    found = heard(whisper, noise)
    assert (found.text, found.words) == ("", ())


def test_it_tells_how_far_it_is_and_stops_when_it_is_closed(whisper: Whisper, spoken: np.ndarray) -> None:
    long = np.concatenate([spoken, np.zeros(SAMPLE_RATE, np.float32)] * 10)
    work = whisper.hear(long, "en")
    first, second = next(work), next(work)
    assert isinstance(second, Progress)
    assert first.done == 0
    assert 0 < second.done < first.total == len(long) / SAMPLE_RATE
    work.close()
    assert next(work, None) is None


def test_an_english_model_is_told_from_one_of_many_languages(tmp_path: Path) -> None:
    assert languages_of(SPEC.bundled) == ("en",)
    (tmp_path / "config.json").write_text(json.dumps({"suppress_ids_begin": [220, 50257]}))
    assert {"en", "zh", "ja", "ko"} < {*languages_of(tmp_path)}
    assert len(languages_of(tmp_path)) == 99
    (tmp_path / "config.json").write_text(json.dumps({"suppress_ids_begin": ["220"]}))
    with pytest.raises(ConfigError, match="no configuration of Whisper"):
        languages_of(tmp_path)


def test_a_model_is_known_by_its_files() -> None:
    files = ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt")
    assert pick((*files, "README.md")) == files
    assert pick(files[:3]) == ()
    assert pick((*files[1:], "config.yml")) == ()
    newer = (*files[:3], "vocabulary.json", "preprocessor_config.json")
    assert pick(newer) == newer


def test_what_is_no_model_or_damaged_is_refused_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="CTranslate2's layout"):
        verify(tmp_path / "nowhere")
    broken = shutil.copytree(SPEC.bundled, tmp_path / "broken")
    (broken / "model.bin").write_bytes((SPEC.bundled / "model.bin").read_bytes()[:100_000])
    with pytest.raises(WeightsMismatch, match="cannot be loaded as a Whisper model"):
        finish(load(broken))
    verify(SPEC.bundled)


def test_every_release_says_its_files_its_languages_and_its_licence() -> None:
    for release in SPEC.releases:
        places = [file.place for file in release.files]
        assert pick(places) == tuple(sorted(places, key=pick(places).index)), release.name
        assert release.terms.commercial
        assert release.about_bytes or all(file.size and len(file.sha256) == 64 for file in release.files)
