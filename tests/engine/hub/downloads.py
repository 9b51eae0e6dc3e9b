"""What the tests of the hub share: a file to download, short patience, and what must hold after any failure."""

import hashlib
import random
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import EngineError
from engine.events import Progress
from engine.hub import Hub, part_of
from engine.hub.transfer import Patience
from engine.release import RemoteFile
from engine.steps import finish
from tests.hub_server import FakeHub

# A server that does answer has time for it, whatever else the machine does; one that never will is waited for briefly.
PATIENT = Patience(
    connect_s=60.0, silence_s=60.0, tries=2, rounds=2, pause_s=0.05, longest_wait_s=2.0, remember_s=60.0, tick_s=0.02
)
QUICK = replace(PATIENT, connect_s=1.0, silence_s=0.8)
REPO = "owner/voices"
DATA = random.Random(1).randbytes(1_500_000)
SMALL = b'{"sampling_rate": 22050}\n'
MODEL = RemoteFile(path="sub/model.pth", size=len(DATA), sha256=hashlib.sha256(DATA).hexdigest())
UNKNOWN = RemoteFile(path="sub/model.pth")
CONFIG = RemoteFile(path="config.json")
FILES = {REPO: {"sub/model.pth": DATA, "config.json": SMALL}}
CLOSED = "http://127.0.0.1:9"


def drain(work: Generator[Progress, None, object]) -> tuple[list[Progress], object]:
    """Everything that was yielded, and what was returned."""
    events: list[Progress] = []
    result = finish(work, events.append)
    return events, result


def until(work: Generator[Progress, None, object], met: Callable[[Progress], bool]) -> Progress:
    """Go on until ``met`` holds for what is yielded; that is returned, and the work stays where it is."""
    return next(event for event in work if met(event))


def fetch(hub: Hub, target: Path, file: RemoteFile = MODEL, **more: str) -> str:
    """Download to the end; the sha256."""
    return drain(hub.fetch(REPO, "main", file, target, **more))[1]


def check_failure(hub: Hub, target: Path, kind: type[EngineError], *, file: RemoteFile = MODEL) -> EngineError:
    """The download fails with one clear line, and leaves nothing on the disk but a sound part."""
    with pytest.raises(kind) as caught:
        fetch(hub, target, file)
    check_sound(target)
    message = str(caught.value)
    assert "\n" not in message
    assert 20 < len(message) < 600
    assert "Traceback" not in message
    return caught.value


def check_sound(target: Path) -> None:
    """Beside the target there is at most its part, which is the beginning of the file."""
    left = {path.name for path in target.parent.iterdir()} if target.parent.exists() else set()
    assert left <= {part_of(target).name}
    if left:
        assert DATA.startswith(part_of(target).read_bytes())
    outside = {path.name for path in target.parent.parent.iterdir()}
    assert outside <= {target.parent.name, "ledger.json", ".ledger.json.lock"}


def check_success(hub: Hub, target: Path, server: FakeHub, *, file: RemoteFile = MODEL) -> None:
    """With the fault gone the next try ends well."""
    server.faults = type(server.faults)()
    assert fetch(hub, target, file) == MODEL.sha256
    assert target.read_bytes() == DATA
    assert [path.name for path in target.parent.iterdir()] == [target.name]
