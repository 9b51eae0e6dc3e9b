"""Only the files of the table are served, each as what it is, for good, and below any path."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from server.rights import Policy, Rights
from server.static_routes import Preload, StaticRoutes

FILES = {"a.js": b"export {};", "b.css": b"b {}", "words/en.json": b"{}"}


@pytest.fixture
def client() -> TestClient:
    async def page(request: Request) -> Response:  # noqa: ARG001
        return Response("the page")

    static = StaticRoutes(FILES)
    links = [f"<{static.base}a.js>; rel=modulepreload", f"<{static.base}b.css>; rel=preload; as=style"]
    return TestClient(
        Starlette(
            routes=[Route("/", page), *static.table(Rights(Policy()))], middleware=[Middleware(Preload, links=links)]
        )
    )


@pytest.mark.parametrize(
    ("name", "kind"), [("a.js", "text/javascript"), ("b.css", "text/css"), ("words/en.json", "application/json")]
)
def test_a_file_of_the_table_is_served_as_what_it_is_and_kept_for_good(
    client: TestClient, name: str, kind: str
) -> None:
    answer = client.get(StaticRoutes(FILES).base + name)
    assert (answer.status_code, answer.content) == (200, FILES[name])
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["", "c.js", "a.js/", "words/../a.js", "words%2F..%2Fa.js", "..%2Fa.js", "%2Fetc%2Fpasswd", "words", "A.js"]
)
def test_nothing_else_is(client: TestClient, name: str) -> None:
    answer = client.get(f"/{StaticRoutes(FILES).base}{name}")
    assert answer.status_code == 404 or answer.url.path.endswith("/a.js")  # the client itself resolves "words/.."
    assert client.get(f"/studio/static/0123456789abcdef/{name}").status_code == 404
    assert client.post(f"/{StaticRoutes(FILES).base}a.js").status_code == 405


def test_the_address_changes_with_any_content_or_name_and_with_nothing_else() -> None:
    base = StaticRoutes(FILES).base
    assert base == StaticRoutes(dict(reversed(FILES.items()))).base
    others = [FILES | {"a.js": b"export {}; "}, FILES | {"c.js": b""}, {"b.js": FILES["a.js"], "b.css": b"b {}"}]
    assert len({base, *(StaticRoutes(other).base for other in others)}) == 4


def test_a_file_of_no_known_kind_is_refused() -> None:
    with pytest.raises(KeyError, match=r"\.html"):
        StaticRoutes({"a.html": b""})


def test_the_page_alone_tells_of_the_files_also_below_another_path(client: TestClient) -> None:
    base = StaticRoutes(FILES).base
    link = f"<{base}a.js>; rel=modulepreload, <{base}b.css>; rel=preload; as=style"
    assert client.get("/").headers["link"] == link
    assert "link" not in client.get(f"/{base}a.js").headers
    below = TestClient(Starlette(routes=[Mount("/below", app=client.app)]))
    assert below.get("/below/").headers["link"] == link
    assert below.get(f"/below/{base}a.js").content == FILES["a.js"]
    assert not Path(base).is_absolute()
