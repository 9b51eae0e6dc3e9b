"""Mistakes as OpenAI's clients read them: {"error": {"message", "type", "param", "code"}}."""

from typing import Any

from server.errors import Problem, RequestError

# Of which field of a request the engine's own errors are.
PARAMS = {
    "TextError": "input",
    "VoiceError": "voice",
    "UnknownSystem": "model",
    "WeightsMissing": "model",
    "WeightsMismatch": "model",
    "OptionError": "options",
    "AudioError": "file",
}
CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}


class Mistake(RequestError):
    """A request that this API does not take: which ``param`` it is about, and a ``code`` for programs.

    It is read by programs and those who write them, and so it is in English.
    """

    def __init__(self, template: str, status: int = 400, /, *, param: str = "", code: str = "", **values: Any) -> None:
        super().__init__(template, status, **values)
        self.param = param
        self.code = code


def shape(problem: Problem) -> dict[str, Any]:
    """The body of an answer."""
    error = {
        "message": problem.message,
        "type": _type(problem.status),
        "param": problem.param or PARAMS.get(problem.type),
        "code": problem.code or CODES.get(problem.status),
    }
    return {"error": error}


def _type(status: int) -> str:
    if status == 429:
        return "requests"
    return "server_error" if status >= 500 else "invalid_request_error"
