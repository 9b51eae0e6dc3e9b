"""The routes of voices over a real server: made, spoken with, saved, handed on; and what hostile callers get."""

import dataclasses
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest
import soundfile
from safetensors.numpy import save

from engine import voice_store
from engine.errors import VoiceError
from engine.request import Voice
from engine.system import SystemSpec
from tests.conftest import FAKE_RATE, fake_pitch, fake_voice
from tests.server.conftest import Served
from tests.server.test_speak_routes import body, speak


def recording(seconds: float = 2.0, pitch: float = 300.0) -> bytes:
    file, angle = io.BytesIO(), 2 * np.pi * pitch * np.arange(int(seconds * 44_100)) / 44_100
    soundfile.write(file, 0.5 * np.sin(angle), 44_100, format="FLAC")
    return file.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def studio(serve_studio: Callable[..., Served], fake_spec: SystemSpec, folder: Path) -> Served:
    """A studio that can keep voices."""
    return serve_studio(fake_spec, models_dir=folder)


def act(studio: Served, act: str, body: Any) -> httpx.Response:
    return httpx.post(f"{studio.url}studio/voices/fake/{act}", json=body)


def send(studio: Served, act: str, data: bytes, kind: str = "application/octet-stream", **query: str) -> httpx.Response:
    url = f"{studio.url}studio/voices/fake/{act}"
    return httpx.post(url, content=data, params=query, headers={"Content-Type": kind})


