"""The list of a repository's files as a hub tells it, for repositories that only the user knows."""

import json
import re
from urllib.parse import urljoin

from engine.hub.answers import Failure, Fault
from engine.hub.document import from_any, read_body
from engine.hub.endpoints import Endpoint, is_safe_path
from engine.hub.network import Network
from engine.message import Message
from engine.release import RemoteFile

_MOST_BYTES = 16 << 20
_MOST_PAGES = 20
_NEXT = re.compile(r'<([^<>\s]+)>\s*;\s*rel="?next"?')


def list_files(network: Network, repo: str, revision: str, folder: str = "") -> tuple[RemoteFile, ...]:
    """All files, with sizes, and the sha256 of those that are large enough to have one. Raises DownloadError."""
    what = Message("the list of files of {repo}", repo=repo)
    return from_any(network, what, lambda endpoint: _ask(network, endpoint, endpoint.tree_url(repo, revision, folder)))


def _ask(network: Network, endpoint: Endpoint, url: str) -> tuple[RemoteFile, ...]:
    files: list[RemoteFile] = []
    for _ in range(_MOST_PAGES):
        answer, body = read_body(network, endpoint, url, _MOST_BYTES)
        files += _entries(body)
        link = _NEXT.search(answer.last.headers.get("link", ""))
        if not link:
            return tuple(files)
        url = urljoin(url, link[1])
        if not url.startswith(f"{endpoint.url}/"):
            raise Failure(Fault.WRONG, Message("continues its list at another address"))
    raise Failure(Fault.WRONG, Message("lists more files than can be right"))


def _entries(body: bytes) -> list[RemoteFile]:
    try:
        entries = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Failure(Fault.WRONG, Message("sends a list that cannot be read")) from error
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Failure(Fault.WRONG, Message("sends something that is no list of files"))
    return [_file(entry) for entry in entries if entry.get("type") == "file"]


def _file(entry: dict[str, object]) -> RemoteFile:
    path, size, lfs = entry.get("path"), entry.get("size"), entry.get("lfs")
    if not isinstance(path, str) or not is_safe_path(path):
        raise Failure(Fault.WRONG, Message("lists a file whose name would lead out of any folder"))
    oid = lfs.get("oid") if isinstance(lfs, dict) else None
    return RemoteFile(
        path=path,
        size=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
        sha256=oid if isinstance(oid, str) and re.fullmatch(r"[0-9a-f]{64}", oid) else None,
    )
