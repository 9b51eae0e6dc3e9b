"""Forms with files, as OpenAI's clients send recordings: read into memory within bounds, and never onto the disk."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from server.errors import RequestError
from server.openai.errors import Mistake

MOST_FIELDS, MOST_FILES = 20, 2
LONGEST_FIELD = 64 * 2**10
# A form around the file.
_AROUND = 256 * 2**10


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What was sent, by the names of the fields; of several of one name it is the last."""

    fields: Mapping[str, str]
    files: Mapping[str, bytes]

    def text(self, name: str, *, most: int = 200) -> str:
        """A field that must be there, in one line of at most ``most`` characters. Raises Mistake."""
        said = " ".join(self.fields.get(name, "").split())
        if not said:
            raise Mistake("the form needs the field {name!r}", param=name, name=name)
        if len(said) > most:
            raise Mistake(
                "{name} has {count:,} characters; at most {most:,} are taken",
                param=name, name=name, count=len(said), most=most,
            )  # fmt: skip
        return said

    def file(self, name: str) -> bytes:
        """A file that must be there. Raises Mistake."""
        if not (data := self.files.get(name)):
            raise Mistake("the form needs a file in the field {name!r}", param=name, name=name)
        return data


async def read_form(request: Request, most: int, take: Callable[[int], object]) -> Form:
    """The form that is sent, with files of at most ``most`` bytes; ``take`` is told of each piece before it is kept.

    Raises RequestError for what is no form, and for one that is too large.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Mistake("send the request as multipart/form-data", 415)

    async def bounded() -> AsyncGenerator[bytes, None]:
        size = 0
        async for piece in request.stream():
            size += len(piece)
            if size > most + _AROUND:
                raise RequestError("the file is larger than {most} MiB; send a smaller one", 413, most=most // 2**20)
            take(len(piece))
            yield piece

    parser = _InMemory(
        request.headers, bounded(), max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD
    )
    try:
        sent = await parser.parse()
    except MultiPartException as error:
        raise Mistake("the form cannot be read: {reason}", reason=error.message) from error
    except (ValueError, LookupError) as error:  # a boundary, a header or a charset that there is not
        raise Mistake("the form cannot be read: {reason}", reason=type(error).__name__) from error
    try:
        files = {name: await part.read() for name, part in sent.multi_items() if isinstance(part, UploadFile)}
        return Form(fields={name: part for name, part in sent.multi_items() if isinstance(part, str)}, files=files)
    finally:
        await sent.close()


class _InMemory(MultiPartParser):
    """As large as a form may be, nothing of it goes into a temporary file."""

    spool_max_size = 0  # which means: never
