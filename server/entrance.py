"""The layer inside the gate that knows visitors: who it is, what a path needs, and the cookies they go home with."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.answers import as_json
from server.errors import readable
from server.gate import READING
from server.rights import Need, Refused, Rights
from server.sign_in import SIGNS, sign_in_page


class Entrance:
    """``app`` for those who may come in.

    ``needs`` says of a method and a path that are none of the studio's own routes what they need; None for those that
    are, since a `Guarded` route checks for itself. With ``framed`` the page is shown in the frame of another site,
    where browsers keep cookies only under conditions. ``/?token=...`` signs in, and the token leaves the address.
    """

    def __init__(
        self, app: ASGIApp, *, rights: Rights, needs: Callable[[str, str], Need | None], framed: bool = False
    ) -> None:
        self._app = app
        self._rights = rights
        self._needs = needs
        self._framed = framed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # nothing here speaks it
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visitor, need = self._rights.visitor(scope), self._needs(scope["method"], scope["path"])

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # What a cache may keep for everybody must not hand one visit to all of them.
                kept = need is Need.NOTHING or "public" in headers.get("cache-control", "")
                for cookie in () if kept else self._cookies(scope):
                    headers.append("Set-Cookie", cookie)
            await send(message)

        answer = self._signing(scope)
        try:
            if answer is None and need is not None:
                self._rights.check(visitor, need)
        except Refused as refused:
            answer = self._refusal(scope, refused)
        await (answer or self._app)(scope, receive, send_on)

    def _signing(self, scope: Scope) -> Response | None:
        """The answer to an address with a token in it."""
        if scope["path"] != "/" or scope["method"] not in READING or b"token=" not in scope["query_string"]:
            return None
        pairs = parse_qsl(scope["query_string"].decode("ascii", "replace"), keep_blank_values=True)
        said = [value for name, value in pairs if name == "token"]
        if not said or not self._rights.policy.token:
            return None
        request = Request(scope)
        if not self._rights.is_token(said[0].strip(), self._rights.visitor(scope).address):
            return sign_in_page(request, action="studio/sign-in", wrong=True)
        scope[SIGNS] = True
        rest = urlencode([(name, value) for name, value in pairs if name != "token"])
        return RedirectResponse(f"./?{rest}" if rest else "./", 303, {"Cache-Control": "no-store"})

    def _refusal(self, scope: Scope, refused: Refused) -> Response:
        if refused.status == 401 and scope["path"] == "/":
            return RedirectResponse("studio/sign-in", 303, {"Cache-Control": "no-store"})
        problem = readable(refused)
        return as_json(problem.describe(), problem.status, problem.headers())

    def _cookies(self, scope: Scope) -> list[str]:
        headers = Headers(scope=scope)
        # A proxy's word on https is only about the sender's own cookies, so anybody may give it.
        secure = scope["scheme"] == "https" or headers.get("x-forwarded-proto", "").split(",")[0].strip() == "https"
        found, visitor = [], self._rights.visitor(scope)
        if SIGNS in scope:
            signed_in = bool(scope[SIGNS])
            found.append(self._rights.owner_cookie(secure=secure, framed=self._framed, signed_in=signed_in))
        if visitor.new and self._rights.policy.public:
            found.append(self._rights.visit_cookie(visitor, secure=secure, framed=self._framed))
        return found
