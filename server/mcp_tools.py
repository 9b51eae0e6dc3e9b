"""What an assistant can ask for through the Model Context Protocol: speak, list_voices, clone, transcribe.

A tool takes a frozen dataclass, of which its schema is drawn and by which `server.body` reads what is sent.
"""

import base64
import dataclasses
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any, get_type_hints

import anyio.to_thread
from mcp import types
from mcp.server.lowlevel import Server

from engine.audio.encode import FORMATS
from engine.events import Progress, Started
from engine.recognition.transcript import Transcript
from server.body import read
from server.desk import Clone, Desk, Listen, WhichVoices
from server.errors import RequestError, readable
from server.jobs import Jobs
from server.requests import Speak
from server.rights import Rights, Visitor
from server.takes import Take
from server.watching import as_long_as_wanted

# Characters of a text: some minutes of sound, all of which are in the answer.
MOST_TEXT = 4000
# Bytes of a sound in an answer.
MOST_SOUND = 32 * 2**20

Answer = list[types.TextContent | types.AudioContent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """What to say and how; ``voice`` is an id or a name of `list_voices`, or the id of a clone."""

    text: str
    voice: str = ""
    language: str = ""
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    format: str = "wav"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What a tool does, the dataclass that it ``takes``, what its fields ``means``, and whether it only reads."""

    does: str
    takes: type[Any]
    means: Mapping[str, str]
    reads: bool = False


TOOLS = {
    "speak": Tool(
        does="Speak a text and return the sound.",
        takes=Say,
        means={
            "text": f"What to say, at most {MOST_TEXT} characters.",
            "voice": 'The id or the name of a voice, see list_voices, or what clone returned; "" chooses one.',
            "language": 'A language code such as "en"; "" is that of the voice.',
            "seed": "The same seed gives the same sound.",
            "options": 'Options of the voice\'s system by name, such as {"speed": 1.2}.',
            "format": f"One of {', '.join(FORMATS)}.",
        },
    ),
    "list_voices": Tool(
        does="List the voices that can speak, with their languages.",
        takes=WhichVoices,
        means={
            "system": 'The id of a system; "" is every one.',
            "language": 'A language code; "" is any.',
            "limit": "How many to tell at most.",
        },
        reads=True,
    ),
    "clone": Tool(
        does="Make a voice of a recording of somebody who has agreed to that, to be used with speak.",
        takes=Clone,
        means={
            "recording": "A sound file of a few seconds of speech, as base64.",
            "consent": "What the speaker has agreed to, in their words; never make this up.",
            "name": "What to call the voice.",
            "transcript": "What is said in the recording; with it the likeness is better in most systems.",
            "language": "The language code of the recording.",
            "system": 'The id of a system that clones; "" is the first that is ready.',
            "model": 'The name of an installed checkpoint; "" is the first.',
            "save": "Keep the voice for good, under its name; for the studio's owner alone.",
        },
    ),
    "transcribe": Tool(
        does="Say what is said in a recording, word by word.",
        takes=Listen,
        means={
            "recording": "A sound file, as base64.",
            "language": 'A language code; "" leaves it to the recogniser.',
            "recogniser": 'The id of a recogniser; "" is the best that is here.',
        },
        reads=True,
    ),
}

_TYPES: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def schema(tool: Tool) -> dict[str, Any]:
    """What a tool takes, as JSON Schema."""
    kinds = get_type_hints(tool.takes)
    properties, required = {}, []
    for each in dataclasses.fields(tool.takes):
        described = {"type": _TYPES.get(kinds[each.name], "object"), "description": tool.means[each.name]}
        if each.default is not dataclasses.MISSING:
            described["default"] = each.default
        elif each.default_factory is dataclasses.MISSING:
            required.append(each.name)
        properties[each.name] = described
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def tools(desk: Desk, jobs: Jobs, rights: Rights, visitor: Visitor) -> "Server[Any, Any]":
    """A server of the protocol that acts for one visitor, for one exchange."""
    server: Server[Any, Any] = Server("polyphone", instructions="Speaks text aloud, in many voices and languages.")
    serving = _Serving(desk, jobs, visitor, server)
    acts: dict[str, Callable[[Any], Awaitable[Answer]]] = {
        "speak": serving.speak,
        "list_voices": serving.list_voices,
        "clone": serving.clone,
        "transcribe": serving.transcribe,
    }

    async def list_tools(_: types.ListToolsRequest) -> types.ServerResult:
        listed = [
            types.Tool(
                name=name,
                description=tool.does,
                inputSchema=schema(tool),
                annotations=types.ToolAnnotations(readOnlyHint=tool.reads, destructiveHint=False),
            )
            for name, tool in TOOLS.items()
        ]
        return types.ServerResult(types.ListToolsResult(tools=listed))

    async def call_tool(called: types.CallToolRequest) -> types.ServerResult:
        try:
            name = called.params.name
            if name not in TOOLS:
                raise RequestError(
                    "there is no tool {name!r}; the tools are {names}", name=name[:40], names=", ".join(TOOLS)
                )
            content: Answer = await acts[name](read(TOOLS[name].takes, called.params.arguments or {}))
            return types.ServerResult(types.CallToolResult(content=list(content)))
        except Exception as error:  # noqa: BLE001 - every mistake gets an answer; `readable` logs the unforeseen
            said = types.TextContent(type="text", text=str(rights.told(readable(error).message)))
            return types.ServerResult(types.CallToolResult(content=[said], isError=True))

    server.request_handlers[types.ListToolsRequest] = list_tools
    server.request_handlers[types.CallToolRequest] = call_tool
    return server


class _Serving:
    """The tools at work for one visitor."""

    def __init__(self, desk: Desk, jobs: Jobs, visitor: Visitor, server: "Server[Any, Any]") -> None:
        self._desk = desk
        self._jobs = jobs
        self._visitor = visitor
        self._server = server

    async def speak(self, say: Say) -> Answer:
        if len(say.text) > MOST_TEXT:
            raise RequestError(
                "the text has {count:,} characters; at most {most:,} fit into an answer, so say it in parts",
                count=len(say.text),
                most=MOST_TEXT,
            )
        if say.format not in FORMATS:
            raise RequestError(
                "there is no format {ending!r}; the formats are {formats}",
                ending=say.format[:10],
                formats=", ".join(FORMATS),
            )
        speaking = await anyio.to_thread.run_sync(self._begun, say)
        job = self._jobs.start(speaking.events)
        try:
            async for event in job:
                await self._tell(event)
        finally:
            self._jobs.end(job)
        take = await anyio.to_thread.run_sync(speaking.take)
        if take is None:
            raise RequestError("nothing of this text could be heard; write a sentence")
        data = await anyio.to_thread.run_sync(self._desk.sound, take, say.format)
        if len(data) > MOST_SOUND:
            raise RequestError("the sound has more than {most} MiB; ask for mp3 or opus", most=MOST_SOUND // 2**20)
        kind = FORMATS[say.format].media_type
        sound = types.AudioContent(type="audio", data=base64.b64encode(data).decode(), mimeType=kind)
        return [sound, _text(_summary(take))]

    async def list_voices(self, which: WhichVoices) -> Answer:
        return [_text(json.dumps(await anyio.to_thread.run_sync(self._desk.voices, self._visitor, which)))]

    async def clone(self, clone: Clone) -> Answer:
        return [_text(json.dumps(await anyio.to_thread.run_sync(self._desk.clone, self._visitor, clone)))]

    async def transcribe(self, listen: Listen) -> Answer:
        gone = Event()

        def work() -> Transcript | None:
            return as_long_as_wanted(self._desk.transcribe(self._visitor, listen), gone)

        try:
            heard = await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
        finally:
            gone.set()
        return [_text(json.dumps(heard and heard.describe()))]

    def _begun(self, say: Say) -> Any:
        which = self._desk.called(self._visitor, say.voice, say.language)
        speak = {"text": say.text, "language": say.language, "seed": say.seed, "options": say.options}
        return self._desk.speak(self._visitor, read(Speak, which | speak))

    async def _tell(self, event: Any) -> None:
        """Tell a client that asked for it how far the work is."""
        context = self._server.request_context
        token = context.meta.progressToken if context.meta else None
        if token is None or not isinstance(event, Progress | Started):
            return
        label = str(event.label) if isinstance(event, Progress) else "speaking"
        done, total = (event.done, event.total) if isinstance(event, Progress) else (0.0, None)
        await context.session.send_progress_notification(
            token, done, total, message=label, related_request_id=str(context.request_id)
        )


def _text(said: str) -> types.TextContent:
    return types.TextContent(type="text", text=said)


def _summary(take: Take) -> str:
    request = take.asked.request
    lines = [f"{take.audio_s:.1f} s of sound by {request.system}, voice {take.voice}, seed {request.seed}"]
    return "\n".join([*lines, *map(str, take.notices)])
