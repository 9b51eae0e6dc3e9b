"""The HTTP route of the Model Context Protocol, by which assistants speak: POST /mcp, streamable HTTP.

Each request stands by itself (no sessions), and when whoever asked has gone, its work ends. `server.mcp_tools` has what
can be asked for; its package takes seconds to import, so it is when the first one comes.
"""

import json
from importlib import import_module

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from server.answers import raw_body
from server.desk import Desk
from server.errors import RequestError
from server.guard import Guarded
from server.held import Room
from server.jobs import Jobs
from server.rights import Need, Rights, Visitor, visitor_of

PATH = "/mcp"
# Of a request, with a recording of a minute in it.
MAX_REQUEST = 8 * 2**20


class McpRoutes:
    """The handler; it shares the desk and the jobs in flight."""

    def __init__(self, desk: Desk, jobs: Jobs, rights: Rights) -> None:
        self._desk = desk
        self._jobs = jobs
        self._rights = rights
        self._room = Room()

    def table(self) -> list[Guarded]:
        """The route, for any app to mount."""
        return [Guarded(PATH, self.exchange, methods=["POST"], needs=Need.SPEAK, rights=self._rights)]

    async def exchange(self, request: Request) -> Response:
        """One message of a client, and what becomes of it."""
        visitor = visitor_of(request)
        with self._room.share(visitor.address) as held:
            body = await raw_body(request, MAX_REQUEST, held.take)
            try:
                json.loads(body)
            except (ValueError, RecursionError) as error:
                raise RequestError("the request is not valid JSON") from error
        await anyio.to_thread.run_sync(import_module, "server.mcp_tools")
        return _Exchange(self._desk, self._jobs, self._rights, visitor, body)


class _Exchange(Response):
    """The answer to one message whose body has been read."""

    def __init__(self, desk: Desk, jobs: Jobs, rights: Rights, visitor: Visitor, body: bytes) -> None:
        self._parts = (desk, jobs, rights, visitor)
        self._body: bytes | None = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from mcp.server.streamable_http import StreamableHTTPServerTransport

        from server.mcp_tools import tools

        async def receive_again() -> Message:
            if self._body is None:
                return await receive()
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}

        transport, server = StreamableHTTPServerTransport(mcp_session_id=None), tools(*self._parts)
        async with transport.connect() as (incoming, outgoing), anyio.create_task_group() as group:
            options = server.create_initialization_options()
            group.start_soon(lambda: server.run(incoming, outgoing, options, stateless=True))
            await transport.handle_request(scope, receive_again, send)
            # Answered or left: nothing of it goes on.
            group.cancel_scope.cancel()
