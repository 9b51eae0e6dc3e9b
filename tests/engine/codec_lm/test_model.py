"""Building models strictly: every published size, and what does not fit."""

import pytest
import torch

from engine.codec_lm.config import parse
from engine.codec_lm.model import CodecLM, build, place
from engine.codec_lm.weights import ours, unwrapped
from engine.errors import WeightsMismatch
from tests.engine.codec_lm.test_config import FULL, SMALL, shapes
from tests.valle import model_state, read


@pytest.mark.parametrize("name", FULL)
def test_the_published_sizes_have_exactly_our_tensors(name):
    published = shapes(f"manifest_{name}")
    with torch.device("meta"):
        own = CodecLM(parse(published, {}, name)).state_dict()
    assert {key: tuple(value.shape) for key, value in own.items()} == ours(published)


@pytest.mark.parametrize("name", SMALL)
def test_every_variant_loads_and_lets_the_projections_go(name):
    model = build(model_state(name), read(f"{name}.config"), name)
    assert not any("project_layer" in key or "stage_embeddings" in key for key in model.state_dict())


def test_tensors_that_do_not_fit_are_named():
    state, told = model_state("valle_p1"), read("valle_p1.config")
    for change, message in (
        ({"ar_decoder.layers.1.linear1.bias": None}, r"1 missing \(ar.decoder.layers.1.linear1.bias\)"),
        ({"optimizer": torch.zeros(1)}, r"1 unexpected \(optimizer\)"),
        ({"nar_text_position.alpha": torch.tensor([float("nan")])}, "not finite"),
        ({"nar_predict_layers.6.weight": torch.zeros(9, 32)}, r"nar.predict_layers.6.weight \[9, 32\]"),
    ):
        changed = {key: value for key, value in (state | change).items() if value is not None}
        with pytest.raises(WeightsMismatch, match=message):
            build(changed, told, "epoch-1.pt")


def test_a_wrapper_of_several_devices_is_taken_off():
    state = {f"module.{key}": value for key, value in model_state("valle_p1").items()}
    build(unwrapped(state), read("valle_p1.config"), "epoch-1.pt")


def test_matrices_take_the_precision_and_norms_stay():
    loaded = place(build(model_state("valle_p1"), read("valle_p1.config"), "x"), torch.device("cpu"), torch.bfloat16)
    assert loaded.model.ar.decoder.dtype == loaded.model.nar.decoder.dtype == torch.bfloat16
    assert loaded.model.ar.decoder.norm.weight.dtype == torch.float32
    assert loaded.weights.get("full") is None
