"""Assistants speak, choose and clone voices through the Model Context Protocol, with its own client."""

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import soundfile
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from engine.audio.label import facts
from engine.registry import recognisers
from engine.system import SystemSpec
from server.mcp_routes import MAX_REQUEST
from server.mcp_tools import MOST_TEXT, TOOLS, schema
from tests.server.conftest import Served
from tests.server.test_speak_routes import LONG
from tests.timing import PATIENCE_S, until
from tests.ui.test_endpoints import as_text, recording, said_aloud

HEADERS = {"Accept": "application/json, text/event-stream"}


@asynccontextmanager
async def connected(url: str, **headers: str) -> AsyncIterator[ClientSession]:
    """A session of the protocol's own client with a studio."""
    async with (
        httpx.AsyncClient(headers=headers, timeout=PATIENCE_S) as client,
        streamable_http_client(f"{url}mcp", http_client=client) as (incoming, outgoing, _),
        ClientSession(incoming, outgoing) as session,
    ):
        await session.initialize()
        yield session


async def said(session: ClientSession, tool: str, **arguments: Any) -> Any:
    """What a tool has to say, as it is or as the JSON that it is."""
    result = await session.call_tool(tool, arguments)
    text = result.content[-1].text
    return f"error: {text}" if result.isError else json.loads(text)


def test_the_tools_say_what_they_take(studio: Served) -> None:
    async def visit() -> None:
        async with connected(studio.url) as session:
            listed = {tool.name: tool for tool in (await session.list_tools()).tools}
            assert list(listed) == list(TOOLS)
            for name, tool in listed.items():
                assert tool.description
                assert tool.inputSchema == schema(TOOLS[name])
                assert set(TOOLS[name].means) == set(tool.inputSchema["properties"]), name
            assert listed["speak"].inputSchema["required"] == ["text"]
            assert listed["clone"].inputSchema["required"] == ["recording", "consent"]
            assert listed["list_voices"].annotations.readOnlyHint

    asyncio.run(visit())


def test_an_assistant_speaks_and_hears_how_far_it_is(studio: Served) -> None:
    told: list[str | None] = []

    async def on_progress(done: float, total: float | None, message: str | None) -> None:  # noqa: ARG001
        told.append(message)

    async def visit() -> Any:
        async with connected(studio.url) as session:
            asked = {"text": "Hello there.", "voice": "bass", "seed": 3, "options": {"level": 0.25}}
            wav = await session.call_tool("speak", asked, progress_callback=on_progress)
            mp3 = await session.call_tool("speak", {**asked, "format": "mp3"})
            return wav.content, mp3.content

    (sound, words), (other, _) = asyncio.run(visit())
    assert (sound.mimeType, other.mimeType) == ("audio/wav", "audio/mpeg")
    with soundfile.SoundFile(io.BytesIO(base64.b64decode(sound.data))) as file:
        assert file.frames > 1000
        said = facts(file.comment)
        assert (said["voice"], said["seed"], said["options"]["level"]) == ("bass", 3, 0.25)
    assert len(other.data) < len(sound.data)
    assert "voice bass, seed 3" in words.text
    assert "speaking" in told


def test_an_assistant_chooses_a_voice_and_clones_one(studio: Served) -> None:
    async def visit() -> None:
        async with connected(studio.url) as session:
            voices = await said(session, "list_voices", language="zh")
            assert [each["voice"] for each in voices["voices"]] == ["alto", "bass"]
            chosen = await session.call_tool("speak", {"text": "你好。", "voice": voices["voices"][1]["id"]})
            assert "voice bass" in chosen.content[-1].text
            made = await said(session, "clone", recording=as_text(recording()), consent="I agree", name="Ben")
            assert made["name"] == "Ben"
            spoken = await session.call_tool("speak", {"text": "It is me.", "voice": made["voice"]})
            assert "voice Ben" in spoken.content[-1].text

    asyncio.run(visit())


def test_an_assistant_is_told_what_is_said_in_a_recording(
    serve_studio: Callable[..., Served], fake_spec: SystemSpec, tmp_path: Path
) -> None:
    studio, sound = serve_studio(fake_spec, recognisers=recognisers()), said_aloud(tmp_path / "kettle.opus")

    async def visit() -> Any:
        async with connected(studio.url) as session:
            return await said(session, "transcribe", recording=sound, language="en")

    heard = asyncio.run(visit())
    assert "kettle is on" in heard["text"].lower()
    assert len(heard["words"]) == 4


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("speak", {}, "needs the field 'text'"),
        ("speak", {"text": 7}, "must be a text"),
        ("speak", {"text": "Hello.", "tone": "warm"}, "no field 'tone'"),
        ("speak", {"text": "x" * (MOST_TEXT + 1)}, "in parts"),
        ("speak", {"text": "Hello.", "voice": "tenor"}, "no voice 'tenor'"),
        ("speak", {"text": "Hello.", "language": "ru"}, "'ru'"),
        ("speak", {"text": "Hello.", "voice": "fake/made:nothing"}, "no longer kept"),
        ("speak", {"text": "Hello.", "format": "midi"}, "no format 'midi'"),
        ("speak", {"text": "Hello.", "options": {"level": 7}}, "Level"),
        ("list_voices", {"system": "nobody"}, "no system"),
        ("clone", {"recording": "AAAA", "consent": ""}, "consent"),
        ("clone", {"recording": "?", "consent": "yes"}, "base64"),
        ("sing", {}, "no tool 'sing'"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(studio: Served, tool: str, arguments: dict[str, Any], says: str) -> None:
    async def visit() -> str:
        async with connected(studio.url) as session:
            return str(await said(session, tool, **arguments))

    told = asyncio.run(visit())
    assert told.startswith("error: ")
    assert says in told
    assert "\n" not in told


def test_who_goes_stops_the_work(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    log: list[str] = []
    studio = serve_studio(make_fake_spec(log=log, delay=0.05), places=1, queue=0)

    async def visit() -> None:
        with anyio.move_on_after(PATIENCE_S):
            async with connected(studio.url) as session, anyio.create_task_group() as group:
                group.start_soon(session.call_tool, "speak", {"text": LONG})
                while "started" not in log:
                    await anyio.sleep(0.01)
                group.cancel_scope.cancel()

    asyncio.run(visit())
    until(lambda: log[-1] == "closed" and len(studio.backend.jobs) == 0)


def test_requests_have_bounds_and_a_type(studio: Served) -> None:
    url = f"{studio.url}mcp"

    def status(content: bytes, kind: str = "application/json") -> int:
        return httpx.post(url, content=content, headers={**HEADERS, "Content-Type": kind}).status_code

    listing = b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'
    assert status(listing) == 200
    assert status(listing, "text/plain") == 415  # which a page of another origin could send unasked
    assert status(b" " * (MAX_REQUEST + 1)) == 413
    assert status(b"{") == 400
    assert status(b"[" * 100_000) == 400
    assert status(b'{"jsonrpc": "2.0"}') == 400
    assert status(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}') == 202
    assert httpx.get(url, headers=HEADERS).status_code == 405
    assert httpx.delete(url).status_code == 405
