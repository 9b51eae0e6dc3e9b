"""A disk that is full, read-only or damaged: told before the download where that is possible, and harmless after."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.errors import ConfigError, DiskFull, SaveError
from engine.hub import Hub, part_of
from engine.hub.ledger import Ledger, Record
from tests.engine.hub.downloads import DATA, MODEL, UNKNOWN, check_failure, check_success, drain, fetch
from tests.hub_server import FakeHub

ROOT = Path(__file__).parents[3]
# A limit of the system on the size of files stands for a disk that is full: the write fails in the same way.
FILLING = """
import resource, sys
from pathlib import Path
from engine.errors import DiskFull
from engine.hub import Hub
from engine.release import RemoteFile
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
url, target, size, sha256 = sys.argv[1:]
file = RemoteFile(path="sub/model.pth", size=int(size), sha256=sha256)
try:
    list(Hub(endpoints=[url]).fetch("owner/voices", "main", file, Path(target)))
except DiskFull as error:
    print(error)
"""


@pytest.mark.parametrize("file", [MODEL, UNKNOWN], ids=["known", "unknown"])
def test_too_little_space_is_told_before_the_download(
    file: object, make_hub: Callable[..., Hub], target: Path, server: FakeHub
) -> None:
    hub = make_hub(server.url, free_space=lambda _: 1_000_000)
    error = check_failure(hub, target, DiskFull, file=file)
    assert (error.needed, error.free) == (len(DATA), 1_000_000)
    assert all(words in str(error) for words in ("1.5 MB", "1.0 MB", str(target.parent)))
    assert not part_of(target).exists()
    assert server.log == [] or file is UNKNOWN
    check_success(make_hub(server.url), target, server)


def test_a_disk_that_fills_up_keeps_what_it_took(make_hub: Callable[..., Hub], target: Path, server: FakeHub) -> None:
    command = [sys.executable, "-c", FILLING, server.url, str(target), str(MODEL.size), str(MODEL.sha256)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "does not fit" in done.stdout
    assert done.stdout.count("\n") == 1
    assert part_of(target).read_bytes() == DATA[:1_000_000]
    assert [path.name for path in target.parent.iterdir()] == [part_of(target).name]
    check_success(make_hub(server.url), target, server)
    assert server.asked("cdn")[-1].range == "bytes=1000000-"


def test_a_place_that_cannot_be_written_is_told(hub: Hub, target: Path, tmp_path: Path, server: FakeHub) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(SaveError, match="models"):
        fetch(hub, target)
    (tmp_path / "models").unlink()
    target.mkdir(parents=True)
    with pytest.raises(SaveError, match=r"model\.pth"):
        fetch(hub, target)
    target.rmdir()
    assert server.log == []
    check_success(hub, target, server)


def test_a_damaged_ledger_is_told_and_not_overwritten(hub: Hub, target: Path, tmp_path: Path) -> None:
    for text in ("{", "[]", '{"files": {"x": {"sha256": 5, "size": 1}}}', '{"found": []}'):
        (tmp_path / "ledger.json").write_text(text)
        with pytest.raises(ConfigError, match="damaged"):
            fetch(hub, target)
        assert (tmp_path / "ledger.json").read_text() == text
    (tmp_path / "ledger.json").unlink()
    fetch(hub, target)


def test_many_writers_lose_nothing_in_the_ledger(tmp_path: Path) -> None:
    def learn(number: int) -> None:
        Ledger(tmp_path / "ledger.json").learn(
            "a/b", "main", f"file{number}", Record(sha256=f"{number:064}", size=number)
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(learn, range(40)))
    ledger = Ledger(tmp_path / "ledger.json")
    assert [ledger.record("a/b", "main", f"file{number}").size for number in range(40)] == list(range(40))
    ledger.forget("a/b", "main")
    assert ledger.record("a/b", "main", "file1") is None


def test_downloads_into_one_folder_go_side_by_side(make_hub: Callable[..., Hub], target: Path, server: FakeHub) -> None:
    hub = make_hub(server.url)
    places = [target.with_name(f"copy{number}.pth") for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda place: drain(hub.fetch("owner/voices", "main", MODEL, place))[1], places))
    assert results == [MODEL.sha256] * 4
    assert {path.name for path in target.parent.iterdir()} == {place.name for place in places}
