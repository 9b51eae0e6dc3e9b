"""The HTTP routes of what there is: systems and checkpoints, and the work on them.

    GET  /studio/status               how far the first model is loaded
    GET  /studio/systems              the systems and their installed checkpoints, for the form
    GET  /studio/models               every card, the work going on, what is in memory, and the free space
    POST /studio/models/{act}         `Act`: download, verify, load, stop, delete, unload, dismiss
    POST /studio/uploads              `Announcement`: which of a visitor's files are wanted, and where they go
    PUT  /studio/uploads/{key}/{place}  one of them
    POST /studio/uploads/{key}/import `Import`: check them and put them into the library

Long work runs on threads of the server's, so it goes on when the page is closed or loaded anew.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from engine.errors import WeightsMissing
from engine.library.intake import MAX_BYTES, MAX_FILES
from engine.message import Message, why
from server import facts
from server.answers import as_json, json_body
from server.body import Items
from server.errors import RequestError
from server.guard import Guarded
from server.guests import Engines
from server.rights import Need, Rights, visitor_of
from server.tasks import Tasks
from server.uploads import Upload, Uploads
from server.warmup import WarmUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act on the checkpoint ``id``: one of the library's, or ``<system>:<org>/<name>[@<revision>]`` to download.

    ``accept`` says that its terms are accepted. ``kind`` is that of ended work that need not be told of any more, for
    the act "dismiss"; "" stands for all kinds.
    """

    id: str
    accept: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Files at ``paths`` of a visitor's, called ``name``, that are to become the checkpoint ``id``.

    ``id`` is one of the library's, or a system, which then names the checkpoint after the files.
    """

    id: str
    name: str = ""
    paths: Annotated[tuple[str, ...], Items(most=MAX_FILES, advice=Message("choose the checkpoint alone"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What has been sent is complete; ``accept`` says that the terms of the checkpoint are accepted."""

    accept: bool = False


