"""The routes over a real server: what is streamed is what the engine makes, and every way of ending frees the model."""

import dataclasses
import io
import itertools
import json
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile

from engine.engine import Engine
from engine.events import AudioChunk
from engine.request import SynthesisRequest
from engine.system import SystemSpec
from tests.server.conftest import Served
from tests.timing import until, within

MISTAKE = "the studio made a mistake; its log says which"
LONG = "This is one of many sentences that take their time. " * 20


def body(text: str = "Hello there.", **fields: Any) -> dict[str, Any]:
    return {"text": text, "system": "fake", **fields}


def frames(answer: httpx.Response) -> Iterator[dict[str, Any] | np.ndarray]:
    """The frames of a stream as they come: objects and samples."""
    rest = b""
    for piece in answer.iter_raw():
        rest += piece
        while len(rest) >= 5:
            kind, size = struct.unpack_from("<cI", rest)
            if len(rest) < 5 + size:
                break
            payload, rest = rest[5 : 5 + size], rest[5 + size :]
            yield json.loads(payload) if kind == b"J" else np.frombuffer(payload, "<f4")


def speak(studio: Served, request: dict[str, Any]) -> tuple[list[dict[str, Any]], np.ndarray]:
    """All events and all samples of one request."""
    with httpx.stream("POST", f"{studio.url}studio/speak", json=request, timeout=60) as answer:
        assert answer.status_code == 200, answer.read()
        found = list(frames(answer))
    sound = [frame for frame in found if isinstance(frame, np.ndarray)]
    return [frame for frame in found if isinstance(frame, dict)], np.concatenate(sound or [np.zeros(0, np.float32)])


@pytest.fixture
def log() -> list[str]:
    """What happened inside the fake system."""
    return []


@pytest.fixture
def slow(serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec], log: list[str]) -> Served:
    """A studio whose system needs 50 ms for each 100 ms of sound, for one listener at a time and none waiting."""
    return serve_studio(make_fake_spec(delay=0.05, seconds_per_character=0.05, log=log), places=1, queue=0)


def test_the_stream_is_what_the_engine_makes(studio: Served, fake_spec: SystemSpec) -> None:
    events, sound = speak(studio, body(seed=5, voice="bass", options={"level": 0.25}))
    request = SynthesisRequest(
        system="fake", text="Hello there.", voice="bass", seed=5, options=fake_spec.options(level=0.25)
    )
    chunks = [e.samples for e in Engine((fake_spec,)).synthesize(request) if isinstance(e, AudioChunk)]
    np.testing.assert_array_equal(sound, np.concatenate(chunks))
    names = [event["event"] for event in events]
    assert names[0] == "job"
    assert "started" in names
    assert names[-1] == "finished"
    take = events[-1]["take"]
    assert take["audio_s"] == pytest.approx(len(sound) / 22_050)
    assert 0 < take["first_audio_s"] <= take["synth_s"]
    assert take["rtf"] == pytest.approx(take["synth_s"] / take["audio_s"])
    assert take["form"] == {
        "text": "Hello there.",
        "system": "fake",
        "model": "",
        "voice": "bass",
        "made": "",
        "language": "",
        "tries": 1,
        "seed": 5,
        "options": {
            "level": 0.25,
            "partials": 1,
            "shape": "sine",
            "label": "",
            "compat": False,
            "rewrite": False,
            "hum": "Hm,",
        },
    }


def test_a_language_may_name_its_region_and_a_model_of_the_users_own_may_speak_another(
    serve_studio: Callable[..., Served], fake_spec: SystemSpec, choirs: Path
) -> None:
    studio = serve_studio(fake_spec, models_dir=choirs)
    for wanted in ({"language": "en-GB"}, {"language": "ZH_cn"}, {"language": "de", "model": "choir"}):
        events, sound = speak(studio, body(**wanted))
        assert sound.size > 0
        assert events[-1]["take"]["form"]["language"] == wanted["language"]


