"""Who may do what: the one place that decides.

Every route names what it needs when it is declared (`Need`), every request has somebody who sent it (`Visitor`), and
`Rights` says whether the two go together. There are three kinds of studio (`docs/serving.md#three-kinds-of-studio`):

    private  on one's own machine: whoever reaches it is its owner
    token    everything needs the owner's token
    public   visitors speak and keep what is theirs; the rest needs the token

Programs may have keys of their own (`engine.keys`): who shows one is a visitor who has been let in, in any studio, and
has the key's limits.

What is made for somebody (a take, a job, a voice) is theirs by its id, which `Rights` remembers.
"""

import enum
import hashlib
import hmac
import ipaddress
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope

from engine.keys import Keys
from server.allowance import Allowance, Limits, Meter
from server.discretion import Discretion
from server.errors import RequestError

KEY = "polyphone.visitor"  # where a request's visitor is kept in its scope
VISIT, OWNER = "polyphone-visit", "polyphone-owner"  # the cookies
OWNER_S = 30 * 86_400  # how long a sign-in lasts
MOST_THINGS = 50_000
WRONG_TOKENS, WRONG_S = 20, 60.0


class Need(enum.Enum):
    """What a route asks of whoever calls it."""

    NOTHING = "nothing"  # code, pictures, the way to sign in
    ENTRY = "entry"  # to be let in: the page and what it shows to all
    SPEAK = "speak"  # to use the models, within the limits
    OWN = "own"  # a thing that was made for the same visitor
    MANAGE = "manage"  # to change what all share: models, saved voices


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which kind of studio it is. ``token`` "" is none; without one nobody manages a public studio.

    ``share_voices`` lets visitors speak with the voices that the owner has saved.
    """

    public: bool = False
    token: str = field(default="", repr=False)
    share_voices: bool = False
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who sent a request. ``name`` is what their things belong to: a visit, or the owner.

    ``address`` is where they come from, an IPv6 one as its /64 network; ``new`` says that they do not know of their
    visit yet, ``wrong`` that they named a token that is not the owner's. ``limits`` are those of their key, if they
    have shown one.
    """

    name: str
    owner: bool = False
    address: str = ""
    new: bool = False
    wrong: bool = False
    limits: Limits | None = None


class Refused(RequestError):
    """Whoever asks may not do this."""


