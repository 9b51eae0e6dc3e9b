"""One file from whichever endpoint gives it: tries, waits and changes endpoints, and loses no byte that arrived.

The part may come from several endpoints and several days; whether it is the published file, the hash at the end says.
"""

import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import DiskFull
from engine.events import Progress
from engine.hub.answers import (
    FINAL,
    Claim,
    Failure,
    Fault,
    announced_size,
    check_status,
    range_start,
    read_claim,
    verdict,
)
from engine.hub.endpoints import COMMIT, Endpoint
from engine.hub.meter import Meter
from engine.hub.network import Network
from engine.hub.part import Part, git_sha1, has_md5
from engine.hub.transfer import Answer, Interrupted, Transfer
from engine.message import Message
from engine.release import RemoteFile

# What gains less than this in a try counts as getting nowhere.
_GAIN = 64 << 10
# Room that must be left for others, and the most that is taken of a file whose size nobody says.
_RESERVE = 16 << 20
_UNANNOUNCED = 16 << 20
_STRIDE_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A published file, and where it goes. ``size`` and ``sha256`` are what it is held to, where they are known."""

    repo: str
    revision: str
    file: RemoteFile
    target: Path
    modelscope: str = ""
    size: int | None = None
    sha256: str | None = None

    @property
    def name(self) -> Message:
        return Message("{path} of {repo}", path=self.file.path, repo=self.repo)

    def url(self, endpoint: Endpoint) -> str | None:
        """Its address there; None where the endpoint does not have the repository at all."""
        if not endpoint.modelscope:
            return endpoint.file_url(self.repo, self.revision, self.file.path)
        if not self.modelscope:
            return None
        # Commits are not the same on both sides, so there it is the main branch unless the name says otherwise.
        repo, _, revision = self.modelscope.partition("@")
        return endpoint.file_url(repo, revision or "master", self.file.path)


@dataclass(slots=True)
class _Standing:
    """How an endpoint has done in this download."""

    tries: int = 0
    ready_at: float = 0.0
    failure: Failure | None = None


class Download:
    """One run of getting ``wanted`` into ``part``. ``sha256`` is the file's after `run` has ended well."""

    def __init__(self, wanted: Wanted, part: Part, network: Network) -> None:
        self.sha256 = ""
        self._wanted = wanted
        self._part = part
        self._network = network
        self._patience = network.patience
        self._claim = Claim()
        self._meter = Meter()
        self._standings = {endpoint: _Standing() for endpoint in network.endpoints if wanted.url(endpoint)}
        self._order: list[Endpoint] = []
        self._most = 0
        self._round, self._round_began_at = 0, 0
        self._restarted = False

    def run(self) -> Generator[Progress, None, None]:
        """Fetch and check everything; afterwards the part is the published file. Raises DownloadError, SaveError."""
        for _ in self._part.take_stock():
            yield self._progress(Message("reading what is here already"))
        self._most = self._round_began_at = self._part.size
        if self._size is not None and self._part.size >= self._size:
            if self._wanted.sha256 and self._is_published():
                return
            self._part.reset()
        self._check_space()
        yield from self._rank()
        while not self.sha256:
            endpoint = yield from self._choose()
            try:
                yield from self._attempt(endpoint)
            except Failure as failure:
                self._note(endpoint, failure)

    # -- what is known of the file --

    @property
    def _size(self) -> int | None:
        return self._wanted.size if self._wanted.size is not None else self._claim.size

    @property
    def _identity(self) -> str | None:
        return self._wanted.sha256 or self._claim.hash

    def _is_published(self) -> bool:
        """Compare the part with its hashes, as far as there are any; sets ``sha256``."""
        identity, found = self._identity, self._part.sha256()
        if identity is None or identity == (found if len(identity) == 64 else git_sha1(self._part.path)):
            self.sha256 = found if has_md5(self._part.path, self._wanted.file.md5) else ""
        return bool(self.sha256)

    def _progress(self, label: Message) -> Progress:
        return Progress(done=self._part.size, total=self._size, label=label, rate=self._meter.rate)

    def _check_space(self) -> None:
        if self._size is None:
            return
        folder, needed = self._wanted.target.parent, self._size - self._part.size
        free = self._network.free_space(folder)
        if needed + _RESERVE > free:
            raise DiskFull(
                "{wanted} needs {needed:,.1f} MB more and {folder} has {free:,.1f} MB free; free some space "
                "or choose another folder",
                needed,
                free,
                wanted=self._wanted.name,
                needed=needed / 1000000.0,
                folder=folder,
                free=free / 1000000.0,
            )

    # -- which endpoint --

    def _rank(self) -> Generator[Progress, None, None]:
        """Ask all endpoints at once, unless that was done lately: who answers first is the fastest."""
        ranking, candidates = self._network.ranking, list(self._standings)
        if len(candidates) > 1 and not ranking.fresh(candidates):
            races = {each: self._network.ask(each, self._url(each), method="HEAD") for each in candidates}
            try:
                won = False
                while races and not won:
                    for endpoint in list(races):
                        won = self._probe(endpoint, races[endpoint]) or won
                        if self._standings[endpoint].failure or won:
                            races.pop(endpoint).close()
                    yield self._progress(Message("looking for the fastest endpoint"))
            finally:
                for transfer in races.values():
                    transfer.close()
        self._order = ranking.order(candidates)

    def _probe(self, endpoint: Endpoint, transfer: Transfer) -> bool:
        """Whether the endpoint has answered, and well."""
        try:
            answer = transfer.poll(self._patience.tick_s / len(self._standings))
        except Interrupted as error:
            self._note(endpoint, _failure(error))
            return False
        if not isinstance(answer, Answer):
            return False
        if answer.last.status == 429 or answer.last.status >= 500:
            try:
                check_status(answer)
            except Failure as failure:
                self._note(endpoint, failure)
            return False
        self._network.ranking.measured(endpoint, answer.latency_s)
        return True

    def _url(self, endpoint: Endpoint) -> str:
        url = self._wanted.url(endpoint)
        assert url is not None
        return url

    def _choose(self) -> Generator[Progress, None, Endpoint]:
        """The best endpoint that may be asked now, after waiting for it if need be. Raises what became of all."""
        while True:
            left = [each for each in self._order if self._may_be_asked(each)]
            if not left:
                yield from self._next_round()
                continue
            now = time.monotonic()
            first = min(left, key=lambda each: max(now, self._standings[each].ready_at))
            if self._standings[first].ready_at <= now:
                return first
            yield from self._wait(self._standings[first].ready_at, first)

    def _may_be_asked(self, endpoint: Endpoint) -> bool:
        standing = self._standings[endpoint]
        if standing.failure is None and (reason := self._network.ranking.reason(endpoint)):
            # Found dead for another file a moment ago: worth a try only when nobody else is left to ask.
            if any(not self._network.ranking.reason(each) for each in self._order):
                standing.failure = Failure(Fault.UNREACHABLE, Message("{reason} a moment ago", reason=reason))
                return False
            return True
        failure = standing.failure
        return failure is None or (failure.fault not in FINAL and standing.tries < self._patience.tries)

    def _next_round(self) -> Generator[Progress, None, None]:
        """Once bytes came, a network that is gone may come back: wait for it a few times, longer each time."""
        failures = {each.host: standing.failure for each, standing in self._standings.items() if standing.failure}
        passing = (Fault.UNREACHABLE, Fault.BROKEN)
        hopeful = [each for each in self._standings.values() if each.failure and each.failure.fault in passing]
        if self._most - self._round_began_at >= _GAIN:
            self._round, self._round_began_at = 1, self._most
        elif self._round:
            self._round += 1
        if not hopeful or not 0 < self._round <= self._patience.rounds:
            raise verdict(self._wanted.name, failures)
        yield from self._wait(time.monotonic() + self._patience.pause_s * 2**self._round, None)
        for standing in hopeful:
            standing.tries, standing.failure = 0, None
        for endpoint in self._order:
            self._network.ranking.forgive(endpoint)

    def _wait(self, until: float, endpoint: Endpoint | None) -> Generator[Progress, None, None]:
        failure = self._standings[endpoint].failure if endpoint else None
        while (left := until - time.monotonic()) > 0:
            if endpoint and failure:
                label = Message(
                    "{host} {reason}; going on in {left:.0f} s", host=endpoint.host, reason=failure.reason, left=left
                )
            else:
                label = Message("no endpoint answers; going on in {left:.0f} s", left=left)
            yield self._progress(label)
            time.sleep(min(left, self._patience.tick_s))

    def _note(self, endpoint: Endpoint, failure: Failure) -> None:
        """Decide what an endpoint's failure means for what is tried next."""
        standing, gained = self._standings[endpoint], self._part.size - self._most
        self._most = max(self._most, self._part.size)
        if not self._part.size:
            # Nothing is left of what this endpoint said, so the next may say something else.
            self._claim = Claim()
        if failure.fault is Fault.UNREACHABLE:
            self._network.ranking.down(endpoint, failure.reason)
        if failure.fault is Fault.RESTART:
            return
        standing.failure = failure
        standing.tries = 1 if gained >= _GAIN else standing.tries + 1
        wait_s = self._patience.pause_s * 2 ** (standing.tries - 1) if gained < _GAIN else 0.0
        if failure.wait_s is not None:
            wait_s = failure.wait_s
            if wait_s > self._patience.longest_wait_s:
                standing.tries = self._patience.tries
        standing.ready_at = time.monotonic() + wait_s
        if endpoint in self._order:
            # The others get their turn first.
            self._order.remove(endpoint)
            self._order.append(endpoint)

    # -- one try --

    def _attempt(self, endpoint: Endpoint) -> Generator[Progress, None, None]:
        """Ask one endpoint for what is missing. Raises Failure, or leaves ``sha256`` set."""
        label = Message("downloading {path} from {host}", path=self._wanted.file.path, host=endpoint.host)
        began_at = self._part.size
        headers = {"Range": f"bytes={began_at}-"} if began_at else {}
        transfer = self._network.ask(endpoint, self._url(endpoint), headers=headers)
        try:
            answer = None
            while answer is None:
                yield self._progress(label if began_at else Message("asking {host}", host=endpoint.host))
                answer = transfer.poll(self._patience.tick_s)
            assert isinstance(answer, Answer)
            self._accept(answer)
            resumed = self._part.size > 0
            yield from self._receive(transfer, label)
        except Interrupted as error:
            raise _failure(error) from error
        finally:
            transfer.close()
        yield self._progress(Message("checking {path}", path=self._wanted.file.path))
        self._judge(resumed)

    def _accept(self, answer: Answer) -> None:
        """Whether this answer is about our file, and goes on where the part ends. Raises Failure."""
        if answer.last.status == 416 and self._part.size:
            self._part.reset()
            raise self._restart(Message("has less of it than is here"))
        check_status(answer)
        claim, wanted = read_claim(answer), self._wanted
        if claim.commit and COMMIT.fullmatch(wanted.revision) and claim.commit != wanted.revision:
            raise Failure(Fault.WRONG, Message("serves another commit"))
        identity = self._identity
        if identity and claim.hash and len(claim.hash) == len(identity) and claim.hash != identity:
            raise Failure(Fault.WRONG, Message("has another version of it"))
        size = self._size if self._size is not None else claim.size
        for announced in (claim.size, announced_size(answer)):
            if announced is not None and announced != size:
                raise Failure(
                    Fault.WRONG,
                    Message("has {had:,} bytes for it where {size:,} were published", had=announced, size=size),
                )
        self._claim = Claim(size=size, hash=self._claim.hash or claim.hash)
        if answer.last.status == 200 and self._part.size:
            self._part.reset()
        if answer.last.status == 206 and range_start(answer) != self._part.size:
            self._part.reset()
            raise self._restart(Message("sends another range than was asked for"))
        if self._part.size and not self._identity:
            # Nothing would tell whether both halves are of one file.
            self._part.reset()
            raise Failure(Fault.RESTART, Message("does not say which version it is"))
        self._check_space()

    def _receive(self, transfer: Transfer, label: Message) -> Generator[Progress, None, None]:
        """Append what comes until it ends. Raises Interrupted, or Failure when too much or next to nothing comes."""
        limit = _UNANNOUNCED if self._size is None else self._size
        shown, checked, checked_size = 0.0, time.monotonic(), self._part.size
        while True:
            data = transfer.poll(self._patience.tick_s)
            now = time.monotonic()
            if data == b"":
                return
            if isinstance(data, bytes):
                if self._part.size + len(data) > limit:
                    self._part.reset()
                    raise Failure(Fault.WRONG, Message("sends more than {limit:,} bytes", limit=limit))
                self._part.append(data)
                self._meter.add(len(data))
            if now - checked > self._patience.silence_s:
                if self._part.size - checked_size < self._patience.least_rate * (now - checked):
                    raise Failure(Fault.BROKEN, Message("sends next to nothing"))
                checked, checked_size = now, self._part.size
            if now - shown > _STRIDE_S:
                yield self._progress(label)
                shown = time.monotonic()
                # What the caller does between two steps is not the server's slowness.
                checked += shown - now

    def _judge(self, resumed: bool) -> None:
        if self._size is not None and self._part.size < self._size:
            raise Failure(Fault.BROKEN, Message("broke off"))
        if not self._is_published():
            self._most = max(self._most, self._part.size)
            self._part.reset()
            if resumed:
                raise self._restart(Message("sent a file that has another hash than the published one"))
            raise Failure(Fault.WRONG, Message("sent a file that has another hash than the published one"))

    def _restart(self, reason: str) -> Failure:
        """Begin again with nothing: nobody's fault the first time, the endpoint's after that."""
        fault = Fault.WRONG if self._restarted else Fault.RESTART
        self._restarted = True
        return Failure(fault, reason)


def _failure(error: Interrupted) -> Failure:
    return Failure(Fault.UNREACHABLE if error.unreachable else Fault.BROKEN, str(error))
