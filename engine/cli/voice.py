"""Which voice the flags name: one of the system's, a saved one, a file, a string, or a recording to take it from."""

import argparse
from pathlib import Path

from engine.errors import OptionError, VoiceError
from engine.request import Voice, VoicePrompt
from engine.system import SystemSpec


def add_voice(parser: argparse.ArgumentParser) -> None:
    """Declare --voice, --prompt-audio and --prompt-text."""
    help = "a voice of the system, a saved one, or a voice file"  # noqa: A001
    parser.add_argument("--voice", default="", metavar="NAME|FILE|STRING", help=help)
    help = "a recording whose voice to take; several times, where the system joins them, for more of the same speaker"  # noqa: A001
    parser.add_argument("--prompt-audio", action="append", default=[], metavar="FILE", help=help)
    help = "what is said in that recording; of several, once for each in the same order"  # noqa: A001
    parser.add_argument("--prompt-text", action="append", default=[], metavar="TEXT", help=help)


def chosen_voice(chosen: argparse.Namespace, spec: SystemSpec) -> Voice | str:
    """What --voice names: read where it is a file, else as it stands. Raises VoiceError."""
    from engine.voicing import named

    return named(spec, chosen.voice)


def chosen_prompt(
    chosen: argparse.Namespace, spec: SystemSpec, checkpoint: Path | None
) -> VoicePrompt | tuple[VoicePrompt, ...] | None:
    """The recordings of --prompt-audio; None without one. Raises OptionError, VoiceError and AudioError."""
    if not chosen.prompt_audio:
        if chosen.prompt_text:
            raise OptionError("--prompt-text says what is said in a recording; give the recording as --prompt-audio")
        return None
    if chosen.voice:
        raise VoiceError("--voice and --prompt-audio were both given; choose one of them")
    from engine.voicing import from_recordings

    recordings = [Path(each) for each in chosen.prompt_audio]
    return from_recordings(spec, recordings, chosen.prompt_text, chosen.language, checkpoint)
