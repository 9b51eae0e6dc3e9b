"""The hub as the rest of the engine sees it: a published file, verified, in its place; and nothing asked needlessly."""

import contextlib
import os
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from engine import atomic
from engine.errors import Corrupt, Offline, OptionError
from engine.events import Progress
from engine.hub.cache import cache_folders, cached
from engine.hub.document import read_document
from engine.hub.download import Download, Wanted
from engine.hub.endpoints import DEFAULT_ENDPOINTS, Endpoint, Ranking, check_repository, is_safe_path, parse_endpoints
from engine.hub.ledger import Ledger, Record
from engine.hub.listing import list_files
from engine.hub.network import Network, free_space
from engine.hub.part import Part, discard, git_sha1, has_md5, hash_file, lock_of, part_of, writing
from engine.hub.transfer import Answer, Interrupted, Patience, Transfer
from engine.message import Message
from engine.release import RemoteFile
from engine.steps import mapped


class EndpointState(NamedTuple):
    """What an endpoint answered: whether at all, after how many seconds, and otherwise why not."""

    endpoint: str
    reachable: bool
    latency_s: float | None
    reason: str


class Hub:
    """Gives files of public repositories. Any number of threads and processes may use the same folders.

    ``endpoints`` are addresses (one or a comma list each), those of the user instead of the usual ones; a leading
    ``modelscope+`` says that an address is laid out as ModelScope is. ``token`` goes to endpoints of Hugging Face's
    kind and nowhere else. ``offline``: no request is ever sent. ``caches`` are Hugging Face cache folders to read.
    ``ledger`` is the JSON file that keeps what was learned (None: kept in memory). ``free_space`` tells the bytes
    that are free in a folder.
    """

    def __init__(
        self,
        *,
        endpoints: Sequence[str] = (),
        token: str | None = None,
        offline: bool = False,
        caches: Sequence[Path] = (),
        ledger: Path | None = None,
        patience: Patience | None = None,
        free_space: Callable[[Path], int] = free_space,
    ) -> None:
        patience = patience or Patience()
        if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
            raise OptionError("the token for the hub has spaces or signs that no token has; look at HF_TOKEN again")
        self.offline = offline
        self._caches = tuple(caches)
        self._ledger = Ledger(ledger)
        self._patience = patience
        self._network = Network(
            endpoints=parse_endpoints(endpoints) or parse_endpoints(DEFAULT_ENDPOINTS),
            token=token or None,
            patience=patience,
            ranking=Ranking(patience.remember_s),
            free_space=free_space,
        )

    @classmethod
    def from_environment(
        cls,
        environment: Mapping[str, str],
        *,
        endpoints: Sequence[str] = (),
        offline: bool = False,
        ledger: Path | None = None,
    ) -> "Hub":
        """As the variables say: POLYPHONE_ENDPOINTS, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE, HF_HOME, HF_HUB_CACHE.

        ``endpoints`` come before POLYPHONE_ENDPOINTS, that before HF_ENDPOINT, and that before the usual ones: the
        first of them that names any is all that is asked. Raises OptionError.
        """
        given = [",".join(endpoints), environment.get("POLYPHONE_ENDPOINTS", ""), environment.get("HF_ENDPOINT", "")]
        truth = {"1", "true", "yes", "on"}
        return cls(
            endpoints=[next((text for text in given if text.strip(", ")), "")],
            token=environment.get("HF_TOKEN", "").strip() or None,
            offline=offline or environment.get("HF_HUB_OFFLINE", "").strip().lower() in truth,
            caches=cache_folders(environment),
            ledger=ledger,
        )

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The addresses that are asked, in the order in which they were given."""
        return tuple(endpoint.url for endpoint in self._network.endpoints)

    # -- one file --

    def fetch(
        self, repo: str, revision: str, file: RemoteFile, target: Path, *, modelscope: str = ""
    ) -> Generator[Progress, None, str]:
        """Put ``file`` at ``target`` and return its sha256; yields Progress in bytes, at least twice a second.

        A file that is there and right is left alone, without a request. What is in the user's Hugging Face cache is
        taken from there. Otherwise it is downloaded into a part beside the target, checked, and put in its place in
        one step; closing the generator, or an error, leaves the part, and the next try goes on from it, whoever makes
        it. One process at a time downloads a file; the others wait for it. ``modelscope`` is the repository's name on
        ModelScope (``name`` or ``name@revision``), if it is there. Raises DownloadError, SaveError, OptionError.
        """
        wanted = self._wanted(repo, revision, file, target, modelscope)
        if sha256 := (yield from self._present(wanted)):
            return sha256
        if self.offline and not self._cached(wanted):
            raise Offline(self._by_hand(wanted))
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
        atomic.check(target)
        lock = FileLock(lock_of(target), thread_local=False)
        yield from self._acquire(lock, wanted)
        try:
            # Whoever had the lock before may have brought it.
            wanted = self._wanted(repo, revision, file, target, modelscope)
            return (yield from self._present(wanted)) or (yield from self._bring(wanted))
        finally:
            # Away while it is held: who waits for it sees that it has no name any more, and makes a new one.
            with contextlib.suppress(OSError):
                Path(lock.lock_file).unlink()
            lock.release()

    def verify(self, file: RemoteFile, target: Path, repo: str, revision: str) -> Generator[Progress, None, bool]:
        """Whether ``target`` is the published file: reads all of it, and compares with the manifest or the ledger.

        Where neither knows a hash, the size is all that can be compared. False also where there is no file.
        """
        wanted = self._wanted(repo, revision, file, target, "")
        if not target.is_file():
            return False
        self._ledger.saw(target, None)
        found = yield from self._hash(target, Message("checking {path}", path=file.place))
        right = wanted.size in (None, target.stat().st_size) and wanted.sha256 in (None, found)
        right = right and has_md5(target, file.md5)
        if right:
            self._ledger.saw(target, found)
        return right

    def forget(self, repo: str, revision: str) -> None:
        """Give up what was learned of a revision: for a branch, whose files may have been renewed."""
        self._ledger.forget(repo, revision)

    def _check(self, repo: str, revision: str, path: str) -> None:
        check_repository(repo, revision)
        if not is_safe_path(path):
            raise OptionError("{path!r} is not the path of a file in {repo}", path=path, repo=repo)

    def _wanted(self, repo: str, revision: str, file: RemoteFile, target: Path, modelscope: str) -> Wanted:
        self._check(repo, revision, file.path)
        if modelscope:
            check_repository(*(modelscope if "@" in modelscope else f"{modelscope}@master").split("@", 1))
        known = self._ledger.record(repo, revision, file.path) if file.sha256 is None else None
        return Wanted(
            repo=repo,
            revision=revision,
            file=file,
            target=target,
            modelscope=modelscope,
            size=file.size if file.size is not None or known is None else known.size,
            sha256=file.sha256.lower() if file.sha256 else known.sha256 if known else None,
        )

    def _present(self, wanted: Wanted) -> Generator[Progress, None, str | None]:
        """The sha256 of what is in its place, if that is right; else None."""
        target = wanted.target
        if not target.is_file() or wanted.size not in (None, target.stat().st_size):
            return None
        found = self._ledger.sha256_of(target)
        if found is None:
            found = yield from self._hash(target, Message("checking {path}", path=wanted.file.place))
        if wanted.sha256 not in (None, found) or (wanted.sha256 is None and not has_md5(target, wanted.file.md5)):
            return None
        if self._ledger.sha256_of(target) != found:
            self._ledger.saw(target, found)
        discard(target)
        return found

    def _hash(self, path: Path, label: Message) -> Generator[Progress, None, str]:
        total, shown = path.stat().st_size, time.monotonic()

        def report(done: int) -> Progress | None:
            nonlocal shown
            if time.monotonic() - shown <= self._patience.tick_s:
                return None
            shown = time.monotonic()
            return Progress(done=done, total=total, label=label)

        return (yield from mapped(hash_file(path), report))

    def _acquire(self, lock: FileLock, wanted: Wanted) -> Generator[Progress, None, None]:
        while True:
            with writing(wanted.target), contextlib.suppress(Timeout):
                lock.acquire(timeout=0)
                return
            part = part_of(wanted.target)
            done = part.stat().st_size if part.is_file() else 0
            label = Message("{path} is being downloaded already", path=wanted.file.place)
            yield Progress(done=done, total=wanted.size, label=label)
            time.sleep(self._patience.tick_s)

    def _bring(self, wanted: Wanted) -> Generator[Progress, None, str]:
        """From the cache or from the network into its place; its sha256."""
        sha256 = yield from self._from_cache(wanted)
        if sha256 is None and self.offline:
            raise Offline(self._by_hand(wanted))
        if sha256 is None:
            sha256 = yield from self._from_network(wanted)
        size = wanted.target.stat().st_size
        if wanted.file.sha256 is None:
            record = Record(sha256=sha256, size=size)
            self._ledger.learn(wanted.repo, wanted.revision, wanted.file.path, record)
        self._ledger.saw(wanted.target, sha256)
        yield Progress(done=size, total=size, label=Message("{path} is here", path=wanted.file.place))
        return sha256

    def _from_network(self, wanted: Wanted) -> Generator[Progress, None, str]:
        part = Part(wanted.target)
        try:
            download = Download(wanted, part, self._network)
            yield from download.run()
            yield from self._publish(part, wanted)
        finally:
            part.close()
        return download.sha256

    def _publish(self, part: Part, wanted: Wanted) -> Generator[Progress, None, None]:
        for _ in part.publish(self._patience.tick_s):
            label = Message("writing {path}", path=wanted.file.place)
            yield Progress(done=part.size, total=part.size, label=label)

    # -- the user's cache --

    def _cached(self, wanted: Wanted) -> tuple[Path, str | None] | None:
        return cached(self._caches, wanted.repo, wanted.revision, wanted.file.path)

    def _from_cache(self, wanted: Wanted) -> Generator[Progress, None, str | None]:
        """Put the file of the cache in its place, if it is the published one; its sha256, else None."""
        found = self._cached(wanted)
        if not found:
            return None
        source, identity = found[0], wanted.sha256 or found[1]
        try:
            # Without a hash from anywhere it is still better than nothing, where nothing else can be had.
            if wanted.size not in (None, source.stat().st_size) or (identity is None and not self.offline):
                return None
            label = Message("checking {path} of the cache", path=wanted.file.place)
            sha256 = yield from self._hash(source, label)
            if identity not in (None, sha256) and (len(identity) == 64 or identity != git_sha1(source)):
                return None
            if not has_md5(source, wanted.file.md5):
                return None
            yield from self._place(source, sha256, wanted)
        except FileNotFoundError:
            # Somebody tidies the cache at this moment.
            return None
        return sha256

    def _place(self, source: Path, sha256: str, wanted: Wanted) -> Generator[Progress, None, None]:
        """As another name of the same bytes where the disk allows that, else as a copy."""
        link = wanted.target.with_name(f".{wanted.target.name}.link")
        try:
            link.unlink(missing_ok=True)
            os.link(source.resolve(), link)
            link.replace(wanted.target)
            return
        except OSError:
            link.unlink(missing_ok=True)
        part, total = Part(wanted.target), source.stat().st_size
        try:
            part.reset()
            for _ in part.copy(source):
                label = Message("copying {path} from the cache", path=wanted.file.place)
                yield Progress(done=part.size, total=total, label=label)
            if part.sha256() != sha256:
                part.reset()
                raise Corrupt("{source} changed while it was copied; try again", source=source)
            yield from self._publish(part, wanted)
        finally:
            part.close()

    # -- whole repositories, and the endpoints themselves --

    def files(self, repo: str, revision: str, folder: str = "") -> tuple[RemoteFile, ...]:
        """What a repository has, or a folder of it: every file with its size, and its sha256 where the hub knows one.

        Answers within the patience for one request an endpoint. Raises DownloadError, OptionError.
        """
        self._check(repo, revision, folder or "-")
        if self.offline:
            raise Offline(
                "the list of files of {repo} needs a network, and this is offline mode: go online (without "
                "--offline and HF_HUB_OFFLINE)",
                repo=repo,
            )
        return list_files(self._network, repo, revision, folder)

    def document(
        self, repo: str, revision: str, path: str, *, most_bytes: int, known: bytes | None = None
    ) -> bytes | None:
        """What a file of at most ``most_bytes`` holds now; None where that is still what is ``known`` of it.

        It is held to the hash that the hub tells, and kept nowhere. Raises DownloadError, OptionError.
        """
        self._check(repo, revision, path)
        if self.offline:
            raise Offline(
                "{path} of {repo} is not here, and this is offline mode: go online (without --offline and "
                "HF_HUB_OFFLINE)",
                path=path,
                repo=repo,
            )
        return read_document(self._network, repo, revision, path, most_bytes, known)

    def check(self) -> list[EndpointState]:
        """Ask every endpoint for a sign of life, all at once: for the doctor. Nothing is asked in offline mode."""
        endpoints = self._network.endpoints
        if self.offline:
            return [EndpointState(each.url, False, None, "not asked: offline mode") for each in endpoints]
        left = {each: self._network.ask(each, f"{each.url}/", method="HEAD", secret=False) for each in endpoints}
        states = {}
        while left:
            for each in list(left):
                if state := self._state(each, left[each]):
                    states[each] = state
                    left.pop(each).close()
        return [states[each] for each in endpoints]

    def _state(self, endpoint: Endpoint, transfer: Transfer) -> EndpointState | None:
        try:
            answer = transfer.poll(0.02)
        except Interrupted as error:
            return EndpointState(endpoint.url, False, None, str(error))
        if not isinstance(answer, Answer):
            return None
        status = answer.last.status
        trouble = f"has trouble of its own ({status})" if status >= 500 else ""
        return EndpointState(endpoint.url, not trouble, answer.latency_s, trouble)

    def _by_hand(self, wanted: Wanted) -> Message:
        url = next(filter(None, map(wanted.url, self._network.endpoints)), wanted.repo)
        return Message(
            "{name} is not here, and this is offline mode: bring {url} as {target}, or go online (without --offline "
            "and HF_HUB_OFFLINE)",
            name=wanted.name,
            url=url,
            target=wanted.target,
        )
