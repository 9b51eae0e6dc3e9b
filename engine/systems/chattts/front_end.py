"""The front end of a checkpoint: ours, or under ``compat`` the reference's, and its notices.

Imports no torch but under ``compat`` and without ``normalize``, which are the reference's own ways.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import TextError
from engine.events import Notice
from engine.message import Message, quoted
from engine.options import called
from engine.request import Segment
from engine.system import Reading
from engine.systems.chattts.characters import ALLOWED
from engine.systems.chattts.files import locate
from engine.systems.chattts.options import Options
from engine.systems.chattts.text import (
    Prepared,
    in_words,
    pieces,
    prepare,
    speaks,
    texts,
    whole,
    with_pauses_between,
)
from engine.systems.chattts.tokenizer import Tokenizer
from engine.text.homophones import homophones, read_table

# A table of the user's own, beside the weights.
TABLE = "homophones_map.json"


def front_end(checkpoint: Path | None) -> "ChatTTSFrontEnd":
    """The front end of a checkpoint, from its tokenizer; for None one that knows every Chinese character.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    if checkpoint is None:
        return ChatTTSFrontEnd(homophones())
    files = locate(checkpoint)
    return ChatTTSFrontEnd(table_of(files.asset), Tokenizer(files.tokenizer).characters)


def table_of(asset: Path) -> Mapping[str, str]:
    """The homophones of a checkpoint whose files lie in ``asset``: its own table, else ours. Raises ConfigError."""
    own = next((path for path in (asset / TABLE, asset.parent / TABLE) if path.is_file()), None)
    return read_table(own) if own else homophones()


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSegment(Reading):
    """A segment as it is read, and as it is ``spelled`` for the model: with homophones, which sound the same."""

    spelled: str

    @property
    def is_spoken(self) -> bool:
        """Whether there is a word or a token in it."""
        return speaks(self.spelled) or "[" in self.spelled


@dataclass(frozen=True, slots=True)
class ChatTTSFrontEnd:
    """Text to what is tokenized; ``characters`` are those of Chinese that the tokenizer knows, None for all."""

    table: Mapping[str, str]
    characters: Collection[str] | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """Those of the published model, of which every other is a copy or a finer one."""
        return ("zh", "en")

    def segment(self, text: str, language: str, options: Options) -> list[Segment]:
        """The pieces to be spoken; lines of ``---`` separate texts. Under ``compat`` as the reference cuts.

        Raises TextError.
        """
        groups = texts(text)
        if options.compat:
            from engine.systems.chattts import compat

            return compat.segments(groups, options)
        if options.normalize:
            groups = [in_words(group, language) for group in groups]
        cut = [pieces(group, language) if options.split_text else [whole(group, language)] for group in groups]
        row = with_pauses_between(cut)
        if not row:
            raise TextError("the text has no letters and no digits; there is nothing to say")
        return row

    def read(self, segments: Sequence[Segment], options: Options) -> Iterator[PreparedSegment | Notice]:
        """Each segment, and before it a Notice of what is left out, each character once; under ``compat`` none.

        Raises TextError when nothing of them can be spoken.
        """
        if options.compat:
            yield from (self._published(segment, options) for segment in segments)
            return
        reported: set[str] = set()
        found = []
        for segment in segments:
            prepared = self.prepared(segment.text, segment.language, options)
            new = [character for character in prepared.left_out if character not in reported]
            if new:
                reported.update(new)
                yield Notice(
                    message=Message("left out, because the model cannot say it: {characters}", characters=quoted(new))
                )
            read = PreparedSegment(text=prepared.words, left_out=prepared.left_out, spelled=prepared.text)
            found.append(read)
            yield read
        if not any(speaks(read.spelled) for read in found):
            if any(read.is_spoken for read in found):
                raise TextError("the text has nothing but control tokens; write at least one word")
            raise TextError("the model cannot say any character of this text; it speaks Chinese and English")

    def caveats(self, options: Options) -> tuple[str, ...]:
        """That the model may rewrite what is read."""
        if not options.refine:
            return ()
        refine = called(Options, "refine")
        return (
            Message(
                "with {option} on, the model rewrites this text before it says it, in other words each time",
                option=refine,
            ),
        )

    def prepared(self, text: str, language: str, options: Options) -> Prepared:
        """A text as it is to be spoken."""
        return prepare(
            text,
            words=options.normalize,
            language=language,
            homophones=self.table if options.homophones else None,
            characters=self.characters,
        )

    def _published(self, segment: Segment, options: Options) -> PreparedSegment:
        from engine.systems.chattts import compat

        words = compat.clean(segment.text, normalize=options.normalize)
        table = self.table if options.homophones else {}
        spelled = compat.clean(segment.text, normalize=options.normalize, homophones=table)
        lost = (
            character
            for character in segment.text
            if character.isalnum() and character not in words and not _is_known(table.get(character, character))
        )
        return PreparedSegment(text=words, left_out=tuple(dict.fromkeys(lost)), spelled=spelled)


def _is_known(character: str) -> bool:
    return ord(character) < len(ALLOWED) and bool(ALLOWED[ord(character)])
