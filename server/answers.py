"""How the routes answer: JSON in, JSON out, and every exception one readable message with a fitting status."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from server.body import read
from server.errors import Problem, RequestError, readable

Handler = Callable[[Request], Awaitable[Response]]
T = TypeVar("T")

MAX_BODY = 2 * 2**20


def answering(
    handler: Handler,
    told: Callable[[Any], Any] = lambda content: content,
    shape: Callable[[Problem], dict[str, Any]] = Problem.describe,
) -> Handler:
    """The handler with every exception turned into an answer of this ``shape``; ``told`` is what of it may be said."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except ClientDisconnect:
            return as_json({}, 400)  # which nobody reads
        except Exception as error:  # noqa: BLE001 - every mistake gets an answer; `readable` logs the unforeseen
            problem = readable(error)
            return as_json(told(shape(problem)), problem.status, problem.headers())

    return answer


async def json_body(request: Request, kind: type[T]) -> T:
    """The request's JSON as a ``kind``."""
    return read(kind, await json_content(request))


async def json_content(request: Request) -> Any:
    """The request's JSON. Its type is insisted on: a page of another origin cannot send it unasked."""
    if _media_type(request) != "application/json":
        raise RequestError("send the request as application/json", 415)
    too_long = RequestError("the request is longer than {most} MiB; shorten the text", 413, most=MAX_BODY // 2**20)
    body = await _bytes(request, MAX_BODY, too_long)
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestError("the request is not valid JSON") from error


async def raw_body(request: Request, limit: int, take: Callable[[int], object]) -> bytes:
    """The bytes of a file of at most ``limit``; ``take`` is told of each piece before it is kept.

    Types that a page of another origin can send unasked are refused.
    """
    if _media_type(request) in ("", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"):
        raise RequestError("send the bytes of the file as application/octet-stream", 415)
    too_long = RequestError("the file is larger than {most} MiB; send a smaller one", 413, most=limit // 2**20)
    return await _bytes(request, limit, too_long, take)


def as_json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer that nobody keeps; ASCII only, so that no text can break it."""
    body = json.dumps(content).encode("ascii")
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, "application/json")


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").split(";")[0].strip()


async def _bytes(
    request: Request, limit: int, too_long: RequestError, take: Callable[[int], object] | None = None
) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        if len(body) + len(piece) > limit:
            raise too_long
        if take is not None:
            take(len(piece))
        body += piece
    return bytes(body)
