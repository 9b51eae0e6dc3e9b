"""The front end of a checkpoint: ours, or under ``compat`` the reference's, and its notices. Imports no torch."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.config_file import flag, read_yaml, section
from engine.errors import TextError, WeightsMismatch
from engine.events import Notice
from engine.message import Message, quoted
from engine.request import Segment
from engine.systems.styletts2 import compat, text
from engine.systems.styletts2.files import locate
from engine.systems.styletts2.options import Options
from engine.systems.styletts2.text import Encoded, PreparedSegment
from engine.weights_header import shapes

# The public PL-BERT's, which every public checkpoint has.
PUBLISHED_LENGTH = 512
_POSITIONS = "embeddings.position_embeddings.weight"


def front_end(checkpoint: Path | None) -> "StyleTTS2FrontEnd":
    """The front end of a checkpoint, from its configuration and the head of its weights; None: a published one's.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    if checkpoint is None:
        return StyleTTS2FrontEnd(multispeaker=True, max_length=PUBLISHED_LENGTH)
    files = locate(checkpoint)
    params = section(read_yaml(files.config), "model_params", "config.yml")
    lengths = [shape[0] for key, shape in shapes(files.weights).items() if key.endswith(_POSITIONS) and shape]
    if not lengths:
        raise WeightsMismatch(
            "{source} has no PL-BERT; it is no complete StyleTTS2 model of the second stage", source=files.weights.name
        )
    return StyleTTS2FrontEnd(multispeaker=flag(params, "multispeaker"), max_length=lengths[0])


class StyleTTS2FrontEnd:
    """Text to ids for a model of one speaker or of many, which reads ``max_length`` ids at once."""

    def __init__(self, *, multispeaker: bool, max_length: int) -> None:
        self.multispeaker, self.max_length = multispeaker, max_length

    @property
    def languages(self) -> tuple[str, ...]:
        """English: espeak's American English gives it its phonemes."""
        return ("en",)

    def segment(self, text: str, language: str, options: Options) -> list[Segment]:
        """The text by sentences; under ``compat`` as the reference cuts it. Raises TextError."""
        return self._kind(options).segment(text, language)

    def read(self, segments: Sequence[Segment], options: Options) -> Iterator[PreparedSegment | Notice]:
        """Each segment when its turn comes, and before it a Notice of what is left out, each character once.

        Raises TextError when nothing can be spoken, or nothing of the text of the style; under ``compat`` before the
        first segment for any that cannot.
        """
        kind = self._kind(options)
        prepared = kind.prepared(segments)
        kind.encode_style_text(options.style_text)
        noticed: set[str] = set()
        silent = True
        for segment in prepared:
            if left_out := [symbol for piece in segment.pieces for symbol in piece.left_out if symbol not in noticed]:
                noticed.update(left_out)
                yield Notice(
                    message=Message(
                        "left out, because the model has no symbol for it: {left_out}", left_out=quoted(left_out)
                    )
                )
            silent = silent and not any(piece.speaks for piece in segment.pieces)
            yield segment
        if silent:
            raise TextError("nothing in this text has a sound that the model knows; it speaks English")

    def style_text(self, options: Options) -> Encoded | None:
        """What styles are to be sampled for instead of what is said; None without one. Raises TextError."""
        return self._kind(options).encode_style_text(options.style_text)

    def caveats(self, _options: Options) -> tuple[str, ...]:
        """Nothing: what is read is what is said."""
        return ()

    def _kind(self, options: Options) -> text.FrontEnd | compat.FrontEnd:
        kind = compat.FrontEnd if options.compat else text.FrontEnd
        return kind(multispeaker=self.multispeaker, max_length=self.max_length, cleaned=options.cleaned)
