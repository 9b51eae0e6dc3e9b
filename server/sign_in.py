"""The owner's way in: a form that takes the token, for browsers. Programs send it as a bearer token instead.

GET  /studio/rights     what the visitor may do: {"manage", "sign_in", "sign_out"}
GET  /studio/sign-in    the form
POST /studio/sign-in    the token, as the form sends it
POST /studio/sign-out   forget the sign-in
"""

import html
from functools import partial
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.answers import as_json
from server.errors import RequestError
from server.guard import Guarded
from server.rights import Need, Rights, network, visitor_of

LONGEST_FORM = 4096

# By language: the heading, what the field is called, the button, and what is said of a wrong token.
WORDS = {
    "en": ("Sign in", "Token of this studio", "Sign in", "This is not the token of this studio."),
    "zh": ("登录", "本工作室的令牌", "登录", "令牌不正确。"),
    "ja": ("サインイン", "このスタジオのトークン", "サインイン", "トークンが正しくありません。"),
    "ko": ("로그인", "이 스튜디오의 토큰", "로그인", "토큰이 올바르지 않습니다."),
}
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Polyphone</title><style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ display: grid; min-height: 90vh; place-items: center }}
form {{ display: grid; gap: 0.7rem; width: min(22rem, 90vw) }}
input, button {{ font: inherit; padding: 0.6rem 0.9rem; border-radius: 0.6rem; border: 1px solid #767676 }}
button {{ background: #0d6b5d; color: #fff; border: 0; cursor: pointer }}
</style></head><body><form method="post" action="{action}">
<h1>{heading}</h1>{problem}
<label for="token">{label}</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>{button}</button></form></body></html>
"""


class SignIn:
    """The handlers; they share the rights of the server."""

    def __init__(self, rights: Rights) -> None:
        self._rights = rights

    def table(self) -> list[Guarded]:
        """The routes, for any app to mount."""
        guarded = partial(Guarded, rights=self._rights, needs=Need.NOTHING)
        return [
            guarded("/studio/rights", self.rights, methods=["GET"]),
            guarded("/studio/sign-in", self.form, methods=["GET"]),
            guarded("/studio/sign-in", self.enter, methods=["POST"]),
            guarded("/studio/sign-out", self.leave, methods=["POST"]),
        ]

    async def rights(self, request: Request) -> Response:
        """What the visitor may do."""
        return as_json(self._rights.describe(visitor_of(request)))

    async def form(self, request: Request) -> Response:
        """The form."""
        self._expected()
        return sign_in_page(request, action="sign-in")

    async def enter(self, request: Request) -> Response:
        """Take the token of the form; the page follows, or the form again."""
        self._expected()
        sent = bytearray()
        async for piece in request.stream():
            sent += piece
            if len(sent) > LONGEST_FORM:
                raise RequestError("this is too long for a token", 413)
        said = parse_qs(sent.decode("utf-8", "replace")).get("token", [""])[0].strip()
        if not self._rights.is_token(said, network(request.scope.get("client"))):
            return sign_in_page(request, action="sign-in", wrong=True)
        request.scope[SIGNS] = True
        return RedirectResponse("../", 303)

    async def leave(self, request: Request) -> Response:
        """Forget the sign-in; the page follows."""
        request.scope[SIGNS] = False
        return RedirectResponse("../", 303)

    def _expected(self) -> None:
        if not self._rights.policy.token:
            raise RequestError("this studio has no token, so nobody can sign in", 404)


SIGNS = "polyphone.signs"  # in a request's scope: whether it signs in or out, for the answer's cookie


def sign_in_page(request: Request, *, action: str, wrong: bool = False) -> Response:
    """The form, in the first of the browser's languages that there are words in."""
    wanted = [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    language = next((code for code in wanted if code in WORDS), "en")
    heading, label, button, problem = map(html.escape, WORDS[language])
    shown = f'<p role="alert">{problem}</p>' if wrong else ""
    page = PAGE.format(
        language=language, action=html.escape(action), heading=heading, label=label, button=button, problem=shown
    )
    return HTMLResponse(page, 401 if wrong else 200, {"Cache-Control": "no-store"})
