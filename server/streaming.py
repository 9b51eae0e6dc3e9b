"""Answers that come while they are made: what a proxy must know of them, and how the work ends with the listener."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

# No proxy may collect a stream, and no middleware may squeeze sound or hide its length.
UNBUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Encoding": "identity"}


def pieces(sent: bytes, size: int = 16_384) -> Iterator[bytes]:
    """What is sent in pieces of at most ``size``: only so can be told who reads slowly from who does not."""
    return (sent[start : start + size] for start in range(0, len(sent), size))


class Cut(Exception):
    """The rest of a stream cannot be made, and the connection is to say so by ending before its time."""


class JobResponse(StreamingResponse):
    """A stream that calls ``end`` when it is over, however that comes about and even if it never began."""

    def __init__(
        self,
        content: AsyncIterator[bytes],
        end: Callable[[], None],
        media_type: str = "application/octet-stream",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(content, media_type=media_type, headers={**UNBUFFERED, **(headers or {})})
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._end()

    async def stream_response(self, send: Send) -> None:
        """Send what there is; of a stream that is `Cut` nothing says that it is complete."""
        try:
            await super().stream_response(send)
        except Cut:
            return
