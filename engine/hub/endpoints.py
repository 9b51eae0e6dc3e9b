"""Where files can be had: the servers that speak the hub's protocol, and which of them answers best at the moment."""

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from engine.errors import OptionError

DEFAULT_ENDPOINTS = ("https://huggingface.co", "https://hf-mirror.com", "https://modelscope.cn")
_MODELSCOPE = re.compile(r"(www\.)?modelscope\.(cn|ai)")
_REPO = re.compile(r"(?=.{1,96}\Z)\w[\w-]*(\.[\w-]+)*(/\w[\w-]*(\.[\w-]+)*)?")
_REVISION = re.compile(r"(?=.{1,200}\Z)\w[\w.-]*(/\w[\w.-]*)*")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]|^/|//|/$|(^|/)\.{1,2}(/|$)|(^|/)[^/]*[. ](/|$)')
COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server: its address without a slash at the end, and whether it lays files out as ModelScope does."""

    url: str
    modelscope: bool = False

    @classmethod
    def parse(cls, text: str) -> "Endpoint":
        """From ``https://host[:port][/prefix]``; a leading ``modelscope+`` says that it is one. Raises OptionError."""
        forced = text.startswith("modelscope+")
        url = text.removeprefix("modelscope+").strip().rstrip("/")
        try:
            parts = urlsplit(url)
            host = parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
        except ValueError:
            host = None
        if not host or parts.query or parts.fragment or re.search(r"[\s\x00-\x1f\x7f]", url):
            raise OptionError("{text!r} is not the address of a hub; write it as https://host", text=text)
        return cls(url, modelscope=forced or _MODELSCOPE.fullmatch(host) is not None)

    @property
    def host(self) -> str:
        """How it is called in messages: host and port, never a user's name or password."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    def file_url(self, repo: str, revision: str, path: str) -> str:
        """The address of a file; it may redirect to another server."""
        prefix = "/models" if self.modelscope else ""
        return f"{self.url}{prefix}/{quote(repo)}/resolve/{quote(revision, safe='')}/{quote(path)}"

    def tree_url(self, repo: str, revision: str, folder: str = "") -> str:
        """The address of the list of files of a repository, or of a folder in it."""
        place = f"/{quote(folder)}" if folder else ""
        return f"{self.url}/api/models/{quote(repo)}/tree/{quote(revision, safe='')}{place}?recursive=true&expand=false"


def parse_endpoints(texts: Iterable[str]) -> tuple[Endpoint, ...]:
    """Addresses, each one or a comma list, without repetitions and in their order. Raises OptionError."""
    names = [name.strip() for text in texts for name in text.split(",")]
    return tuple(dict.fromkeys(Endpoint.parse(name) for name in names if name))


def check_repository(repo: str, revision: str) -> None:
    """Raises OptionError when these cannot be the names of a repository and of a commit, branch or tag."""
    if not _REPO.fullmatch(repo) or "--" in repo:
        raise OptionError("{repo!r} is not the name of a repository; write it as owner/name", repo=repo)
    if not _REVISION.fullmatch(revision) or ".." in revision:
        raise OptionError("{revision!r} is not a commit, branch or tag of {repo}", revision=revision, repo=repo)


def is_safe_path(path: str) -> bool:
    """Whether a path inside a repository stays inside any folder on every system: relative, no ``..``, no device."""
    devices = re.search(r"(?i)(^|/)(con|prn|aux|nul|com\d|lpt\d)(\.[^/]*)?(/|$)", path)
    short = len(path) <= 500 and all(len(part.encode("utf-8", "replace")) <= 200 for part in path.split("/"))
    return bool(path) and short and path.isprintable() and not _UNSAFE.search(path) and not devices


class Ranking:
    """What was learned of the endpoints lately: their order by speed, and which are out of order and why."""

    def __init__(self, remember_s: float) -> None:
        self._remember_s = remember_s
        self._measured: dict[Endpoint, tuple[float, float]] = {}
        self._down: dict[Endpoint, tuple[float, str]] = {}

    def fresh(self, endpoints: Sequence[Endpoint]) -> bool:
        """Whether one of them was measured, or all found down, not long ago."""
        return any(self._valid(self._measured.get(each)) for each in endpoints) or all(map(self.reason, endpoints))

    def measured(self, endpoint: Endpoint, latency_s: float) -> None:
        """It answered after ``latency_s``."""
        self._measured[endpoint] = (time.monotonic(), latency_s)
        self._down.pop(endpoint, None)

    def down(self, endpoint: Endpoint, reason: str) -> None:
        """It does not answer; for a while others are asked instead."""
        self._down[endpoint] = (time.monotonic(), reason)
        self._measured.pop(endpoint, None)

    def forgive(self, endpoint: Endpoint) -> None:
        """Believe in it again."""
        self._down.pop(endpoint, None)

    def reason(self, endpoint: Endpoint) -> str | None:
        """Why it was down not long ago, or None."""
        found = self._down.get(endpoint)
        return found[1] if found and self._valid(found) else None

    def order(self, endpoints: Sequence[Endpoint]) -> list[Endpoint]:
        """The fastest first, then those not measured, then those that are down."""

        def key(endpoint: Endpoint) -> tuple[bool, float]:
            found = self._measured.get(endpoint)
            return self.reason(endpoint) is not None, found[1] if found and self._valid(found) else float("inf")

        return sorted(endpoints, key=key)

    def _valid(self, entry: tuple[float, object] | None) -> bool:
        return entry is not None and time.monotonic() - entry[0] < self._remember_s
