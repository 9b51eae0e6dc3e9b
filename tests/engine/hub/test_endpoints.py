"""Which endpoint is asked: the user's, the fastest that answers, and who fails is left alone for a while."""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import AllEndpointsFailed, Gated, OptionError
from engine.hub import Hub
from engine.hub.endpoints import DEFAULT_ENDPOINTS, Endpoint, Ranking
from engine.release import RemoteFile
from tests.engine.hub.downloads import (
    CLOSED,
    CONFIG,
    DATA,
    MODEL,
    QUICK,
    REPO,
    SMALL,
    UNKNOWN,
    check_failure,
    check_success,
    drain,
    fetch,
)
from tests.hub_server import FakeHub, Faults
from tests.timing import within

TOKEN = "hf_secret"


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def dead() -> Iterator[str]:
    """The address of a host that does not even accept: its queue is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        address = listening.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(address)
        yield f"http://127.0.0.1:{address[1]}"
        for client in waiting:
            client.close()


def test_the_fastest_that_answers_is_asked(
    make_hub: Callable[..., Hub], make_server: Callable[..., FakeHub], target: Path, silent: str
) -> None:
    ill, good = make_server(), make_server()
    ill.faults.status = {"HEAD": [[503, {}, 9]]}
    hub = make_hub(silent, CLOSED, ill.url, good.url)
    fetch(hub, target)
    assert ill.asked("hub") == []
    assert len(good.asked("cdn")) == 1
    fetch(hub, target.with_name("config.json"), CONFIG)
    assert [len(each.asked("hub", "HEAD")) for each in (ill, good)] == [1, 1]


def test_one_endpoint_alone_is_not_probed(hub: Hub, target: Path, server: FakeHub) -> None:
    fetch(hub, target)
    assert server.asked("hub", "HEAD") == []


@pytest.mark.parametrize("kind", ["dead", "silent"])
def test_who_does_not_answer_costs_its_patience_once(
    kind: str, make_hub: Callable[..., Hub], make_server: Callable[..., FakeHub], target: Path, dead: str, silent: str
) -> None:
    good = make_server()
    hubs: list[Hub] = []

    def first() -> float:
        hubs.append(make_hub(dead if kind == "dead" else silent, good.url, patience=QUICK))
        target.unlink(missing_ok=True)
        # Nobody wins the race, so that the first in the list is asked and has to be given up.
        good.faults.status = {"HEAD": [[503, {"Retry-After": "0"}, 1]]}
        began = time.monotonic()
        fetch(hubs[-1], target)
        return time.monotonic() - began

    def again() -> float:
        target.with_name("config.json").unlink(missing_ok=True)
        began = time.monotonic()
        fetch(hubs[-1], target.with_name("config.json"), CONFIG)
        return time.monotonic() - began

    within(4, first)
    within(0.5, again)
    assert hubs[-1].check()[0].reachable is False


def test_a_mirror_that_lags_is_passed_over(
    make_hub: Callable[..., Hub], make_server: Callable[..., FakeHub], target: Path
) -> None:
    empty, stale, good = make_server({}), make_server({REPO: {MODEL.path: DATA[:-1] + b"!"}}), make_server()
    good.faults.stall = {"HEAD"}
    assert fetch(make_hub(empty.url, stale.url, good.url), target) == MODEL.sha256
    assert stale.asked("cdn", "GET") == [] or target.read_bytes() == DATA


def test_one_corrupts_and_the_next_is_asked(
    make_hub: Callable[..., Hub], make_server: Callable[..., FakeHub], target: Path
) -> None:
    bad, good = make_server(), make_server()
    bad.faults.swap = lambda data: data[:-1] + b"!"
    good.faults.stall = {"HEAD"}
    assert fetch(make_hub(bad.url, good.url), target) == MODEL.sha256
    assert len(bad.asked("cdn")) == len(good.asked("cdn")) == 1


def test_too_many_requests_here_means_the_next_and_not_a_wait(
    make_hub: Callable[..., Hub], make_server: Callable[..., FakeHub], target: Path
) -> None:
    busy, good = make_server(), make_server()
    good.faults.stall = {"HEAD"}

    def download() -> float:
        busy.log.clear()
        busy.faults.status = {"GET": [[429, {"Retry-After": "2"}, 9]]}
        target.unlink(missing_ok=True)
        began = time.monotonic()
        fetch(make_hub(busy.url, good.url), target)
        return time.monotonic() - began

    within(1.5, download)
    assert len(busy.asked("hub")) == 1


def test_every_endpoint_and_its_trouble_is_named(
    make_hub: Callable[..., Hub], make_server: Callable[..., FakeHub], target: Path
) -> None:
    one, two = make_server(), make_server({})
    one.faults.status = {"GET": [[500, {}, 9]], "HEAD": [[500, {}, 9]]}
    error = check_failure(make_hub(one.url, two.url, CLOSED), target, AllEndpointsFailed)
    assert len(error.reasons) == 3
    assert all(words in str(error) for words in ("(500)", "no such repository", "127.0.0.1:9 cannot be reached"))
    check_success(make_hub(one.url, CLOSED), target, one)


def test_modelscope_is_asked_where_a_release_is_there(
    make_hub: Callable[..., Hub], make_server: Callable[..., FakeHub], target: Path
) -> None:
    scope = make_server({"there/voices": {MODEL.path: DATA}})
    hub = make_hub(CLOSED, f"modelscope+{scope.url}", token=TOKEN)
    check_failure(hub, target, AllEndpointsFailed)
    assert scope.log == []
    assert fetch(hub, target, modelscope="there/voices") == MODEL.sha256
    assert scope.log[-1].path == "/models/there/voices/resolve/master/sub/model.pth"
    assert {seen.authorization for seen in scope.log} == {None}
    assert fetch(hub, target.with_name("other"), UNKNOWN, modelscope="there/voices@main") == MODEL.sha256


def test_a_gated_file_is_given_to_whoever_has_the_token(
    make_hub: Callable[..., Hub], target: Path, server: FakeHub
) -> None:
    server.faults.gated = TOKEN
    error = check_failure(make_hub(server.url), target, Gated)
    assert "licence" in str(error)
    error = check_failure(make_hub(server.url, token="hf_other"), target, Gated)
    assert "hf_other" not in str(error)
    assert fetch(make_hub(server.url, token=TOKEN), target) == MODEL.sha256
    assert server.asked("hub")[-1].authorization == f"Bearer {TOKEN}"
    assert {seen.authorization for seen in server.asked("cdn")} == {None}


def test_a_token_does_not_follow_a_redirect_to_another_host(
    make_hub: Callable[..., Hub], make_server: Callable[..., FakeHub], target: Path
) -> None:
    mirror, other = make_server(), make_server()
    mirror.faults.location = f"{other.url}/{REPO}/resolve/main/{MODEL.path}"
    fetch(make_hub(mirror.url, token=TOKEN), target)
    assert {seen.authorization for seen in mirror.log} == {f"Bearer {TOKEN}"}
    assert {seen.authorization for seen in other.log} == {None}
    assert len(other.asked("cdn")) == 1


def test_a_token_follows_a_redirect_at_home(make_hub: Callable[..., Hub], target: Path, server: FakeHub) -> None:
    server.faults.location = f"/{REPO}/resolve/main/config.json"
    file = RemoteFile(path=MODEL.path, size=len(SMALL))
    server.faults.linked_size, server.faults.etag = "", ""
    fetch(make_hub(server.url, token=TOKEN), target, file)
    assert [seen.authorization for seen in server.log] == [f"Bearer {TOKEN}"] * 2


def test_the_environment_is_obeyed(tmp_path: Path) -> None:
    def hub(**environment: str) -> Hub:
        return Hub.from_environment(environment)

    assert hub().endpoints == DEFAULT_ENDPOINTS
    assert hub(HF_ENDPOINT="https://a.example/, https://b.example").endpoints == (
        "https://a.example",
        "https://b.example",
    )
    assert hub(HF_ENDPOINT="https://a.example", POLYPHONE_ENDPOINTS="https://b.example").endpoints == (
        "https://b.example",
    )
    given = Hub.from_environment({"HF_ENDPOINT": "https://a.example"}, endpoints=["https://c.example"])
    assert given.endpoints == ("https://c.example",)
    assert hub(HF_HUB_OFFLINE="1").offline
    assert hub(HF_HUB_OFFLINE="0").offline is False
    assert Hub.from_environment({}, offline=True).offline
    with pytest.raises(OptionError, match="token") as caught:
        hub(HF_TOKEN="hf secret\nX: y")
    assert "secret" not in str(caught.value)
    assert TOKEN not in repr(vars(hub(HF_TOKEN=TOKEN, HF_HOME=str(tmp_path))))


@pytest.mark.parametrize(
    "text", ["example.org", "ftp://example.org", "https://", "http://a b", "https://x:99999", "http://x?y"]
)
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(OptionError, match="https://host"):
        Hub(endpoints=[text])


def test_messages_never_show_a_password() -> None:
    endpoint = Endpoint.parse("https://user:pass@mirror.example:8443/hf/")
    assert endpoint.host == "mirror.example:8443"
    assert endpoint.file_url("a/b", "refs/pr/1", "c d.txt").endswith("/hf/a/b/resolve/refs%2Fpr%2F1/c%20d.txt")
    assert Endpoint.parse("https://www.modelscope.cn").modelscope


def test_a_failure_is_believed_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    ranking, one, two = Ranking(0.2), Endpoint("http://one"), Endpoint("http://two")
    ranking.measured(two, 0.1)
    ranking.down(one, "gone")
    assert ranking.order([one, two]) == [two, one]
    assert ranking.fresh([one, two])
    now[0] += 0.25
    assert ranking.order([one, two]) == [one, two]
    assert not ranking.fresh([one, two])


def test_the_doctor_learns_who_answers(make_hub: Callable[..., Hub], server: FakeHub, silent: str) -> None:
    patience = replace(QUICK, silence_s=3.0)
    states = make_hub(server.url, CLOSED, silent, token=TOKEN, patience=patience).check()
    assert [state.reachable for state in states] == [True, False, False]
    assert 0 < states[0].latency_s < patience.silence_s
    assert "cannot be reached" in states[1].reason
    assert f"{patience.silence_s:g} s" in states[2].reason
    assert server.log[0].authorization is None
    assert [state.reason for state in make_hub(server.url, offline=True).check()] == ["not asked: offline mode"]
    assert len(server.log) == 1


def test_a_listing_gives_sizes_and_hashes(hub: Hub, server: FakeHub) -> None:
    files = {file.path: file for file in hub.files(REPO, "main")}
    assert files[MODEL.path] == MODEL
    assert files["config.json"] == RemoteFile(path="config.json", size=len(SMALL))
    server.faults.status = {"API": [[503, {}, 1]]}
    assert len(hub.files(REPO, "main")) == 2


@pytest.mark.parametrize(
    "tree",
    [
        {"error": "no"},
        ["x"],
        [{"type": "file", "path": "../../etc/cron.d/x", "size": 1}],
        [{"type": "file", "path": "/etc/x", "size": 1}],
        [{"type": "file", "path": 5, "size": 1}],
    ],
)
def test_a_hostile_listing_is_refused(tree: object, hub: Hub, server: FakeHub) -> None:
    server.faults = Faults(tree=tree)
    with pytest.raises(Exception, match="list of files") as caught:
        hub.files(REPO, "main")
    assert "etc" not in str(caught.value)


def test_odd_values_in_a_listing_count_as_unknown(hub: Hub, server: FakeHub) -> None:
    server.faults.tree = [
        {"type": "file", "path": "a", "size": -1, "lfs": {"oid": "../x"}},
        {"type": "directory", "path": "b"},
    ]
    assert hub.files(REPO, "main") == (RemoteFile(path="a"),)


def test_closing_the_search_for_the_fastest_closes_all(make_hub: Callable[..., Hub], target: Path, silent: str) -> None:
    def close() -> float:
        work = make_hub(silent, f"{silent}/other").fetch(REPO, "main", MODEL, target)
        next(work)
        began = time.monotonic()
        work.close()
        return time.monotonic() - began

    within(0.2, close)
    with pytest.raises(AllEndpointsFailed):
        drain(make_hub(silent, patience=QUICK).fetch(REPO, "main", MODEL, target))