class Rights:
    """The rules of one server, and what it remembers for them: whose things are whose, and how much each has used."""

    def __init__(
        self,
        policy: Policy | None = None,
        *,
        keys: Keys | None = None,
        discretion: Discretion | None = None,
        meter: Meter | None = None,
    ) -> None:
        self.policy = policy or Policy()
        self.allowance = Allowance(self.policy.limits if self.policy.public else None, meter)
        self._keys = keys or Keys(None)
        self._discretion = discretion or Discretion()
        # Visits end with the server, as their takes do; a sign-in outlives it.
        self._visits_key = secrets.token_bytes(32)
        self._owner_key = hashlib.sha256(b"polyphone owner\0" + self.policy.token.encode()).digest()
        self._things: OrderedDict[str, str] = OrderedDict()
        self._wrong: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    # -- the rules --

    def check(self, visitor: Visitor, need: Need, thing: str = "") -> None:
        """Return if ``visitor`` may do what needs ``need``; ``thing`` is the id of what is their own.

        Raises Refused: 401 for who should sign in, 403 for who may not, 404 for a thing that is not theirs.
        """
        if need is Need.NOTHING:
            return
        if visitor.wrong:
            raise Refused("this is neither the token of this studio nor a key to it", 401)
        if not visitor.owner and not self.policy.public and visitor.limits is None:
            raise Refused(
                "this studio is for those who have its token or a key; sign in, or send one as a bearer token", 401
            )
        if need is Need.MANAGE and not visitor.owner:
            raise Refused("only the owner of this studio may do this; sign in with its token", 403)
        if need is Need.OWN and not self.owns(visitor, thing):
            raise Refused("there is nothing of yours under this address (any more)", 404)

    def manages(self, visitor: Visitor) -> bool:
        """Whether ``visitor`` may change what all share."""
        return visitor.owner

    def owns(self, visitor: Visitor, thing: str) -> bool:
        """Whether the thing of this id was made for ``visitor``; where there is no public, all are the owner's."""
        if not self.policy.public and visitor.owner:
            return True
        with self._lock:
            return self._things.get(thing) == visitor.name

    def claim(self, visitor: Visitor, thing: str) -> str:
        """Remember that the thing of this id was made for ``visitor``; returns the id."""
        with self._lock:
            self._things[thing] = visitor.name
            while len(self._things) > MOST_THINGS:
                self._things.popitem(last=False)
        return thing

    def told(self, content: Any) -> Any:
        """Plain data as it may be said: where others than the owner come, without the machine's paths."""
        others = self.policy.public or (self.policy.token and self._keys.exist())
        return self._discretion.plain(content) if others else content

    def describe(self, visitor: Visitor) -> dict[str, Any]:
        """What ``visitor`` may do, for the page."""
        return {
            "manage": self.manages(visitor),
            "sign_in": bool(self.policy.token) and not visitor.owner,
            "sign_out": bool(self.policy.token) and visitor.owner,
        }

    # -- who it is --

    def visitor(self, scope: Scope) -> Visitor:
        """Who sent the request of this scope. One without a known visit begins a new one."""
        if known := scope.get(KEY):
            return known  # type: ignore[no-any-return] # put there by this method
        scope[KEY] = visitor = self._recognised(scope)
        return visitor

    def _recognised(self, scope: Scope) -> Visitor:
        address = network(scope.get("client"))
        if not self.policy.public and not self.policy.token:
            return Visitor(name="owner", owner=True, address=address)
        headers = Headers(scope=scope)
        cookies = _cookies(headers)
        scheme, _, said = headers.get("authorization", "").partition(" ")
        bearer = said.strip() if scheme.lower() == "bearer" else ""
        if self._is_owner(cookies.get(OWNER, "")):
            return Visitor(name="owner", owner=True, address=address)
        if key := self._keys.find(bearer):
            limits = Limits(text=key.text, seconds=key.seconds, requests=key.requests, at_once=key.at_once)
            return Visitor(name=f"key {key.name}", address=address, limits=limits)
        if bearer and self.is_token(bearer, address):
            return Visitor(name="owner", owner=True, address=address)
        # Where there is nothing to be shown, programs that must send a key may send any.
        wrong = bool(bearer) and bool(self.policy.token or self._keys.exist())
        visit, _, proof = cookies.get(VISIT, "").partition(".")
        if visit and hmac.compare_digest(proof.encode(), self._proof(visit).encode()):
            return Visitor(name=visit, address=address, wrong=wrong)
        return Visitor(name=secrets.token_urlsafe(16), address=address, new=True, wrong=wrong)

    def is_token(self, said: str, address: str) -> bool:
        """Whether ``said`` is the owner's token. Who has guessed wrong too often from an address is not heard."""
        if not self.policy.token:
            return False
        now = time.monotonic()
        with self._lock:
            wrong = [when for when in self._wrong.get(address, ()) if when > now - WRONG_S]
            if len(wrong) >= WRONG_TOKENS:
                return False
            if hmac.compare_digest(said.encode(), self.policy.token.encode()):
                return True
            if len(self._wrong) > 1000:
                self._wrong.clear()
            self._wrong[address] = [*wrong, now]
        return False

    # -- the cookies --

    def visit_cookie(self, visitor: Visitor, *, secure: bool, framed: bool) -> str:
        """The Set-Cookie value by which a visitor is known from now on."""
        return _set(VISIT, f"{visitor.name}.{self._proof(visitor.name)}", None, secure=secure, framed=framed)

    def owner_cookie(self, *, secure: bool, framed: bool, signed_in: bool = True) -> str:
        """The Set-Cookie value of a sign-in, or of its end."""
        until = int(time.time()) + OWNER_S
        value, age = (f"{until}.{self._signed(until)}", OWNER_S) if signed_in else ("", 0)
        return _set(OWNER, value, age, secure=secure, framed=framed)

    def _is_owner(self, cookie: str) -> bool:
        until, _, proof = cookie.partition(".")
        if not self.policy.token or not (until.isascii() and until.isdecimal() and len(until) < 12):
            return False
        return hmac.compare_digest(proof.encode(), self._signed(int(until)).encode()) and int(until) > time.time()

    def _signed(self, until: int) -> str:
        return hmac.new(self._owner_key, str(until).encode(), hashlib.sha256).hexdigest()

    def _proof(self, visit: str) -> str:
        return hmac.new(self._visits_key, visit.encode(), hashlib.sha256).hexdigest()


def visitor_of(request: Request) -> Visitor:
    """Who sent a request to a guarded route."""
    return request.scope[KEY]  # type: ignore[no-any-return] # put there by `Rights.visitor`


def network(client: tuple[str, int] | None) -> str:
    """What an address is counted as: itself, or of IPv6 the network that one visitor has as a rule."""
    try:
        address = ipaddress.ip_address((client or ("", 0))[0].partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def _cookies(headers: Headers) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in headers.get("cookie", "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name in (VISIT, OWNER):
            found.setdefault(name, value)
    return found


def _set(name: str, value: str, age: int | None, *, secure: bool, framed: bool) -> str:
    parts = [f"{name}={value}", "Path=/", "HttpOnly"]
    parts += [] if age is None else [f"Max-Age={age}"]
    # In the frame of another site a cookie is kept only so, and only over https.
    parts += ["SameSite=None", "Secure", "Partitioned"] if framed and secure else ["SameSite=Lax"]
    parts += ["Secure"] if secure and not framed else []
    return "; ".join(parts)
