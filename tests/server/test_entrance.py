"""Signing in and out, and the cookies that visitors go home with."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from server.entrance import Entrance
from server.guard import Guarded
from server.rights import OWNER, VISIT, Need, Policy, Rights
from server.sign_in import SignIn

TOKEN = "the token & its signs"


async def page(_request: Request) -> Response:
    return PlainTextResponse("the page")


async def kept(_request: Request) -> Response:
    return PlainTextResponse("for all", headers={"Cache-Control": "public, max-age=60"})


def needs(_method: str, path: str) -> Need | None:
    return {"/": Need.ENTRY, "/icon": Need.NOTHING}.get(path)


Visit = Callable[..., TestClient]


@pytest.fixture
def visit() -> Visit:
    def start(policy: Policy, *, framed: bool = False, base: str = "http://localhost", **more: Any) -> TestClient:
        rights = Rights(policy)
        managing = Guarded("/studio/managed", page, methods=["GET"], needs=Need.MANAGE, rights=rights)
        files = Guarded("/studio/static/x", kept, methods=["GET"], needs=Need.NOTHING, rights=rights)
        routes = [Route("/", page), Route("/icon", page), managing, files, *SignIn(rights).table()]
        app = Entrance(Starlette(routes=routes), rights=rights, needs=needs, framed=framed)
        return TestClient(app, base_url=base, follow_redirects=False, **more)

    return start


def cookies(answer: httpx.Response) -> str:
    return " | ".join(answer.headers.get_list("set-cookie"))


def test_a_visit_gets_its_cookie_once_and_never_with_what_a_cache_keeps(visit: Visit) -> None:
    with visit(Policy(public=True)) as client:
        for path in ("/icon", "/studio/static/x"):
            assert cookies(client.get(path)) == ""
        assert cookies(client.get("/")).startswith(f"{VISIT}=")
        assert cookies(client.get("/")) == ""
    with visit(Policy()) as client:
        assert cookies(client.get("/")) == ""


def test_cookies_fit_how_the_page_is_shown(visit: Visit) -> None:
    with visit(Policy(public=True), framed=True, base="https://studio.example") as client:
        assert "SameSite=None; Secure; Partitioned" in cookies(client.get("/"))
    with visit(Policy(public=True), framed=True) as client:
        assert "SameSite=Lax" in cookies(client.get("/"))
        client.cookies.clear()
        assert "Partitioned" in cookies(client.get("/", headers={"X-Forwarded-Proto": "https"}))


def test_a_stranger_is_sent_to_the_form_and_a_program_is_told(visit: Visit) -> None:
    with visit(Policy(token=TOKEN)) as client:
        answer = client.get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, "studio/sign-in")
        answer = client.get("/studio/managed")
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert client.get("/studio/managed", headers={"Authorization": f"Bearer {TOKEN}"}).text == "the page"
        assert client.get("/studio/rights").json() == {"manage": False, "sign_in": True, "sign_out": False}


def test_an_address_with_the_token_signs_in_and_loses_it(visit: Visit) -> None:
    with visit(Policy(token=TOKEN)) as client:
        answer = client.get("/", params={"token": TOKEN, "__theme": "dark"})
        assert (answer.status_code, answer.headers["location"]) == (303, "./?__theme=dark")
        assert "HttpOnly" in cookies(answer)
        assert client.get("/").text == "the page"
        assert client.get("/studio/managed").text == "the page"
        assert client.get("/studio/rights").json() == {"manage": True, "sign_in": False, "sign_out": True}
        assert client.post("/studio/sign-out").status_code == 303
        assert client.get("/").status_code == 303
    with visit(Policy(public=True, token=TOKEN)) as client:
        answer = client.get("/", params={"token": "wrong"})
        assert (answer.status_code, "not the token" in answer.text) == (401, True)
        assert OWNER not in cookies(answer)
    with visit(Policy()) as client:
        assert client.get("/", params={"token": "whatever"}).text == "the page"


def test_the_form_takes_the_token_in_the_visitors_language(visit: Visit) -> None:
    with visit(Policy(public=True, token=TOKEN)) as client:
        form = client.get("/studio/sign-in", headers={"Accept-Language": "ja-JP,en;q=0.5"})
        assert ('<html lang="ja">' in form.text, "サインイン" in form.text) == (True, True)
        assert "script" not in form.text
        wrong = client.post("/studio/sign-in", data={"token": "<b>"})
        assert (wrong.status_code, OWNER in cookies(wrong), "<b>" in wrong.text) == (401, False, False)
        assert client.post("/studio/sign-in", data={"token": "x" * 5000}).status_code == 413
        right = client.post("/studio/sign-in", data={"token": TOKEN})
        assert (right.status_code, right.headers["location"]) == (303, "../")
        assert client.get("/studio/managed").text == "the page"
    with visit(Policy(public=True)) as client:
        assert client.get("/studio/sign-in").status_code == 404
        assert client.post("/studio/sign-in", data={"token": ""}).status_code == 404
