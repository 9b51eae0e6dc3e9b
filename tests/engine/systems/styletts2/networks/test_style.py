"""The style encoders against the published reference values."""

import pytest
import torch

from tests.engine.style_tts.closeness import KINDS, close


@pytest.mark.parametrize("frames", [65, 80, 81, 133])
@pytest.mark.parametrize("kind", KINDS)
def test_style_encoders_hear_any_length(model, golden, kind, frames):
    values, network = golden("style_encoder"), model(f"modules_{kind}")
    style = network.encode_style(values[f"mel_{frames}"])
    close(style, torch.cat((values[f"style_{frames}"], values[f"pstyle_{frames}"]), dim=-1), 1e-4)


def test_a_mel_too_short_for_a_style_is_refused(net):
    with pytest.raises(ValueError, match="64 frames"):
        net.encode_style(torch.zeros(1, 1, 80, 64))
