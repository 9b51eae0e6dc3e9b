"""The HTTP routes of listening tests (docs/listening-tests.md#routes): those of the owner, and those of listeners.

Whoever has the link of a test may take part, in every kind of studio: it is the right to it, and nobody guesses it. A
listener sees neither names nor others. An error is {"error": {"type", "message"}} with a fitting status.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import anyio.to_thread
import soundfile
from starlette.requests import Request
from starlette.responses import Response

from engine.comparing import store as comparing
from engine.comparing.store import Store as Grids
from engine.listening import store
from engine.listening.design import LONGEST_NAME, MOST_SOUNDS, MOST_TOGETHER, SCALES, Sound, design
from engine.listening.results import Judgement, inattentive, judgements, rows
from engine.listening.store import Kept, Sitting, Store
from server.answers import as_json, json_body
from server.body import Items, read_query
from server.errors import RequestError
from server.guard import Guarded
from server.rights import Need, Rights, Visitor, visitor_of
from server.takes import Take, Takes

if TYPE_CHECKING:
    from engine.listening.sounds import Samples

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A take of the owner's, or the ``cell`` of that number of a ``grid`` of theirs, and what to call its parts.

    "" is what they are called in the take.
    """

    take: str = ""
    grid: str = ""
    cell: int = -1
    system: str = ""
    voice: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """A test to make; see `engine.listening.design.design`."""

    title: str
    kind: str
    takes: Annotated[tuple[Chosen, ...], Items(most=MOST_SOUNDS)]
    anchors: bool = False
    checks: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Whether those who failed an attention check are left out of results."""

    attentive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """A listener who comes; there is nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The scores of the trial at a place."""

    place: int
    scores: Annotated[tuple[int, ...], Items(most=MOST_TOGETHER + 1)]


class ListeningRoutes:
    """The handlers, over the file of tests, the finished takes and those in grids."""

    def __init__(self, kept: Store, takes: Takes, grids: Grids, rights: Rights) -> None:
        self._store, self._takes, self._grids, self._rights = kept, takes, grids, rights

    def table(self) -> list[Guarded]:
        """The routes, for any app to mount."""
        tests, test = "/studio/listening-tests", "/studio/listening-tests/{test}"
        link, listener = "/studio/listen/{link}", "/studio/listen/{link}/{listener}"
        owner = partial(Guarded, rights=self._rights, needs=Need.MANAGE)
        anybody = partial(Guarded, rights=self._rights, needs=Need.NOTHING)
        return [
            owner(tests, self.list, methods=["GET"]),
            owner(tests, self.create, methods=["POST"]),
            owner(f"{test}.{{ending}}", self.export, methods=["GET"]),
            owner(test, self.results, methods=["GET"]),
            owner(test, self.delete, methods=["DELETE"]),
            anybody(link, self.about, methods=["GET"]),
            anybody(link, self.join, methods=["POST"]),
            anybody(listener, self.next, methods=["GET"]),
            anybody(listener, self.answer, methods=["POST"]),
            anybody(f"{listener}/{{place}}/{{slot}}.flac", self.sound, methods=["GET"]),
        ]

    # -- the owner's --

    async def list(self, _request: Request) -> Response:
        """Every test."""
        return as_json({"tests": [_described(each) for each in await _asked(self._store.all)]})

    async def create(self, request: Request) -> Response:
        """A test of takes."""
        create, visitor = await json_body(request, Create), visitor_of(request)
        return as_json(_described(await _asked(lambda: self._create(create, visitor))))

    async def results(self, request: Request) -> Response:
        """What is known by now."""
        wish, test = read_query(Wish, request.query_params), request.path_params["test"]

        def work() -> dict[str, Any]:
            kept, judged = self._judged(test)
            found = rows(kept.design, judged, attentive=wish.attentive)
            failed = sorted(inattentive(judged))
            return {**_described(kept), "inattentive": failed, "rows": [row.describe() for row in found]}

        return as_json(await _asked(work))

    async def export(self, request: Request) -> Response:
        """Every judgement, as JSON or CSV."""
        test, ending = request.path_params["test"], request.path_params["ending"]
        if ending not in ("json", "csv"):
            raise RequestError(
                "there is no format {ending!r}; the formats are {formats}", 404, ending=ending[:10], formats="json, csv"
            )

        def work() -> tuple[Kept, list[dict[str, Any]]]:
            kept, judged = self._judged(test)
            return kept, [_line(kept, each) for each in judged]

        kept, lines = await _asked(work)
        disposition = {"Content-Disposition": f'attachment; filename="listening-test.{ending}"'}
        if ending == "json":
            return as_json({**_described(kept), "judgements": lines}, headers=disposition)
        headers = {"Cache-Control": "no-store", **disposition}
        return Response(await anyio.to_thread.run_sync(_csv, lines), 200, headers, "text/csv; charset=utf-8")

    async def delete(self, request: Request) -> Response:
        """Forget a test."""
        await _asked(lambda: self._store.delete(request.path_params["test"]))
        return as_json({"deleted": True})

    def _create(self, create: Create, visitor: Visitor) -> Kept:
        from engine.audio.encode import encode
        from engine.listening.sounds import sounds_of

        found = [self._said(chosen, visitor) for chosen in create.takes]
        made = design(
            create.kind, [named for named, _ in found], seed=create.seed, anchors=create.anchors, checks=create.checks
        )
        samples = [sound for _, sound in found]
        files = [encode(each.samples, each.sample_rate, "flac", {}) for each in sounds_of(made, samples)]
        return self._store.create(create.title, made, files)

    def _said(self, chosen: Chosen, visitor: Visitor) -> tuple[Sound, "Samples"]:
        """What is chosen, with its names, and its sound."""
        from engine.listening.sounds import Samples

        if not chosen.grid:
            take = self._take(chosen.take, visitor)
            asked = take.asked.request
            named = _named(chosen, asked.system, take.voice, asked.text)
            return named, Samples(samples=self._takes.samples(take), sample_rate=take.sample_rate)
        kept, flac = self._grids.sound(visitor.name, chosen.grid, chosen.cell)
        samples, rate = soundfile.read(io.BytesIO(flac), dtype="float32")
        wanted = kept.wanted
        named = _named(chosen, wanted.speaker.system, kept.content["voice"][:LONGEST_NAME], wanted.text)
        return named, Samples(samples=samples, sample_rate=rate)

    def _take(self, id: str, visitor: Visitor) -> Take:  # noqa: A002
        take = self._takes.get(id) if self._rights.owns(visitor, id) else None
        if take is None:
            raise RequestError("there is no such take; results are kept for a day", 404)
        return take

    def _judged(self, test: str) -> tuple[Kept, Sequence[Judgement]]:
        kept = self._store.test(test)
        return kept, judgements(kept.design, self._store.answers(test))

    # -- the listeners' --

    async def about(self, request: Request) -> Response:
        """What is asked of a listener."""
        kept = await _asked(lambda: self._store.by_link(request.path_params["link"]))
        scale = SCALES[kept.design.kind]
        told = {"title": kept.title, "kind": kept.design.kind, "trials": len(kept.design.trials)}
        return as_json({**told, "least": scale[0], "most": scale[-1], "neither": 0 in scale})

    async def join(self, request: Request) -> Response:
        """A new listener."""
        await json_body(request, Join)
        with self._rights.allowance.begin(visitor_of(request)):
            who = await _asked(lambda: self._store.join(request.path_params["link"]))
        return as_json({"listener": who})

    async def next(self, request: Request) -> Response:
        """Where a listener is."""
        return as_json(_progress(await _asked(lambda: self._store.sitting(*_who(request)))))

    async def answer(self, request: Request) -> Response:
        """An answer; then where the listener is."""
        given = await json_body(request, Given)
        sitting = await _asked(lambda: self._store.answer(*_who(request), given.place, given.scores))
        return as_json(_progress(sitting))

    async def sound(self, request: Request) -> Response:
        """A sound of a trial."""
        place, slot = _number(request.path_params["place"]), _number(request.path_params["slot"])
        flac = await _asked(lambda: self._store.sound(*_who(request), place, slot))
        return Response(flac, 200, {"Cache-Control": "private, max-age=3600"}, "audio/flac")


async def _asked(ask: Callable[[], T]) -> T:
    """What the file of tests answers, on a thread; what it does not know is a 404, what comes out of turn a 409."""
    try:
        return await anyio.to_thread.run_sync(ask)
    except (store.Unknown, comparing.Unknown) as error:
        raise RequestError(error.message, 404) from None
    except store.Taken as error:
        raise RequestError(error.message, 409) from None


def _who(request: Request) -> tuple[str, str]:
    return request.path_params["link"], request.path_params["listener"]


def _number(text: str) -> int:
    """-1, which nothing has, for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else -1


