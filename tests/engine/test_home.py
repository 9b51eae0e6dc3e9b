"""Home Assistant's protocol over a socket, with its own client: what is said, in pieces, and what goes wrong."""

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.server import AsyncTcpServer
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)

from engine import events, home
from engine.engine import Engine
from engine.home import MOST_BYTES, MOST_TEXT, Home, Sentences, drawn
from engine.library import Library
from engine.request import SynthesisRequest
from tests.conftest import FAKE_RATE, fake_voice
from tests.timing import PATIENCE_S, quadratic, until

BASS = SynthesizeVoice(name="fake/built-in/bass")


@asynccontextmanager
async def served(engine: Engine, voice: str = "") -> AsyncIterator[int]:
    """A server for the engine; its port."""
    server = AsyncTcpServer("127.0.0.1", 0)
    await server.start(Home(engine, voice).client)
    try:
        yield server._server.sockets[0].getsockname()[1]
    finally:
        await server.stop()


async def ask(port: int, *sent: Any, last: Any = AudioStop) -> list[Event]:
    """All events that answer what was sent, until one of the kind ``last`` or an error."""
    async with AsyncTcpClient("127.0.0.1", port) as client:
        for each in sent:
            await client.write_event(each.event())
        return await heard(client, last)


async def heard(client: AsyncTcpClient, last: Any = AudioStop) -> list[Event]:
    found: list[Event] = []
    while not found or not (last.is_type(found[-1].type) or Error.is_type(found[-1].type)):
        event = await asyncio.wait_for(client.read_event(), PATIENCE_S)
        assert event is not None, "the connection was closed"
        found.append(event)
    return found


def sound(found: list[Event]) -> np.ndarray:
    """The samples (n,) of the sound in some events."""
    chunks = [AudioChunk.from_event(event) for event in found if AudioChunk.is_type(event.type)]
    assert {(chunk.rate, chunk.width, chunk.channels) for chunk in chunks} <= {(FAKE_RATE, 2, 1)}
    return np.frombuffer(b"".join(chunk.audio for chunk in chunks), "<i2").astype(np.float32) / 32_767


def spoken(engine: Engine, text: str, voice: str) -> np.ndarray:
    spec = engine.system("fake")
    request = SynthesisRequest(system="fake", text=text, options=spec.options(), voice=voice)
    return np.concatenate([e.samples for e in engine.synthesize(request) if isinstance(e, events.AudioChunk)])


@pytest.fixture
def engine(fake_spec) -> Engine:
    return Engine((fake_spec,), device="cpu")


def test_the_voices_are_told_with_their_languages(engine: Engine) -> None:
    async def visit() -> Info:
        async with served(engine) as port:
            return Info.from_event((await ask(port, Describe(), last=Info))[-1])

    (program,) = asyncio.run(visit()).tts
    assert program.supports_synthesize_streaming
    assert [voice.name for voice in program.voices] == ["fake/built-in/alto", "fake/built-in/bass"]
    assert all(voice.installed and voice.languages == ["en", "zh"] for voice in program.voices)


@pytest.mark.parametrize(
    ("voice", "said"), [(BASS, "bass"), (None, "alto"), (SynthesizeVoice(language="zh-CN"), "alto")]
)
def test_a_text_is_said_as_the_engine_says_it(engine: Engine, voice: Any, said: str) -> None:
    async def visit() -> list[Event]:
        async with served(engine) as port:
            return await ask(port, Ping(), Synthesize(text="Hello there.", voice=voice))

    found = asyncio.run(visit())
    assert Pong.is_type(found[0].type)
    start = AudioStart.from_event(found[1])
    assert (start.rate, start.width, start.channels) == (FAKE_RATE, 2, 1)
    np.testing.assert_allclose(sound(found), spoken(engine, "Hello there.", said), atol=1 / 32_767)


def test_who_runs_it_chooses_the_voice_of_those_who_name_none(engine: Engine) -> None:
    async def visit() -> list[Event]:
        async with served(engine, "bass") as port:
            return await ask(port, Synthesize(text="Hello there."))

    np.testing.assert_allclose(sound(asyncio.run(visit())), spoken(engine, "Hello there.", "bass"), atol=1 / 32_767)


