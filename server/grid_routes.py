"""The HTTP routes of grids (docs/comparing.md#routes). A grid is its visitor's: for everybody else there is none.

An error is {"error": {"type", "message"}} with a fitting status.
"""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Annotated, Any, TypeVar

import anyio.to_thread
import numpy as np
import soundfile
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from engine.comparing import manifest, store
from engine.comparing.cells import MOST_CELLS, Cell, Speaker, crossed, read_csv
from engine.comparing.store import Grid, Kept, Store
from engine.errors import OptionError, UserError
from engine.options import values
from server.answers import as_json, json_body
from server.body import Items, read_query
from server.errors import RequestError
from server.grid_work import OWNER, GridWork, asked_of
from server.guard import Guarded
from server.guests import Engines, OwnVoices
from server.made_voices import MadeVoices
from server.requests import Asked
from server.rights import Need, Rights, Visitor, visitor_of

T = TypeVar("T")

VISIT_S = 86_400.0  # as takes are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """A grid to make: of a table (``csv``), or of axes; see `engine.comparing.cells`.

    With ``checked`` a recogniser hears each sound.
    """

    title: str
    texts: Annotated[tuple[str, ...], Items(least=0, most=MOST_CELLS)] = ()
    speakers: Annotated[tuple[Speaker, ...], Items(least=0, most=MOST_CELLS)] = ()
    seeds: Annotated[tuple[int, ...], Items(least=0, most=MOST_CELLS)] = ()
    settings: Annotated[tuple[str, ...], Items(least=0, most=MOST_CELLS)] = ()
    csv: str = ""
    checked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """The revision of a grid after which a page wants to know what has changed."""

    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Whether a grid is to wait."""

    paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Whether a cell has a star."""

    starred: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Whether a sound is wanted as loud as all others can be."""

    level: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """There is nothing to say."""


