"""Requests that nobody means well with: odd values in every field, odd paths, methods and heads, paths of files."""

import json
import socket
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote

import httpx

from benchmarks.hostile_server import Tally, Target

SPEAK = {
    "text": "Hi.",
    "system": "kokoro",
    "voice": "",
    "made": "",
    "model": "",
    "language": "",
    "seed": 1,
    "options": {},
}
ROUTES: dict[str, dict[str, Any]] = {
    "studio/speak": SPEAK,
    "studio/models/verify": {"id": "vits/none"},
    "studio/models/delete": {"id": "vits/none"},
    "studio/models/download": {"id": "vits/none", "accept": False},
    "studio/models/load": {"id": "vits/none"},
    "studio/models/unload": {"id": "vits/none"},
    "studio/models/stop": {"id": "vits/none"},
    "studio/uploads": {"id": "vits", "name": "x", "paths": ["config.json", "G_1.pth"]},
    "studio/uploads/none/import": {"accept": False},
    "studio/voices/vits/make": {
        "voice": "",
        "made": "",
        "model": "",
        "name": "",
        "blend": [{"voice": "", "weight": 1}] * 2,
    },
    "studio/voices/vits/save": {"voice": "", "name": "..", "made": "", "model": ""},
    "studio/voices/chattts/make": {"voice": "", "name": "", "blend": [{"voice": "seed:1", "weight": 1}] * 2},
    "studio/voices/vits/string": {"voice": "", "made": "", "model": ""},
    "studio/voices/vits/delete": {"name": "none"},
    "v1/audio/speech": {
        "input": "Hi.",
        "model": "tts-1",
        "voice": "alloy",
        "response_format": "pcm",
        "speed": 1,
        "stream_format": "audio",
        "language": "",
        "seed": 1,
        "options": {},
    },
}
# As they stand in JSON; some are none.
VALUES = (
    "1" + "0" * 400, "1" + "0" * 5000, "1e999", "-1e999", "NaN", "Infinity", "1e308", "-1", "9223372036854775808",
    "0.5", "null", "true", "{}", "[]", "[[[[]]]]", '""', '"\\u0000"', '"\\ud800"', '"\\udfff/x"', '"con"', '"nul.txt"',
    '"a. "', '"../../../../etc/passwd"', '"file:///etc/passwd"', '"\\\\\\\\host\\\\share"', json.dumps("x" * 100_000),
    json.dumps("😀" * 300), json.dumps("𠀀" * 120), json.dumps("a/" * 400), json.dumps("{x}{0}%s\n\r"), '{"a": ' * 50,
    "[" * 5000, '[{"voice": "", "weight": 1' + "0" * 400 + "}]", '{"speed": 1' + "0" * 400 + "}",
)  # fmt: skip
PIECES = (
    "x", "..", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%00", "%ff%fe", "%ed%a0%80", "x" * 3000, quote("𠀀" * 120), "con",
    "a%0d%0aX-Bad: 1", "{x}", "%25s", "-1", "a%2fb", quote("‮txt"),
)  # fmt: skip
PATHS = (
    "studio/jobs/{}/stop", "studio/takes/{}.wav", "studio/takes/x.{}", "studio/takes/{}.json", "studio/static/{}/x.js",
    "studio/static/x/{}", "studio/voices/{}", "studio/voices/vits/{}.safetensors", "studio/voices/{}/make",
    "studio/models/{}", "studio/uploads/{}/import", "studio/uploads/{}/x", "studio/uploads/x/{}", "studio/{}",
    "v1/{}", "v1/models/{}", "v1/audio/voices/{}", "v1/audio/voice_consents/{}",
    "gradio_api/call/{}", "gradio_api/call/synthesize/{}", "gradio_api/file={}", "{}",
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")
RANGES = (
    "bytes=-",
    "bytes=9-1",
    "bytes=99999999-",
    "bytes=" + "0-0," * 3000 + "1-1",
    "lines=1-2",
    "bytes=a-b",
    "x" * 9000,
)
BAD = (
    b"GET / HTTP/9.9\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    b"GET /studio/status HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X-Flood: " + b"x" * 100_000 + b"\r\n\r\n",
    b"GET /studio/status HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X-Flood: x\r\n" * 20_000 + b"\r\n",
    b"POST /studio/speak HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
    b"POST /studio/speak HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    b"POST /studio/speak HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    b"POST /studio/speak HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\r\n",
    b"GET /studio/status HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET /studio/\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET " + b"/x" * 40_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
)


def fields(target: Target, every: int) -> Tally:
    """Every field of every route with every odd value, of which each ``every``-th is tried."""
    tally = Tally(kind="odd values in fields")
    with target.client() as client:
        for number, (path, content) in enumerate(_bodies()):
            if number % every == 0:
                tally.note(f"{path} {content[:60]!r}", _sent(target, client, path, content))
    return tally


def paths(target: Target, every: int) -> Tally:
    """Odd paths, methods, ranges and heads."""
    tally = Tally(kind="odd paths, methods and heads")
    with target.client() as client:
        cases = [(method, path.format(piece)) for path in PATHS for piece in PIECES for method in METHODS]
        for method, path in cases[::every]:
            tally.note(f"{method} {path}", _fault(target, lambda m=method, p=path: client.request(m, f"/{p}")))
        for spans in RANGES:
            headers = {"Range": spans}
            for path in ("studio/status", "studio/takes/none.wav", ""):
                tally.note(f"Range {spans}", _fault(target, lambda p=path, h=headers: client.get(f"/{p}", headers=h)))
    for head in BAD:
        tally.note(repr(head[:40]), _raw(target, head))
    tally.note("afterwards", target.quick())
    return tally


def files(target: Target, every: int) -> Tally:
    """Paths of files and addresses in every place that takes a text; nothing may be read, copied or fetched."""
    tally = Tally(kind="files and addresses")
    secret, url = str(target.secret), f"{target.bait.url}x"
    up = "/".join([".."] * 12)
    named = [secret, f"{up}{secret}", f"file://{secret}", url, f"/gradio_api/file={secret}", "/etc/passwd"]
    with target.client() as client:
        for name in named[:: max(1, every // 3)]:
            for path in ("gradio_api/file={}", "file={}", "gradio_api/proxy={}", "static/{}", "studio/takes/{}.wav"):
                for form in (name, quote(name, safe=""), f".{name}"):
                    where = f"/{path.format(form)}"
                    tally.note(where, _fault(target, lambda w=where: client.get(w)))
            for value in _wrapped(name):
                for place in range(0, 8, every):
                    data = ["Hi.", "kokoro", "", "", 0, "{}", "", ""]
                    data[place] = value
                    tally.note(f"call {value!r}", _called(target, client, data))
            for route, sent in ROUTES.items():
                for key in sent:
                    tally.note(f"{route} {key}", _sent(target, client, route, json.dumps({**sent, key: name})))
            headers = {"X-Forwarded-Host": url, "Referer": url}
            tally.note(f"headers {name}", _fault(target, lambda h=headers: client.get("/", headers=h)))
    copies = [p for p in target.folder.rglob("*") if p.is_file() and p != target.secret and _holds(p, target)]
    tally.note("copies of a secret", ", ".join(map(str, copies)))
    tally.note("fetched addresses", ", ".join(target.bait.asked))
    return tally


def sites(target: Target) -> Tally:
    """What a page of another site can make a browser send here."""
    tally = Tally(kind="other hosts and origins")
    with target.client() as client:
        if client.get("/studio/status", headers={"Host": "evil.example"}).status_code == 200:
            tally.skipped = "hosts and origins are not looked at by this server"
            return tally
        for host in (
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "evil.example:7860",
            "[::2]",
            "",
        ):
            for path in ("", "studio/models", "gradio_api/info"):
                answer = client.get(f"/{path}", headers={"Host": host})
                tally.note(f"Host {host} {path}", "" if answer.status_code >= 400 else f"{answer.status_code}")
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            for path, sent in ROUTES.items():
                answer = client.post(f"/{path}", json=sent, headers=headers)
                tally.note(f"{headers} {path}", "" if answer.status_code == 403 else f"{answer.status_code}")
                allowed = answer.headers.get("access-control-allow-origin", "")
                tally.note(f"{headers} {path}", f"may be read by {allowed}" if allowed else "")
    return tally


def _bodies() -> Iterator[tuple[str, str]]:
    for path, sent in ROUTES.items():
        for key in sent:
            for value in VALUES:
                fields = [f"{json.dumps(k)}: {value if k == key else json.dumps(v)}" for k, v in sent.items()]
                yield path, "{" + ", ".join(fields) + "}"
        yield from ((path, value) for value in VALUES)


def _sent(target: Target, client: httpx.Client, path: str, content: str) -> str:
    """What an answer to JSON does wrong; of one that is sound only the beginning is taken."""
    headers = {"Content-Type": "application/json"}
    try:
        with client.stream("POST", f"/{path}", content=content.encode("utf-8", "replace"), headers=headers) as answer:
            body = b""
            for piece in answer.iter_raw():
                body += piece
                if len(body) > 4096 and answer.status_code == 200:
                    break
    except httpx.HTTPError as error:
        return f"no answer: {type(error).__name__}"
    return target.fault(answer, body)


def _fault(target: Target, ask: Callable[[], httpx.Response]) -> str:
    try:
        return target.fault(ask())
    except (httpx.InvalidURL, UnicodeError):
        return ""  # what cannot be sent does no harm
    except httpx.RemoteProtocolError as error:
        # The framework breaks its stream off where there is nothing to tell.
        return "" if "incomplete" in str(error) else f"no answer: {error}"
    except httpx.HTTPError as error:
        return f"no answer: {type(error).__name__}"


def _raw(target: Target, sent: bytes) -> str:
    """What bytes that are no request do."""
    url = httpx.URL(target.url)
    try:
        with socket.create_connection((url.host, url.port), timeout=30) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(65_536)
    except OSError:
        return ""  # it was cut off
    return "" if not answer or b" 4" in answer[:14] or b" 200 " in answer[:14] else answer[:60].decode("latin-1")


def _called(target: Target, client: httpx.Client, data: list[Any]) -> str:
    """What a call of the named endpoint gives away."""
    begun = client.post("/gradio_api/call/synthesize", json={"data": data})
    if fault := target.fault(begun):
        return "" if begun.status_code == 500 and "error" in begun.text else fault  # the framework's word for 400
    if begun.status_code != 200:
        return ""
    with client.stream("GET", f"/gradio_api/call/synthesize/{begun.json()['event_id']}") as answer:
        text = "".join(islice(answer.iter_lines(), 40))
    return target.fault(answer, text.encode())


def _wrapped(path: str) -> list[Any]:
    """A path in the forms in which the framework takes files."""
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    return [path, file, [file], {"a": file}, {**file, "path": None, "url": f"file://{path}"}, json.dumps(file)]


def _holds(path: Any, target: Target) -> bool:
    try:
        return target.secret.read_bytes() in path.read_bytes()
    except OSError:
        return False
