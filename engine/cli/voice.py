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
    parser.add_argument("--prompt-audio", metavar="FILE", help="a recording whose voice to take")
    parser.add_argument("--prompt-text", default="", metavar="TEXT", help="what is said in that recording")


def chosen_voice(chosen: argparse.Namespace, spec: SystemSpec) -> Voice | str:
    """What --voice names: read where it is a file, else as it stands. Raises VoiceError."""
    from engine.voicing import named

    return named(spec, chosen.voice)


def chosen_prompt(chosen: argparse.Namespace, spec: SystemSpec, checkpoint: Path | None) -> VoicePrompt | None:
    """The recording of --prompt-audio; None without one. Raises OptionError, VoiceError and AudioError."""
    if chosen.prompt_audio is None:
        if chosen.prompt_text:
            raise OptionError("--prompt-text says what is said in a recording; give the recording as --prompt-audio")
        return None
    if chosen.voice:
        raise VoiceError("--voice and --prompt-audio were both given; choose one of them")
    from engine.voicing import from_recording

    return from_recording(spec, Path(chosen.prompt_audio), chosen.prompt_text, chosen.language, checkpoint)
