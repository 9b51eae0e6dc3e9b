"""The benchmark measures ours, the peer and the decoder in turns, and hears the first sound."""

import torch

from benchmarks.kokoro import measure
from engine.steps import finish
from engine.systems.kokoro.system import load
from tests.kokoro import tiny_checkpoint


def test_everything_is_measured(tmp_path, capsys):
    system = finish(load(tiny_checkpoint(tmp_path), torch.device("cpu"), torch.float32))
    asked = []
    result = measure(system, 1, peer=lambda _outputs, given: asked.append(given))
    assert len(asked) == 2
    assert asked[0]["tokens"].shape[1] > 20
    assert asked[0]["style"].shape == (1, 32)
    assert result.decoder_gflop > 0
    assert min(result.ours.wall_s, result.first_sound_s, result.decoder_share) > 0
    assert "times as long" in capsys.readouterr().out
