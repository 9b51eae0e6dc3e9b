"""Who may speak to the studio at all: one ASGI layer around everything that is served.

A studio on somebody's own machine has no password, so whatever can send it requests could drive it. Two kinds of
stranger send them through the visitor's own browser: a site that names our address in a form or a script, and one whose
name was made to resolve to this machine. The first is known by ``Origin`` and ``Sec-Fetch-Site``, which no script can
forge, the second by ``Host``. Programs send neither and are let in.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.answers import as_json

_HOST = re.compile(r"(?:\[([\w:.%]+)]|([^\[\]:/@\s]+))(?::\d*)?")
READING = frozenset({"GET", "HEAD", "OPTIONS"})
# What a script of another site that was let in may send, besides the headers that it asks for: OpenAI's clients send a
# dozen of their own.
ALLOWED = {"Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE", "Access-Control-Max-Age": "600"}
_HEADER_NAMES = re.compile(r"[\w, -]{1,1000}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """Who is let in besides this machine: by names of ours, and by the origins of other sites.

    ``hosts`` are names that lead here. With ``addresses`` every numeric address does, for a server that listens to
    more than loopback: no site can make its name one of these. ``origins`` (scheme://host:port) are sites whose
    scripts may call, ``frames`` those that may show the page within theirs.
    """

    hosts: frozenset[str] = frozenset()
    addresses: bool = False
    origins: frozenset[str] = frozenset()
    frames: tuple[str, ...] = ()


class Gate:
    """``app`` behind the rules; paths that are ``closed`` are not there. ``policy`` is the page's content policy."""

    def __init__(
        self, app: ASGIApp, *, sites: Sites, policy: str = "", closed: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._app = app
        self._sites = sites
        self._closed = closed
        frames = " ".join(("'self'", *sites.frames))
        self._headers = {
            "Content-Security-Policy": "; ".join(filter(None, (policy, f"frame-ancestors {frames}"))),
            "X-Content-Type-Options": "nosniff",
            # For browsers that do not say from where a picture or a script is asked for.
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "same-origin",
            # The page asks for the microphone, and for nothing else that a browser has.
            "Permissions-Policy": "camera=(), geolocation=(), payment=(), usb=()",
        } | ({} if sites.frames else {"X-Frame-Options": "SAMEORIGIN"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")
        foreign = origin if origin in self._sites.origins else ""

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._finish(MutableHeaders(scope=message), foreign)
            await send(message)

        refused = self._refusal(scope, headers, origin)
        if refused is not None and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif refused is not None:
            await refused(scope, receive, send_on)
        elif foreign and scope.get("method") == "OPTIONS":
            await Response(status_code=204, headers=_allowed(headers))(scope, receive, send_on)
        else:
            await self._app(scope, receive, send_on)

    def _refusal(self, scope: Scope, headers: Headers, origin: str) -> Response | None:
        """The answer to a request that is not let in; None for one that is."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or (name := host_name(hosts[0])) is None:
            return _refused("the request does not say for which host it is", 400)
        if not self._answers_to(name):
            return _refused(f"this studio does not answer to the name {name[:80]!r}; start it with --allow-host", 421)
        if not self._from_here(scope, headers, origin, hosts[0]):
            site = origin or "another site"
            return _refused(f"{site[:80]} may not call this studio; start it with --allow-origin", 403)
        if self._closed(scope["path"]):
            return _refused("there is nothing here", 404)
        return None

    def _answers_to(self, name: str) -> bool:
        if is_loopback(name) or name in self._sites.hosts:
            return True
        return self._sites.addresses and _address(name) is not None

    def _from_here(self, scope: Scope, headers: Headers, origin: str, host: str) -> bool:
        """Whether a script of ours, one that was let in, a program or a person's click has sent it."""
        if origin:
            return origin in self._sites.origins or _netloc(origin) == _bare(host)
        site, method = headers.get("sec-fetch-site", "none"), scope.get("method", "GET")
        if site in ("none", "same-origin"):
            return True
        # Someone follows a link to us, or a site frames us, which the content policy decides.
        return method in READING and headers.get("sec-fetch-mode") == "navigate"

    def _finish(self, headers: MutableHeaders, foreign: str) -> None:
        """Our headers on an answer, and nobody else's word on who may read it."""
        for name in [name for name in headers if name.lower().startswith("access-control-allow-")]:
            if not foreign or name.lower() in ("access-control-allow-origin", "access-control-allow-credentials"):
                del headers[name]
        if foreign:
            headers["Access-Control-Allow-Origin"] = foreign
            headers["Access-Control-Expose-Headers"] = "Retry-After, Content-Disposition"
            headers.add_vary_header("Origin")
        headers.update(self._headers)


def host_name(host: str) -> str | None:
    """The name or address in a Host header, lower case, without port, brackets and last dot; None for nonsense."""
    found = _HOST.fullmatch(host.strip().lower())
    return (found[1] or found[2]).removesuffix(".") or None if found else None


def is_loopback(name: str) -> bool:
    """Whether ``name`` always means this machine: localhost, a name below it, 127.0.0.0/8, ::1 in every spelling."""
    address = _address(name)
    if address is None:
        return name == "localhost" or name.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None


def _allowed(headers: Headers) -> dict[str, str]:
    asked = headers.get("access-control-request-headers", "")
    names = f"Authorization, Content-Type, {asked}" if _HEADER_NAMES.fullmatch(asked) else "Authorization, Content-Type"
    return {**ALLOWED, "Access-Control-Allow-Headers": names}


def _netloc(origin: str) -> str:
    return _bare(origin.partition("://")[2])


def _bare(host: str) -> str:
    """A host and port without the ports that browsers leave out."""
    return host.strip().lower().removesuffix(":80").removesuffix(":443")


def _refused(message: str, status: int) -> Response:
    return as_json({"error": {"type": "Refused", "message": message}}, status)