def test_a_model_is_asked_for_by_name_and_remembered(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec], choirs: Path
) -> None:
    log: list[str] = []
    studio = serve_studio(make_fake_spec(log=log), models_dir=choirs)
    for model in ("", "built-in", "choir"):
        events, sound = speak(studio, body(model=model))
        assert sound.size > 0
        assert events[-1]["take"]["form"]["model"] == model
    assert log.count("loaded") == 2  # the one that ships, which is the default too, and the other
    broken = httpx.post(f"{studio.url}studio/speak", json=body(model="shards"))
    assert broken.status_code == 400
    assert "shards is no checkpoint of a fake system" in broken.json()["error"]["message"]
    outside = httpx.post(f"{studio.url}studio/speak", json=body(model=str(choirs / "fake" / "choir")))
    assert outside.status_code == 400
    assert "has no model" in outside.json()["error"]["message"]


def test_a_notice_is_passed_on_and_kept(studio: Served) -> None:
    events, _ = speak(studio, body("A snowman ☃ speaks."))
    said = {
        "message": "there is no sound for ☃",
        "template": "there is no sound for {symbol}",
        "values": {"symbol": "☃"},
    }
    assert {"event": "notice", **said} in events
    assert events[-1]["take"]["notices"] == [said]


def test_a_take_is_downloaded_in_every_format_under_a_sensible_name(studio: Served) -> None:
    events, sound = speak(studio, body(voice="alto", seed=9))
    files = events[-1]["take"]["files"]
    assert list(files) == ["wav", "flac", "mp3", "ogg", "opus"]
    for ending, url in files.items():
        answer = httpx.get(f"{studio.url}{url}?download")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="fake-alto-Hello-there-9.{ending}"'
        samples, rate = soundfile.read(io.BytesIO(answer.content))
        assert len(samples) / rate == pytest.approx(len(sound) / 22_050, abs=0.1)


def test_a_player_can_ask_for_a_part_of_the_file(studio: Served) -> None:
    events, _ = speak(studio, body())
    url = studio.url + events[-1]["take"]["files"]["wav"]
    part = httpx.get(url, headers={"Range": "bytes=44-143"})
    assert part.status_code == 206
    assert part.content == httpx.get(url).content[44:144]


def test_a_take_has_a_picture_and_facts(studio: Served) -> None:
    events, _ = speak(studio, body())
    take = events[-1]["take"]
    assert httpx.get(studio.url + take["picture"]).content.startswith(b"\x89PNG")
    told = httpx.get(f"{studio.url}studio/takes/{take['id']}.json").json()
    assert told.pop("words") == []  # of a system that knows no times
    assert told | {"encoded": None} == take | {"encoded": None}  # which goes on meanwhile
    assert told["encoded"].keys() == take["encoded"].keys() == take["files"].keys()
    assert take["encoded"]["wav"] == take["encoded"]["flac"] == "ready"


def test_a_take_is_deleted_with_its_files_and_may_be_deleted_twice(studio: Served, tmp_path: Path) -> None:
    events, _ = speak(studio, body())
    take = events[-1]["take"]
    for url in (take["files"]["mp3"], take["picture"]):
        assert httpx.get(studio.url + url).status_code == 200
    url = f"{studio.url}studio/takes/{take['id']}"
    assert httpx.delete(url).json() == {"deleted": True}
    assert httpx.delete(url).json() == {"deleted": False}
    for path in (*take["files"].values(), take["picture"], f"studio/takes/{take['id']}.json"):
        assert httpx.get(studio.url + path).status_code == 404
    until(lambda: not list((tmp_path / "studio" / "takes").glob(f"*{take['id']}*")))
    kept = speak(studio, body())[0][-1]["take"]
    assert httpx.delete(f"{studio.url}studio/takes/*").json() == {"deleted": False}
    assert httpx.delete(f"{studio.url}studio/takes/..%2F..").status_code == 404
    assert httpx.get(studio.url + kept["files"]["wav"]).status_code == 200


def test_there_is_no_take_that_was_not_made(studio: Served) -> None:
    for path in ("nothing.wav", "nothing.json", "..%2F..%2Fetc%2Fpasswd.wav"):
        assert httpx.get(f"{studio.url}studio/takes/{path}").status_code == 404


def test_an_unknown_format_is_refused(studio: Served) -> None:
    events, _ = speak(studio, body())
    answer = httpx.get(f"{studio.url}studio/takes/{events[-1]['take']['id']}.exe")
    assert answer.status_code == 404
    assert "exe" in answer.json()["error"]["message"]


