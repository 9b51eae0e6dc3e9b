"""The page of whoever was sent the link of a listening test: its frame, which a script of its own fills.

GET /listen/{link}   the page, for everybody; what it asks the server are the routes of docs/listening-tests.md
"""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from server.guard import Guarded
from server.rights import Need, Rights
from ui.look import LISTENER, STYLE
from ui.words import LANGUAGES

# The base makes addresses relative to the studio, as on its own page.
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<base href="../"><meta name="robots" content="noindex"><title>Polyphone</title>
<link rel="stylesheet" href="{base}{style}"><script type="module" src="{base}{script}"></script></head>
<body><main id="listener" class="gradio-container" data-base="{base}" data-languages="{languages}"></main></body></html>
"""


class ListenerPage:
    """Serves the page; its files are below ``base``."""

    def __init__(self, base: str) -> None:
        self._page = PAGE.format(base=base, style=STYLE, script=LISTENER, languages=" ".join(LANGUAGES))

    def table(self, rights: Rights) -> list[Guarded]:
        """The route, for the app that serves the studio."""
        return [Guarded("/listen/{link}", self.page, methods=["GET"], needs=Need.NOTHING, rights=rights)]

    async def page(self, _request: Request) -> Response:
        """The page, which names the files of the version that runs."""
        return HTMLResponse(self._page, headers={"Cache-Control": "no-store"})
