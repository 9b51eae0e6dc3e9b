"""The text side on a made-up corpus: it learns, and goes on where it was."""

from pathlib import Path

import pytest
import torch

from recipes.bundled_voice import acoustic, build
from recipes.bundled_voice.data import Corpus


@pytest.mark.usefixtures("small")
def test_the_text_side_learns_the_speakers_latents_and_resumes(corpus: Corpus, tmp_path: Path) -> None:
    config = build.configuration()
    torch.manual_seed(0)
    stage = acoustic.Stage(config.model)
    stage.model.enc_p.encoder.dropout.p = stage.model.dp.dropout.p = 0.0
    batch = acoustic.Batches(corpus, config.text.symbols, [], seed=0).batch(list(range(8)))
    losses = [stage.learn(batch) for _ in range(40)]
    assert losses[-1]["latent"] < 0.8 * losses[0]["latent"]
    stage.save(tmp_path / "stage.pt")
    again = acoustic.Stage(config.model)
    again.load(tmp_path / "stage.pt")
    assert again.step == 40
    validated = [acoustic.evaluate(s.average.module, corpus, config.text.symbols, [0, 1]) for s in (stage, again)]
    assert validated[0] == pytest.approx(validated[1], rel=1e-6)
