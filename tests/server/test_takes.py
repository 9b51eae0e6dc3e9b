"""Takes are kept within bounds, and their files hold the sound and say what made it."""

import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.audio.encode import FORMATS, encode
from engine.audio.label import facts
from engine.engine import Engine
from engine.errors import SaveError
from engine.request import SynthesisRequest
from engine.speech import collect
from engine.system import SystemSpec
from server.errors import RequestError
from server.requests import Asked
from server.takes import COMPRESSED, PEAKS, Take, Takes, peaks
from tests.timing import PATIENCE_S, until


@pytest.fixture
def keep(fake_spec: SystemSpec) -> Callable[..., Take]:
    engine = Engine((fake_spec,))

    def run(takes: Takes, text: str = "Hello there, world.") -> Take:
        request = SynthesisRequest(system="fake", text=text, options=fake_spec.options(), voice="bass", seed=7)
        take = takes.keep(Asked(request=request), collect(engine.synthesize(request), request))
        assert take is not None
        return take

    return run


@pytest.mark.parametrize("ending", FORMATS)
def test_each_format_decodes_to_the_sound_and_carries_its_label(
    tmp_path: Path, keep: Callable[..., Take], ending: str
) -> None:
    takes = Takes(tmp_path / "takes")
    take = keep(takes)
    with soundfile.SoundFile(takes.file(take, ending)) as file:
        comment = file.comment
        samples = file.read(dtype="float32")
        assert len(samples) / file.samplerate == pytest.approx(take.audio_s, abs=0.1)
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.05)
    assert facts(comment)["ai_generated"] is True
    assert facts(comment)["seed"] == 7
    assert facts(comment)["voice"] == "bass"


def test_the_picture_is_a_png(tmp_path: Path, keep: Callable[..., Take]) -> None:
    takes = Takes(tmp_path / "takes")
    assert takes.picture(keep(takes)).read_bytes().startswith(b"\x89PNG")


def test_the_oldest_takes_go_first_and_leave_no_files(tmp_path: Path, keep: Callable[..., Take]) -> None:
    takes = Takes(tmp_path / "takes", limit=3)
    kept = [keep(takes, f"Take number {n}.") for n in range(5)]
    assert [takes.get(take.id) is not None for take in kept] == [False, False, True, True, True]
    takes.close()
    left = {take.id for take in kept[2:]}
    until(lambda: {path.name.split(".")[0] for path in (tmp_path / "takes").iterdir()} == left)


def test_takes_beyond_the_space_go(tmp_path: Path, keep: Callable[..., Take]) -> None:
    takes = Takes(tmp_path / "takes", space=1)
    first, second = keep(takes), keep(takes)
    assert takes.get(first.id) is None
    assert takes.get(second.id) is None  # it alone is more than the space


def test_takes_grow_old(tmp_path: Path, keep: Callable[..., Take]) -> None:
    takes = Takes(tmp_path / "takes", age_s=0.0)
    assert takes.get(keep(takes).id) is None


def test_a_disk_that_does_not_hold_the_take_is_said_so(tmp_path: Path, keep: Callable[..., Take]) -> None:
    takes = Takes(tmp_path / "takes")
    shutil.rmtree(tmp_path / "takes")
    (tmp_path / "takes").write_text("in the way")
    with pytest.raises(SaveError):
        keep(takes)
    assert len(takes) == 0


def test_a_folder_that_was_removed_is_made_anew_and_what_was_in_it_is_gone(
    tmp_path: Path, keep: Callable[..., Take]
) -> None:
    takes = Takes(tmp_path / "studio" / "takes")
    lost = keep(takes)
    shutil.rmtree(tmp_path / "studio")
    kept = keep(takes)
    assert takes.file(kept, "wav").stat().st_size > 1000
    assert takes.get(kept.id) == kept
    assert takes.get(lost.id) is None
    assert [path.stat().st_mode & 0o077 for path in (tmp_path / "studio", tmp_path / "studio" / "takes")] == [0, 0]


def test_the_folder_is_private(tmp_path: Path) -> None:
    Takes(tmp_path / "takes")
    assert (tmp_path / "takes").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("Hello, world! How is it going today?", "fake-bass-Hello-world-How-is-it-7"),
        ("../../etc/passwd", "fake-bass-etc-passwd-7"),
        ("你好,世界", "fake-bass-你好-世界-7"),
        ("声" * 60, f"fake-bass-{'声' * 36}-7"),
    ],
)
def test_file_names_say_what_it_is_and_hold_no_path(
    tmp_path: Path, keep: Callable[..., Take], text: str, stem: str
) -> None:
    assert keep(Takes(tmp_path / "takes"), text).stem == stem


