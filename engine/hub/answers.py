"""What a hub's answer says: the file's size, hash and commit, or why there is no file. None of it is taken on trust."""

import email.utils
import enum
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import AllEndpointsFailed, Corrupt, DownloadError, Gated, NotFound, RateLimited
from engine.hub.endpoints import COMMIT
from engine.hub.transfer import Answer
from engine.message import Message, chained

_HASH = re.compile(r'(?:W/)?"?([0-9a-f]{64}|[0-9a-f]{40})"?')
_SHA256 = re.compile(r"[0-9a-f]{64}")
_RANGE = re.compile(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15})")
_MISSING = {
    "RepoNotFound": Message("has no such repository"),
    "RevisionNotFound": Message("has no such revision"),
    "EntryNotFound": Message("has no such file"),
}


class Fault(enum.Enum):
    """What kind of failure it is, which decides what is tried next."""

    UNREACHABLE = "nothing answers there"
    BROKEN = "it broke off, or asks to try again"
    RATE = "too many requests"
    MISSING = "it is not there"
    GATED = "not without a token or an accepted licence"
    WRONG = "another file than the one that was published"
    RESTART = "the part that was here does not belong to this file"


# After these there is no sense in asking the same endpoint for the same file again.
FINAL = {Fault.UNREACHABLE, Fault.MISSING, Fault.GATED, Fault.WRONG}


class Failure(Exception):
    """An endpoint that could not give the file: of which kind, why, and after how long it may be asked again."""

    def __init__(self, fault: Fault, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.fault, self.reason, self.wait_s = fault, reason, wait_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What an answer says of the file: ``size`` in bytes; ``hash``, its sha256 (64 digits) or git's sha1 (40)."""

    size: int | None = None
    hash: str | None = None
    commit: str | None = None

    @property
    def sha256(self) -> str | None:
        return self.hash if self.hash and _SHA256.fullmatch(self.hash) else None


def read_claim(answer: Answer) -> Claim:
    """Sizes that are numbers, hashes and commits that are hexadecimal; whatever else a server says is passed over."""
    commits = [
        found for hop in answer.hops if (found := hop.headers.get("x-repo-commit", "")) and COMMIT.fullmatch(found)
    ]
    hashes = [_hash(hop.headers.get("x-linked-etag")) for hop in answer.hops]
    if "x-repo-commit" in answer.last.headers:
        # The hub itself serves the file; a store behind it puts other things into this header.
        hashes.append(_hash(answer.last.headers.get("etag")))
    sizes = [_number(hop.headers.get("x-linked-size")) for hop in answer.hops] + [announced_size(answer)]
    return Claim(
        size=next((size for size in sizes if size is not None), None),
        hash=next((found for found in hashes if found), None),
        commit=next(iter(commits), None),
    )


def announced_size(answer: Answer) -> int | None:
    """How long the server that sends the bytes says the whole file is."""
    headers = answer.last.headers
    if answer.last.status == 206:
        found = _RANGE.fullmatch(headers.get("content-range", ""))
        return int(found[2]) if found else None
    return _number(headers.get("content-length")) if answer.last.status == 200 else None


def range_start(answer: Answer) -> int | None:
    """The first byte that a partial answer has."""
    found = _RANGE.fullmatch(answer.last.headers.get("content-range", ""))
    return int(found[1]) if found else None


def check_status(answer: Answer) -> None:
    """Raises the Failure that the status stands for; returns for 200 and 206."""
    status, headers = answer.last.status, answer.last.headers
    code = headers.get("x-error-code", "")
    if status in (200, 206):
        if headers.get("content-encoding", "identity") != "identity":
            raise Failure(Fault.BROKEN, Message("sends it compressed, which nobody asked for"))
    elif code in _MISSING:
        raise Failure(Fault.MISSING, _MISSING[code])
    elif status in (401, 403):
        raise Failure(Fault.GATED, Message("refuses it without permission ({status})", status=status))
    elif status in (404, 410):
        raise Failure(Fault.MISSING, Message("does not have it ({status})", status=status))
    elif status == 451:
        raise Failure(Fault.MISSING, Message("withholds it for legal reasons (451)"))
    elif status == 429:
        raise Failure(Fault.RATE, Message("has had too many requests (429)"), wait_of(headers))
    elif status == 408 or status >= 500:
        raise Failure(Fault.BROKEN, Message("has trouble of its own ({status})", status=status), wait_of(headers))
    else:
        raise Failure(Fault.MISSING, Message("answers with status {status}", status=status))


def wait_of(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait: Retry-After as a number or a date, or the reset time of its rate limit."""
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    if text:
        try:
            return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
        except (ValueError, OverflowError):
            return None
    reset = re.search(r";\s*t=(\d{1,9})\b", headers.get("ratelimit", ""))
    return float(reset[1]) if reset else None


def verdict(what: Message, failures: Mapping[str, Failure]) -> DownloadError:
    """The error that tells of every endpoint's failure (by host): its class is by what would help."""
    reasons = tuple((host, failure.reason) for host, failure in failures.items())
    said = chained([Message("{host} {reason}", host=host, reason=reason) for host, reason in reasons])
    faults = {failure.fault for failure in failures.values()}
    if Fault.GATED in faults:
        return Gated(
            "{what} needs permission: accept its licence on the hub and set HF_TOKEN to your token ({reasons})",
            what=what,
            reasons=said,
        )
    if Fault.WRONG in faults and faults <= {Fault.WRONG, Fault.MISSING}:
        return Corrupt(
            "{what} is not served as it was published; try again later or another endpoint ({reasons})",
            what=what,
            reasons=said,
        )
    if faults == {Fault.MISSING}:
        return NotFound(
            "{what} is not there; check the names of repository, revision and file ({reasons})",
            what=what,
            reasons=said,
        )
    if Fault.RATE in faults:
        waits = [failure.wait_s for failure in failures.values() if failure.wait_s is not None]
        if not waits:
            return RateLimited(
                "{what} cannot be had just now: try again in a few minutes ({reasons})", what=what, reasons=said
            )
        return RateLimited(
            "{what} cannot be had just now: try again in {seconds:.0f} s ({reasons})",
            min(waits),
            what=what,
            seconds=min(waits),
            reasons=said,
        )
    return AllEndpointsFailed(
        "{what} cannot be had: check the connection, or set HF_ENDPOINT ({reasons})",
        reasons,
        what=what,
        reasons=said,
    )


def _hash(text: str | None) -> str | None:
    found = _HASH.fullmatch(text or "")
    return found[1] if found else None


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[0-9]{1,15}", text) else None
