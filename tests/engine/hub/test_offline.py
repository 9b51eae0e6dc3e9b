"""Without a network: what is here is used, what is missing is named; and what the user's cache has counts as here."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import Offline
from engine.hub import Hub
from engine.hub.cache import cache_folders
from tests.engine.hub.downloads import CONFIG, DATA, MODEL, REPO, SMALL, UNKNOWN, drain, fetch
from tests.hub_server import FakeHub, git_sha1

COMMIT = "a" * 40


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A Hugging Face cache that has the model and the configuration."""
    root = tmp_path / "cache" / "hub" / "models--owner--voices"
    (root / "blobs").mkdir(parents=True)
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text(COMMIT)
    for path, data, name in ((MODEL.path, DATA, MODEL.sha256), (CONFIG.path, SMALL, git_sha1(SMALL))):
        (root / "blobs" / name).write_bytes(data)
        link = root / "snapshots" / COMMIT / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(root / "blobs" / name)
    return tmp_path / "cache" / "hub"


def test_offline_and_warm_sends_nothing(make_hub: Callable[..., Hub], target: Path, server: FakeHub) -> None:
    fetch(make_hub(server.url), target)
    server.log.clear()
    assert fetch(make_hub(server.url, offline=True), target) == MODEL.sha256
    assert drain(make_hub(server.url, offline=True).verify(MODEL, target, REPO, "main"))[1] is True
    assert server.log == []


def test_offline_and_cold_says_what_where_and_how(make_hub: Callable[..., Hub], target: Path, server: FakeHub) -> None:
    hub = make_hub(server.url, offline=True)
    with pytest.raises(Offline) as caught:
        fetch(hub, target)
    address = f"{server.url}/{REPO}/resolve/main/{MODEL.path}"
    assert all(words in str(caught.value) for words in (MODEL.path, REPO, str(target), address, "HF_HUB_OFFLINE"))
    assert not target.parent.exists()
    with pytest.raises(Offline):
        hub.files(REPO, "main")
    assert server.log == []


def test_what_was_fetched_serves_when_the_server_is_gone(
    make_hub: Callable[..., Hub], target: Path, server: FakeHub
) -> None:
    hub = make_hub(server.url)
    fetch(hub, target)
    server.close()
    assert drain(hub.fetch(REPO, "main", MODEL, target)) == ([], MODEL.sha256)


@pytest.mark.parametrize("file", [MODEL, UNKNOWN], ids=["known", "unknown"])
@pytest.mark.parametrize("offline", [True, False])
def test_the_users_cache_is_taken_instead_of_the_network(
    offline: bool, file: object, make_hub: Callable[..., Hub], cache: Path, target: Path, server: FakeHub
) -> None:
    hub = make_hub(server.url, offline=offline, caches=[cache])
    assert fetch(hub, target, file) == MODEL.sha256
    assert target.read_bytes() == DATA
    assert not target.is_symlink()
    fetch(hub, target.with_name("config.json"), CONFIG)
    assert server.log == []
    assert {path.name for path in target.parent.iterdir()} == {"model.pth", "config.json"}
    assert drain(hub.fetch(REPO, COMMIT, MODEL, target.with_name("again")))[1] == MODEL.sha256


def test_a_damaged_cache_is_not_believed(
    make_hub: Callable[..., Hub], cache: Path, target: Path, server: FakeHub
) -> None:
    blob = next((cache / "models--owner--voices" / "blobs").glob(MODEL.sha256))
    damaged = bytearray(DATA)
    damaged[9] ^= 1
    blob.write_bytes(damaged)
    with pytest.raises(Offline):
        fetch(make_hub(server.url, offline=True, caches=[cache]), target, UNKNOWN)

    assert not target.exists()
    assert fetch(make_hub(server.url, caches=[cache]), target) == MODEL.sha256
    assert target.read_bytes() == DATA
    assert blob.read_bytes() == bytes(damaged)


def test_a_cache_on_another_disk_is_copied(
    make_hub: Callable[..., Hub], cache: Path, target: Path, server: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("os.link", refuse)
    assert fetch(make_hub(server.url, caches=[cache]), target) == MODEL.sha256
    assert target.stat().st_nlink == 1
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    assert server.log == []


def test_the_cache_is_where_the_variables_say(tmp_path: Path) -> None:
    assert cache_folders({"HF_HUB_CACHE": "/c", "HF_HOME": "/h"}) == (Path("/c"),)
    assert cache_folders({"HF_HOME": "/h"}) == (Path("/h/hub"),)
    assert cache_folders({"XDG_CACHE_HOME": "/x"}) == (Path("/x/huggingface/hub"),)
    assert cache_folders({}) == (Path("~/.cache/huggingface/hub").expanduser(),)
    hub = Hub.from_environment({"HF_HUB_CACHE": str(tmp_path), "HF_HUB_OFFLINE": "1"})
    with pytest.raises(Offline):
        fetch(hub, tmp_path / "file")