BAD_REQUESTS: list[tuple[Any, str]] = [
    ([], "JSON object"),
    ({"text": "x"}, "'system'"),
    ({"system": "fake"}, "'text'"),
    ({"text": 3, "system": "fake"}, "the text must be a text"),
    ({"text": {"a": "b"}, "system": "fake"}, "the text must be a text"),
    ({"text": None, "system": "fake"}, "the text must be a text"),
    ({"text": "x", "system": "nobody"}, "no system 'nobody'"),
    ({"text": "x", "system": "fake", "language": "tlh"}, "does not speak 'tlh'"),
    ({"text": "x", "system": "fake", "model": "opera"}, "no model 'opera'; the models are built-in"),
    ({"text": "x", "system": "fake", "model": "../fake.json"}, "no model '../fake.json'"),
    ({"text": "x", "system": "fake", "model": ["choir"]}, "the model must be a text"),
    ({"text": "x", "system": "fake", "seed": "7"}, "the seed must be a whole number"),
    ({"text": "x", "system": "fake", "seed": True}, "the seed must be a whole number"),
    ({"text": "x", "system": "fake", "seed": -1}, "Seed must be between 0 and 9,223,372,036,854,775,807; it was -1"),
    ({"text": "x", "system": "fake", "seed": 1.5}, "the seed must be a whole number"),
    ({"text": "x", "system": "fake", "options": []}, "'options' must be a JSON object"),
    ({"text": "x", "system": "fake", "options": {"volume": 1}}, "no option 'volume'"),
    ({"text": "x", "system": "fake", "options": {"level": 9}}, "Level must be between 0 and 1; it was 9"),
    ({"text": "x", "system": "fake", "extra": 1}, "no field 'extra'"),
    ({"text": "", "system": "fake"}, "spoken"),
    ({"text": " \u202e\x00 ", "system": "fake"}, "spoken"),
    ({"text": "a" * 1_000_000, "system": "fake"}, "1,000,000 characters"),
]


def test_a_bad_request_gets_one_clear_line_and_the_server_keeps_serving(studio: Served) -> None:
    for wanted, says in BAD_REQUESTS:
        answer = httpx.post(f"{studio.url}studio/speak", json=wanted, timeout=60)
        assert answer.status_code == 400, says
        message = answer.json()["error"]["message"]
        assert says in message
        assert "\n" not in message
    assert len(studio.backend.jobs) == 0
    assert speak(studio, body())[1].size > 0


def test_a_voice_that_is_none_is_told_before_a_model_is_loaded(studio: Served) -> None:
    answer = httpx.post(f"{studio.url}studio/speak", json=body(voice="tenor"))
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "there is no voice 'tenor'; the voices are alto, bass"
    assert studio.backend.engine.loaded() == ()


def test_what_only_the_model_knows_is_said_in_the_stream(
    serve_studio: Callable[..., Served], fake_spec: SystemSpec
) -> None:
    studio = serve_studio(dataclasses.replace(fake_spec, check_name=None))
    events, sound = speak(studio, body(voice="tenor"))
    assert sound.size == 0
    assert events[-1]["error"] == {
        "type": "VoiceError",
        "message": "there is no voice 'tenor'; the voices are alto, bass",
        "template": "there is no voice {name}; the voices are {voices}",
        "values": {"name": "'tenor'", "voices": "alto, bass"},
    }


def test_the_language_of_the_text_does_not_matter_to_the_transport(studio: Served) -> None:
    wanted = json.dumps(body("你好,世界。 \ud800 مرحبا <script>"))
    headers = {"Content-Type": "application/json"}
    with httpx.stream("POST", f"{studio.url}studio/speak", content=wanted, headers=headers, timeout=60) as answer:
        found = list(frames(answer))
    assert any(isinstance(frame, np.ndarray) and frame.size for frame in found)
    assert "<script>" in found[-1]["take"]["form"]["text"]


def test_a_vanished_listener_frees_the_model_within_half_a_second(slow: Served, log: list[str]) -> None:
    def vanish() -> float:
        log.clear()
        with httpx.stream("POST", f"{slow.url}studio/speak", json=body(LONG), timeout=60) as answer:
            stream = frames(answer)
            while not isinstance(next(stream), np.ndarray):
                pass
            assert "closed" not in log
        return until(lambda: "closed" in log and len(slow.backend.jobs) == 0)

    within(0.5, vanish)
    # Only one place and no queue: this is refused while the model is taken, for half a minute by who went on.
    until(lambda: httpx.post(f"{slow.url}studio/speak", json=body("Free.")).status_code == 200, 15)


