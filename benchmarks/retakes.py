"""Whether the best of several takes has fewer errors than a single one: ``python -m benchmarks.retakes``.

The voice that ships hardly errs, so it is made to: noise is added to each take anew, drawn from its seed, until a single
take has an error in several of ten sentences. One recogniser chooses, and another that is no part of the choice counts:
Whisper tiny.en chooses, Whisper base counts.

    python -m benchmarks.retakes [--first N] [--tries N] [--snr DB] [--json FILE]
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.ears import Ears
from engine.engine import Engine
from engine.events import AudioChunk, Event
from engine.recognition.compared import compare
from engine.registry import recognisers
from engine.library import Library
from engine.request import SynthesisRequest
from engine.speech import collect
from engine.system import SystemSpec
from engine.systems.kokoro import SPEC
from recipes.bundled_voice.texts import test_sentences
