"""Small files read into memory: the same as on the hub, sent once, bounded in size."""

import hashlib
import time
from collections.abc import Callable

import pytest

from engine.errors import AllEndpointsFailed, Corrupt, NotFound, Offline, OptionError
from engine.hub import Hub, document
from tests.engine.hub.downloads import CLOSED, DATA, REPO, SMALL
from tests.hub_server import FakeHub, Faults

MOST = 2_000_000


def read(hub: Hub, path: str = "config.json", **more: object) -> bytes | None:
    return hub.document(REPO, "main", path, **{"most_bytes": MOST, **more})


@pytest.mark.parametrize(("path", "content"), [("config.json", SMALL), ("sub/model.pth", DATA)])
def test_what_is_known_is_not_sent_again(hub: Hub, server: FakeHub, path: str, content: bytes) -> None:
    assert read(hub, path) == content
    server.log.clear()
    assert read(hub, path, known=content) is None
    assert server.asked("cdn") == []
    assert read(hub, path, known=b"older") == content


def test_a_server_that_minds_no_etag_is_left_at_the_sight_of_its_answer(
    hub: Hub, server: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.hub_server._Hub.is_known", lambda *_: False)
    server.faults.bps = 30_000
    began = time.monotonic()
    assert read(hub, "sub/model.pth", known=DATA) is None
    assert time.monotonic() - began < len(DATA) / server.faults.bps / 2


def test_more_than_was_allowed_is_refused_on_the_way(hub: Hub, server: FakeHub) -> None:
    server.faults.bps = 50_000
    began = time.monotonic()
    with pytest.raises(Corrupt, match="more than 50,000 bytes"):
        read(hub, "sub/model.pth", most_bytes=50_000)
    assert time.monotonic() - began < len(DATA) / server.faults.bps / 2


def test_other_bytes_than_the_hub_names_are_refused(hub: Hub, server: FakeHub) -> None:
    server.faults.swap = lambda data: data[:-1] + b"!"
    with pytest.raises(Corrupt, match="another hash"):
        read(hub)
    server.faults = Faults()
    assert read(hub) == SMALL


def test_a_mirror_takes_the_place_of_one_that_fails(
    make_hub: Callable[..., Hub], make_server: Callable[..., FakeHub]
) -> None:
    ill, good = make_server(), make_server()
    ill.faults.status = {"GET": [[503, {}, 99]]}
    assert read(make_hub(CLOSED, ill.url, good.url)) == SMALL


def test_a_drip_comes_to_an_end(hub: Hub, server: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "_LONGEST_S", 0.5)
    server.faults.bps = 20_000
    with pytest.raises(AllEndpointsFailed, match="next to nothing"):
        read(hub, "sub/model.pth")


def test_nothing_is_asked_for_odd_names_or_offline(hub: Hub, make_hub: Callable[..., Hub], server: FakeHub) -> None:
    for path in ("../config.json", "/etc/passwd", "a//b", "", "con", "x\n"):
        with pytest.raises(OptionError):
            read(hub, path)
    with pytest.raises(Offline, match="offline mode"):
        read(make_hub(server.url, offline=True))
    assert server.log == []
    with pytest.raises(NotFound):
        read(hub, "none.json")


def test_a_folder_is_listed_by_itself(hub: Hub) -> None:
    (file,) = hub.files(REPO, "main", "sub")
    assert (file.path, file.size, file.sha256) == ("sub/model.pth", len(DATA), hashlib.sha256(DATA).hexdigest())
    with pytest.raises(NotFound):
        hub.files(REPO, "main", "none")
    with pytest.raises(OptionError):
        hub.files(REPO, "main", "../sub")
