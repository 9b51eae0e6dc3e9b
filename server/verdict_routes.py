"""The HTTP route of what a machine makes of a take.

    POST /studio/takes/{take}/verdict  no body -> `engine.verdict.Verdict.describe`

It counts as a request. When whoever asked has gone, the work ends. An error is {"error": {"type", "message"}} with a
fitting status: 429 when too many ask at once.
"""

from threading import Event

from starlette.requests import Request
from starlette.responses import Response

from engine import verdict
from engine.engine import Engine
from engine.verdict import Verdict
from server.answers import as_json
from server.errors import RequestError
from server.guard import Guarded
from server.rights import Need, Rights, visitor_of
from server.takes import Take, Takes
from server.watching import GONE, as_long_as_wanted, watched


class VerdictRoutes:
    """The handler, over an engine and the finished takes."""

    def __init__(self, engine: Engine, takes: Takes, rights: Rights) -> None:
        self._engine, self._takes, self._rights = engine, takes, rights

    def table(self) -> list[Guarded]:
        """The route, for any app to mount."""
        path = "/studio/takes/{take}/verdict"
        return [Guarded(path, self.judge, methods=["POST"], needs=Need.OWN, of="take", rights=self._rights)]

    async def judge(self, request: Request) -> Response:
        """What was heard of a take, and what is measured in it."""
        take = self._takes.get(request.path_params["take"])
        if take is None:
            raise RequestError("there is no such take; results are kept for a day", 404)
        while (await request.receive()).get("more_body"):  # what comes with it means nothing
            pass
        with self._rights.allowance.begin(visitor_of(request)):
            judged = await watched(request, lambda gone: self._judge(take, gone))
        return Response(status_code=GONE) if judged is None else as_json(judged.describe())

    def _judge(self, take: Take, gone: Event) -> Verdict | None:
        asked = take.asked.request
        text = verdict.expected(self._engine.system(asked.system), asked, take.rewritten)
        language = asked.language.lower().replace("_", "-").partition("-")[0]
        work = verdict.judge(self._engine.hearing, text, self._takes.samples(take), take.sample_rate, language)
        return as_long_as_wanted(work, gone)
