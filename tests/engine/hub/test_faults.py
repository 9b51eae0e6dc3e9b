"""Everything a server can do wrong: nothing wrong stays on the disk, the error is one line, the next try succeeds."""

import copy
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest

from engine.errors import AllEndpointsFailed, Corrupt, Gated, NotFound, RateLimited
from engine.hub import Hub, part_of
from engine.hub.transfer import Patience
from engine.release import RemoteFile
from tests import timing
from tests.engine.hub.downloads import (
    CLOSED,
    DATA,
    MODEL,
    PATIENT,
    QUICK,
    REPO,
    UNKNOWN,
    check_failure,
    check_sound,
    check_success,
    drain,
    fetch,
    until,
)
from tests.hub_server import FakeHub, Faults
from tests.timing import within

ALWAYS = 10**9


def _flip(data: bytes) -> bytes:
    return data[:900_000] + bytes([data[900_000] ^ 1]) + data[900_001:]


OVERCOME = {
    "cut once": Faults(cut=600_000, cut_times=1),
    "cut in every answer": Faults(cut=400_000),
    "cut, and no ranges": Faults(cut=600_000, cut_times=1, no_range=True),
    "size is no number": Faults(linked_size="many"),
    "no size": Faults(linked_size=""),
    "no etag and no commit": Faults(etag="", commit=""),
    "hostile etag": Faults(etag='"../../../../escaped"'),
    "hostile commit": Faults(commit="../../escaped"),
    "hangs in the middle, once": Faults(hang_after=1_000_000),
    "503 once at the hub": Faults(status={"GET": [[503, {}, 1]]}),
    "503 once at the store": Faults(status={"CDN": [[503, {}, 1]]}),
    "429 at the hub": Faults(status={"GET": [[429, {"Retry-After": "0"}, 1]]}),
    "429 at the store": Faults(status={"CDN": [[429, {"Retry-After": "1"}, 1]]}),
}


def patience_with(faults: Faults) -> Patience:
    """Short only with who falls silent."""
    return QUICK if faults.stall or faults.hang_after or faults.bps else PATIENT


@pytest.mark.parametrize("file", [MODEL, UNKNOWN], ids=["known", "unknown"])
@pytest.mark.parametrize("name", OVERCOME)
def test_is_overcome_in_one_go(
    name: str, file: RemoteFile, make_hub: Callable[..., Hub], target: Path, server: FakeHub
) -> None:
    server.faults = copy.deepcopy(OVERCOME[name])
    fetch(make_hub(server.url, patience=patience_with(server.faults)), target, file)
    assert target.read_bytes() == DATA
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert {path.name for path in target.parent.parent.iterdir()} == {"models", "ledger.json", ".ledger.json.lock"}


def _answers(operation: str, status: int, **headers: str) -> Faults:
    """Always this status and these headers, underscores in their names standing for dashes."""
    return Faults(
        status={operation: [[status, {name.replace("_", "-"): text for name, text in headers.items()}, ALWAYS]]}
    )


FATAL = {
    "a byte flipped": (Faults(swap=_flip), Corrupt, "hash"),
    "shorter than published": (Faults(length=1_000_000), Corrupt, "1,000,000 bytes"),
    "longer than published": (Faults(length=2_000_000), Corrupt, "2,000,000 bytes"),
    "repository missing": (_answers("GET", 401, X_Error_Code="RepoNotFound"), NotFound, "repository"),
    "revision missing": (_answers("GET", 404, X_Error_Code="RevisionNotFound"), NotFound, "revision"),
    "file missing": (_answers("GET", 404, X_Error_Code="EntryNotFound"), NotFound, "file"),
    "gated": (Faults(gated="hf_secret"), Gated, "HF_TOKEN"),
    "403": (_answers("GET", 403), Gated, "403"),
    "403 at the store": (_answers("CDN", 403), Gated, "403"),
    "404": (_answers("GET", 404), NotFound, "404"),
    "404 at the store": (_answers("CDN", 404), NotFound, "404"),
    "451": (_answers("GET", 451), NotFound, "451"),
    "429 for long": (_answers("GET", 429, Retry_After="300"), RateLimited, "in 300 s"),
    "429 with a rate limit": (_answers("GET", 429, RateLimit='"api";r=0;t=55'), RateLimited, "in 55 s"),
    "429 again and again": (_answers("CDN", 429, Retry_After="0"), RateLimited, "429"),
    "503 storm at the hub": (_answers("GET", 503), AllEndpointsFailed, "503"),
    "503 storm at the store": (_answers("CDN", 503), AllEndpointsFailed, "503"),
    "500 always": (_answers("GET", 500), AllEndpointsFailed, "500"),
    "cut before the first byte": (Faults(cut=0), AllEndpointsFailed, "broke off"),
    "never answers": (Faults(stall={"GET"}), AllEndpointsFailed, "sent nothing for 0.8 s"),
    "store never answers": (Faults(stall={"CDN"}), AllEndpointsFailed, "sent nothing for 0.8 s"),
    "hangs in every answer": (Faults(hang_after=1000), AllEndpointsFailed, "sent nothing for 0.8 s"),
    "trickles": (Faults(bps=200), AllEndpointsFailed, "next to nothing"),
    "redirects to no address": (Faults(location="file:///etc/passwd"), AllEndpointsFailed, "redirects"),
    "redirects in circles": (Faults(location=f"/{REPO}/resolve/main/sub/model.pth"), AllEndpointsFailed, "circles"),
    "redirects to nobody": (Faults(location=f"{CLOSED}/x"), AllEndpointsFailed, "cannot be reached"),
}  # fmt: skip