def pitch(sound: np.ndarray) -> float:
    """Of a sine, by its crossings of zero in the middle."""
    middle = sound[len(sound) // 4 : -len(sound) // 4]
    return np.count_nonzero(np.diff(np.signbit(middle))) / 2 / (len(middle) / FAKE_RATE)


def test_a_recording_is_sent_once_and_speaks_until_it_is_saved(studio: Served, folder: Path) -> None:
    made = send(studio, "recording", recording(), "audio/flac", text="la", name="Aunt  Ann.", language="en_GB")
    assert made.status_code == 200, made.text
    assert made.json()["name"] == "Aunt Ann."
    kept = f"{studio.url}studio/voices/fake/made"
    known = httpx.get(f"{kept}/{made.json()['made']}").json()
    assert known == {"made": made.json()["made"], "name": "Aunt Ann."}
    assert httpx.get(f"{kept}/forgotten").status_code == 404
    events, sound = speak(studio, body(made=made.json()["made"]))
    assert pitch(sound) == pytest.approx(300, rel=0.01)
    take = events[-1]["take"]
    assert (take["voice"], take["form"]["voice"], take["form"]["made"]) == ("Aunt Ann.", "", made.json()["made"])
    assert act(studio, "save", {"made": made.json()["made"], "name": "Ann"}).json() == {"name": "Ann"}
    assert voice_store.load(folder / "voices" / "fake" / "Ann.safetensors").meta == {"transcript": "la"}
    assert pitch(speak(studio, body(voice="Ann"))[1]) == pytest.approx(300, rel=0.01)
    assert httpx.get(f"{studio.url}studio/systems").json()[0]["saved"] == ["Ann"]


def test_what_the_speaker_has_agreed_to_stays_with_the_voice(studio: Served, folder: Path) -> None:
    made = send(studio, "recording", recording(), consent="  I have\nagreed. ").json()["made"]
    act(studio, "save", {"made": made, "name": "Ann"}).raise_for_status()
    kept = voice_store.load(folder / "voices" / "fake" / "Ann.safetensors").meta["consent"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d: I have agreed\.", kept)
    exported = httpx.get(f"{studio.url}studio/voices/fake/Ann.safetensors").content
    assert send(studio, "file", exported, name="Again.safetensors").json() == {"name": "Again"}
    assert voice_store.load(folder / "voices" / "fake" / "Again.safetensors").meta["consent"] == kept


def test_strings_seeds_and_blends_are_made_shown_and_kept(studio: Served) -> None:
    seed = act(studio, "make", {"voice": "seed:50"}).json()
    assert seed["name"] == "seed:50"
    assert act(studio, "string", {"made": seed["made"]}).json() == {"string": "pitch:150"}
    assert act(studio, "string", {"voice": "bass"}).json() == {"string": "pitch:110"}
    parts = [{"made": seed["made"], "weight": 1}, {"voice": "pitch:350", "weight": 0.25}]
    mixed = act(studio, "make", {"blend": parts, "name": "mixed"}).json()
    assert mixed["name"] == "mixed"
    assert act(studio, "string", {"made": mixed["made"]}).json() == {"string": "pitch:190"}
    more = act(studio, "make", {"join": [{"made": seed["made"]}, {"voice": "pitch:350"}]}).json()
    assert act(studio, "string", {"made": more["made"]}).json() == {"string": "pitch:250"}
    assert speak(studio, body(voice="pitch:350"))[0][-1]["take"]["form"]["voice"] == "pitch:350"


def test_what_stands_for_no_voice_is_told_without_a_model(studio: Served) -> None:
    studio.backend.engine.shelf.save(fake_voice("Ann", 200.0), "Ann")
    made = studio.backend.voices.keep(fake_voice("mine", 300.0))
    for good in ({"voice": "pitch:350"}, {"voice": "bass"}, {}, {"voice": "Ann"}, {"made": made}):
        answer = act(studio, "check", good)
        assert (answer.status_code, answer.json()) == (200, {"fits": True}), good
    for wrong, words in (
        ({"voice": "pitch:"}, "there is no voice 'pitch:'"),
        ({"made": "gone"}, "no longer kept"),
        ({"voice": "bass", "model": "none"}, "no model 'none'"),
    ):
        answer = act(studio, "check", wrong)
        assert answer.status_code in (400, 404)
        assert words in answer.json()["error"]["message"]
    spoken = httpx.post(f"{studio.url}studio/speak", json=body(voice="pitch:")).json()
    assert spoken == act(studio, "check", {"voice": "pitch:"}).json()
    assert studio.backend.engine.loaded() == ()


def test_a_saved_voice_travels_as_a_file(studio: Served, folder: Path) -> None:
    act(studio, "save", {"voice": "pitch:200", "name": "Åsa 中"})
    told = httpx.get(f"{studio.url}studio/voices/fake").json()["voices"]
    assert told == [{"name": "Åsa 中", "file": f"studio/voices/fake/{quote('Åsa 中')}.safetensors"}]
    file = httpx.get(studio.url + told[0]["file"])
    assert file.status_code == 200
    assert "attachment" in file.headers["content-disposition"]
    assert act(studio, "delete", {"name": "Åsa 中"}).status_code == 200
    assert httpx.get(studio.url + told[0]["file"]).status_code == 404
    assert send(studio, "file", file.content, name="../Back again.safetensors").json() == {"name": "Back again"}
    assert fake_pitch(voice_store.load(folder / "voices" / "fake" / "Back again.safetensors")) == 200
    assert [path.name for path in folder.rglob("*.safetensors")] == ["Back again.safetensors"]


def test_a_file_of_another_kind_goes_to_the_system_that_reads_it(
    serve_studio: Callable[..., Served], fake_spec: SystemSpec, folder: Path
) -> None:
    def read(path: Path) -> Voice:
        if path.suffix != ".pt" or path.read_bytes() != b"280":
            raise VoiceError(f"{path.name} is no voice")
        return fake_voice(path.stem, 280)

    studio = serve_studio(dataclasses.replace(fake_spec, voice_file=read), models_dir=folder)
    assert send(studio, "file", b"280", name="old.pt").json() == {"name": "old"}
    for name, kept in (("𠀀" * 300 + ".pt", "cannot be"), ("con.pt", "device"), ("a/../.pt", "no voice")):
        answer = send(studio, "file", b"280", name=name)
        assert answer.status_code == 400, answer.text
        assert kept in answer.json()["error"]["message"]
    assert send(studio, "file", b"x", name="old.pt").json()["error"]["message"] == "old.pt is no voice"


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("make", [], 400, "must be a JSON object"),
        ("make", {"voice": 3}, 400, "the voice must be a text, not 3"),
        ("make", {"voice": "tenor"}, 400, "no voice 'tenor'"),
        ("make", {"made": "nothing"}, 404, "no longer kept"),
        ("make", {"voice": "alto", "model": "../x"}, 400, "no model '../x'"),
        ("make", {"blend": "alto"}, 400, "must be a list of objects"),
        ("make", {"blend": ["alto"]}, 400, "'blend[0]' must be a JSON object"),
        ("make", {"blend": [{"voice": "alto", "weight": "1"}] * 2}, 400, "'blend[0].weight' must be a number"),
        ("make", {"blend": [{"voice": "alto", "weight": -1}] * 2}, 400, "from 0 up"),
        ("make", {"blend": [{"voice": "alto", "weight": 1}] * 99}, 400, "at most 8"),
        ("make", {"blend": [{"voice": "alto"}] * 2}, 400, "needs the field 'weight'"),
        ("make", {"blend": []}, 400, "'blend' must hold at least 1"),
        ("make", {"blend": [{"voice": "alto", "weight": 1}]}, 400, "2 to 8 make a blend"),
        ("make", {"voice": "alto", "made": "x"}, 400, "choose one of them"),
        ("make", {"join": [{"voice": "alto"}]}, 400, "2 to 8 can be joined"),
        ("make", {"join": [{"voice": "alto", "weight": 1}]}, 400, "no field"),
        ("make", {"voice": "alto", "tune": 1}, 400, "no field 'tune'"),
        ("save", {"voice": "alto", "name": "../../x"}, 400, "cannot be the name"),
        ("save", {"voice": "alto"}, 400, "cannot be the name"),
        ("save", {"voice": "alto", "name": "bass"}, 400, "a voice of the model itself"),
        ("delete", {"name": "../fake.json"}, 400, "no saved voice"),
        ("string", {"made": "nothing"}, 404, "no longer kept"),
        ("explode", {}, 404, ""),
    ],
)
def test_a_mistake_gets_one_clear_line(studio: Served, path: str, body: Any, status: int, words: str) -> None:
    answer = act(studio, path, body)
    assert answer.status_code == status
    assert words in answer.text
    assert answer.text.count("\n") == 0


