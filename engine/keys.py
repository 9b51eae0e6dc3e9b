"""The keys that a host gives to programs: who each is for, and how much it may use. One file keeps them, hashed.

A key is 256 random bits, which nobody guesses and a plain hash keeps as well as any. The file is read anew when it has
changed, so that a key that is revoked opens nothing from then on, while the server runs.
"""

import hashlib
import json
import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from filelock import FileLock

from engine import atomic
from engine.errors import ConfigError, OptionError, SaveError
from engine.message import why

logger = logging.getLogger(__name__)

PREFIX = "polyphone-"
FILE = "keys.json"
MOST_KEYS = 1000
LONGEST_NAME = 60
LONGEST_FILE = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is known of a key, by the ``name`` of whom it is for; ``hash`` is the SHA-256 of the key itself.

    The rest is how much it may use: characters of a ``text``, ``seconds`` of sound and ``requests`` in an hour, and
    requests ``at_once``.
    """

    name: str
    hash: str
    created: str
    text: int = 20_000
    seconds: int = 3600
    requests: int = 600
    at_once: int = 4


class Keys:
    """The keys in the file at ``path``, which need not exist yet; None keeps none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._known: dict[str, Key] = {}

    def all(self) -> tuple[Key, ...]:
        """Every key, the oldest first. Raises ConfigError for a file that is damaged."""
        return tuple(self._read())

    def create(self, name: str, **limits: int) -> str:
        """A new key for ``name``, which is shown this once; ``limits`` are fields of `Key`.

        Raises OptionError for a name that is taken or none, ConfigError and SaveError.
        """
        name = " ".join(name.split())
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise OptionError(
                "{name!r} cannot be the name of a key; use 1 to {most} characters",
                name=name[:LONGEST_NAME],
                most=LONGEST_NAME,
            )
        secret = PREFIX + secrets.token_urlsafe(32)
        with self._changing() as known:
            if any(key.name.casefold() == name.casefold() for key in known):
                raise OptionError(
                    "there is a key for {name} already; revoke it first, or choose another name", name=name
                )
            if len(known) >= MOST_KEYS:
                raise OptionError("there are {most} keys already; revoke one first", most=MOST_KEYS)
            known.append(Key(name=name, hash=_hash(secret), created=str(date.today()), **limits))
        return secret

    def revoke(self, name: str) -> None:
        """Let the key for ``name`` open nothing any more. Raises OptionError when there is none."""
        with self._changing() as known:
            left = [key for key in known if key.name.casefold() != name.strip().casefold()]
            if len(left) == len(known):
                raise OptionError("there is no key for {name!r}; keys list shows them", name=name[:LONGEST_NAME])
            known[:] = left

    def find(self, secret: str) -> Key | None:
        """What is known of a key that somebody shows; None for what is none. A damaged file knows none."""
        if not secret.startswith(PREFIX):
            return None
        return self._current().get(_hash(secret))

    def exist(self) -> bool:
        """Whether there are any."""
        return bool(self._current())

    def _current(self) -> dict[str, Key]:
        """By their hashes, as the file has them now."""
        with self._lock:
            try:
                stat = self._path.stat() if self._path else None
                stamp = stat and (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            except OSError:
                stamp = None
            if stamp != self._stamp:
                self._stamp = stamp
                try:
                    self._known = {key.hash: key for key in self._read()}
                except ConfigError:
                    logger.exception("the file with the keys cannot be read, and so no key opens anything")
                    self._known = {}
            return self._known

    def _read(self) -> list[Key]:
        if self._path is None:
            return []
        try:
            with self._path.open("rb") as file:
                text = file.read(LONGEST_FILE + 1)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ConfigError("{path} cannot be read: {reason}", path=self._path, reason=why(error)) from error
        try:
            if len(text) > LONGEST_FILE:
                raise ValueError
            return [_key(each) for each in json.loads(text)["keys"]]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ConfigError(
                "{path} is no file with keys; mend it, or delete it and give out new keys", path=self._path
            ) from error

    @contextmanager
    def _changing(self) -> Iterator[list[Key]]:
        """The keys for the body to change; nobody else does meanwhile, and nothing is written when the body fails."""
        if self._path is None:
            raise SaveError("there is no folder to keep keys in; name one with --models-dir")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._path.with_suffix(".lock"), timeout=10)
            with lock:
                known = self._read()
                yield known
                content = {"keys": [asdict(key) for key in known]}
                atomic.write(self._path, json.dumps(content, indent=2, ensure_ascii=False).encode())
        except OSError as error:
            raise SaveError("{path} cannot be written: {reason}", path=self._path, reason=why(error)) from error


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _key(held: dict[str, object]) -> Key:
    """A key as the file has it. Raises TypeError and ValueError for any other thing."""
    key = Key(**held)  # type: ignore[arg-type] # looked at below
    numbers = (key.text, key.seconds, key.requests, key.at_once)
    if not all(isinstance(text, str) for text in (key.name, key.hash, key.created)):
        raise TypeError
    if not all(isinstance(number, int) and not isinstance(number, bool) and number > 0 for number in numbers):
        raise TypeError
    return key
