"""From JSON to a frozen dataclass: the one reader of what callers send.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Announcement:
        id: str
        name: str = ""
        paths: Annotated[tuple[str, ...], Items(most=500)]

    announcement = read(Announcement, {"id": "vits", "paths": ["G.pth"]})

A field without a default is needed, a field that is not declared is refused, and a value has the declared type: str,
int, float, bool, Mapping[str, Any], another such dataclass, or a tuple of texts or of such dataclasses. What a value
means (which systems there are, how far a seed goes) is for the engine to say.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from engine.message import Message
from server.errors import RequestError

T = TypeVar("T")

LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """How many items a list that is sent may hold; ``advice`` says what to do when it holds more."""

    least: int = 1
    most: int
    advice: Message | None = None


def read(kind: type[T], body: Any, *, within: str = "") -> T:
    """``body`` as an instance of the dataclass ``kind``; ``within`` is the field that holds it, "" for a whole request.

    Raises RequestError for another shape: which field, what it must be, and what was found.
    """
    if not isinstance(body, Mapping):
        raise RequestError("{within} must be a JSON object, not {body}", within=_called(within), body=_shown(body))
    types, needed = _fields(kind)
    for name in body:
        if name not in types:
            known = ", ".join(types)
            raise RequestError(
                "{within} has no field {name!r}; the fields are {known}",
                within=_called(within),
                name=str(name)[:LONGEST_SHOWN],
                known=known,
            )
    for name in needed:
        if name not in body:
            error = RequestError(
                "{within} needs the field {name!r}, {types}",
                within=_called(within),
                name=name,
                types=_words(types[name]),
            )
            error.param = name
            raise error
    inside = f"{within}." if within else ""
    return kind(**{name: _value(types[name], value, f"{inside}{name}") for name, value in body.items()})


def read_query(kind: type[T], query: Mapping[str, str]) -> T:
    """A query as an instance of the dataclass ``kind``, numbers and truths written as in JSON. Raises RequestError."""
    types, _ = _fields(kind)
    return read(kind, {name: _written(types.get(name, str), text) for name, text in query.items()})


def _written(declared: Any, text: str) -> Any:
    """A text as what it is to be; what it cannot be stays a text, which `read` refuses."""
    if declared is str or len(text) > LONGEST_SHOWN:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _fields(kind: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The declared types by name, in order, and the names of the fields that have no default."""
    types, fields = get_type_hints(kind, include_extras=True), dataclasses.fields(kind)
    needed = (field.name for field in fields if field.default is field.default_factory is dataclasses.MISSING)
    return {field.name: types[field.name] for field in fields}, tuple(needed)


def _value(declared: Any, value: Any, path: str) -> Any:
    if get_origin(declared) is Annotated:
        declared, items = get_args(declared)
        return _counted(_value(declared, value, path), items, path)
    if dataclasses.is_dataclass(declared):
        return read(declared, value, within=path)  # type: ignore[arg-type] # a class, never an instance
    if get_origin(declared) is tuple:
        if not isinstance(value, list | tuple):
            raise _mistyped(declared, value, path)
        return tuple(_value(get_args(declared)[0], item, f"{path}[{index}]") for index, item in enumerate(value))
    try:
        return _plain(declared).convert(value)
    except TypeError:
        raise _mistyped(declared, value, path) from None


def _counted(value: tuple[Any, ...], items: Items, path: str) -> tuple[Any, ...]:
    if len(value) < items.least:
        raise RequestError(
            "{path} must hold at least {least}, not {count}", path=_called(path), least=items.least, count=len(value)
        )
    if len(value) > items.most:
        bounds = {"path": _called(path), "most": items.most, "count": len(value)}
        if items.advice:
            raise RequestError("{path} must hold at most {most}, not {count}; {advice}", **bounds, advice=items.advice)
        raise RequestError("{path} must hold at most {most}, not {count}", **bounds)
    return value


def _exactly(kind: type) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if not isinstance(value, kind):
            raise TypeError
        return value

    return convert


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        raise TypeError
    return float(value)


def _whole(value: Any) -> int:
    if not _number(value).is_integer():
        raise TypeError
    return int(value)  # JavaScript has one kind of number, so 7.0 is whole, too


@dataclass(frozen=True, slots=True)
class _Plain:
    """What a type and a list of it are called to a caller, and how a value becomes one, or TypeError."""

    words: Message
    several: Message
    convert: Callable[[Any], Any]


_LARGEST = 1e300
_PLAIN: dict[Any, _Plain] = {
    str: _Plain(Message("a text"), Message("a list of texts"), _exactly(str)),
    bool: _Plain(Message("true or false"), Message("a list of true or false"), _exactly(bool)),
    int: _Plain(Message("a whole number"), Message("a list of whole numbers"), _whole),
    float: _Plain(Message("a number"), Message("a list of numbers"), _number),
    Mapping: _Plain(Message("a JSON object"), Message("a list of objects"), _exactly(Mapping)),
}


# What people know by another name than that of its field; "" is all of what is sent.
_SAID = {
    "": Message("the request"),
    "text": Message("the text"),
    "seed": Message("the seed"),
    "voice": Message("the voice"),
    "model": Message("the model"),
    "language": Message("the language"),
    "name": Message("the name"),
}


def _mistyped(declared: Any, value: Any, path: str) -> RequestError:
    error = RequestError(
        "{path} must be {declared}, not {value}", path=_called(path), declared=_words(declared), value=_shown(value)
    )
    error.param = path
    return error


def _words(declared: Any) -> Message:
    if get_origin(declared) is Annotated:
        declared = get_args(declared)[0]
    if get_origin(declared) is tuple:
        return _plain(get_args(declared)[0]).several
    return _plain(declared).words


def _plain(declared: Any) -> _Plain:
    return _PLAIN[Mapping if dataclasses.is_dataclass(declared) else get_origin(declared) or declared]


def _called(path: str) -> Message:
    return _SAID.get(path) or Message("the field {path!r}", path=path)


def _shown(value: Any) -> str:
    """A value as its sender wrote it, if it is short."""
    if isinstance(value, Mapping):
        return Message("an object")
    if isinstance(value, list | tuple):
        return Message("a list")
    written = json.dumps(value)
    return written if len(written) <= LONGEST_SHOWN else f"{written[:LONGEST_SHOWN]}…"
