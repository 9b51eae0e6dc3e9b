"""The HTTP routes of voices. Each is under /studio/voices/{system}.

    GET  .                    {"voices": [{"name", "file"}]}: those that are saved
    POST /make                {"voice"} or {"blend": [{"voice" | "made", "weight"}]}, "name"?, "model"? -> a made voice
    POST /recording           the bytes of a recording; ?text= what is said in it, &name= &language= &model=
    POST /file                the bytes of a voice file; ?name= its name -> {"name"}, saved
    POST /save                {"name", "voice" | "made", "model"?} -> {"name"}
    POST /string              {"voice" | "made", "model"?} -> {"string"} to hand on
    POST /delete              {"name"}
    GET  /{name}.safetensors  a saved voice as a file

A made voice is answered as {"made": id, "name"}; with the id it speaks for a day, saved it speaks for good. An error is
{"error": {"type", "message"}} with a fitting status.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
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
from ui.answers import answering, as_json, json_body, raw_body
from ui.errors import RequestError
from ui.requests import checkpoint_of
from ui.voices import MadeVoices

MAX_RECORDING = 50 * 2**20
MAX_FILE = 8 * 2**20
MAX_UPLOADS = 4


class VoiceRoutes:
    """The handlers; they share an engine and the voices that were made."""

    def __init__(self, engine: Engine, made: MadeVoices) -> None:
        self._engine = engine
        self._made = made
        self._uploads = 0

    def table(self) -> list[Route]:
        """The routes, for the app that Gradio launches."""
        acts: dict[str, Callable[[SystemSpec, dict[str, Any]], Any]] = {
            "make": self._make,
            "save": self._save,
            "string": self._string,
            "delete": self._delete,
        }
        path = "/studio/voices/{system}"
        return [
            Route(path, answering(self.saved), methods=["GET"]),
            Route(f"{path}/recording", answering(self.recording), methods=["POST"]),
            Route(f"{path}/file", answering(self.file), methods=["POST"]),
            *(Route(f"{path}/{name}", answering(self._acting(act)), methods=["POST"]) for name, act in acts.items()),
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
        spec, asked = self._spec(request), request.query_params
        checkpoint = checkpoint_of(self._engine, spec, asked.get("model", ""))
        with self._uploading():
            data = await raw_body(request, MAX_RECORDING)

            def make() -> dict[str, str]:
                text, language = asked.get("text", ""), asked.get("language", "")
                prompt = voicing.from_recording(spec, data, text, language, checkpoint)
                voice = finish(self._engine.make_voice(spec.id, prompt, checkpoint))
                return self._keep(voice, asked.get("name", ""))

            return as_json(await anyio.to_thread.run_sync(make))

    async def file(self, request: Request) -> Response:
        """Save the voice in a file that somebody else has saved."""
        spec, name = self._spec(request), request.query_params.get("name", "")
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
            raise RequestError(str(error), 404) from error
        return FileResponse(
            path,
            media_type="application/octet-stream",
            filename=f"{spec.id}-{name}{ENDING}",
            headers={"Content-Encoding": "identity"},
        )

    def _acting(self, act: Callable[[SystemSpec, dict[str, Any]], Any]) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Response:
            spec, body = self._spec(request), await json_body(request)
            if not isinstance(body, dict):
                raise RequestError(f"the request must be a JSON object, not {type(body).__name__}")
            return as_json(await anyio.to_thread.run_sync(act, spec, body))

        return handle

    # -- the work, on threads --

    def _make(self, spec: SystemSpec, body: dict[str, Any]) -> dict[str, str]:
        name = _text(body, "name")
        if "blend" not in body:
            return self._keep(self._voice(spec, body), name)
        parts = body["blend"]
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise RequestError("the field 'blend' must be a list of objects with a voice and a weight")
        if len(parts) > voicing.MAX_BLENDED:
            raise RequestError(f"{len(parts)} voices were given; at most {voicing.MAX_BLENDED} make a blend")
        weighted = [(self._voice(spec, {**part, "model": _text(body, "model")}), _weight(part)) for part in parts]
        return self._keep(finish(voicing.blend(self._engine, spec.id, weighted)), name)

    def _save(self, spec: SystemSpec, body: dict[str, Any]) -> dict[str, str]:
        return {"name": voicing.save(self._engine, self._voice(spec, body), _text(body, "name")).name}

    def _string(self, spec: SystemSpec, body: dict[str, Any]) -> dict[str, str]:
        return {"string": voicing.string(spec, self._voice(spec, body))}

    def _delete(self, spec: SystemSpec, body: dict[str, Any]) -> dict[str, bool]:
        self._engine.shelf.delete(spec.id, _text(body, "name"))
        return {"done": True}

    def _voice(self, spec: SystemSpec, body: dict[str, Any]) -> Voice:
        """The voice that a request names: made here, or by a name or string."""
        if made := _text(body, "made"):
            return self._made.get(spec.id, made)
        checkpoint = checkpoint_of(self._engine, spec, _text(body, "model"))
        return finish(self._engine.make_voice(spec.id, _text(body, "voice"), checkpoint))

    def _keep(self, voice: Voice, name: str) -> dict[str, str]:
        named = replace(voice, name=" ".join(name.split())[:MAX_NAME] or voice.name)
        return {"made": self._made.keep(named), "name": named.name}

    def _spec(self, request: Request) -> SystemSpec:
        return self._engine.system(request.path_params["system"])

    @contextmanager
    def _uploading(self) -> Iterator[None]:
        """A place for one upload, which is held in memory. Handlers run on one event loop, so a number is enough."""
        if self._uploads >= MAX_UPLOADS:
            raise Busy(f"{MAX_UPLOADS} recordings are being read already; try again in a moment")
        self._uploads += 1
        try:
            yield
        finally:
            self._uploads -= 1


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise RequestError(f"the field {name!r} must be of type str, not {type(value).__name__}")
    return value


def _weight(part: dict[str, Any]) -> float:
    value = part.get("weight")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RequestError("every part of a blend needs a weight, a number")
    return float(value)


def _plain(name: str) -> str:
    """What of a visitor's name for a file may be that of one of ours."""
    return "".join(character for character in name if character.isalnum() or character in " -_.")[:MAX_NAME]
