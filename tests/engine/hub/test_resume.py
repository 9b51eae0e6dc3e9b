"""What arrived is not fetched twice: across closed windows, killed processes, and endpoints."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import AllEndpointsFailed
from engine.hub import Hub, part_of, sweep
from engine.release import RemoteFile
from tests.engine.hub.downloads import (
    CONFIG,
    DATA,
    MODEL,
    QUICK,
    REPO,
    SMALL,
    UNKNOWN,
    check_failure,
    check_sound,
    drain,
    fetch,
    until,
)
from tests.hub_server import FakeHub
from tests.timing import PATIENCE_S

ROOT = Path(__file__).parents[3]
DOWNLOADER = """
import sys
from pathlib import Path
from engine.hub import Hub
from engine.release import RemoteFile
from engine.steps import finish
url, target, size, sha256 = sys.argv[1:]
file = RemoteFile(path="sub/model.pth", size=int(size), sha256=sha256)
events = Hub(endpoints=[url]).fetch("owner/voices", "main", file, Path(target))
print(finish(events, lambda progress: print(int(progress.done), flush=True)))
"""


def download_elsewhere(url: str, target: Path) -> subprocess.Popen[str]:
    """The same download in another process; it prints how far it is, and at last the sha256."""
    command = [sys.executable, "-c", DOWNLOADER, url, str(target), str(MODEL.size), str(MODEL.sha256)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_killed_download_goes_on_in_a_new_process(target: Path, server: FakeHub) -> None:
    server.faults.hang_after = 1_000_000
    first = download_elsewhere(server.url, target)
    with first:
        while int(first.stdout.readline()) < 1_000_000:
            pass
        first.send_signal(signal.SIGKILL)
    assert part_of(target).read_bytes() == DATA[:1_000_000]
    server.faults.hang_after = None
    with download_elsewhere(server.url, target) as second:
        printed, errors = second.communicate(timeout=2 * PATIENCE_S)
    assert printed.split()[-1] == MODEL.sha256, errors
    assert server.asked("cdn")[-1].range == "bytes=1000000-"
    assert target.read_bytes() == DATA
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_two_processes_share_one_download(target: Path, server: FakeHub) -> None:
    server.faults.bps = 1_000_000
    with download_elsewhere(server.url, target) as first, download_elsewhere(server.url, target) as second:
        printed = [process.communicate(timeout=2 * PATIENCE_S)[0].split() for process in (first, second)]
    assert [lines[-1] for lines in printed] == [MODEL.sha256] * 2
    assert len(server.asked("cdn")) == 1
    assert target.read_bytes() == DATA
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_who_waits_sees_how_far_the_other_is_and_takes_over_when_it_dies(
    make_hub: Callable[..., Hub], target: Path, server: FakeHub
) -> None:
    server.faults.hang_after = 1_000_000
    with download_elsewhere(server.url, target) as other:
        while int(other.stdout.readline()) < 1_000_000:
            pass
        waiting = make_hub(server.url).fetch(REPO, "main", MODEL, target)
        seen = next(waiting)
        assert (seen.done, "already" in seen.label) == (1_000_000, True)
        assert len(server.asked("cdn")) == 1
        other.kill()
    server.faults.hang_after = None
    assert drain(waiting)[1] == MODEL.sha256
    assert server.asked("cdn")[-1].range == "bytes=1000000-"


def test_the_other_waits_in_the_same_process_too(make_hub: Callable[..., Hub], target: Path, server: FakeHub) -> None:
    server.faults.hang_after = 1_000_000
    first = make_hub(server.url, patience=QUICK).fetch(REPO, "main", MODEL, target)
    until(first, lambda event: event.done >= 1_000_000)
    second = make_hub(server.url).fetch(REPO, "main", MODEL, target)
    assert "already" in next(second).label
    second.close()
    server.faults.hang_after = None
    assert drain(first)[1] == MODEL.sha256


def test_a_lock_left_by_a_dead_process_stops_nobody(hub: Hub, target: Path) -> None:
    target.parent.mkdir()
    (target.parent / f".{target.name}.lock").write_text("12345")
    fetch(hub, target)
    assert [path.name for path in target.parent.iterdir()] == [target.name]


@pytest.mark.parametrize("file", [MODEL, UNKNOWN], ids=["known", "unknown"])
def test_another_endpoint_goes_on_in_the_middle(
    file: object, make_hub: Callable[..., Hub], make_server: Callable[..., FakeHub], target: Path
) -> None:
    bad, good = make_server(), make_server()
    bad.faults.cut = 1_000_000
    good.faults.stall = {"HEAD"}
    assert fetch(make_hub(bad.url, good.url), target, file) == MODEL.sha256
    assert target.read_bytes() == DATA
    assert len(bad.asked("cdn")) == 1
    assert [seen.range for seen in good.asked("cdn")] == ["bytes=1000000-"]


def test_another_day_goes_on_at_another_endpoint(
    make_hub: Callable[..., Hub], make_server: Callable[..., FakeHub], target: Path
) -> None:
    bad, good = make_server(), make_server()
    bad.faults.hang_after = 600_000
    work = make_hub(bad.url).fetch(REPO, "main", MODEL, target)
    until(work, lambda event: event.done >= 600_000)
    work.close()
    assert fetch(make_hub(good.url), target) == MODEL.sha256
    assert good.asked("cdn")[0].range == "bytes=600000-"


def test_an_endpoint_that_vanishes_and_comes_back_is_waited_for(
    make_hub: Callable[..., Hub], target: Path, server: FakeHub
) -> None:
    server.faults.cut, server.faults.cut_times = 700_000, 1
    server.faults.status = {}
    work = make_hub(server.url).fetch(REPO, "main", MODEL, target)
    until(work, lambda event: event.done >= 65_536)
    server.faults.status = {"GET": [[503, {}, 3]]}
    events, sha256 = drain(work)
    assert sha256 == MODEL.sha256
    assert any("no endpoint answers" in event.label for event in events)
    assert server.asked("cdn")[-1].range == "bytes=700000-"


def test_bytes_of_another_version_cost_one_download_and_nothing_else(hub: Hub, target: Path, server: FakeHub) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(b"of another version" * 1000)
    assert fetch(hub, target) == MODEL.sha256
    assert [seen.range for seen in server.asked("cdn")] == ["bytes=18000-", None]
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("length", [len(SMALL), len(SMALL) + 1, 10])
def test_a_part_that_cannot_be_right_is_thrown_away(length: int, hub: Hub, target: Path) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(b"x" * length)
    fetch(hub, target, CONFIG)
    assert target.read_bytes() == SMALL


def test_halves_that_nothing_could_tell_apart_are_not_joined(hub: Hub, target: Path, server: FakeHub) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(b"x" * 1000)
    server.faults.etag = server.faults.commit = ""
    fetch(hub, target, UNKNOWN)
    assert target.read_bytes() == DATA


def test_a_part_of_the_right_size_is_not_believed_for_that(hub: Hub, target: Path) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(b"x" * len(DATA))
    assert fetch(hub, target, RemoteFile(path=MODEL.path, size=len(DATA))) == MODEL.sha256
    part_of(target).write_bytes(b"x" * len(DATA))
    target.unlink()
    assert fetch(hub, target) == MODEL.sha256


def test_a_whole_part_is_only_renamed(hub: Hub, target: Path, server: FakeHub) -> None:
    target.parent.mkdir()
    part_of(target).write_bytes(DATA)
    assert fetch(hub, target) == MODEL.sha256
    assert server.log == []


def test_old_parts_are_swept_and_others_left(hub: Hub, target: Path, server: FakeHub) -> None:
    server.faults.hang_after = 600_000
    work = hub.fetch(REPO, "main", MODEL, target)
    until(work, lambda event: event.done >= 600_000)
    old, young = target.parent / "old.pth.part", target.parent / "young.pth.part"
    old.write_bytes(b"x")
    young.write_bytes(b"x")
    for path in (old, part_of(target)):
        os.utime(path, (time.time() - 40 * 24 * 3600,) * 2)
    assert sweep(target.parent.parent) == [old]
    assert young.exists()
    assert part_of(target).exists()
    work.close()


def test_a_server_that_loses_its_file_in_the_middle_loses_us_nothing(hub: Hub, target: Path, server: FakeHub) -> None:
    server.faults.cut = 600_000
    work = hub.fetch(REPO, "main", MODEL, target)
    until(work, lambda event: event.done >= 600_000)
    server.close()
    with pytest.raises(AllEndpointsFailed):
        drain(work)
    check_sound(target)
    assert part_of(target).stat().st_size >= 600_000
    check_failure(hub, target, AllEndpointsFailed)
    assert part_of(target).stat().st_size >= 600_000