def test_peaks_follow_the_loudness() -> None:
    samples = np.concatenate([np.zeros(1000), np.full(1000, -0.5), np.full(1000, 2.0)]).astype(np.float32)
    found = peaks(samples, 3)
    assert found == (0, 50, 100)
    assert len(peaks(samples)) == PEAKS
    assert peaks(samples[:5]) == (0,) * 5
    assert peaks(samples[:0]) == ()


def test_a_finished_take_is_encoded_before_anybody_asks(tmp_path: Path, keep: Callable[..., Take]) -> None:
    takes = Takes(tmp_path / "takes")
    take = keep(takes)
    until(lambda: all((tmp_path / "takes" / f"{take.id}.{ending}").exists() for ending in COMPRESSED))


def test_a_file_that_takes_long_holds_up_no_other_of_any_take(
    tmp_path: Path, keep: Callable[..., Take], monkeypatch: pytest.MonkeyPatch
) -> None:
    takes = Takes(tmp_path / "takes")
    slow, quick = keep(takes), keep(takes)
    release = threading.Event()

    def held_up(samples: np.ndarray, rate: int, ending: str, tags: Mapping[str, str]) -> bytes:
        if ending == "flac":
            release.wait(PATIENCE_S)
        return encode(samples, rate, ending, tags)

    monkeypatch.setattr("server.takes.encode", held_up)
    waiting = threading.Thread(target=takes.file, args=(slow, "flac"))
    waiting.start()
    for take in (quick, slow):
        assert takes.file(take, "wav").exists()
    assert takes.picture(slow).exists()
    assert waiting.is_alive()
    release.set()
    waiting.join(PATIENCE_S)
    assert takes.file(slow, "flac").exists()


def test_a_deleted_take_leaves_nothing_and_the_others_alone(tmp_path: Path, keep: Callable[..., Take]) -> None:
    takes = Takes(tmp_path / "takes")
    one, other = keep(takes), keep(takes)
    takes.picture(one)
    takes.file(one, "wav")
    assert takes.delete(one.id)
    assert not takes.delete(one.id)
    assert takes.get(one.id) is None
    assert takes.get(other.id) == other
    for make in (takes.picture, lambda take: takes.file(take, "flac")):
        with pytest.raises(RequestError, match="no such take"):
            make(one)
    until(lambda: takes.encoded(other)["opus"] == "ready")
    assert {path.name.split(".")[0] for path in (tmp_path / "takes").iterdir()} == {other.id}


def test_a_take_that_is_deleted_while_a_file_of_it_is_made_leaves_none(
    tmp_path: Path, keep: Callable[..., Take], monkeypatch: pytest.MonkeyPatch
) -> None:
    takes = Takes(tmp_path / "takes")
    take = keep(takes)
    until(lambda: takes.encoded(take)["opus"] == "ready")

    def deleted_meanwhile(samples: np.ndarray, rate: int, ending: str, tags: Mapping[str, str]) -> bytes:
        takes.delete(take.id)
        return encode(samples, rate, ending, tags)

    monkeypatch.setattr("server.takes.encode", deleted_meanwhile)
    with pytest.raises(RequestError, match="no such take") as refused:
        takes.file(take, "flac")
    assert refused.value.status == 404
    assert list((tmp_path / "takes").iterdir()) == []


def test_how_far_the_files_are_is_known(
    tmp_path: Path, keep: Callable[..., Take], monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def one_fails(samples: np.ndarray, rate: int, ending: str, tags: Mapping[str, str]) -> bytes:
        go_on.wait(PATIENCE_S)
        if ending == "mp3":
            raise SaveError("the disk is full")
        if ending == "ogg":
            raise MemoryError
        return encode(samples, rate, ending, tags)

    monkeypatch.setattr("server.takes.encode", one_fails)
    takes = Takes(tmp_path / "takes")
    take = keep(takes)
    at_once = {"wav": "ready", "flac": "ready"}
    assert takes.encoded(take) == at_once | dict.fromkeys(COMPRESSED, "encoding")
    go_on.set()
    until(lambda: takes.encoded(take)["opus"] == "ready")
    assert takes.encoded(take) == at_once | {"mp3": "failed", "ogg": "failed", "opus": "ready"}
    monkeypatch.setattr("server.takes.encode", encode)
    takes.file(take, "mp3")  # somebody asks for it all the same
    assert takes.encoded(take)["mp3"] == "ready"
