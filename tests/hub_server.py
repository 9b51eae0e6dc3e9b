"""A model hub on loopback for the tests: two servers on two ports, the hub and its file store, with faults.

with FakeHub({"owner/name": {"config.json": b"{}", "model.pth": Path("...")}}) as hub:
    ...  # hub.url is an endpoint; hub.log is what was asked of it; hub.faults is what it does wrong
"""

import contextlib
import hashlib
import json
import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

LFS_FROM = 4096
_BLOCK = 64 << 10
_RESOLVE = re.compile(r"(?P<modelscope>/models)?/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")
_TREE = re.compile(r"/api/models/(?P<repo>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)(/(?P<folder>.+))?")
_REVISION = re.compile(r"/api/models/(?P<repo>[^/]+/[^/]+)/revision/(?P<revision>[^/]+)")


@dataclass(frozen=True, slots=True)
class Seen:
    """A request: ``server`` is 'hub' or 'cdn'; ``range`` and ``authorization`` are its headers, None without."""

    server: str
    method: str
    path: str
    range: str | None
    authorization: str | None


@dataclass(slots=True)
class Faults:
    """What goes wrong. ``status`` is by operation: HEAD, GET (at the hub), CDN or API, as [code, headers, times] lists.

    Of bodies: ``cut`` ends the connection after so many bytes, ``cut_times`` times; ``hang_after`` sends no more after
    so many; ``bps`` is the speed; ``swap`` changes the bytes; ``no_range`` answers with everything. ``stall`` holds the
    operations that are never answered. The rest replaces headers: an empty string leaves them out.
    """

    status: dict[str, list[list[Any]]] = field(default_factory=dict)
    cut: int | None = None
    cut_times: float = float("inf")
    hang_after: int | None = None
    bps: int | None = None
    swap: Callable[[bytes], bytes] | None = None
    no_range: bool = False
    stall: set[str] = field(default_factory=set)
    etag: str | None = None
    commit: str | None = None
    linked_size: str | None = None
    length: int | None = None
    location: str | None = None
    gated: str | None = None
    tree: Any = None


class FakeHub:
    """Serves ``repos``, by repository and path; files from `LFS_FROM` bytes on are redirected to the store.

    ``commits`` are those of repositories that are asked for by a commit that tests do not choose.
    """

    def __init__(
        self, repos: Mapping[str, Mapping[str, bytes | Path]], commits: Mapping[str, str] | None = None
    ) -> None:
        self.repos = repos
        self._commits = commits or {}
        self.faults = Faults()
        self.log: list[Seen] = []
        self._hashes: dict[Path, str] = {}
        self._servers = [self._serve(_Hub, "hub"), self._serve(_Store, "cdn")]
        self.url, self.cdn_url = (f"http://127.0.0.1:{server.server_port}" for server in self._servers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """The server is gone: connections are refused from now on."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def commit(self, repo: str) -> str:
        """The only commit that a repository has; its branches are main and master."""
        return self._commits.get(repo) or hashlib.sha1(repo.encode()).hexdigest()

    def sha256(self, content: bytes | Path) -> str:
        """Of a file's content."""
        if isinstance(content, bytes):
            return hashlib.sha256(content).hexdigest()
        if content not in self._hashes:
            with content.open("rb") as file:
                self._hashes[content] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._hashes[content]

    def by_hash(self, digest: str) -> bytes | Path | None:
        """The content that has this sha256."""
        every = (content for files in self.repos.values() for content in files.values())
        return next((content for content in every if self.sha256(content) == digest), None)

    def asked(self, server: str, method: str = "GET") -> list[Seen]:
        """The requests of one kind, in their order."""
        return [seen for seen in self.log if (seen.server, seen.method) == (server, method)]

    def _serve(self, handler: type["_Handler"], name: str) -> "_Server":
        server = _Server(("127.0.0.1", 0), handler)
        server.hub, server.name = self, name
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name=name, daemon=True).start()
        return server


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    hub: FakeHub
    name: str

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - clients that hang up are no news
        return


