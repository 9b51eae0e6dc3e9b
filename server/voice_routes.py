"""The HTTP routes of voices. Each is under /studio/voices/{system}.

    GET  .                    {"voices": [{"name", "file"}]}: those that are saved
    POST /make                `Make` -> a made voice
    POST /recording           the bytes of a recording; the query is `Recorded` -> a made voice
    POST /file                the bytes of a voice file; the query is `Named` -> {"name"}, saved
    POST /save                `Save` -> {"name"}
    POST /string              `WhichVoice` -> {"string"} to hand on
    POST /delete              `Named`
    GET  /{name}.safetensors  a saved voice as a file

A made voice is answered as {"made": id, "name"}; with the id it speaks for a day, saved it speaks for good. An error is
{"error": {"type", "message"}} with a fitting status.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from engine import voicing
from engine.engine import Engine
from engine.errors import Busy, VoiceError
from engine.request import Voice
from engine.steps import finish
from engine.system import SystemSpec
from engine.voice_shelf import MAX_NAME
from engine.voice_store import ENDING
from server.answers import Handler, answering, as_json, json_body, raw_body
from server.body import Items, read
from server.errors import RequestError
from server.made_voices import MadeVoices
from server.requests import WhichVoice, checkpoint_of, made_voice

T = TypeVar("T")

MAX_RECORDING = 50 * 2**20
MAX_FILE = 8 * 2**20
MAX_UPLOADS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The ``name`` of a saved voice, or of a file with one."""

    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A voice in a blend, by name, string or the id of a made one; only the ratio of the weights matters."""

    voice: str = ""
    made: str = ""
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Make(WhichVoice):
    """A voice to make: the one that is named, or a ``blend`` of several; ``name`` is what to call it."""

    name: str = ""
    blend: Annotated[tuple[Part, ...], Items(most=voicing.MAX_BLENDED)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Save(WhichVoice):
    """A voice to save under ``name``."""

    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Of a recording: the ``text`` said in it and its ``language``; the ``name`` of the voice, and for which model."""

    text: str = ""
    name: str = ""
    language: str = ""
    model: str = ""


