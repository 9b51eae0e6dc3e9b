"""Strangers that come through a visitor's browser are kept out; programs and the page are let in."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from server.gate import Gate, Sites, host_name, is_loopback


async def anything(_request: Request) -> PlainTextResponse:
    return PlainTextResponse(
        "done", headers={"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "true"}
    )


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


def gate(**sites: object) -> Gate:
    routes = [Route("/{path:path}", anything, methods=["GET", "POST", "DELETE"]), WebSocketRoute("/talk", talk)]
    return Gate(
        Starlette(routes=routes), sites=Sites(**sites), policy="default-src 'self'", closed=lambda path: path == "/shut"
    )


def ask(
    method: str = "GET",
    path: str = "/studio/models",
    *,
    host: str = "localhost:7860",
    sites: dict | None = None,
    **headers: str,
) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with TestClient(gate(**(sites or {})), base_url="http://localhost:7860") as client:
        return client.request(method, path, headers={"Host": host, **named})


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:7860",
        "LocalHost.:7860",
        "a.localhost",
        "127.0.0.1:80",
        "127.9.9.9",
        "[::1]:7860",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]:1",
    ],
)
def test_every_name_of_this_machine_is_answered(host: str) -> None:
    assert ask(host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:7860",
        "localhost.evil.example",
        "notlocalhost",
        "10.0.0.5",
        "0.0.0.0",
        "127.0.0.1.evil.example",
        "127.0.0.1.nip.io:7860",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_name_that_was_made_to_lead_here_is_not(host: str, method: str) -> None:
    answer = ask(method, host=host)
    assert answer.status_code == 421
    assert "--allow-host" in answer.json()["error"]["message"]


@pytest.mark.parametrize("host", ["", "a:b", "a:1:2", "[", "[::1", "[]", ":80"])
def test_nonsense_is_no_host(host: str) -> None:
    assert host_name(host) is None or not is_loopback(host_name(host))
    assert ask(host=host).status_code in (400, 421)


def test_flags_let_in_more_names_and_addresses() -> None:
    assert ask(host="studio.lan:7860", sites={"hosts": frozenset({"studio.lan"})}).status_code == 200
    assert ask(host="192.168.1.7:7860", sites={"addresses": True}).status_code == 200
    assert ask(host="evil.example", sites={"addresses": True}).status_code == 421


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://localhost:3000",
        "http://127.0.0.1:7860",
        "http://localhost:7860.evil.example",
        "file://",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_another_origin_neither_acts_nor_reads(origin: str, method: str) -> None:
    answer = ask(method, Origin=origin, Access_Control_Request_Method="POST")
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_or_picture_of_another_site_is_known_without_an_origin(site: str) -> None:
    assert ask("POST", Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate").status_code == 403
    assert ask("GET", Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors").status_code == 403
    assert ask("GET", "/", Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost:7860"},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_the_page_and_programs_are_let_in_without_words_for_others(headers: dict[str, str], method: str) -> None:
    answer = ask(method, **headers)
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert answer.headers["content-security-policy"] == "default-src 'self'; frame-ancestors 'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["referrer-policy"] == "same-origin"


def test_behind_a_proxy_that_speaks_https_the_page_is_still_its_own() -> None:
    sites = {"hosts": frozenset({"studio.example"})}
    assert ask("POST", host="studio.example", sites=sites, Origin="https://studio.example").status_code == 200
    assert ask("POST", host="studio.example:443", sites=sites, Origin="https://studio.example").status_code == 200


def test_a_site_that_a_flag_names_may_call_and_read() -> None:
    sites = {"origins": frozenset({"https://friend.example"})}
    answer = ask("POST", sites=sites, Origin="https://friend.example", Sec_Fetch_Site="cross-site")
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://friend.example"
    assert "access-control-allow-credentials" not in answer.headers
    assert "Origin" in answer.headers["vary"]
    before = ask("OPTIONS", sites=sites, Origin="https://friend.example", Access_Control_Request_Method="PUT")
    assert before.status_code == 204
    assert "PUT" in before.headers["access-control-allow-methods"]
    for asked, allowed in (
        ("x-stainless-lang, x-stainless-os", "Authorization, Content-Type, x-stainless-lang, x-stainless-os"),
        ("x-a; x-b", "Authorization, Content-Type"),
        ("x" * 2000, "Authorization, Content-Type"),
    ):
        before = ask("OPTIONS", sites=sites, Origin="https://friend.example", Access_Control_Request_Headers=asked)
        assert before.headers["access-control-allow-headers"] == allowed


def test_a_host_may_show_the_page_in_its_frame() -> None:
    answer = ask(sites={"frames": ("https://hub.example",)})
    assert answer.headers["content-security-policy"].endswith("frame-ancestors 'self' https://hub.example")
    assert "x-frame-options" not in answer.headers


def test_closed_paths_are_not_there() -> None:
    assert ask("POST", "/shut").status_code == 404


def test_sockets_are_held_to_the_same_rules() -> None:
    with TestClient(gate(), base_url="http://localhost:7860") as client:
        with client.websocket_connect("ws://localhost:7860/talk") as socket:
            assert socket.receive_text() == "hello"
        refused = pytest.raises((WebSocketDisconnect, WebSocketDenialResponse))
        with refused, client.websocket_connect("ws://localhost:7860/talk", headers={"Origin": "http://evil.example"}):
            pass