def test_hostile_uploads_are_refused_and_the_server_keeps_serving(studio: Served, folder: Path) -> None:
    voice_store.save(Voice(system="other", name="x"), folder.parent / "x.safetensors")
    theirs = (folder.parent / "x.safetensors").read_bytes()
    odd = save({"pitch": np.zeros((3, 3), np.float32)}, {"kind": "polyphone voice 1", "system": "fake", "name": "x"})
    for answer, status, words in (
        (send(studio, "recording", b"#EXTM3U\nfile:///etc/passwd", "audio/mpegurl"), 400, "damaged, or of a kind"),
        (send(studio, "recording", b""), 400, "is empty"),
        (send(studio, "recording", recording(0.1)), 400, "at least 1 s"),
        (send(studio, "recording", recording(70)), 400, "longer than 60 s"),
        (send(studio, "recording", bytes(51 * 2**20)), 413, "larger than 50 MiB"),
        (send(studio, "recording", recording(), "text/plain"), 415, "as application/octet-stream"),
        (send(studio, "recording", recording(), "multipart/form-data"), 415, "as application/octet-stream"),
        (send(studio, "recording", recording(), language="tlh"), 400, "does not speak 'tlh'"),
        (send(studio, "recording", recording(), language="en GB"), 400, "Language must be the code of one"),
        (send(studio, "recording", recording(), text="x" * 2001), 400, "transcript has 2,001"),
        (send(studio, "file", b"\x80\x04.", name="x.pt"), 400, "x.pt is no voice file"),
        (send(studio, "file", b"\xff" * 100, name="x.safetensors"), 400, "no voice file"),
        (send(studio, "file", theirs, name="x.safetensors"), 400, "a voice of other, not of fake"),
        (send(studio, "file", bytes(9 * 2**20), name="x.safetensors"), 413, "larger than 8 MiB"),
    ):
        assert answer.status_code == status, answer.text
        assert words in answer.json()["error"]["message"], answer.text
    # A file that only the system can see through is refused when it is to speak.
    assert send(studio, "file", odd, name="odd.safetensors").json() == {"name": "odd"}
    assert speak(studio, body(voice="odd"))[0][-1]["error"]["message"] == "the voice odd has no pitch"
    assert speak(studio, body())[1].size > 0


def test_a_made_voice_is_its_makers_systems_and_goes_with_no_other(studio: Served) -> None:
    made = act(studio, "make", {"voice": "alto"}).json()["made"]
    for wanted, status in ((body(made="nothing"), 404), (body(made=made, voice="alto"), 400)):
        assert httpx.post(f"{studio.url}studio/speak", json=wanted).status_code == status


def test_without_a_folder_voices_are_made_but_not_saved(
    serve_studio: Callable[..., Served], fake_spec: SystemSpec
) -> None:
    studio = serve_studio(fake_spec)
    made = act(studio, "make", {"voice": "seed:1"}).json()["made"]
    refused = act(studio, "save", {"made": made, "name": "x"})
    assert (refused.status_code, refused.json()["error"]["type"]) == (507, "SaveError")