class _Handler(BaseHTTPRequestHandler, ABC):
    protocol_version = "HTTP/1.1"
    server: _Server

    @property
    def hub(self) -> FakeHub:
        return self.server.hub

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        headers = self.headers
        self.hub.log.append(
            Seen(self.server.name, self.command, self.path, headers.get("Range"), headers.get("Authorization"))
        )
        operation = self.operation()
        if operation in self.hub.faults.stall:
            self.wait_for_the_client_to_go()
            return
        for fault in self.hub.faults.status.get(operation, []):
            if fault[2] > 0:
                fault[2] -= 1
                self.answer(fault[0], fault[1])
                return
        self.route(unquote(urlsplit(self.path).path))

    do_HEAD = do_GET

    def operation(self) -> str:
        return self.command

    @abstractmethod
    def route(self, path: str) -> None:
        """Answer a request for ``path``, decoded and without its query."""

    def wait_for_the_client_to_go(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.settimeout(30)
            self.connection.recv(1)

    def answer(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def missing(self, kind: str) -> None:
        self.answer(404, {"X-Error-Code": kind})

    def send_file(self, content: bytes | Path, headers: Mapping[str, str]) -> None:
        faults = self.hub.faults
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        start = 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and not faults.no_range:
            start = int(asked[1])
            if start >= size:
                self.answer(416, {"Content-Range": f"bytes */{size}"})
                return
        length = size if faults.length is None else faults.length
        self.send_response(206 if start else 200)
        for name, value in headers.items():
            self.send_header(name, value)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{length - 1}/{length}")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(length - start))
        self.end_headers()
        if self.command != "HEAD":
            self.send_body(content, start, length)

    def send_body(self, content: bytes | Path, start: int, length: int) -> None:
        faults, sent = self.hub.faults, 0
        cut = faults.cut if faults.cut_times > 0 else None
        for block in self.blocks(content, start):
            stop = min((limit for limit in (cut, faults.hang_after) if limit is not None), default=None)
            piece = block if stop is None else block[: stop - sent]
            self.wfile.write(piece)
            sent += len(piece)
            if faults.bps:
                self.wfile.flush()
                time.sleep(len(piece) / faults.bps)
            if cut is not None and sent >= cut:
                faults.cut_times -= 1
                self.close_connection = True
                return
            if faults.hang_after is not None and sent >= faults.hang_after:
                self.wait_for_the_client_to_go()
                return
        if start + sent < length:
            self.wfile.write(b"\0" * (length - start - sent))

    def blocks(self, content: bytes | Path, start: int) -> Iterator[bytes]:
        faults = self.hub.faults
        step = min(_BLOCK, max(1, faults.bps // 20)) if faults.bps else _BLOCK
        if isinstance(content, bytes):
            content = faults.swap(content) if faults.swap else content
            content = content if faults.length is None else content[: faults.length]
            yield from (content[at : at + step] for at in range(start, len(content), step))
            return
        with content.open("rb") as file:
            file.seek(start)
            while block := file.read(step if faults.bps else 1 << 20):
                yield block


class _Hub(_Handler):
    def operation(self) -> str:
        return "API" if self.path.startswith("/api/") else self.command

    def route(self, path: str) -> None:
        if path == "/":
            self.answer(200, {}, b"hub")
        elif found := _RESOLVE.fullmatch(path):
            self.resolve(found)
        elif found := _TREE.fullmatch(path):
            self.tree(found["repo"], found["folder"] or "")
        elif found := _REVISION.fullmatch(path):
            files = self.hub.repos.get(found["repo"], {})
            facts = {"id": found["repo"], "sha": self.hub.commit(found["repo"]), "private": False, "gated": False}
            facts["siblings"] = [{"rfilename": name} for name in files]
            self.answer(200, {"Content-Type": "application/json"}, json.dumps(facts).encode())
        else:
            self.answer(404, {})

    def resolve(self, found: re.Match[str]) -> None:
        repo, revision, hub, faults = found["repo"], found["revision"], self.hub, self.hub.faults
        if repo not in hub.repos:
            self.missing("RepoNotFound")
        elif revision not in (hub.commit(repo), "main", "master"):
            self.missing("RevisionNotFound")
        elif found["path"] not in hub.repos[repo]:
            self.missing("EntryNotFound")
        elif faults.gated and self.headers.get("Authorization") != f"Bearer {faults.gated}":
            self.answer(401, {"X-Error-Code": "GatedRepo"})
        else:
            content = hub.repos[repo][found["path"]]
            if found["modelscope"]:
                self.send_file(content, {})
            elif self.is_known(content):
                self.answer(304, self.headers_for(repo, "ETag", self.name(content)))
            elif (len(content) if isinstance(content, bytes) else content.stat().st_size) < LFS_FROM:
                assert isinstance(content, bytes)
                self.send_file(content, self.headers_for(repo, "ETag", git_sha1(content)))
            else:
                self.redirect(repo, content)

    def name(self, content: bytes | Path) -> str:
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        return git_sha1(content) if isinstance(content, bytes) and size < LFS_FROM else self.hub.sha256(content)

    def is_known(self, content: bytes | Path) -> bool:
        """Whether the client has it already, by the names that it says it has."""
        return f'"{self.name(content)}"' in re.split(r", *", self.headers.get("If-None-Match", ""))

    def redirect(self, repo: str, content: bytes | Path) -> None:
        faults, digest = self.hub.faults, self.hub.sha256(content)
        size = len(content) if isinstance(content, bytes) else content.stat().st_size
        headers = self.headers_for(repo, "X-Linked-Etag", digest)
        if faults.linked_size != "":
            headers["X-Linked-Size"] = faults.linked_size or str(size)
        headers["Location"] = faults.location or f"{self.hub.cdn_url}/cdn/{digest}"
        headers["X-Xet-Hash"] = digest
        self.answer(302, headers)

    def headers_for(self, repo: str, name: str, etag: str) -> dict[str, str]:
        faults = self.hub.faults
        commit = self.hub.commit(repo) if faults.commit is None else faults.commit
        etag = f'"{etag}"' if faults.etag is None else faults.etag
        return {key: value for key, value in {name: etag, "X-Repo-Commit": commit}.items() if value}

    def tree(self, repo: str, folder: str) -> None:
        if repo not in self.hub.repos:
            self.missing("RepoNotFound")
            return
        entries = []
        listed = {
            path: each for path, each in self.hub.repos[repo].items() if path.startswith(f"{folder}/" * bool(folder))
        }
        if folder and not listed:
            self.missing("EntryNotFound")
            return
        for path, content in listed.items():
            data = content if isinstance(content, bytes) else content.read_bytes()
            entry: dict[str, Any] = {"type": "file", "oid": git_sha1(data), "size": len(data), "path": path}
            if len(data) >= LFS_FROM:
                entry["lfs"] = {"oid": self.hub.sha256(content), "size": len(data), "pointerSize": 134}
            entries.append(entry)
        body = entries if self.hub.faults.tree is None else self.hub.faults.tree
        self.answer(200, {"Content-Type": "application/json"}, json.dumps(body).encode())


class _Store(_Handler):
    def operation(self) -> str:
        return "CDN"

    def route(self, path: str) -> None:
        content = self.hub.by_hash(path.removeprefix("/cdn/"))
        if content is None:
            self.answer(404, {})
        else:
            self.send_file(content, {"ETag": '"the-store-has-its-own"'})


def git_sha1(data: bytes) -> str:
    """Git's name of a file with this content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
