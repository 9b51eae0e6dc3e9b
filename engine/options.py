"""Options are declared once, as fields of a frozen dataclass that carry a control.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options:
        noise_scale: float = slider(0.667, 0.0, 1.2, step=0.001, label="Liveliness", help="Higher: livelier.")

The page, the HTTP routes, the command line and the documentation are drawn from that line, and `parse` holds every
caller to it. The name is what is sent; the label is what a person reads.
"""

import dataclasses
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from engine.errors import OptionError
from engine.message import Message

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

LONGEST_SHOWN = 60

T = TypeVar("T", bound="DataclassInstance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slider:
    """A number in [minimum, maximum]; whole when the field's default is an int."""

    minimum: float
    maximum: float
    step: float
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of a few strings."""

    choices: tuple[str, ...]
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Toggle:
    """On or off."""

    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A short free text of at most ``max_length`` characters. ``suggestions`` are (label, text) to choose from."""

    max_length: int
    help: str
    suggestions: tuple[tuple[str, str], ...] = ()


Control = Slider | Choice | Toggle | Text


def slider(
    default: float,
    minimum: float,
    maximum: float,
    *,
    step: float,
    help: str,  # noqa: A002
    label: str = "",
    group: str = "",
    needs: tuple[str, ...] = (),
) -> Any:
    """A field for a number in [minimum, maximum]; an int default makes it whole."""
    return _field(default, Slider(minimum=minimum, maximum=maximum, step=step, help=help), label, group, needs)


def choice(
    default: str,
    choices: tuple[str, ...],
    *,
    help: str,  # noqa: A002
    label: str = "",
    group: str = "",
    needs: tuple[str, ...] = (),
) -> Any:
    """A field for one of ``choices``."""
    return _field(default, Choice(choices=choices, help=help), label, group, needs)


def toggle(
    default: bool,
    *,
    help: str,  # noqa: A002
    label: str = "",
    group: str = "",
    needs: tuple[str, ...] = (),
) -> Any:
    """A field for on or off."""
    return _field(default, Toggle(help=help), label, group, needs)


def text(
    default: str,
    *,
    max_length: int = 1000,
    help: str,  # noqa: A002
    suggestions: tuple[tuple[str, str], ...] = (),
    label: str = "",
    group: str = "",
    needs: tuple[str, ...] = (),
) -> Any:
    """A field for a short free text."""
    return _field(default, Text(max_length=max_length, help=help, suggestions=suggestions), label, group, needs)


def narrowed(options: type, name: str, *needs: str) -> Any:
    """The option ``name`` of another options class, for one that makes it need more."""
    field = next(each for each in dataclasses.fields(options) if each.name == name)
    metadata = {**field.metadata, "needs": (*field.metadata["needs"], *needs)}
    return dataclasses.field(default=field.default, metadata=metadata)


def _field(default: Any, control: Control, label: str, group: str, needs: tuple[str, ...]) -> Any:
    metadata = {"control": control, "label": label, "group": group, "needs": needs}
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One declared option: its name, default and control.

    ``label`` is what a person reads instead of the name; options of one ``group`` are shown together. ``needs`` are
    clauses that must all hold, or the option changes nothing: each is "a or b > 1 or not c", where a name is that of
    another option (which is on, not empty, not 0, or above the number) or a trait of the checkpoint and the voice
    (`engine.system.SystemSpec.traits`).
    """

    name: str
    default: Any
    control: Control
    label: str
    group: str = ""
    needs: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """'int', 'float', 'bool' or 'str': what the field holds."""
        return type(self.default).__name__

    @property
    def called(self) -> Message:
        """What an error calls it: the label, and the name where that is another word, for those who send it."""
        if _words(self.label) == _words(self.name):
            return Message(self.label)
        return Message("{label} ({name})", label=Message(self.label), name=self.name)

    @property
    def asks(self) -> frozenset[str]:
        """The names in its needs: of options, and of traits."""
        parts = (part for clause in self.needs for part in clause.split(" or "))
        return frozenset(part.removeprefix("not ").partition(" > ")[0] for part in parts)

    def describe(self) -> dict[str, Any]:
        """The declaration as plain data: name, label, type, default, group, needs, help, the bounds of the control."""
        control = dataclasses.asdict(self.control)
        own = {"name": self.name, "label": self.label, "type": self.type, "default": self.default}
        return {**own, "group": self.group, "needs": list(self.needs), **control}


def declared(options: type) -> tuple[Declared, ...]:
    """The options that a dataclass declares, in their order.

    The underscore of a field such as ``break_``, which Python needs, is no part of the option's name. An option
    without a label is called by its name.
    """
    return tuple(
        Declared(
            name=(name := field.name.removesuffix("_")),
            default=field.default,
            control=field.metadata["control"],
            label=field.metadata["label"] or name.replace("_", " ").capitalize(),
            group=field.metadata["group"],
            needs=field.metadata["needs"],
        )
        for field in dataclasses.fields(options)
        if "control" in field.metadata
    )


def unheeded(options: Any, traits: Collection[str]) -> tuple[Declared, ...]:
    """Those of an options class's instance that change nothing, as the others stand and with these ``traits``."""
    held = values(options)
    true = {*traits, *(name for name, value in held.items() if value)}
    return tuple(
        option for option in declared(type(options)) if not all(_holds(clause, true, held) for clause in option.needs)
    )


def _holds(clause: str, true: Collection[str], held: Mapping[str, Any]) -> bool:
    def is_true(part: str) -> bool:
        name, _, above = part.partition(" > ")
        return bool(held[name] > float(above)) if above else name in true

    return any(
        not is_true(part.removeprefix("not ")) if part.startswith("not ") else is_true(part)
        for part in clause.split(" or ")
    )


def called(options: type, name: str) -> Message:
    """What a sentence calls the option of this name in an options class."""
    return next(option.called for option in declared(options) if option.name == name)


def values(options: Any) -> dict[str, Any]:
    """What an instance of an options class holds, by the options' names: what `parse` makes the same instance of."""
    return {field.name.removesuffix("_"): getattr(options, field.name) for field in dataclasses.fields(options)}


def parse(options: type[T], raw: Mapping[str, Any]) -> T:
    """An instance of ``options`` from loose values (strings from a command line, floats from a slider).

    Raises OptionError for a name that is not declared, a value of the wrong type, or one out of bounds.
    """
    known = {option.name: option for option in declared(options)}
    for name in raw:
        if name not in known:
            raise OptionError(
                "there is no option {name}; the options are {known}",
                name=_short(name),
                known=", ".join(known) or Message("none"),
            )
    attributes = {field.name.removesuffix("_"): field.name for field in dataclasses.fields(options)}
    return options(**{attributes[name]: _coerce(known[name], value) for name, value in raw.items()})


def _coerce(option: Declared, value: Any) -> Any:
    match option.control:
        case Slider(minimum=low, maximum=high):
            number = _number(option, value)
            if not low <= number <= high:
                raise OptionError(
                    "{option} must be between {low:g} and {high:g}; it was {value}",
                    option=option.called,
                    low=low,
                    high=high,
                    value=value,
                )
            return number
        case Choice(choices=choices):
            if value not in choices:
                raise OptionError(
                    "{option} must be one of {choices}; it was {value}",
                    option=option.called,
                    choices=", ".join(choices),
                    value=_short(value),
                )
            return value
        case Toggle():
            return _switch(option, value)
        case Text(max_length=longest):
            if not isinstance(value, str):
                raise OptionError("{option} must be a text; it was {value}", option=option.called, value=_short(value))
            if len(value) > longest:
                raise OptionError(
                    "{option} has {count} characters; at most {longest} are allowed",
                    option=option.called,
                    count=len(value),
                    longest=longest,
                )
            return value


def _number(option: Declared, value: Any) -> int | float:
    try:
        if isinstance(value, bool):
            raise ValueError
        number = float(value)
    except (TypeError, ValueError):
        raise OptionError(
            "{option} must be a number; it was {value}", option=option.called, value=_short(value)
        ) from None
    except OverflowError:
        raise OptionError(
            "{option} must be a number of ordinary size; it was {value}", option=option.called, value=_short(value)
        ) from None
    if not math.isfinite(number):
        raise OptionError("{option} must be a finite number; it was {value}", option=option.called, value=value)
    if option.type != "int":
        return number
    if number != int(number):
        raise OptionError("{option} must be a whole number; it was {value}", option=option.called, value=value)
    return int(number)


def _switch(option: Declared, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise OptionError("{option} must be on or off; it was {value}", option=option.called, value=_short(value))


def _words(name: str) -> str:
    return name.replace("_", " ").casefold()


def _short(value: Any) -> str:
    """A value as Python writes it, cut where it is long."""
    written = repr(value)
    return written if len(written) <= LONGEST_SHOWN else f"{written[:LONGEST_SHOWN]}…"
