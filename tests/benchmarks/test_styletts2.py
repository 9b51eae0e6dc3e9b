"""The benchmark compares like with like, counts the work, and hears the first sound."""

from dataclasses import replace

import pytest
import torch

from benchmarks.styletts2 import HIFIGAN, ISTFTNET, LJSPEECH, Sentence, measure

SMALL = {"width": 48, "residual_width": 8, "upsample_initial_channel": 32}


@pytest.mark.parametrize("kind", [ISTFTNET, HIFIGAN])
def test_every_part_is_measured_beside_one_that_gives_the_same(kind, capsys):
    plbert = replace(LJSPEECH.plbert, hidden_size=48, intermediate_size=32, num_hidden_layers=2)
    config = replace(
        LJSPEECH, hidden_dim=32, style_dim=16, decoder=replace(kind, **SMALL), plbert=plbert,
        multispeaker=kind is HIFIGAN,
    )  # fmt: skip
    sentence = Sentence(config, "cpu", 10, 20)
    with torch.inference_mode():
        for name, ours, peer in sentence.parts():
            if ours is not peer:
                mine, theirs = ours(), peer()
                error = torch.linalg.vector_norm(mine - theirs) / torch.linalg.vector_norm(theirs)
                assert error < 1e-3, name
    result = measure("small", config, "cpu", 1, phonemes=10)
    assert [part.name for part in result.parts][-3:] == ["decoder front", "source", "generator"]
    assert all(part.ours_s > 0 for part in result.parts)
    assert sum(part.gflop for part in result.parts) > 0
    assert result.first_s > 0
    assert result.long_s > 0
    shown = capsys.readouterr().out
    assert "first sound of five sentences" in shown
    assert "first sound of a sentence of 199 characters" in shown