class VoiceRoutes:
    """The handlers; they share an engine and the voices that were made."""

    def __init__(self, engine: Engine, made: MadeVoices) -> None:
        self._engine = engine
        self._made = made
        self._uploads = 0

    def table(self) -> list[Route]:
        """The routes, for any app to mount."""
        path = "/studio/voices/{system}"
        return [
            Route(path, answering(self.saved), methods=["GET"]),
            Route(f"{path}/recording", answering(self.recording), methods=["POST"]),
            Route(f"{path}/file", answering(self.file), methods=["POST"]),
            Route(f"{path}/make", self._acting(Make, self._make), methods=["POST"]),
            Route(f"{path}/save", self._acting(Save, self._save), methods=["POST"]),
            Route(f"{path}/string", self._acting(WhichVoice, self._string), methods=["POST"]),
            Route(f"{path}/delete", self._acting(Named, self._delete), methods=["POST"]),
            Route(f"{path}/{{name}}{ENDING}", answering(self.download), methods=["GET"]),
        ]

    async def saved(self, request: Request) -> Response:
        """The saved voices of a system."""
        spec = self._spec(request)
        names = await anyio.to_thread.run_sync(self._engine.shelf.names, spec.id)
        place = f"studio/voices/{spec.id}"
        return as_json({"voices": [{"name": name, "file": f"{place}/{quote(name)}{ENDING}"} for name in names]})

    async def recording(self, request: Request) -> Response:
        """Make a voice of a recording."""
        spec, recorded = self._spec(request), read(Recorded, request.query_params)
        checkpoint = checkpoint_of(self._engine, spec, recorded.model)
        with self._uploading():
            data = await raw_body(request, MAX_RECORDING)

            def make() -> dict[str, str]:
                prompt = voicing.from_recording(spec, data, recorded.text, recorded.language, checkpoint)
                voice = finish(self._engine.make_voice(spec.id, prompt, checkpoint))
                return self._keep(voice, recorded.name)

            return as_json(await anyio.to_thread.run_sync(make))

    async def file(self, request: Request) -> Response:
        """Save the voice in a file that somebody else has saved."""
        spec, name = self._spec(request), read(Named, request.query_params).name
        with self._uploading():
            data = await raw_body(request, MAX_FILE)

            def save() -> dict[str, str]:
                with tempfile.TemporaryDirectory(prefix="polyphone-voice-") as folder:
                    path = Path(folder) / f"{_plain(Path(name).stem) or 'voice'}{_plain(Path(name).suffix)}"
                    path.write_bytes(data)
                    voice = voicing.from_file(spec, path)
                return {"name": voicing.save(self._engine, voice, Path(name).stem).name}

            return as_json(await anyio.to_thread.run_sync(save))

    async def download(self, request: Request) -> Response:
        """A saved voice as a file."""
        spec, name = self._spec(request), request.path_params["name"]
        try:
            path = self._engine.shelf.path(spec.id, name)
        except VoiceError as error:
            raise RequestError(error.message, 404) from error
        return FileResponse(
            path,
            media_type="application/octet-stream",
            filename=f"{spec.id}-{name}{ENDING}",
            headers={"Content-Encoding": "identity"},
        )

    def _acting(self, kind: type[T], act: Callable[[SystemSpec, T], dict[str, Any]]) -> Handler:
        """A handler that reads a ``kind`` and acts on it, on a thread."""

        async def handle(request: Request) -> Response:
            spec, body = self._spec(request), await json_body(request, kind)
            return as_json(await anyio.to_thread.run_sync(act, spec, body))

        return answering(handle)

    # -- the work, on threads --

    def _make(self, spec: SystemSpec, make: Make) -> dict[str, Any]:
        if not make.blend:
            return self._keep(self._voice(spec, make), make.name)
        weighted = [
            (self._voice(spec, WhichVoice(voice=part.voice, made=part.made, model=make.model)), part.weight)
            for part in make.blend
        ]
        return self._keep(finish(voicing.blend(self._engine, spec.id, weighted)), make.name)

    def _save(self, spec: SystemSpec, save: Save) -> dict[str, Any]:
        return {"name": voicing.save(self._engine, self._voice(spec, save), save.name).name}

    def _string(self, spec: SystemSpec, which: WhichVoice) -> dict[str, Any]:
        return {"string": voicing.string(spec, self._voice(spec, which))}

    def _delete(self, spec: SystemSpec, named: Named) -> dict[str, Any]:
        self._engine.shelf.delete(spec.id, named.name)
        return {"done": True}

    def _voice(self, spec: SystemSpec, which: WhichVoice) -> Voice:
        """The voice that a request names: made here, or by a name or string."""
        if made := made_voice(self._made, spec.id, which):
            return made
        checkpoint = checkpoint_of(self._engine, spec, which.model)
        return finish(self._engine.make_voice(spec.id, which.voice, checkpoint))

    def _keep(self, voice: Voice, name: str) -> dict[str, str]:
        named = replace(voice, name=" ".join(name.split())[:MAX_NAME] or voice.name)
        return {"made": self._made.keep(named), "name": named.name}

    def _spec(self, request: Request) -> SystemSpec:
        return self._engine.system(request.path_params["system"])

    @contextmanager
    def _uploading(self) -> Iterator[None]:
        """A place for one upload, which is held in memory. Handlers run on one event loop, so a number is enough."""
        if self._uploads >= MAX_UPLOADS:
            raise Busy(
                "{max_uploads} recordings are being read already; try again in a moment", max_uploads=MAX_UPLOADS
            )
        self._uploads += 1
        try:
            yield
        finally:
            self._uploads -= 1


def _plain(name: str) -> str:
    """What of a visitor's name for a file may be that of one of ours."""
    return "".join(character for character in name if character.isalnum() or character in " -_.")[:MAX_NAME]
