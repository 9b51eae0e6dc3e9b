"""What a connection may cost while its other end does nothing: uvicorn's HTTP protocol, with bounds.

Nobody pays for who only opens connections, sends half a request, a body one byte at a time, or reads nothing of the
answer. Each such connection is given up after a while, and at once when its place is wanted by somebody else.

    config = uvicorn.Config(app)
    bound(config, Bounds())
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from server.answers import as_json
from server.errors import RequestError
from server.gate import is_loopback

PIECE = 16_384
# How much of an answer waits in the program, and how much unsent in the system, before the sender waits.
WAITING_BYTES = 32_768


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Seconds and numbers; those ``of_client`` hold for one address that is not of this machine.

    ``head_s`` is for a request up to its body. A body may be silent for ``silence_s``, and slow no longer than that
    below ``rate`` bytes a second. An answer of which nothing is read for ``unread_s`` is given up.
    """

    head_s: float = 10.0
    silence_s: float = 15.0
    rate: float = 2000.0
    unread_s: float = 30.0
    connections: int = 400
    connections_of_client: int = 48
    bodies_of_client: int = 8


@dataclass(slots=True, eq=False)
class Crowd:
    """The connections of one server, in the order in which they came."""

    bounds: Bounds
    members: dict["BoundedProtocol", None] = field(default_factory=dict)

    def enter(self, comer: "BoundedProtocol") -> None:
        """Let one in; where there are too many already, the one that has been idle the longest goes, or the comer."""
        self.members[comer] = None
        for own, most in ((False, self.bounds.connections), (True, self.bounds.connections_of_client)):
            if own and comer.is_local:
                continue
            there = [member for member in self.members if not own or member.address == comer.address]
            if len(there) > most:
                next((member for member in there if member.is_idle and member is not comer), comer).cut()

    def leave(self, member: "BoundedProtocol") -> None:
        """It has gone."""
        self.members.pop(member, None)

    def bodies_of(self, address: str) -> int:
        """How many bodies of an address are on their way."""
        return sum(member.address == address and member.takes_body for member in self.members)


def bound(config: uvicorn.Config, bounds: Bounds) -> None:
    """Let connections that a server of ``config`` accepts from now on keep within ``bounds``."""
    protocol: Any = partial(BoundedProtocol, crowd=Crowd(bounds))
    # The one is read when the configuration is loaded, the other at each connection.
    config.http = config.http_protocol_class = protocol


class BoundedProtocol(H11Protocol):
    """One connection."""

    def __init__(self, *arguments: Any, crowd: Crowd, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._crowd = crowd
        self._bounds = crowd.bounds
        self._timer: asyncio.TimerHandle | None = None
        self.address = ""
        self.is_local = True
        self.takes_body = False
        self.ws_protocol_class = None  # nothing here speaks it
        self.app = partial(self._serve, self.app)

    @property
    def is_idle(self) -> bool:
        """Whether it waits for its other end to send something."""
        return self.takes_body or self.cycle is None or self.cycle.response_complete

    def cut(self) -> None:
        """End it now; nothing that was not sent yet is."""
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Begin to wait for a request."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self.is_local = not self.address or is_loopback(self.address)
        transport.set_write_buffer_limits(high=WAITING_BYTES)
        if lowat := getattr(socket, "TCP_NOTSENT_LOWAT", None):
            with contextlib.suppress(OSError):  # not a connection of TCP
                transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, lowat, WAITING_BYTES)
        self._wait_for_head()
        self._crowd.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended."""
        self._crowd.leave(self)
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes of a request: of its head in time, of the rest as `_serve` sees to."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._timer is None and not self.transport.is_closing():
            self._wait_for_head()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing has come for a while; what is still unread of the last answer is not waited for."""
        if self.transport.get_write_buffer_size():
            self.cut()
        else:
            super().timeout_keep_alive_handler()

    def _wait_for_head(self) -> None:
        self._timer = self.loop.call_later(self._bounds.head_s, self.cut)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: what is sent is in time, or answered with 408; what is answered is read, or given up."""
        body = _Body(self._bounds, self._taking, expected=_has_body(scope))
        started = False

        async def send_on(message: Message) -> None:
            nonlocal started
            if self.transport.is_closing() or (body.refused and not started):
                return  # it was told so already, or is below
            started = True
            for piece in _pieces(message):
                if self.flow.write_paused:
                    try:
                        await asyncio.wait_for(self.flow.drain(), self._bounds.unread_s)
                    except TimeoutError:
                        self.cut()
                        return
                await send(piece)

        try:
            await app(scope, partial(body.receive, receive), send_on)
        except _Refused:
            pass
        except Exception:
            # An application whose body ends in its midst fails in ways of its own; the answer below says why it ended.
            if not body.refused:
                raise
        finally:
            self.takes_body = False
        if body.refused and not started:
            error = {"type": "RequestError", "message": body.refused}
            answer = as_json({"error": error}, body.status, {"Connection": "close"})
            await answer(scope, receive, send)

    def _taking(self, more: bool) -> bool:
        """Note whether a body is on its way; False where this client sends too many already."""
        if more and not self.takes_body and not self.is_local:
            self.takes_body = self._crowd.bodies_of(self.address) < self._bounds.bodies_of_client
            return self.takes_body
        self.takes_body = more
        return True


class _Refused(RequestError):
    """The body of a request does not come, or may not."""


class _Body:
    """The body of one request; ``refused`` says why no more of it is taken, with ``status``."""

    def __init__(self, bounds: Bounds, taking: Callable[[bool], bool], *, expected: bool) -> None:
        self.refused = ""
        self.status = 408
        self._bounds = bounds
        self._taking = taking
        self._patience_s = bounds.silence_s
        self._complete = False
        self._expected = expected

    async def receive(self, receive: Receive) -> Message:
        """The next message. Raises _Refused when it does not come in time."""
        if self._complete:
            return await receive()
        if self._expected and not self._taking(True):
            raise self._refusal(_Refused("you are sending too much at once; wait for one of your requests", 429))
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            message = await asyncio.wait_for(receive(), self._patience_s)
        except TimeoutError:
            raise self._refusal(_Refused("the request did not come in time; send it again", 408)) from None
        self._complete = message["type"] != "http.request" or not message.get("more_body", False)
        earned_s = len(message.get("body", b"")) / self._bounds.rate
        self._patience_s = min(self._bounds.silence_s, self._patience_s - (loop.time() - began) + earned_s)
        if self._complete:
            self._taking(False)
        return message

    def _refusal(self, error: _Refused) -> _Refused:
        self.refused, self.status, self._complete = str(error), error.status, True
        self._taking(False)
        return error


def _has_body(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


def _pieces(message: Message) -> Iterator[Message]:
    """A message with its body in pieces, so that whoever reads slowly is seen to read."""
    body = message.get("body", b"")
    if message["type"] != "http.response.body" or len(body) <= PIECE:
        yield message
        return
    for start in range(0, len(body), PIECE):
        last = start + PIECE >= len(body)
        yield {**message, "body": body[start : start + PIECE], "more_body": not last or message.get("more_body", False)}
