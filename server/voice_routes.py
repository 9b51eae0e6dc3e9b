"""The HTTP routes of voices. Each is under /studio/voices/{system}.

    GET  .                    {"voices": [{"name", "file"}]}: those that are saved
    GET  /made/{made}         a made voice, as long as it is kept
    POST /make                `Make` -> a made voice
    POST /recording           the bytes of a recording; the query is `Recorded` -> a made voice
    POST /file                the bytes of a voice file; the query is `Named` -> {"name"}, saved
    POST /save                `Save` -> {"name"}
    POST /string              `WhichVoice` -> {"string"} to hand on
    POST /check               `WhichVoice` -> {"fits": true}, or what is wrong with it, as far as no model is needed
    POST /delete              `Named`
    GET  /{name}.safetensors  a saved voice as a file

A made voice is answered as {"made": id, "name", "traits"}; with the id it speaks for a day, saved it speaks for good.
Its traits are what options may need (`engine.options.Declared`). An error is {"error": {"type", "message"}} with a
fitting status.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from engine import voicing
from engine.errors import VoiceError
from engine.file_names import portable
from engine.owned import temporary
from engine.request import Voice
from engine.steps import finish
from engine.system import SystemSpec
from engine.voice_shelf import MAX_NAME
from engine.voice_store import ENDING
from server.answers import Handler, as_json, json_body, raw_body
from server.body import Items, read
from server.cloning import Cloning, Recorded
from server.errors import RequestError
from server.guard import Guarded
from server.guests import Engines, OwnVoices
from server.held import Room
from server.made_voices import MadeVoices
from server.requests import WhichVoice, checkpoint_of, made_voice
from server.rights import Need, Rights, Visitor, visitor_of

T = TypeVar("T")

MAX_RECORDING = 50 * 2**20
MAX_FILE = 8 * 2**20
MAX_ENDING = 12


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
class Piece:
    """One of several recordings of a speaker, by the name of a saved voice or the id of a made one."""

    voice: str = ""
    made: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Make(WhichVoice):
    """A voice to make: the one that is named, a ``blend`` of several, or several to ``join`` in their order.

    ``name`` is what to call it.
    """

    name: str = ""
    blend: Annotated[tuple[Part, ...], Items(most=voicing.MAX_BLENDED)] = ()
    join: Annotated[tuple[Piece, ...], Items(most=voicing.MAX_JOINED)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Save(WhichVoice):
    """A voice to save under ``name``."""

    name: str = ""


class VoiceRoutes:
    """The handlers; they share an engine and the voices that were made."""

    def __init__(self, engines: Engines, made: MadeVoices, rights: Rights) -> None:
        self._rights = rights
        self._engines = engines
        self._engine = engines.owner
        self._made = made
        self._cloning = Cloning(engines, made, rights)
        self._room = Room()

    def table(self) -> list[Guarded]:
        """The routes, for any app to mount."""
        path = "/studio/voices/{system}"
        guarded = partial(Guarded, rights=self._rights)
        speaking = partial(guarded, methods=["POST"], needs=Need.SPEAK)
        managing = partial(guarded, methods=["POST"], needs=Need.MANAGE)
        return [
            guarded(path, self.saved, methods=["GET"], needs=Need.ENTRY),
            guarded(f"{path}/made/{{made}}", self.made, methods=["GET"], needs=Need.OWN, of="made"),
            speaking(f"{path}/recording", self.recording),
            speaking(f"{path}/file", self.file),
            speaking(f"{path}/make", self._acting(Make, self._make)),
            managing(f"{path}/save", self._acting(Save, self._save)),
            speaking(f"{path}/string", self._acting(WhichVoice, self._string)),
            speaking(f"{path}/check", self.check),
            managing(f"{path}/delete", self._acting(Named, self._delete)),
            guarded(f"{path}/{{name}}{ENDING}", self.download, methods=["GET"], needs=Need.MANAGE),
        ]

    async def saved(self, request: Request) -> Response:
        """The saved voices of a system."""
        spec = self._spec(request)
        names = await anyio.to_thread.run_sync(self._engines.of(visitor_of(request)).shelf.names, spec.id)
        place = f"studio/voices/{spec.id}"
        return as_json({"voices": [{"name": name, "file": f"{place}/{quote(name)}{ENDING}"} for name in names]})

    async def made(self, request: Request) -> Response:
        """The name of a voice that was made here, if it is still kept."""
        made = request.path_params["made"]
        return as_json({"made": made, "name": self._made.get(self._spec(request).id, made).name})

    async def recording(self, request: Request) -> Response:
        """Make a voice of a recording."""
        spec, recorded = self._spec(request), read(Recorded, request.query_params)
        checkpoint_of(self._engine, spec, recorded.model)  # before much is sent for what is not here
        visitor = visitor_of(request)
        with self._rights.allowance.begin(visitor), self._room.share(visitor.address) as held:
            data = await raw_body(request, MAX_RECORDING, held.take)

            def make() -> dict[str, Any]:
                voice = self._cloning.voice(spec, data, recorded)
                return self._cloning.keep(visitor, voice, recorded.name, recorded.model)

            return as_json(await anyio.to_thread.run_sync(make))

    async def file(self, request: Request) -> Response:
        """Save the voice in a file that somebody else has saved; for who may not save it is a made one."""
        spec, name = self._spec(request), read(Named, request.query_params).name
        visitor = visitor_of(request)
        with self._rights.allowance.begin(visitor), self._room.share(visitor.address) as held:
            data = await raw_body(request, MAX_FILE, held.take)

            def save() -> dict[str, Any]:
                with temporary("polyphone-voice-") as folder:
                    path = folder / _plain(name)
                    path.write_bytes(data)
                    voice = voicing.from_file(spec, path)
                if not self._rights.manages(visitor):
                    return self._cloning.keep(visitor, voice, Path(name).stem)
                return {"name": voicing.save(self._engine, voice, Path(name).stem).name}

            return as_json(await anyio.to_thread.run_sync(save))

    async def check(self, request: Request) -> Response:
        """Whether there is such a voice. It is asked while somebody types, so it does not count as a request."""
        visitor, spec, which = visitor_of(request), self._spec(request), await json_body(request, WhichVoice)

        def check() -> None:
            if not made_voice(OwnVoices(self._made, self._rights, visitor), spec.id, which):
                checkpoint = checkpoint_of(self._engine, spec, which.model)
                self._engines.of(visitor).check_voice(spec.id, which.voice, checkpoint)

        await anyio.to_thread.run_sync(check)
        return as_json({"fits": True})

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

    def _acting(self, kind: type[T], act: Callable[[Visitor, SystemSpec, T], dict[str, Any]]) -> Handler:
        """A handler that reads a ``kind`` and acts on it for its sender, on a thread."""

        async def handle(request: Request) -> Response:
            visitor, spec, body = visitor_of(request), self._spec(request), await json_body(request, kind)
            with self._rights.allowance.begin(visitor):
                return as_json(await anyio.to_thread.run_sync(act, visitor, spec, body))

        return handle

    # -- the work, on threads --

    def _make(self, visitor: Visitor, spec: SystemSpec, make: Make) -> dict[str, Any]:
        if make.join:
            pieces = [
                self._voice(visitor, spec, WhichVoice(voice=piece.voice, made=piece.made, model=make.model))
                for piece in make.join
            ]
            return self._cloning.keep(visitor, voicing.joined(spec, pieces), make.name, make.model)
        if not make.blend:
            return self._cloning.keep(visitor, self._voice(visitor, spec, make), make.name, make.model)
        weighted = [
            (self._voice(visitor, spec, WhichVoice(voice=part.voice, made=part.made, model=make.model)), part.weight)
            for part in make.blend
        ]
        blended = finish(voicing.blend(self._engines.of(visitor), spec.id, weighted))
        return self._cloning.keep(visitor, blended, make.name, make.model)

    def _save(self, visitor: Visitor, spec: SystemSpec, save: Save) -> dict[str, Any]:
        return {"name": voicing.save(self._engine, self._voice(visitor, spec, save), save.name).name}

    def _string(self, visitor: Visitor, spec: SystemSpec, which: WhichVoice) -> dict[str, Any]:
        return {"string": voicing.string(spec, self._voice(visitor, spec, which))}

    def _delete(self, visitor: Visitor, spec: SystemSpec, named: Named) -> dict[str, Any]:  # noqa: ARG002
        self._engine.shelf.delete(spec.id, named.name)
        return {"done": True}

    def _voice(self, visitor: Visitor, spec: SystemSpec, which: WhichVoice) -> Voice:
        """The voice that a request names: made here, or by a name or string."""
        if made := made_voice(OwnVoices(self._made, self._rights, visitor), spec.id, which):
            return made
        checkpoint = checkpoint_of(self._engine, spec, which.model)
        return finish(self._engines.of(visitor).make_voice(spec.id, which.voice, checkpoint))

    def _spec(self, request: Request) -> SystemSpec:
        return self._engine.system(request.path_params["system"])


def _plain(name: str) -> str:
    """What of a visitor's name for a file may be that of one of ours, with its ending."""
    path = PurePosixPath(name)
    stem, ending = ("".join(c for c in part if c.isalnum() or c in " -_.") for part in (path.stem, path.suffix))
    return portable(portable(stem[:MAX_NAME], "voice") + ending[:MAX_ENDING], "voice")