class LibraryRoutes:
    """The handlers; they share an engine with its library, the long work, the uploads and the first loading."""

    def __init__(self, engines: Engines, tasks: Tasks, uploads: Uploads, warm_up: WarmUp, rights: Rights) -> None:
        self._rights = rights
        self._engines = engines
        self._engine = engines.owner
        self._library = engines.owner.library
        self._tasks = tasks
        self._uploads = uploads
        self._warm_up = warm_up

    def table(self) -> list[Guarded]:
        """The routes, for any app to mount."""
        guarded = partial(Guarded, rights=self._rights)
        return [
            guarded("/studio/status", self.status, methods=["GET"], needs=Need.ENTRY),
            guarded("/studio/systems", self.systems, methods=["GET"], needs=Need.ENTRY),
            guarded("/studio/models", self.models, methods=["GET"], needs=Need.MANAGE),
            guarded("/studio/models/{act}", self.act, methods=["POST"], needs=Need.MANAGE),
            guarded("/studio/uploads", self.announce, methods=["POST"], needs=Need.MANAGE),
            guarded("/studio/uploads/{key}/import", self.bring, methods=["POST"], needs=Need.MANAGE),
            guarded("/studio/uploads/{key}/{place:path}", self.receive, methods=["PUT"], needs=Need.MANAGE),
        ]

    async def status(self, request: Request) -> Response:  # noqa: ARG002
        """How far the first model is."""
        return as_json(self._rights.told(self._warm_up.status()))

    async def systems(self, request: Request) -> Response:
        """The systems, as the form needs them."""
        visitor = visitor_of(request)
        found = await anyio.to_thread.run_sync(facts.systems, self._engines.of(visitor))
        most = self._rights.allowance.longest(visitor)
        return as_json([{**system, "max_chars": min(most, system["max_chars"])} for system in found])

    async def models(self, request: Request) -> Response:  # noqa: ARG002
        """Everything that the Models page shows."""
        return as_json(self._rights.told(await anyio.to_thread.run_sync(self._overview)))

    async def act(self, request: Request) -> Response:
        """One of the acts on a checkpoint; a long one is begun and goes on by itself."""
        acts: dict[str, Callable[[Act], object]] = {
            "download": lambda act: self._begin("download", self._library.download, act.id),
            "verify": lambda act: self._begin("verify", self._library.verify, act.id),
            "load": lambda act: self._load(act.id),
            "stop": lambda act: self._tasks.stop(act.id),
            "delete": lambda act: self._delete(act.id),
            "unload": lambda act: self._unload(act.id),
            "dismiss": lambda act: self._tasks.forget(act.id, act.kind),
        }
        name = request.path_params["act"]
        if name not in acts:
            raise RequestError("models cannot {name!r}; they can {acts}", 404, name=name[:20], acts=", ".join(acts))
        act = await json_body(request, Act)
        if act.accept:
            await anyio.to_thread.run_sync(self._library.accept, act.id)
        await anyio.to_thread.run_sync(acts[name], act)
        return as_json({"done": True})

    async def announce(self, request: Request) -> Response:
        """Say which of the files at ``paths`` are wanted: {"key", "places": {path: place}}. Nothing else is sent."""
        announced = await json_body(request, Announcement)
        return as_json(await anyio.to_thread.run_sync(self._announce, announced))

    async def receive(self, request: Request) -> Response:
        """Take one announced file, in pieces, straight to the disk."""
        upload = self._uploads.get(request.path_params["key"])
        place = request.path_params["place"]
        if place not in upload.places:
            raise RequestError("this file was not announced", 404)
        try:
            await _write(request, upload.folder, upload.folder / place)
        except OSError as error:
            raise RequestError(
                "the file cannot be written ({reason}); make room for it, or start with another --models-dir",
                507,
                reason=why(error),
            ) from error
        return as_json({"done": True})

    async def bring(self, request: Request) -> Response:
        """Import what has been sent; it goes on by itself."""
        wanted = await json_body(request, Import)
        upload = self._uploads.get(request.path_params["key"])
        if wanted.accept:
            await anyio.to_thread.run_sync(self._library.accept, upload.id)
        self._tasks.start(upload.id, "import", self._bring(upload))
        self._uploads.take(upload.key)  # only now: when other work was going on, the files wait for another try
        return as_json({"id": upload.id})

    # -- the work, on threads --

    def _overview(self) -> dict[str, Any]:
        folder = self._library.folder
        there = next((path for path in (folder, *folder.parents) if path.is_dir()), None) if folder else None
        return {
            "cards": [card.describe() for card in self._library.cards()],
            "tasks": self._tasks.status(),
            "silent": facts.silent(self._library),
            "memory": facts.memory(self._engine),
            "folder": str(folder or ""),
            # How full a disk is tells of what else is done with the machine.
            "free": None if self._rights.policy.public else shutil.disk_usage(there).free if there else 0,
        }

    def _begin(self, kind: str, work: Callable[[str], Any], id: str) -> None:  # noqa: A002
        self._library.expect(id)
        self._tasks.start(id, kind, work(id))

    def _load(self, id: str) -> None:  # noqa: A002
        card = self._library.card(id)
        if card.checkpoint is None:
            raise RequestError("{id} is not here yet; download it first", id=id)
        self._tasks.start(id, "load", self._engine.prepare(card.system, card.checkpoint))

    def _unload(self, id: str) -> None:  # noqa: A002
        card = self._library.card(id)
        if not self._engine.unload(card.system, card.checkpoint):
            raise RequestError("{id} is speaking, or not in memory; try again when it is quiet", 409, id=id)

    def _delete(self, id: str) -> None:  # noqa: A002
        stopped = self._tasks.stop(id)
        try:
            self._library.delete(id, loaded=[model.checkpoint for model in self._engine.loaded()])
        except WeightsMissing:
            if not stopped:  # else nothing had arrived yet
                raise
        self._tasks.forget(id)

    def _announce(self, announced: Announcement) -> dict[str, Any]:
        id, paths = announced.id, announced.paths  # noqa: A001
        if len(paths) == 1 and paths[0].lower().endswith(".zip"):
            self._library.where(id) if "/" in id else self._library.installed(id)
            places: Mapping[str, str] = {paths[0]: "archive.zip"}
        else:
            places = self._library.wanted(id, paths)
        upload = self._uploads.announce(id, announced.name, places.values())
        return {"key": upload.key, "places": dict(places)}

    def _bring(self, upload: Upload) -> Any:
        archive = upload.folder / "archive.zip"
        try:
            if archive.is_file():
                archive = archive.rename(upload.folder / f"{upload.folder.name}.zip")
            return (yield from self._library.bring(upload.id, archive if archive.is_file() else upload.folder))
        finally:
            upload.remove()


async def _write(request: Request, folder: Path, target: Path) -> None:
    """Put the body of a request at ``target`` within ``folder``. Raises RequestError without room, and OSError."""
    await anyio.to_thread.run_sync(lambda: target.parent.mkdir(parents=True, exist_ok=True))
    left = min(MAX_BYTES, shutil.disk_usage(folder).free)
    async with await anyio.open_file(target, "wb") as file:
        async for piece in request.stream():
            left -= len(piece)
            if left < 0:
                raise RequestError("the disk has no room for this file; make some, then try again", 507)
            await file.write(piece)
