"""A sentence for people that can be said in another language: English, and what it was made of.

The template in English is the sentence's key in a translation, as in gettext, and what is said where there is none.
"""

import errno
from collections.abc import Iterable, Mapping, Sequence
from string import Formatter
from typing import Any

_FORMATTER = Formatter()


class Message(str):
    """The English sentence; ``template`` has {named} fields in the places of ``values``.

        Message("{path} has {size:.1f} MB", path="a.wav", size=71.25)

    is the string "a.wav has 71.2 MB" with the template "{path} has {size} MB" and the values {"path": "a.wav",
    "size": "71.2"}. A value that is a message itself, or an exception that holds one, keeps its own template. Without
    values a template is taken as it stands, braces and all.
    """

    template: str
    values: Mapping[str, "str | Message"]

    def __new__(cls, template: str, /, **values: Any) -> "Message":
        if isinstance(template, Message) and not values:
            return template
        key, shown = _formatted(template, values) if values else (template, {})
        message = super().__new__(cls, key.format(**shown) if values else template)
        message.template, message.values = key, shown
        return message

    def describe(self) -> dict[str, Any]:
        """As plain data: {"template", "values"}; a value is a text, or such a description with its "message"."""
        values = {
            name: {"message": str(value), **value.describe()} if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        return {"template": self.template, "values": values}


def as_told(text: str) -> dict[str, Any]:
    """What is said to people as plain data: {"message", "template", "values"}; see `Message.describe`."""
    return {"message": str(text), **Message(text).describe()}


def quoted(items: Iterable[str], most: int = 20) -> str:
    """The first ``most`` of ``items`` in quotes, each once, as a sentence lists them."""
    shown = list(dict.fromkeys(items))
    return " ".join(map(repr, shown[:most])) + (" …" if len(shown) > most else "")


def listed(parts: Sequence[str]) -> "Message":
    """At least one thing as a sentence lists them: "a, b and c". A part may be a message, and stays one."""
    *others, last = map(Message, parts)
    if not others:
        return last
    said, *rest = others
    for part in rest:
        said = Message("{first}, {next}", first=said, next=part)
    return Message("{first} and {last}", first=said, last=last)


def chained(parts: Sequence[str]) -> "Message":
    """At least one clause after another: "a; b; c". A part may be a message, and stays one."""
    said, *rest = map(Message, parts)
    for part in rest:
        said = Message("{first}; {next}", first=said, next=part)
    return said


def why(error: OSError) -> Message:
    """What the operating system says of its refusal, without the number and the path."""
    return _REFUSALS.get(error.errno or 0) or Message(error.strerror or str(error))


def plain(template: str) -> str:
    """A template without the conversions and format specifications of its fields: the key of its translations."""
    return "".join(
        literal.replace("{", "{{").replace("}", "}}") + ("" if name is None else f"{{{name}}}")
        for literal, name, _, _ in _FORMATTER.parse(template)
    )


def _formatted(template: str, values: Mapping[str, Any]) -> tuple[str, dict[str, str | Message]]:
    """The template without conversions and format specifications, and the values as these ask for them."""
    shown: dict[str, str | Message] = {}
    for _, name, spec, conversion in _FORMATTER.parse(template):
        if name is not None:
            inner = (
                getattr(values[name], "message", values[name]) if isinstance(values[name], Exception) else values[name]
            )
            if isinstance(inner, Message) and not spec and not conversion:
                shown[name] = inner
            else:
                value = _FORMATTER.convert_field(values[name], conversion)
                shown[name] = format(value, spec or "")
    return plain(template), shown


_REFUSALS = {
    errno.EACCES: Message("Permission denied"),
    errno.EBUSY: Message("Device or resource busy"),
    errno.EDQUOT: Message("Disk quota exceeded"),
    errno.EEXIST: Message("File exists"),
    errno.EFBIG: Message("File too large"),
    errno.EIO: Message("Input/output error"),
    errno.EISDIR: Message("Is a directory"),
    errno.EMFILE: Message("Too many open files"),
    errno.ENAMETOOLONG: Message("File name too long"),
    errno.ENOENT: Message("No such file or directory"),
    errno.ENOSPC: Message("No space left on device"),
    errno.ENOTDIR: Message("Not a directory"),
    errno.ENOTEMPTY: Message("Directory not empty"),
    errno.EPERM: Message("Operation not permitted"),
    errno.EROFS: Message("Read-only file system"),
}