class GridRoutes:
    """The handlers, over the file of grids and who makes their cells."""

    def __init__(self, kept: Store, work: GridWork, engines: Engines, voices: MadeVoices, rights: Rights) -> None:
        self._store, self._work, self._engines, self._voices, self._rights = kept, work, engines, voices, rights

    def table(self) -> list[Guarded]:
        """The routes, for any app to mount."""
        grids, grid, cell = "/studio/grids", "/studio/grids/{grid}", "/studio/grids/{grid}/{number}"
        guarded = partial(Guarded, rights=self._rights, needs=Need.SPEAK)
        return [
            guarded(grids, self.list, methods=["GET"]),
            guarded(grids, self.create, methods=["POST"]),
            guarded(f"{grid}.{{ending}}", self.export, methods=["GET"]),
            guarded(grid, self.look, methods=["GET"]),
            guarded(grid, self.change, methods=["POST"]),
            guarded(grid, self.delete, methods=["DELETE"]),
            guarded(f"{cell}.{{ending}}", self.sound, methods=["GET"]),
            guarded(f"{cell}/star", self.star, methods=["POST"]),
            guarded(f"{cell}/redo", self.redo, methods=["POST"]),
        ]

    async def list(self, request: Request) -> Response:
        """Every grid of the visitor's; what waits in them goes on."""
        visitor = visitor_of(request)
        grids = await _asked(lambda: self._store.all(visitor.name))
        if any(grid.waiting for grid in grids):
            self._work.begin(visitor)
        return as_json({"grids": [_described(grid) for grid in grids]})

    async def create(self, request: Request) -> Response:
        """A grid, which begins to be made."""
        create, visitor = await json_body(request, Create), visitor_of(request)
        grid = await _asked(lambda: self._create(create, visitor))
        self._work.begin(visitor)
        return as_json(_described(grid))

    async def look(self, request: Request) -> Response:
        """A grid, with the cells that have changed since a revision."""
        name, id, since = visitor_of(request).name, _id(request), read_query(Since, request.query_params)  # noqa: A001

        def work() -> tuple[Grid, Sequence[Kept]]:
            # The grid first: what changes in between is told once more.
            return self._store.grid(name, id), self._store.cells(name, id, since=since.revision)

        grid, cells = await _asked(work)
        now = self._work.now
        making = now[1] if now is not None and now[0] == id else None
        return as_json({**_described(grid), "making": making, "held": [describe(id, kept) for kept in cells]})

    async def change(self, request: Request) -> Response:
        """Let a grid wait, or go on."""
        change, visitor, id = await json_body(request, Change), visitor_of(request), _id(request)  # noqa: A001
        grid = await _asked(lambda: self._store.pause(visitor.name, id, paused=change.paused))
        if change.paused:
            self._work.leave(id)
        else:
            self._work.begin(visitor)
        return as_json(_described(grid))

    async def delete(self, request: Request) -> Response:
        """Forget a grid."""
        id = _id(request)  # noqa: A001
        await _asked(lambda: self._store.delete(visitor_of(request).name, id))
        self._work.leave(id)
        return as_json({"deleted": True})

    async def star(self, request: Request) -> Response:
        """Mark a cell."""
        mark, name, id = await json_body(request, Mark), visitor_of(request).name, _id(request)  # noqa: A001
        kept = await _asked(lambda: self._store.star(name, id, _number(request), starred=mark.starred))
        return as_json(describe(id, kept))

    async def redo(self, request: Request) -> Response:
        """Make a cell anew, with the next seed."""
        await json_body(request, Nothing)
        visitor, id = visitor_of(request), _id(request)  # noqa: A001
        kept = await _asked(lambda: self._store.redo(visitor.name, id, _number(request)))
        self._work.begin(visitor)
        return as_json(describe(id, kept))

    async def sound(self, request: Request) -> Response:
        """A cell's sound as it is, or with ``level`` as loud as all others; or its picture."""
        name, id, ending = visitor_of(request).name, _id(request), request.path_params["ending"]  # noqa: A001
        if ending not in ("flac", "png"):
            raise _no_format(ending, "flac, png")
        heard = read_query(Heard, {key: value for key, value in request.query_params.items() if key == "level"})

        def work() -> tuple[Kept, bytes]:
            kept, flac = self._store.sound(name, id, _number(request))
            if ending == "png":
                return kept, _picture(flac)
            return kept, _at_level(kept, flac) if heard.level else flac

        kept, content = await _asked(work)
        headers = {"Cache-Control": "private, max-age=3600"}
        if ending == "png":
            return Response(content, 200, headers, "image/png")
        if not heard.level:
            headers["Content-Disposition"] = _attachment(f"grid-{kept.number + 1:03}.flac")
        return Response(content, 200, headers, "audio/flac")

    async def export(self, request: Request) -> Response:
        """The table of a grid, or an archive of all."""
        name, id, ending = visitor_of(request).name, _id(request), request.path_params["ending"]  # noqa: A001
        if ending not in ("zip", "json", "csv"):
            raise _no_format(ending, "zip, json, csv")
        grid, cells = await _asked(lambda: (self._store.grid(name, id), self._store.cells(name, id)))
        headers = {"Cache-Control": "no-store", "Content-Disposition": _attachment(f"grid.{ending}")}
        if ending == "zip":
            # As it is read: a grid may have more sound than a server has memory for all who ask.
            parts = manifest.archive(grid, cells, self._sounds(name, id, cells))
            return StreamingResponse(parts, 200, headers, "application/zip")
        if ending == "csv":
            return Response(manifest.as_csv(cells), 200, headers, "text/csv; charset=utf-8")
        return Response(manifest.as_json(grid, cells), 200, headers, "application/json")

    def _sounds(self, name: str, id: str, cells: Sequence[Kept]) -> Iterator[tuple[Kept, bytes]]:  # noqa: A002
        """Those of the cells that are done, without what is made anew meanwhile."""
        for kept in cells:
            if kept.state == "done":
                with suppress(store.Unknown):
                    yield self._store.sound(name, id, kept.number)

    def _create(self, create: Create, visitor: Visitor) -> Grid:
        if create.csv and (create.texts or create.speakers):
            raise OptionError("a table and texts were both given; choose one of them")
        if create.csv:
            cells = read_csv(create.csv)
        else:
            cells = crossed(create.texts, create.speakers, create.seeds, create.settings)
        engine, own = self._engines.of(visitor), OwnVoices(self._voices, self._rights, visitor)
        longest = self._rights.allowance.longest(visitor)
        complete = [_complete(lambda: asked_of(engine, cell, own), cell) for cell in cells]  # noqa: B023 - called at once
        if (count := max(len(cell.text) for cell in cells)) > longest:
            raise OptionError(
                "the text has {count:,} characters; visitors may send {most:,} at a time, so say it in parts",
                count=count,
                most=longest,
            )
        # Who has neither token nor key cannot come back for longer than a day.
        self._store.forget(time.time() - VISIT_S, lambda name: name == OWNER.name or name.startswith("key "))
        return self._store.create(visitor.name, create.title, complete, checked=create.checked)


