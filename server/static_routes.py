"""The files of a page, held in memory and served under an address that changes whenever one of them does.

    GET /studio/static/{version}/{name}   one of the files, to be kept by the browser for good

`Preload` tells the browser of them with the page itself, so that they come before the page's own script asks for them.
Nothing is read from the disk when a request comes: a name that is not in the table does not exist.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.guard import Guarded
from server.rights import Need, Rights

MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json; charset=utf-8",
}
KEPT = "public, max-age=31536000, immutable"


class StaticRoutes:
    """Serves ``files``: contents by name, such as "words/en.json". Raises KeyError for an ending of no known type."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(files)
        self._types = {name: MEDIA_TYPES[PurePosixPath(name).suffix] for name in files}
        digest = hashlib.sha256()
        for name, content in sorted(files.items()):
            digest.update(f"{name} {len(content)} ".encode() + content)
        self._version = digest.hexdigest()[:16]

    @property
    def base(self) -> str:
        """Where the files are, relative to the page, so that it may stand under any path; ends in a slash."""
        return f"studio/static/{self._version}/"

    def table(self, rights: Rights) -> list[Guarded]:
        """The route, for the app that serves the page."""
        path = "/studio/static/{version}/{name:path}"
        return [Guarded(path, self.file, methods=["GET"], needs=Need.NOTHING, rights=rights)]

    async def file(self, request: Request) -> Response:
        """One file of the version that runs; what an older page asks for is gone."""
        name = request.path_params["name"]
        if request.path_params["version"] != self._version or name not in self._files:
            return Response("there is no such file\n", 404, {"Cache-Control": "no-store"}, "text/plain")
        headers = {"Cache-Control": KEPT, "X-Content-Type-Options": "nosniff"}
        return Response(self._files[name], headers=headers, media_type=self._types[name])


class Preload:
    """Adds a Link header with ``links`` to the page at the root, and leaves everything else alone."""

    def __init__(self, app: ASGIApp, links: Sequence[str]) -> None:
        self._app = app
        self._header = (b"link", ", ".join(links).encode("ascii"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != scope.get("root_path", "") + "/":
            return await self._app(scope, receive, send)

        async def send_with_links(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], self._header]}
            await send(message)

        return await self._app(scope, receive, send_with_links)
