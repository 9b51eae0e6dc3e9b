"""One HTTP request in a thread of its own, so that whoever waits for it can look up several times a second.

The thread only reads: it never touches a file, and what it has read waits in a short queue. Redirects are followed
here by hand, because a hub's answer and the file itself often come from two hosts, and the token is for the first.
"""

import contextlib
import functools
import queue
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

_QUEUED = 32
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for what, in seconds, and how often.

    ``connect_s`` for a server to accept; ``silence_s`` for anything to come then, and the time in which at least
    ``least_rate`` bytes a second must come; ``tries`` for each endpoint that gets nowhere; ``pause_s`` before the
    second, doubled each time; ``longest_wait_s`` that a server may ask for; ``remember_s`` how long an endpoint's
    speed or failure is believed; ``tick_s`` between two signs of life.
    """

    connect_s: float = 3.0
    silence_s: float = 15.0
    least_rate: float = 1024.0
    tries: int = 3
    rounds: int = 5
    pause_s: float = 1.0
    longest_wait_s: float = 60.0
    remember_s: float = 300.0
    tick_s: float = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to ask for. ``token`` goes to the origin of ``url`` and to no other."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Hop:
    """One server's answer: its address, status, and headers by their lower-case names."""

    url: str
    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """All answers on the way: the first is the hub's, the last comes with the bytes; and how long they took."""

    hops: tuple[Hop, ...]
    latency_s: float

    @property
    def last(self) -> Hop:
        return self.hops[-1]


class Interrupted(Exception):
    """The request got no answer, or not all of it. ``unreachable``: nothing was there that could have answered."""

    def __init__(self, reason: str, *, unreachable: bool) -> None:
        super().__init__(reason)
        self.unreachable = unreachable


class Transfer:
    """A request on its way. Close it in any case; what still waits for the network then ends by itself."""

    def __init__(self, request: Request, patience: Patience) -> None:
        self._request = request
        self._patience = patience
        self._queue: queue.Queue[Answer | bytes | Exception] = queue.Queue(_QUEUED)
        self._closed = threading.Event()
        self._connected = False
        self._answered = False
        self._stream: Any = None
        self._heard: float | None = None
        threading.Thread(target=self._run, name="hub transfer", daemon=True).start()

    def poll(self, seconds: float) -> Answer | bytes | None:
        """What came within ``seconds``: first the answer, then its bytes, at the end ``b""``; None for nothing yet.

        Raises Interrupted when it cannot go on, or when the patience is at its end.
        """
        try:
            event = self._queue.get(timeout=seconds)
        except queue.Empty:
            self._lose_patience()
            return None
        self._heard = time.monotonic()
        if isinstance(event, Exception):
            raise self._explained(event)
        self._answered = True
        return event

    def close(self) -> None:
        """Stop reading. Does not wait."""
        self._closed.set()
        stream = self._stream
        if stream is not None and (connection := stream.get_extra_info("socket")) is not None:
            # Wakes the thread if it is reading; past the TLS layer, whose state belongs to that thread.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _lose_patience(self) -> None:
        # The thread has timeouts too, but they do not cover the search for a name or a host with many addresses.
        limit = self._patience.silence_s if self._connected else self._patience.connect_s
        if self._heard is not None and time.monotonic() - self._heard > limit:
            raise Interrupted(
                f"sent nothing for {limit:g} s" if self._connected else f"did not accept within {limit:g} s",
                unreachable=not self._answered,
            )

    def _explained(self, error: Exception) -> Exception:
        import httpx

        if isinstance(error, Interrupted):
            return error
        if isinstance(error, httpx.ConnectTimeout):
            reason = f"did not accept within {self._patience.connect_s:g} s"
        elif isinstance(error, httpx.TimeoutException):
            reason = f"sent nothing for {self._patience.silence_s:g} s"
        elif isinstance(error, httpx.ConnectError):
            reason = f"cannot be reached ({_one_line(error)})"
        elif isinstance(error, httpx.HTTPError | httpx.InvalidURL | httpx.StreamError):
            # Without the details: they may quote what the server sent.
            reason = "broke off" if self._answered else "broke off before it answered"
        elif isinstance(error, ImportError | ValueError):
            # What httpx says of a proxy in the environment that it cannot use.
            reason = f"cannot be asked ({_one_line(error)})"
        else:
            return error
        unreachable = isinstance(error, httpx.ConnectError | httpx.TimeoutException) and not self._answered
        return Interrupted(reason, unreachable=unreachable)

    # -- the thread --

    def _run(self) -> None:
        try:
            self._follow()
        except Exception as error:  # noqa: BLE001 - handed over to whoever polls
            self._put(error)

    def _follow(self) -> None:
        # Imported when the first file is wanted: it takes a while, and most runs never ask the network.
        import httpx

        request, patience = self._request, self._patience
        timeout = httpx.Timeout(patience.silence_s, connect=patience.connect_s)
        hops: list[Hop] = []
        url = request.url
        with httpx.Client(timeout=timeout, verify=_tls()) as client:
            began = time.monotonic()
            while True:
                headers = {"User-Agent": "polyphone", "Accept-Encoding": "identity", **request.headers}
                if request.token and _origin(url) == _origin(request.url):
                    headers["Authorization"] = f"Bearer {request.token}"
                with client.stream(request.method, url, headers=headers, extensions={"trace": self._trace}) as got:
                    hops.append(Hop(url, got.status_code, dict(got.headers)))
                    if got.status_code not in _REDIRECTS or request.method == "HEAD":
                        self._deliver(Answer(tuple(hops), time.monotonic() - began), got)
                        return
                    url = _target(hops)

    def _deliver(self, answer: Answer, response: Any) -> None:
        if self._put(answer) and self._request.method != "HEAD":
            for data in response.iter_raw():
                if not self._put(data):
                    return
        self._put(b"")

    def _put(self, event: Answer | bytes | Exception) -> bool:
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(event, timeout=0.2)
                return True
        return False

    def _trace(self, name: str, info: Mapping[str, Any]) -> None:
        if name == "connection.connect_tcp.started":
            self._connected, self._heard = False, time.monotonic()
        elif name in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._stream, self._connected, self._heard = info["return_value"], True, time.monotonic()


@functools.cache
def _tls() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context()


def _target(hops: list[Hop]) -> str:
    """Where a redirect leads. Raises Interrupted for one that leads nowhere or gives up encryption."""
    here = hops[-1].url
    try:
        url = urljoin(here, hops[-1].headers.get("location", ""))
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and url != here
    except ValueError:
        valid = False
    if not valid or len(hops) > _MOST_REDIRECTS:
        raise Interrupted("redirects in circles or to no address", unreachable=False)
    if urlsplit(here).scheme == "https" and parts.scheme == "http":
        raise Interrupted("redirects from https to http", unreachable=False)
    return url


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
