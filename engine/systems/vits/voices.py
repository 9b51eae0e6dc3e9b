"""The voices of a checkpoint: its speakers, found by name or by number. They cannot be made from recordings."""

from collections.abc import Mapping

from engine.errors import VoiceError
from engine.request import Voice

SYSTEM = "vits"
SHOWN = 20


def find(speakers: Mapping[str, int], name: str) -> Voice:
    """The voice called ``name``, or numbered so; "" is the first of ``speakers`` (names to rows). Raises VoiceError."""
    if not speakers:
        if name not in ("", "0"):
            raise VoiceError(
                "there is no voice {name!r}; this checkpoint has one voice, which needs no name", name=name[:60]
            )
        return Voice(system=SYSTEM, name="")
    by_number = {str(number): speaker for speaker, number in speakers.items()}
    speaker = next(iter(speakers)) if name == "" else name if name in speakers else by_number.get(name)
    if speaker is None:
        names = list(speakers)
        some = ", ".join(names[:SHOWN])
        if len(names) > SHOWN:
            raise VoiceError(
                "there is no voice {name!r}; the voices are {some}, … ({count} in all)",
                name=name[:60],
                some=some,
                count=len(names),
            )
        raise VoiceError("there is no voice {name!r}; the voices are {some}", name=name[:60], some=some)
    return Voice(system=SYSTEM, name=speaker, meta={"id": str(speakers[speaker])})


def number(voice: Voice) -> int | None:
    """The row of a voice in the speaker embedding; None where there is but one voice."""
    return int(voice.meta["id"]) if "id" in voice.meta else None
