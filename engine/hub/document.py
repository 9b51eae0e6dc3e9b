"""Small things that a hub tells: read at once into memory, bounded in bytes and in time, from whoever answers first."""

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from engine.hub.answers import FINAL, Failure, Fault, check_status, read_claim, verdict
from engine.hub.endpoints import Endpoint
from engine.hub.network import Network
from engine.hub.transfer import Answer, Interrupted
from engine.message import Message

T = TypeVar("T")

# A server that sends a byte now and then would otherwise never be done.
_LONGEST_S = 60.0
_UNCHANGED = 304


def read_document(
    network: Network, repo: str, revision: str, path: str, most_bytes: int, known: bytes | None
) -> bytes | None:
    """The bytes of a file, or None where they are those that are ``known``. Raises DownloadError.

    What is known is named to the server by its hashes, since these are the ETags of hubs: of files in git the sha1
    there, of larger ones their sha256.
    """
    names = _names(known) if known is not None else ()
    headers = {"If-None-Match": ", ".join(f'"{name}"' for name in names)} if names else {}

    def ask(endpoint: Endpoint) -> bytes | None:
        url = endpoint.file_url(repo, revision, path)
        answer, body = read_body(network, endpoint, url, most_bytes, headers=headers, unless=names)
        if answer.last.status == _UNCHANGED or _is_known(answer, names):
            return None
        if (identity := read_claim(answer).hash) and identity not in _names(body):
            raise Failure(Fault.WRONG, Message("sent a file that has another hash than the published one"))
        return body

    return from_any(network, Message("{path} of {repo}", path=path, repo=repo), ask)


def from_any(network: Network, what: Message, ask: Callable[[Endpoint], T]) -> T:
    """What ``ask`` gets from the first endpoint that does not raise Failure. Raises DownloadError of ``what``."""
    failures: dict[Endpoint, Failure] = {}
    endpoints = [each for each in network.ranking.order(network.endpoints) if not each.modelscope]
    for attempt in range(network.patience.tries):
        left = [each for each in endpoints if each not in failures or failures[each].fault not in FINAL]
        if attempt and left:
            time.sleep(network.patience.pause_s * attempt)
        for endpoint in left:
            try:
                return ask(endpoint)
            except Failure as failure:
                failures[endpoint] = failure
                if failure.fault is Fault.UNREACHABLE:
                    network.ranking.down(endpoint, failure.reason)
    raise verdict(what, {each.host: failure for each, failure in failures.items()})


def read_body(
    network: Network,
    endpoint: Endpoint,
    url: str,
    most_bytes: int,
    *,
    headers: Mapping[str, str] | None = None,
    unless: tuple[str, ...] = (),
) -> tuple[Answer, bytes]:
    """An answer and all of its body. Raises Failure, also for more than ``most_bytes``.

    The body is left where the answer says that there is none, or that it has one of the hashes in ``unless``.
    """
    transfer = network.ask(endpoint, url, headers=headers)
    answer, body, until = None, bytearray(), time.monotonic() + _LONGEST_S
    try:
        while (data := transfer.poll(network.patience.tick_s)) != b"":
            if isinstance(data, Answer):
                answer = data
                if unless and (data.last.status == _UNCHANGED or _is_known(data, unless)):
                    break
                check_status(data)
            elif data:
                body += data
            if len(body) > most_bytes:
                raise Failure(Fault.WRONG, Message("sends more than {limit:,} bytes", limit=most_bytes))
            if time.monotonic() > until:
                raise Failure(Fault.UNREACHABLE, Message("sends next to nothing"))
    except Interrupted as error:
        raise Failure(Fault.UNREACHABLE if error.unreachable else Fault.BROKEN, str(error)) from error
    finally:
        transfer.close()
    assert answer is not None
    return answer, bytes(body)


def _is_known(answer: Answer, names: tuple[str, ...]) -> bool:
    return read_claim(answer).hash in names


def _names(data: bytes) -> tuple[str, str]:
    """What a hub calls these bytes: git's sha1 and their sha256."""
    git = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False)
    return git.hexdigest(), hashlib.sha256(data).hexdigest()
