"""Positions, norms and prenets against the reference's numbers."""

import torch
from torch.testing import assert_close

from engine.codec_lm.blocks import AdaptiveLayerNorm, SinePosition, audio_prenet, text_prenet
from engine.codec_lm.weights import ours
from tests.goldens import weights
from tests.valle import arrays, read


def block(name):
    """The weights of one block under our names."""
    shapes = read("blocks.manifest")[name]
    return ours({key: torch.from_numpy(weights.tensor(f"{name}.{key}", shape)) for key, shape in shapes.items()})


def test_positions_are_the_reference_s():
    golden = arrays("blocks")
    position = SinePosition(16)
    position.load_state_dict(block("pos"))
    assert_close(position(golden["x"]), golden["pos_out"], atol=1e-5, rtol=0)
    rows = torch.tensor([0.0, 1, 2, 3999, 4009])
    assert_close(position.table(rows), golden["pe_16_first4010_rows_3999_4009"], atol=1e-6, rtol=0)
    assert_close(position(golden["x"])[:, 4:], position(golden["x"][:, 4:], first=4), atol=0, rtol=0)


def test_an_adaptive_norm_is_the_reference_s_for_each_stage():
    golden = arrays("blocks")
    norm = AdaptiveLayerNorm(16)
    norm.load_state_dict(block("ada"))
    norm.tabulate(torch.cat((torch.zeros(1, 16), golden["stage"])))
    assert_close(norm(golden["x"], 1), golden["ada"], atol=1e-5, rtol=0)
    assert (norm(golden["x"], 0) - golden["ada"]).abs().max() > 0.1
    assert list(norm.parameters()) == []


def test_prenets_stand_where_the_published_names_have_them():
    state = read("valle_p1_postnorm_prenet.manifest")
    for made, prefix in ((text_prenet(32), "ar_text_prenet."), (audio_prenet(32), "nar_audio_prenet.")):
        published = {key.removeprefix(prefix): each["shape"] for key, each in state.items() if key.startswith(prefix)}
        assert {key: list(value.shape) for key, value in made.state_dict().items()} == published