def test_a_listener_who_vanishes_before_the_first_sound_frees_the_model_too(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    studio = serve_studio(make_fake_spec(delay=0.3), places=1, queue=0)

    def vanish() -> float:
        with httpx.stream("POST", f"{studio.url}studio/speak", json=body(LONG), timeout=60) as answer:
            next(answer.iter_raw())
        took = until(lambda: len(studio.backend.jobs) == 0)
        # The model itself is free when its present step is over.
        until(lambda: httpx.post(f"{studio.url}studio/speak", json=body("Free.")).status_code == 200)
        return took

    within(0.5, vanish)


def test_stop_ends_a_job_within_half_a_second_and_keeps_what_was_made(slow: Served, log: list[str]) -> None:
    def stop() -> float:
        log.clear()
        with httpx.stream("POST", f"{slow.url}studio/speak", json=body(LONG), timeout=60) as answer:
            stream = frames(answer)
            job = next(stream)["job"]
            while not isinstance(next(stream), np.ndarray):
                pass
            began = time.monotonic()
            assert httpx.post(f"{slow.url}studio/jobs/{job}/stop").json() == {"stopping": True}
            last = list(stream)[-1]
            took = time.monotonic() - began
        assert "closed" in log
        assert last["event"] == "finished"
        assert last["take"]["stopped"] is True
        assert last["take"]["audio_s"] >= 0.1
        assert httpx.post(f"{slow.url}studio/jobs/{job}/stop").status_code == 404
        return took

    within(0.5, stop)


def test_when_every_place_is_taken_the_answer_is_429(slow: Served) -> None:
    with httpx.stream("POST", f"{slow.url}studio/speak", json=body(LONG), timeout=60) as answer:
        stream = frames(answer)
        next(stream)
        refused = httpx.post(f"{slow.url}studio/speak", json=body())
        assert refused.status_code == 429
        assert refused.headers["retry-after"]
        assert refused.json()["error"]["type"] == "Busy"


def test_who_waits_sees_the_place_in_the_queue(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    studio = serve_studio(make_fake_spec(delay=0.05, seconds_per_character=0.05), places=1, queue=1)
    url = f"{studio.url}studio/speak"
    with ExitStack() as speaking:
        first = frames(speaking.enter_context(httpx.stream("POST", url, json=body(LONG))))
        next(first)
        with httpx.stream("POST", url, json=body()) as second:
            found = frames(second)
            waiting = list(itertools.islice(found, 2))
            speaking.close()  # the first has gone, and it is the second's turn
            waiting += [frame for frame in found if isinstance(frame, dict)]
    label = next(event["label"] for event in waiting if event["event"] == "progress")
    assert label == {
        "message": "waiting: place 1 in the queue",
        "template": "waiting: place {place} in the queue",
        "values": {"place": "1"},
    }
    assert waiting[-1]["event"] == "finished"


def test_an_error_after_the_first_sound_is_the_last_frame_and_the_server_keeps_serving(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    broken = make_fake_spec("broken", failure=RuntimeError("a secret of the inside"))
    studio = serve_studio(make_fake_spec(), broken)
    events, sound = speak(studio, body(system="broken") | {"system": "broken"})
    assert sound.size > 0
    assert events[-1] == {
        "event": "error",
        "error": {"type": "Internal", "message": MISTAKE, "template": MISTAKE, "values": {}},
    }
    assert speak(studio, body())[1].size > 0


def test_a_system_without_a_checkpoint_says_so(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    studio = serve_studio(make_fake_spec(bundled=False))
    answer = httpx.post(f"{studio.url}studio/speak", json=body())
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "WeightsMissing"


def test_a_rewritten_text_is_told_and_kept_with_the_take(studio: Served) -> None:
    events, _ = speak(studio, body(options={"rewrite": True}))
    told = {"text": "Hm, Hello there.", "options": {"rewrite": False}}
    assert {"event": "rewritten", **told} in events
    assert events[-1]["take"]["rewritten"] == told
    assert speak(studio, body())[0][-1]["take"]["rewritten"] is None
