"""The stages joined: a voice that the engine speaks with."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.engine import Engine
from engine.events import AudioChunk
from engine.request import SynthesisRequest
from engine.systems.vits import SPEC
from recipes.bundled_voice import acoustic, build, vocoder
from recipes.bundled_voice.data import Corpus


@pytest.mark.usefixtures("small")
def test_the_stages_joined_are_a_voice_that_the_engine_speaks_with(
    corpus: Corpus, tmp_path: Path, write_predicted: Callable[[Corpus, Path], Path]
) -> None:
    text_side, decoder = tmp_path / "acoustic.pt", tmp_path / "decoder.pt"
    list(acoustic.train(corpus, build.configuration(), text_side, minutes=0.01))
    vocoder.Stage(vocoder.build_decoder(build.configuration().model), adversarial=False).save(decoder)
    predicted = vocoder.Predicted(corpus, np.load(write_predicted(corpus, text_side), mmap_mode="r"))
    target = tmp_path / "voice"
    build.assemble(corpus, predicted, text_side, decoder, target)
    assert SPEC.speakers(target) == ("Ada", "Ben")
    request = SynthesisRequest(
        system="vits", text="Hello there.", voice="Ben", options=SPEC.options(), checkpoint=target, raw=True
    )
    chunks = [event for event in Engine(device="cpu").synthesize(request) if isinstance(event, AudioChunk)]
    assert sum(len(chunk.samples) for chunk in chunks) > 2000


@pytest.fixture
def write_predicted(tmp_path: Path) -> Callable[[Corpus, Path], Path]:
    """What stage one predicts for a corpus, written where stage two reads it."""

    def write(corpus: Corpus, checkpoint: Path) -> Path:
        target = tmp_path / "predicted.npy"
        list(build.predict(corpus, checkpoint, target))
        return target

    return write