def _named(chosen: Chosen, system: str, voice: str, text: str) -> Sound:
    return Sound(
        system=chosen.system or system,
        voice=chosen.voice or voice,
        sentence=chosen.sentence or " ".join(text.split()),
    )


def _described(kept: Kept) -> dict[str, Any]:
    return {
        "test": kept.id,
        "link": kept.link,
        "title": kept.title,
        "kind": kept.design.kind,
        "seed": kept.design.seed,
        "made": kept.made,
        "trials": len(kept.design.trials),
        "listeners": kept.listeners,
        "finished": kept.finished,
    }


def _progress(sitting: Sitting) -> dict[str, Any]:
    """{"answered", "trials", "next"}; of the next trial its place and how many sounds it has, None at the end."""
    done, heard = sitting.answered, sitting.plan[sitting.answered : sitting.answered + 1]
    following = {"place": done, "sounds": len(heard[0].sounds)} if heard else None
    return {"answered": done, "trials": len(sitting.plan), "next": following}


def _line(kept: Kept, each: Judgement) -> dict[str, Any]:
    first = kept.design.sounds[each.sound]
    other = kept.design.sounds[each.other] if each.other >= 0 else None
    return {
        "listener": each.answer.listener,
        "place": each.answer.place,
        "trial": each.answer.heard.trial,
        "when": each.answer.when,
        "check": "" if each.right is None else "right" if each.right else "wrong",
        "sentence": first.sentence,
        "system": first.system,
        "voice": first.voice,
        "other_system": other.system if other else "",
        "other_voice": other.voice if other else "",
        "value": each.value,
    }


_COLUMNS = (
    "listener",
    "place",
    "trial",
    "when",
    "check",
    "sentence",
    "system",
    "voice",
    "other_system",
    "other_voice",
    "value",
)


def _csv(lines: Sequence[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS)
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()