@pytest.mark.parametrize("name", FATAL)
def test_is_told_in_one_line_and_the_next_try_succeeds(
    name: str, make_hub: Callable[..., Hub], target: Path, server: FakeHub
) -> None:
    faults, kind, words = FATAL[name]
    server.faults = copy.deepcopy(faults)
    began = time.monotonic()
    error = check_failure(make_hub(server.url, patience=patience_with(faults)), target, kind)
    assert time.monotonic() - began < PATIENT.silence_s
    assert words in str(error)
    check_success(make_hub(server.url), target, server)


@pytest.mark.parametrize("name", ["a byte flipped", "shorter than published"])
def test_is_noticed_without_a_manifest(name: str, hub: Hub, target: Path, server: FakeHub) -> None:
    server.faults = copy.deepcopy(FATAL[name][0])
    check_failure(hub, target, Corrupt, file=UNKNOWN)
    check_success(hub, target, server, file=UNKNOWN)


def test_nobody_there_is_told_at_once(make_hub: Callable[..., Hub], target: Path, server: FakeHub) -> None:
    began = time.monotonic()
    error = check_failure(make_hub(CLOSED), target, AllEndpointsFailed)
    assert time.monotonic() - began < PATIENT.connect_s
    assert error.reasons[0][0] == "127.0.0.1:9"
    check_failure(make_hub("http://no-such-host.invalid", patience=QUICK), target, AllEndpointsFailed)
    check_success(make_hub(server.url), target, server)


def test_a_date_to_come_back_at_is_understood(hub: Hub, target: Path, server: FakeHub) -> None:
    date = formatdate(time.time() + 3600, usegmt=True)
    server.faults.status = {"GET": [[429, {"Retry-After": date}, ALWAYS]]}
    error = check_failure(hub, target, RateLimited)
    assert 3590 < error.wait_s <= 3600
    server.faults.status = {"GET": [[503, {"Retry-After": formatdate(time.time() + 1, usegmt=True)}, 1]]}
    fetch(hub, target)


def test_waiting_is_honest_and_shown(hub: Hub, target: Path, server: FakeHub) -> None:
    server.faults.status = {"GET": [[429, {"Retry-After": "1"}, 1]]}
    began = time.monotonic()
    events, _ = drain(hub.fetch(REPO, "main", MODEL, target))
    assert time.monotonic() - began >= 1
    assert any("too many requests" in event.label for event in events)
    assert len(server.asked("hub")) == 2


def test_a_slow_server_is_given_its_time(make_hub: Callable[..., Hub], target: Path, server: FakeHub) -> None:
    server.faults.bps = 1_500_000
    assert fetch(make_hub(server.url), target) == MODEL.sha256
    assert len(server.asked("cdn")) == 1


@pytest.mark.parametrize(
    "fault", [Faults(stall={"GET"}), Faults(stall={"CDN"}), Faults(hang_after=500_000), Faults(bps=50_000)]
)
def test_closing_works_at_any_moment_and_keeps_the_part(fault: Faults, hub: Hub, target: Path, server: FakeHub) -> None:
    sends = bool(fault.hang_after or fault.bps)

    def close() -> float:
        part_of(target).unlink(missing_ok=True)
        server.faults = copy.deepcopy(fault)
        work = hub.fetch(REPO, "main", MODEL, target)
        until(work, lambda event: event.done > 0 or not sends)
        began = time.monotonic()
        while time.monotonic() - began < 0.3:
            next(work)
        closing = time.monotonic()
        work.close()
        return time.monotonic() - closing

    within(0.2, close)
    check_sound(target)
    kept = part_of(target).stat().st_size if part_of(target).exists() else 0
    assert (kept > 0) == sends
    server.log.clear()
    check_success(hub, target, server)
    assert server.asked("cdn")[0].range == (f"bytes={kept}-" if kept else None)


def test_nothing_of_a_closed_transfer_stays_behind(hub: Hub, target: Path, server: FakeHub) -> None:
    server.faults.stall = {"GET"}
    work = hub.fetch(REPO, "main", MODEL, target)
    until(work, lambda _: bool(server.log))
    work.close()
    timing.until(lambda: not any(thread.name == "hub transfer" for thread in threading.enumerate()))


def test_progress_comes_twice_a_second_whatever_the_network_does(
    make_hub: Callable[..., Hub], target: Path, server: FakeHub
) -> None:
    hub = make_hub(server.url, patience=QUICK)

    def longest_gap() -> float:
        target.unlink(missing_ok=True)
        server.faults = Faults(hang_after=300_000, status={"GET": [[429, {"Retry-After": "1"}, 1]]})
        last, gaps = time.monotonic(), []
        for _ in hub.fetch(REPO, "main", MODEL, target):
            gaps.append(time.monotonic() - last)
            last = time.monotonic()
        return sorted(gaps)[-2]  # all but the first, in which the HTTP library is loaded

    within(0.5, longest_gap)