def test_a_text_that_comes_in_pieces_is_said_sentence_by_sentence(engine: Engine) -> None:
    first, second, text = "The kettle is on.", "It costs 3.50 now.", "The kettle is on. It costs 3.50 now. 🙂"

    async def visit() -> tuple[list[Event], list[Event]]:
        async with served(engine) as port, AsyncTcpClient("127.0.0.1", port) as client:
            await client.write_event(SynthesizeStart(voice=BASS).event())
            for piece in ("The ket", "tle is on. It", " costs 3", ".50 now."):
                await client.write_event(SynthesizeChunk(text=piece).event())
            early = await heard(client, AudioChunk)  # before the text has come to its end
            await client.write_event(SynthesizeChunk(text=" 🙂").event())
            # For servers that cannot stream the whole is sent again.
            await client.write_event(Synthesize(text=text, voice=BASS).event())
            await client.write_event(SynthesizeStop().event())
            return early, await heard(client, SynthesizeStopped)

    early, late = asyncio.run(visit())
    kinds = [event.type for event in (*early, *late)]
    assert (kinds[0], kinds[-2:]) == ("audio-start", ["audio-stop", "synthesize-stopped"])
    assert kinds.count("audio-start") == 1
    pause = np.zeros(round(0.28 * FAKE_RATE), np.float32)
    whole = np.concatenate([spoken(engine, first, "bass"), pause, spoken(engine, second, "bass")])
    np.testing.assert_allclose(sound([*early, *late]), whole, atol=1 / 32_767)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"text": ""}, "nothing in the text"),
        ({"text": "Hello.", "voice": {"name": "tenor"}}, "'tenor'"),
        ({"text": "Hello.", "voice": {"language": "ru"}}, "'ru'"),
        ({"text": "Hello.", "voice": "bass"}, "must be a text"),
        ({"text": 7}, "must be a text"),
        ({"text": "x" * (MOST_TEXT + 1)}, "20,000"),
        ({"text": "<speak>Hello.</speak>", "text_format": "ssml"}, "plain text"),
    ],
)
def test_what_is_wrong_is_told_and_the_connection_lives(engine: Engine, sent: dict[str, Any], says: str) -> None:
    async def visit() -> tuple[Event, list[Event]]:
        async with served(engine) as port, AsyncTcpClient("127.0.0.1", port) as client:
            await client.write_event(Event(type="synthesize", data=sent))
            refused = (await heard(client))[-1]
            await client.write_event(Synthesize(text="Hello there.").event())
            return refused, await heard(client)

    refused, found = asyncio.run(visit())
    assert says in Error.from_event(refused).text
    assert sound(found).size > 0


def test_a_mistake_within_a_stream_ends_it_and_nothing_is_said_of_its_rest(engine: Engine) -> None:
    async def visit() -> list[Event]:
        async with served(engine) as port, AsyncTcpClient("127.0.0.1", port) as client:
            await client.write_event(SynthesizeStart(voice=SynthesizeVoice(name="tenor")).event())
            refused = await heard(client, Error)
            for each in (SynthesizeChunk(text="Hello."), Synthesize(text="Hello."), SynthesizeStop(), Ping()):
                await client.write_event(each.event())
            return refused + await heard(client, Pong)

    assert [event.type for event in asyncio.run(visit())] == ["error", "synthesize-stopped", "pong"]


