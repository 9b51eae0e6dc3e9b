"""Every route of the program, for every kind of visitor of every kind of studio, against a table of rights."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from starlette.routing import Route

from engine.keys import FILE, Keys
from engine.system import SystemSpec
from engine.systems.vits import SPEC as VITS
from server.allowance import Limits
from server.guard import Guarded
from server.rights import Policy
from tests.server.test_mcp_routes import connected, said
from tests.server.test_speak_routes import body, frames
from tests.ui.test_endpoints import as_text, recording
from ui.app import Studio
from ui.framework import FILES, is_closed

ROOT = Path(__file__).parents[2]
TOKEN = "the-token-of-the-owner"
# Every route that answers, by its path with parameters as the server declares it, and what it asks of who calls it:
# nothing, entry (to be let in), speak, own (a thing of the same visit), manage (the owner's token).
TABLE = {
    ("GET", "/"): "entry",
    ("GET", "/config"): "entry",
    ("GET", "/config/"): "entry",
    ("GET", "/theme.css"): "nothing",
    ("GET", "/gradio_api/theme.css"): "nothing",
    ("GET", "/assets/{path:path}"): "nothing",
    ("GET", "/static/{path:path}"): "nothing",
    ("GET", "/svelte/{path:path}"): "nothing",
    ("GET", "/favicon.ico"): "nothing",
    ("GET", "/robots.txt"): "nothing",
    ("GET", "/manifest.json"): "nothing",
    ("GET", "/pwa_icon"): "nothing",
    ("GET", "/pwa_icon/{size}"): "nothing",
    ("GET", "/gradio_api/startup-events"): "nothing",
    ("GET", "/gradio_api/info"): "entry",
    ("GET", "/gradio_api/info/"): "entry",
    ("GET", "/gradio_api/app_id"): "entry",
    ("GET", "/gradio_api/app_id/"): "entry",
    ("GET", "/gradio_api/heartbeat/{session_hash}"): "entry",
    ("GET", "/gradio_api/queue/data"): "entry",
    ("POST", "/gradio_api/cancel"): "entry",
    ("POST", "/gradio_api/reset"): "entry",
    ("POST", "/gradio_api/reset/"): "entry",
    ("POST", "/gradio_api/queue/join"): "speak",
    ("POST", "/gradio_api/call/{api_name}"): "speak",
    ("POST", "/gradio_api/call/{api_name}/"): "speak",
    ("GET", "/gradio_api/call/{api_name}/{event_id}"): "entry",
    ("GET", FILES): "own",
    ("POST", "/mcp"): "speak",
    ("GET", "/studio/rights"): "nothing",
    ("GET", "/studio/sign-in"): "nothing",
    ("POST", "/studio/sign-in"): "nothing",
    ("POST", "/studio/sign-out"): "nothing",
    ("GET", "/studio/static/{version}/{name:path}"): "nothing",
    ("GET", "/studio/status"): "entry",
    ("GET", "/studio/systems"): "entry",
    ("POST", "/studio/speak"): "speak",
    ("POST", "/studio/text"): "speak",
    ("POST", "/studio/languages"): "speak",
    ("POST", "/studio/jobs/{job}/stop"): "own",
    ("GET", "/studio/takes/{take}.{ending}"): "own",
    ("DELETE", "/studio/takes/{take}"): "own",
    ("GET", "/studio/models"): "manage",
    ("POST", "/studio/models/{act}"): "manage",
    ("GET", "/studio/lexicons"): "manage",
    ("GET", "/studio/lexicons/{language}"): "manage",
    ("POST", "/studio/lexicons/{language}/add"): "manage",
    ("POST", "/studio/lexicons/{language}/remove"): "manage",
    ("GET", "/studio/catalogue"): "entry",
    ("GET", "/studio/catalogue/{system}/{name}"): "manage",
    ("GET", "/studio/catalogue/{system}/{name}/sample"): "manage",
    ("GET", "/studio/advice"): "manage",
    ("POST", "/studio/uploads"): "manage",
    ("POST", "/studio/uploads/{key}/import"): "manage",
    ("PUT", "/studio/uploads/{key}/{place:path}"): "manage",
    ("POST", "/studio/recordings/check"): "speak",
    ("POST", "/studio/recordings/repair"): "speak",
    ("POST", "/studio/conversions/{system}"): "speak",
    ("GET", "/studio/recognisers"): "entry",
    ("POST", "/studio/transcriptions"): "speak",
    ("GET", "/studio/codecs"): "entry",
    ("POST", "/studio/codecs/{codec}"): "speak",
    ("POST", "/studio/takes/{take}/verdict"): "own",
    ("GET", "/studio/listening-tests"): "manage",
    ("POST", "/studio/listening-tests"): "manage",
    ("GET", "/studio/listening-tests/{test}"): "manage",
    ("GET", "/studio/listening-tests/{test}.{ending}"): "manage",
    ("DELETE", "/studio/listening-tests/{test}"): "manage",
    ("GET", "/listen/{link}"): "nothing",
    ("GET", "/studio/listen/{link}"): "nothing",
    ("POST", "/studio/listen/{link}"): "nothing",
    ("GET", "/studio/listen/{link}/{listener}"): "nothing",
    ("POST", "/studio/listen/{link}/{listener}"): "nothing",
    ("GET", "/studio/listen/{link}/{listener}/{place}/{slot}.flac"): "nothing",
    ("GET", "/studio/grids"): "speak",
    ("POST", "/studio/grids"): "speak",
    ("GET", "/studio/grids/{grid}.{ending}"): "speak",
    ("GET", "/studio/grids/{grid}"): "speak",
    ("POST", "/studio/grids/{grid}"): "speak",
    ("DELETE", "/studio/grids/{grid}"): "speak",
    ("GET", "/studio/grids/{grid}/{number}.{ending}"): "speak",
    ("POST", "/studio/grids/{grid}/{number}/star"): "speak",
    ("POST", "/studio/grids/{grid}/{number}/redo"): "speak",
    ("GET", "/studio/voices/{system}"): "entry",
    ("GET", "/studio/voices/{system}/made/{made}"): "own",
    ("POST", "/studio/voices/{system}/recording"): "speak",
    ("POST", "/studio/voices/{system}/file"): "speak",
    ("POST", "/studio/voices/{system}/make"): "speak",
    ("POST", "/studio/voices/{system}/string"): "speak",
    ("POST", "/studio/voices/{system}/check"): "speak",
    ("POST", "/studio/voices/{system}/save"): "manage",
    ("POST", "/studio/voices/{system}/delete"): "manage",
    ("GET", "/studio/voices/{system}/{name}.safetensors"): "manage",
    ("GET", "/health"): "nothing",
    ("GET", "/ready"): "nothing",
    ("GET", "/metrics"): "manage",
    ("POST", "/v1/audio/speech"): "speak",
    ("POST", "/v1/audio/transcriptions"): "speak",
    ("GET", "/v1/models"): "entry",
    ("GET", "/v1/models/{model:path}"): "entry",
    ("GET", "/v1/audio/models"): "entry",
    ("GET", "/v1/audio/voices"): "entry",
    ("POST", "/v1/audio/voices"): "speak",
    ("DELETE", "/v1/audio/voices/{voice:path}"): "speak",
    ("GET", "/v1/audio/voice_consents"): "entry",
    ("POST", "/v1/audio/voice_consents"): "speak",
    ("GET", "/v1/audio/voice_consents/{consent}"): "entry",
    ("POST", "/v1/audio/voice_consents/{consent}"): "speak",
    ("DELETE", "/v1/audio/voice_consents/{consent}"): "speak",
    **{(method, "/v1/{rest:path}"): "entry" for method in ("GET", "POST", "PUT", "PATCH", "DELETE")},
}
# What becomes of each, "" where it is let through, for the kinds of visitor in the order of `KINDS`.
KINDS = ("stranger", "visitor", "other visitor", "owner by header", "owner by cookie", "key")
ALL = ("",) * len(KINDS)
PRIVATE = dict.fromkeys(("nothing", "entry", "speak", "own", "manage"), ALL)
KEPT = {
    "nothing": ALL,
    **dict.fromkeys(("entry", "speak"), (401, 401, 401, "", "", "")),
    "own": (401, 401, 401, "", "", 404),
    "manage": (401, 401, 401, "", "", 403),
}
PUBLIC = {
    **dict.fromkeys(("nothing", "entry", "speak"), ALL),
    "own": (404, "", 404, 404, 404, 404),
    "manage": (403, 403, 403, "", "", 403),
}
STUDIOS = {
    "private": (Policy(), PRIVATE),
    "token": (Policy(token=TOKEN), KEPT),
    "public": (Policy(public=True, token=TOKEN), PUBLIC),
}


@dataclass(slots=True)
class Scene:
    """A studio, its visitors by kind, and the ids of what the visitor of the visit has made in it."""

    studio: Studio
    visitors: dict[str, httpx.Client] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)
    clients: list[httpx.Client] = field(default_factory=list)

    def stranger(self) -> httpx.Client:
        """Somebody who comes for the first time."""
        self.clients.append(httpx.Client(base_url=self.studio.url, timeout=60))
        return self.clients[-1]

    def send(self, kind: str, method: str, path: str, **more: Any) -> httpx.Response:
        """The beginning of an answer, and all of it where it is short; some answers never end."""
        visitor = self.visitors[kind] if kind != "stranger" else self.stranger()
        with visitor.stream(method, path, **more) as answer:
            if answer.headers.get("content-type", "").startswith(("application/json", "text/html")):
                answer.read()
            return answer


def refusal(answer: httpx.Response) -> int | str:
    """The status of an answer that refuses; "" for any other, whatever else it says."""
    if answer.status_code == 303 and answer.headers["location"] == "studio/sign-in":
        return 401
    kind = answer.headers.get("content-type", "")
    if kind != "application/json" or answer.status_code < 400:
        return ""
    error = answer.json().get("error", {})
    return answer.status_code if error.get("type") == "Refused" or error.get("code") == "invalid_api_key" else ""


def take_and_job(visitor: httpx.Client, **request: Any) -> tuple[str, str]:
    with visitor.stream("POST", "studio/speak", json=body(**request)) as sent:
        events = [frame for frame in frames(sent) if isinstance(frame, dict)]
    return events[-1]["take"]["id"], events[0]["job"]


@pytest.fixture
def open_scene(serve_studio: Callable[..., Studio], fake_spec: SystemSpec, tmp_path: Path) -> Iterator[Any]:
    """A function that opens a studio of a policy, with visitors in it."""
    opened: list[Scene] = []

    def start(policy: Policy, *more: SystemSpec) -> Scene:
        studio = serve_studio(fake_spec, *more, models_dir=tmp_path / "models", policy=policy)
        scene = Scene(studio)
        opened.append(scene)
        visitors = scene.visitors
        visitors.update({kind: scene.stranger() for kind in KINDS[1:]})
        visitors["owner by header"].headers["Authorization"] = f"Bearer {TOKEN}"
        key = Keys(tmp_path / "models" / FILE).create(f"program {len(opened)}", requests=10_000)
        visitors["key"].headers["Authorization"] = f"Bearer {key}"
        if policy.token:
            assert visitors["owner by cookie"].get("", params={"token": TOKEN}).status_code == 303
        for kind in KINDS[1:3]:
            visitors[kind].get("studio/systems")
        maker = visitors["visitor" if policy.public or not policy.token else "owner by header"]
        take, job = take_and_job(maker)
        made = maker.post("studio/voices/fake/make", json={"voice": "seed:1"}).json()["made"]
        scene.things.update(take=take, job=job, made=made, ending="wav")
        return scene

    yield start
    for client in (client for scene in opened for client in scene.clients):
        client.close()


def address(scene: Scene, path: str) -> str:
    """A path as somebody would ask for it."""
    values = {
        "system": "fake",
        "act": "nothing",
        "name": "nobody",
        "session_hash": "abc",
        "api_name": "synthesize",
        "event_id": "abc",
        "size": "192",
        "address": "http://somewhere",
    }
    return re.sub(r"{(\w+)(:path)?}", lambda found: (values | scene.things).get(found[1], "x"), path).lstrip("/")


def declared(studio: Studio) -> list[tuple[str, Route]]:
    """Every route of the program with each of its methods."""
    routes: list[Route] = []
    todo = list(studio.blocks.app.routes)
    while todo:
        route = todo.pop()
        if isinstance(route, Route):
            routes.append(route)
        else:  # a group of routes; anything else fails here
            todo += route.original_router.routes
    return [(method, route) for route in routes for method in sorted(route.methods - {"HEAD"} or route.methods)]


def test_no_route_is_left_out_of_the_table_and_each_of_ours_says_the_same(open_scene: Any) -> None:
    scene = open_scene(Policy())
    found = set()
    for method, route in declared(scene.studio):
        key = (method, route.path)
        if isinstance(route, Guarded):
            assert TABLE.get(key) == route.needs.value, key
            found.add(key)
        elif not is_closed("/" + address(scene, route.path)):
            assert method == "HEAD" or key in TABLE, f"{key} is open, and not in the table"
            found.add(key)
        else:
            assert key not in TABLE, f"{key} is in the table, and closed"
    assert {key for key in TABLE if key not in found} == set()


@pytest.mark.parametrize("kind", STUDIOS)
def test_every_route_for_every_kind_of_visitor(kind: str, open_scene: Any) -> None:
    policy, expected = STUDIOS[kind]
    scene = open_scene(policy)
    for (method, path), need in TABLE.items():
        for visitor, outcome in zip(KINDS, expected[need], strict=True):
            if visitor == "owner by cookie" and path == "/studio/sign-out":
                continue  # the last thing to do
            answer = scene.send(visitor, method, address(scene, path))
            assert refusal(answer) == outcome, (visitor, method, path, answer.status_code)
            if need == "own" and outcome == "" and "take" in path and "verdict" not in path:
                assert answer.status_code == 200


@pytest.mark.parametrize("kind", STUDIOS)
def test_what_gradio_has_besides_is_not_there_for_anybody(kind: str, open_scene: Any) -> None:
    scene = open_scene(STUDIOS[kind][0])
    closed = [(method, route) for method, route in declared(scene.studio) if (method, route.path) not in TABLE]
    assert len(closed) > 30
    for method, route in closed:
        if method == "HEAD":
            continue
        path = address(scene, route.path)
        assert scene.send("owner by header", method, path).status_code == 404, (method, route.path)
    sent = {"files": {"files": ("a.txt", b"left here")}}
    for path in ("gradio_api/upload", "gradio_api/upload/", "gradio_api//upload", "gradio_api/%75pload", "upload"):
        assert scene.send("owner by header", "POST", path, **sent).status_code == 404, path


def test_a_visitor_has_what_they_made_and_nothing_of_anybody_else(open_scene: Any) -> None:
    scene = open_scene(Policy(public=True, token=TOKEN))
    own, other, owner = (scene.visitors[kind] for kind in ("visitor", "other visitor", "owner by header"))
    take = scene.things["take"]
    for ending in ("wav", "json", "png", "mp3"):
        assert own.get(f"studio/takes/{take}.{ending}").status_code == 200
        for client in (other, owner, scene.stranger()):
            answer = client.get(f"studio/takes/{take}.{ending}")
            assert answer.status_code == 404
            # Nothing tells one that is somebody else's from one that never was.
            assert answer.content == client.get(f"studio/takes/AAAAAAAAAAAAAAAA.{ending}").content
    for client in (other, owner, scene.stranger()):
        assert client.delete(f"studio/takes/{take}").status_code == 404
    assert own.get(f"studio/takes/{take}.wav").status_code == 200
    assert own.delete(f"studio/takes/{take}").json() == {"deleted": True}
    assert own.get(f"studio/takes/{take}.wav").status_code == 404
    made = own.post("studio/voices/fake/make", json={"voice": "seed:7", "name": "Mine"}).json()["made"]
    assert take_and_job(own, made=made)
    for client in (other, owner):
        for path, sent in (("speak", body(made=made)), ("voices/fake/string", {"made": made})):
            assert client.post(f"studio/{path}", json=sent).status_code == 404
    owner.post("studio/voices/fake/save", json={"voice": "pitch:300", "name": "Ann"}).raise_for_status()
    assert [voice["name"] for voice in owner.get("studio/voices/fake").json()["voices"]] == ["Ann"]
    assert owner.get("studio/systems").json()[0]["saved"] == ["Ann"]
    for client in (own, other, scene.stranger()):
        assert client.get("studio/voices/fake").json() == {"voices": []}
        assert client.get("studio/systems").json()[0]["saved"] == []
        said = client.post("studio/speak", json=body(voice="Ann"))
        never = client.post("studio/speak", json=body(voice="Bob"))
        assert said.status_code == 400
        assert said.text.replace("Ann", "Bob") == never.text
        assert client.post("studio/voices/fake/save", json={"voice": "seed:1", "name": "Eve"}).status_code == 403
        assert client.post("studio/voices/fake/delete", json={"name": "Ann"}).status_code == 403
    file = owner.get("studio/voices/fake/Ann.safetensors").content
    sent = {
        "content": file,
        "headers": {"Content-Type": "application/octet-stream"},
        "params": {"name": "Ann.safetensors"},
    }
    kept = own.post("studio/voices/fake/file", **sent).json()
    assert kept["name"] == "Ann"  # for their visit, and no file of ours
    assert take_and_job(own, made=kept["made"])
    assert [voice["name"] for voice in owner.get("studio/voices/fake").json()["voices"]] == ["Ann"]


def test_saved_voices_can_be_shared(open_scene: Any) -> None:
    scene = open_scene(Policy(public=True, token=TOKEN, share_voices=True))
    owner, visitor = scene.visitors["owner by header"], scene.visitors["visitor"]
    owner.post("studio/voices/fake/save", json={"voice": "pitch:300", "name": "Ann"}).raise_for_status()
    assert visitor.get("studio/systems").json()[0]["saved"] == ["Ann"]
    assert take_and_job(visitor, voice="Ann")
    assert visitor.post("studio/voices/fake/delete", json={"name": "Ann"}).status_code == 403
    assert visitor.get("studio/voices/fake/Ann.safetensors").status_code == 403


def test_nobody_stops_what_somebody_else_has_begun(open_scene: Any, make_fake_spec: Callable[..., SystemSpec]) -> None:
    scene = open_scene(Policy(public=True, token=TOKEN), make_fake_spec("slow", delay=0.05))
    own, other = scene.visitors["visitor"], scene.visitors["other visitor"]
    asked = body("A long sentence. " * 40) | {"system": "slow"}
    with own.stream("POST", "studio/speak", json=asked) as sent:
        stream = frames(sent)
        job = next(stream)["job"]
        next(frame for frame in stream if isinstance(frame, np.ndarray))
        assert other.post(f"studio/jobs/{job}/stop").status_code == 404
        assert own.post(f"studio/jobs/{job}/stop").status_code == 200
        last = [frame for frame in stream if isinstance(frame, dict)][-1]
    assert last["take"]["stopped"]


def test_gradios_client_is_a_visitor_like_any_other(open_scene: Any, tmp_path: Path) -> None:
    scene = open_scene(Policy(public=True, token=TOKEN))
    quiet = {"verbose": False, "download_files": tmp_path, "analytics_enabled": False}
    client = Client(scene.studio.url, **quiet)
    result = client.predict("Hello there.", "fake", api_name="/synthesize")
    assert Path(result["value"] if isinstance(result, dict) else result).stat().st_size > 1000
    made = scene.visitors["visitor"].post("studio/voices/fake/make", json={"voice": "seed:7"}).json()["made"]
    with pytest.raises(AppError, match="no longer kept"):
        client.predict("Hello.", "fake", made=made, api_name="/synthesize")
    scene.visitors["owner by header"].post("studio/voices/fake/save", json={"voice": "pitch:300", "name": "Ann"})
    with pytest.raises(AppError, match="no voice 'Ann'"):
        client.predict("Hello.", "fake", voice="Ann", api_name="/synthesize")
    with pytest.raises(AppError, match="characters"):
        client.predict("Hello. " * 400, "fake", api_name="/synthesize")
    owner = Client(scene.studio.url, headers={"Authorization": f"Bearer {TOKEN}"}, **quiet)
    assert owner.predict("Hello.", "fake", voice="Ann", api_name="/synthesize")
    ann = "fake/Ann"
    assert ann in [voice["id"] for voice in owner.predict(api_name="/list_voices")["voices"]]
    assert ann not in [voice["id"] for voice in client.predict(api_name="/list_voices")["voices"]]
    sent = (as_text(recording()), "yes")
    made = client.predict(*sent, name="Ben", api_name="/clone_voice")["made"]
    assert client.predict("Hello.", "fake", made=made, api_name="/synthesize")
    for other in (Client(scene.studio.url, **quiet), owner):
        with pytest.raises(AppError, match="no longer kept"):
            other.predict("Hello.", "fake", made=made, api_name="/synthesize")
    with pytest.raises(AppError, match="only the owner"):
        client.predict(*sent, name="Ben", save=True, api_name="/clone_voice")
    with pytest.raises(AppError, match="characters"):
        client.predict("Hello. " * 400, api_name="/refine_text")
    assert owner.predict(*sent, name="Ben", save=True, api_name="/clone_voice")["voice"] == "fake/Ben"


def test_an_assistant_is_a_visitor_like_any_other(open_scene: Any) -> None:
    scene = open_scene(Policy(public=True, token=TOKEN, limits=Limits(text=200)))
    scene.visitors["owner by header"].post("studio/voices/fake/save", json={"voice": "pitch:300", "name": "Ann"})
    url, ann = scene.studio.url, "fake/Ann"
    clone = {"recording": as_text(recording()), "consent": "yes", "name": "Ben"}

    async def visit() -> None:
        async with connected(url) as own, connected(url) as other:
            made = (await said(own, "clone", **clone))["voice"]
            assert "voice Ben" in (await own.call_tool("speak", {"text": "Hello.", "voice": made})).content[-1].text
            assert "no longer kept" in await said(other, "speak", text="Hello.", voice=made)
            assert ann not in [each["id"] for each in (await said(own, "list_voices"))["voices"]]
            assert "only the owner" in await said(own, "clone", **clone, save=True)
            assert "no voice" in await said(own, "speak", text="Hello.", voice=ann)
            assert "characters" in await said(own, "speak", text="Hello. " * 40)
        async with connected(url, Authorization=f"Bearer {TOKEN}") as owner:
            assert ann in [each["id"] for each in (await said(owner, "list_voices"))["voices"]]
            assert (await said(owner, "clone", **clone, save=True))["voice"] == "fake/Ben"

    asyncio.run(visit())


def test_an_assistant_needs_the_token_where_everybody_does(open_scene: Any) -> None:
    url = open_scene(Policy(token=TOKEN)).studio.url
    listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Accept": "application/json, text/event-stream"}
    for more, status in (
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Origin": "https://evil.example"}, 403),
    ):
        assert httpx.post(f"{url}mcp", json=listing, headers=headers | more).status_code == status
    assert httpx.post(f"{url}mcp", json=listing, headers={**headers, "Host": "evil.example"}).status_code == 421

    async def visit() -> None:
        async with connected(url, Authorization=f"Bearer {TOKEN}") as owner:
            assert (await said(owner, "list_voices"))["total"] == 2

    asyncio.run(visit())


def test_no_answer_names_a_folder_of_the_machine(
    open_scene: Any, make_fake_spec: Callable[..., SystemSpec], tmp_path: Path
) -> None:
    scene = open_scene(Policy(public=True, token=TOKEN), make_fake_spec("second", bundled=False))
    secrets = {str(tmp_path), str(ROOT), str(Path.home()), str(tmp_path.parent)}
    requests: list[tuple[str, str, Any]] = [(method, address(scene, path), None) for method, path in TABLE]
    requests += [
        ("POST", "studio/speak", body() | {"system": "second"}),
        ("POST", "studio/speak", body(model="nothing")),
        ("POST", "studio/voices/second/make", {"voice": "seed:1"}),
        ("POST", "studio/models/delete", {"id": "fake/nothing"}),
        ("POST", "studio/models/verify", {"id": "second/nothing"}),
        ("POST", "studio/models/load", {"id": "second/second"}),
        ("POST", "studio/uploads", {"id": "second", "paths": ["a/b.pth"]}),
        ("POST", "gradio_api/call/synthesize", {"data": ["Hello.", "second", "", "", 0, "{}", "", ""]}),
    ]
    for kind in ("visitor", "owner by header"):
        for method, path, sent in requests:
            answer = scene.send(kind, method, path, **({} if sent is None else {"json": sent}))
            text = answer.text if answer.is_stream_consumed else ""
            assert not [secret for secret in secrets if secret in text], (kind, method, path, text[:400])
    told = scene.send("visitor", "POST", "studio/speak", json=body() | {"system": "second"}).json()["error"]
    assert told["type"] == "WeightsMissing"
    event = scene.visitors["visitor"].post("gradio_api/call/synthesize", json=requests[-1][2]).json()["event_id"]
    heard = scene.visitors["visitor"].get(f"gradio_api/call/synthesize/{event}").text
    assert "event: error" in heard
    assert not [secret for secret in secrets if secret in heard]
    state = scene.visitors["owner by header"].get("studio/models").json()
    assert (state["folder"], state["free"]) == ("models", None)


def test_visitors_may_search_the_catalogues_and_are_told_nothing_of_the_hub(open_scene: Any) -> None:
    scene = open_scene(Policy(public=True, token=TOKEN), VITS)
    told = scene.send("visitor", "GET", "studio/catalogue")
    assert (told.status_code, "hub" in told.text) == (503, False)
    assert "no hub" in scene.send("owner by header", "GET", "studio/catalogue").json()["error"]["message"]
    entry = "studio/catalogue/vits/de_DE-thorsten-medium"
    for path in (entry, f"{entry}/sample", "studio/advice?language=de"):
        assert scene.send("visitor", "GET", path).status_code == 403
