"""How the routes answer: JSON in, JSON out, and every exception one readable message with a fitting status."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.errors import RequestError, readable

MAX_BODY = 2 * 2**20


def answering(handler: Any) -> Any:
    """The handler with every exception turned into an answer."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - every mistake gets an answer; `readable` logs the unforeseen
            problem = readable(error)
            headers = {"Retry-After": "2"} if problem.status == 429 else {}
            return as_json(problem.describe(), problem.status, headers)

    return answer


async def json_body(request: Request) -> Any:
    """The request's JSON. The type is insisted on: a page of another origin cannot send it unasked."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise RequestError("send the request as application/json", 415)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            raise RequestError(f"the request is longer than {MAX_BODY // 2**20} MiB; shorten the text", 413)
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestError("the request is not valid JSON") from error


async def raw_body(request: Request, limit: int) -> bytes:
    """The bytes of a file of at most ``limit``. Types that a page of another origin can send unasked are refused."""
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    if kind in ("", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"):
        raise RequestError("send the bytes of the file as application/octet-stream", 415)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise RequestError(f"the file is larger than {limit // 2**20} MiB; send a smaller one", 413)
    return bytes(body)


def as_json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer that nobody keeps; ASCII only, so that no text can break it."""
    body = json.dumps(content).encode("ascii")
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, "application/json")