def test_a_stream_has_an_end(engine: Engine) -> None:
    async def visit() -> list[Event]:
        async with served(engine) as port, AsyncTcpClient("127.0.0.1", port) as client:
            await client.write_event(SynthesizeStart().event())
            for _ in range(MOST_TEXT // 5000 + 2):
                await client.write_event(SynthesizeChunk(text=" " * 5000).event())
            refused = await heard(client, Error)
            return refused + await heard(client, SynthesizeStopped)

    assert [event.type for event in asyncio.run(visit())] == ["error", "synthesize-stopped"]


def test_who_goes_stops_the_work_and_frees_the_place(make_fake_spec: Callable[..., Any]) -> None:
    log: list[str] = []
    # Whoever comes next may come a moment before the place is free.
    engine = Engine((make_fake_spec(log=log, delay=0.05),), device="cpu", places=1, queue=1)

    async def visit() -> list[Event]:
        async with served(engine) as port:
            async with AsyncTcpClient("127.0.0.1", port) as client:
                await client.write_event(Synthesize(text="A long sentence. " * 100).event())
                await heard(client, AudioStart)
            await asyncio.to_thread(until, lambda: log[-1] == "closed")
            return await ask(port, Synthesize(text="Hello there."))

    assert sound(asyncio.run(visit())).size > 0


def test_several_are_served_at_once_and_each_has_one_thing_said_at_a_time(make_fake_spec: Callable[..., Any]) -> None:
    engine = Engine((make_fake_spec(delay=0.05),), device="cpu", places=2)

    async def visit() -> tuple[list[list[Event]], list[Event]]:
        async with served(engine) as port:
            both = await asyncio.gather(*(ask(port, Synthesize(text="Hello there.", voice=BASS)) for _ in range(2)))
            said = Synthesize(text="A sentence that takes its time. " * 100)
            return list(both), await ask(port, said, said)

    both, refused = asyncio.run(visit())
    np.testing.assert_array_equal(sound(both[0]), sound(both[1]))
    assert "already" in Error.from_event(refused[-1]).text


def test_there_is_room_for_so_many(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "MOST_CLIENTS", 1)

    async def visit() -> list[Event]:
        async with served(engine) as port, AsyncTcpClient("127.0.0.1", port) as client:
            await client.write_event(Ping().event())
            await heard(client, Pong)
            async with AsyncTcpClient("127.0.0.1", port) as other:
                return await heard(other, Error)

    assert "too many" in Error.from_event(asyncio.run(visit())[-1]).text


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\n",
        b"[]\n",
        b"{}\n",
        b"{" * 1_000_000,
        b"[" * 60_000 + b"\n",
        json.dumps({"type": "synthesize", "data_length": MOST_BYTES + 1}).encode() + b"\n",
        json.dumps({"type": "synthesize", "payload_length": "many"}).encode() + b"\n",
        json.dumps({"type": "synthesize", "data": [], "data_length": 2}).encode() + b"\n{}",
        json.dumps({"type": "synthesize", "data": 7}).encode() + b"\n",
    ],
    ids=["text", "list", "nothing", "no end", "deep", "large", "no number", "no data", "number"],
)
def test_what_is_no_event_ends_its_connection_and_no_other(engine: Engine, sent: bytes) -> None:
    async def visit() -> list[Event]:
        async with served(engine) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            with contextlib.suppress(ConnectionError):  # what it had not read yet is dropped with it
                assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
            writer.close()
            return await ask(port, Ping(), last=Pong)

    assert len(asyncio.run(visit())) == 1


def test_who_says_nothing_for_long_is_not_waited_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "IDLE_S", 0.2)

    async def visit() -> bytes:
        async with served(engine) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            ended = await asyncio.wait_for(reader.read(), PATIENCE_S)
            writer.close()
            return ended

    assert asyncio.run(visit()) == b""


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_sentences_are_the_same_however_their_text_is_cut(size: int) -> None:
    text = "Dr. Lee paid $3.50. Was it e.g. much? No!\nA new line; 你好。再见。 And 1. more"
    found = Sentences()
    said = [each for start in range(0, len(text), size) for each in found.add(text[start : start + size])]
    assert [*said, found.rest()] == [
        *("Dr. Lee paid $3.50.", "Was it e.g. much?", "No!", "A new line; 你好。", "再见。", "And 1.", "more"),
    ]


def test_a_sentence_without_end_is_said_before_it_and_takes_no_longer_for_it() -> None:
    found = Sentences()
    said = found.add("word " * 1000)
    assert len(said) == 1
    assert " ".join([*said, found.rest()]).split() == ["word"] * 1000

    def letter_by_letter(text: str) -> None:
        pieces = Sentences()
        for letter in text:
            pieces.add(letter)

    assert quadratic(letter_by_letter, ["a", "a.", "a b ", "。"], short=2000, long=8000) == []


def test_a_step_at_work_is_not_closed_under_its_hands() -> None:
    going, go, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> Any:
        try:
            going.set()
            assert go.wait(30)
            yield 1
        finally:
            ended.set()

    async def visit() -> None:
        task = asyncio.create_task(anext(drawn(work())))
        await asyncio.to_thread(going.wait)
        task.cancel()
        await asyncio.sleep(0)
        assert not ended.is_set()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()

    asyncio.run(visit())


def test_a_saved_voice_is_one_of_them(fake_spec, tmp_path: Path) -> None:
    engine = Engine((fake_spec,), library=Library((fake_spec,), tmp_path / "models"))
    engine.shelf.save(fake_voice("x", 300.0), "Ann")
    assert [voice.name for voice in Home(engine).info().tts[0].voices][-1] == "fake/Ann"
    assert Home(engine, "Ann").offered("", "").saved
