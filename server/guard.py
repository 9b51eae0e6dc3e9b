"""A route that says what it needs: nothing of it runs for who may not, and every mistake gets an answer."""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.answers import Handler, answering
from server.errors import Problem
from server.rights import Need, Rights

ROUTE = "polyphone.route"  # where the path of a request's route, with its parameters, is kept in its scope


class Guarded(Route):
    """A route to ``handler`` for whoever has what it ``needs``.

    For `Need.OWN`, ``of`` is the parameter of the path that holds the id of the thing. Mistakes are answered in this
    ``shape``.
    """

    def __init__(
        self,
        path: str,
        handler: Handler,
        *,
        methods: Sequence[str],
        needs: Need,
        rights: Rights,
        of: str = "",
        shape: Callable[[Problem], dict[str, Any]] = Problem.describe,
    ) -> None:
        if (needs is Need.OWN) != bool(of):
            raise ValueError(f"{path}: name the parameter of what must be one's own, and of nothing else")
        self.needs = needs

        async def guarded(request: Request) -> Response:
            request.scope[ROUTE] = path
            rights.check(rights.visitor(request.scope), needs, request.path_params.get(of, ""))
            return await handler(request)

        super().__init__(path, answering(guarded, rights.told, shape), methods=list(methods))