def describe(grid: str, kept: Kept) -> dict[str, Any]:
    """A cell as plain data for the page; ``form`` is what restores it."""
    cell, who = kept.wanted, kept.wanted.speaker
    address = f"studio/grids/{grid}/{kept.number}"
    return {
        "number": kept.number,
        "state": kept.state,
        "starred": kept.starred,
        "revision": kept.revision,
        "form": {**asdict(who), "text": cell.text, "seed": cell.seed, "options": dict(cell.options)},
        "take": dict(kept.content) if kept.state == "done" else None,
        "problem": kept.content.get("problem") if kept.state == "failed" else None,
        "sound": f"{address}.flac?level=true&made={cell.seed}",
        "picture": f"{address}.png?made={cell.seed}",
        "file": f"{address}.flac",
    }


async def _asked(ask: Callable[[], T]) -> T:
    """What the file of grids answers, on a thread; what it does not know is a 404."""
    try:
        return await anyio.to_thread.run_sync(ask)
    except store.Unknown as error:
        raise RequestError(error.message, 404) from None


def _complete(ask: Callable[[], Asked], cell: Cell) -> Cell:
    """The cell with every option as it is to be: what a model recommends may change."""
    try:
        return replace(cell, options=values(ask().request.options))
    except UserError as error:
        if not cell.line:
            raise
        raise OptionError("line {line} of the table: {problem}", line=cell.line, problem=error.message) from error


def _id(request: Request) -> str:
    return str(request.path_params["grid"])


def _number(request: Request) -> int:
    """-1, which nothing has, for what is none."""
    text = request.path_params["number"]
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else -1


def _no_format(ending: str, formats: str) -> RequestError:
    return RequestError(
        "there is no format {ending!r}; the formats are {formats}", 404, ending=ending[:10], formats=formats
    )


def _attachment(name: str) -> str:
    return f'attachment; filename="{name}"'


def _described(grid: Grid) -> dict[str, Any]:
    return {"grid": grid.id, **{name: value for name, value in asdict(grid).items() if name != "id"}}


def _samples(flac: bytes) -> tuple[np.ndarray, int]:
    samples, rate = soundfile.read(io.BytesIO(flac), dtype="float32")
    return samples, int(rate)


def _picture(flac: bytes) -> bytes:
    from engine.audio.picture import mel_png

    return mel_png(*_samples(flac))


def _at_level(kept: Kept, flac: bytes) -> bytes:
    """The sound, brought to the level that is written for it; one without a loudness as it is."""
    from engine.audio.encode import encode

    loudness, level = kept.content["loudness"], kept.content["level"]
    if loudness is None:
        return flac
    samples, rate = _samples(flac)
    return encode(samples * np.float32(10 ** ((level - loudness) / 20)), rate, "flac", {})
