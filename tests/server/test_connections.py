"""Who only takes up room on the wire costs nobody else anything: half requests, slow bodies, answers left unread."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from engine.system import SystemSpec
from server.connections import Bounds, Crowd
from tests.server.conftest import Served
from tests.server.test_speak_routes import body, speak
from tests.timing import PATIENCE_S, until

# One bound is short at a time: of a request that keeps within all others a pause of the machine makes no bad one.
QUICK_HEADS, QUICK_BODIES = Bounds(head_s=0.5), Bounds(silence_s=0.5)
LONG = "This is one of many sentences that take their time. " * 1000


@pytest.fixture
def bounded(serve_studio: Callable[..., Served], fake_spec: SystemSpec) -> Callable[[Bounds], Served]:
    """A function that serves the fake system within bounds."""
    return lambda bounds: serve_studio(fake_spec, bounds=bounds)


def connect(studio: Served, sent: bytes = b"") -> socket.socket:
    address = httpx.URL(studio.url)
    connection = socket.create_connection((address.host, address.port), timeout=PATIENCE_S)
    connection.sendall(sent)
    return connection


def head(path: str, length: int = 100, kind: str = "application/json") -> bytes:
    return f"POST /{path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n".encode()


def rest(connection: socket.socket) -> bytes:
    """What comes until the other end closes."""
    with connection:
        try:
            return b"".join(iter(lambda: connection.recv(65_536), b""))
        except ConnectionResetError:
            return b""


@pytest.mark.parametrize("sent", [b"", b"GET /studio/stat", b"GET / HTTP/1.1\r\nX-Slow: "])
def test_half_a_request_is_given_up(bounded: Callable[[Bounds], Served], sent: bytes) -> None:
    assert rest(connect(bounded(QUICK_HEADS), sent)) == b""


@pytest.mark.parametrize(
    ("path", "kind"), [("studio/speak", "application/json"), ("studio/voices/fake/recording", "audio/flac")]
)
def test_a_body_that_does_not_come_is_answered_with_408(
    bounded: Callable[[Bounds], Served], path: str, kind: str
) -> None:
    studio = bounded(QUICK_BODIES)
    for sent in (b"", b"{"):
        answer = rest(connect(studio, head(path, kind=kind) + sent))
        assert answer.startswith(b"HTTP/1.1 408 ")
        message = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["message"]
        assert message == "the request did not come in time; send it again"


def test_a_body_that_drips_is_cut_and_a_slow_one_is_not(bounded: Callable[[Bounds], Served]) -> None:
    def send(studio: Served, piece: bytes, pause_s: float, most: int) -> tuple[int, bytes]:
        with connect(studio, head("studio/speak", most * len(piece))) as connection:
            connection.settimeout(pause_s)
            for sent in range(most):
                connection.sendall(piece)
                try:
                    if answer := connection.recv(65_536):
                        return sent, answer
                except TimeoutError:
                    pass
            connection.settimeout(PATIENCE_S)
            return most, connection.recv(65_536)

    sent, answer = send(bounded(QUICK_BODIES), b"x", 0.1, 200)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert sent < 100
    # 4 kB in a second is slow, and enough; it lasts longer than silence may.
    assert send(bounded(Bounds(silence_s=4.0)), b"x" * 400, 0.1, 60)[1].startswith(b"HTTP/1.1 400 ")


def test_many_idle_connections_keep_nobody_out_and_the_oldest_go_first(bounded: Callable[[Bounds], Served]) -> None:
    studio = bounded(Bounds(head_s=10 * PATIENCE_S, connections=60))
    with ExitStack() as open_ones:
        idle = [open_ones.enter_context(connect(studio, b"GET / HT")) for _ in range(100)]
        assert speak(studio, body())[1].size > 0
        assert _ended(idle[0])


def _ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_silent_recordings_take_no_place(serve_studio: Callable[..., Served], fake_spec: SystemSpec) -> None:
    studio = serve_studio(fake_spec)
    path = "studio/voices/fake/recording"
    with ExitStack() as open_ones:
        for _ in range(20):
            open_ones.enter_context(connect(studio, head(path, 2**20, "audio/flac") + b"fLaC"))
        answer = httpx.post(studio.url + path, content=b"no sound", headers={"Content-Type": "audio/flac"})
        assert answer.status_code == 400  # it was read


def unread(studio: Served) -> socket.socket:
    """A listener that asks for much sound and reads none of it."""
    wanted = json.dumps(body(LONG)).encode()
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    address = httpx.URL(studio.url)
    connection.connect((address.host, address.port))
    connection.sendall(head("studio/speak", len(wanted)) + wanted)
    return connection


def test_listeners_that_read_nothing_lose_their_places(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    log: list[str] = []
    studio = serve_studio(make_fake_spec(log=log), places=2, queue=0)
    speak(studio, body())  # now the model is there
    log.clear()
    with unread(studio), unread(studio):
        until(lambda: log.count("started") == 2)
        assert httpx.post(f"{studio.url}studio/speak", json=body()).status_code == 429
        until(lambda: log.count("closed") == 2)
        assert speak(studio, body())[1].size > 0


def test_a_connection_whose_answer_is_not_read_is_ended(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    log: list[str] = []
    studio = serve_studio(make_fake_spec(log=log), bounds=Bounds(unread_s=1.0))
    with unread(studio):
        until(lambda: log == ["loaded", "started", "closed"] and len(studio.backend.jobs) == 0)


def test_a_slow_reader_keeps_its_place(
    serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec]
) -> None:
    studio = serve_studio(make_fake_spec(chunk_s=20.0, seconds_per_character=0.4), bounds=Bounds(unread_s=4.0))
    with unread(studio) as listener:
        got, began = 0, time.monotonic()
        while time.monotonic() - began < 8:  # longer than the patience with who reads nothing
            got += len(listener.recv(8192))
            time.sleep(0.05)
        assert got > 100_000
        assert len(studio.backend.jobs) == 1


class _Connection:
    """What the crowd sees of one."""

    def __init__(self, address: str, *, is_idle: bool = True) -> None:
        self.address, self.is_idle, self.takes_body = address, is_idle, True
        self.is_local = address == "127.0.0.1"
        self.is_cut = False

    def cut(self) -> None:
        self.is_cut = True


@pytest.fixture
def arrive() -> Iterator[Callable[..., list[Any]]]:
    crowd = Crowd(Bounds(connections=10, connections_of_client=3))

    def enter(*connections: Any) -> list[Any]:
        for connection in connections:
            crowd.enter(connection)
        return [index for index, connection in enumerate(connections) if connection.is_cut]

    return enter


def test_one_address_has_fewer_connections_than_all_and_this_machine_as_many(arrive: Callable[..., list[Any]]) -> None:
    assert arrive(*(_Connection("192.0.2.1") for _ in range(4))) == [0]
    assert arrive(*(_Connection("127.0.0.1") for _ in range(6))) == []


def test_who_is_at_work_is_not_cut_for_a_newcomer(arrive: Callable[..., list[Any]]) -> None:
    assert arrive(*(_Connection("192.0.2.1", is_idle=False) for _ in range(4))) == [3]
