"""The architecture from config.yml and shapes: what cannot be is refused by its key."""

import shutil

import pytest

from engine.errors import ConfigError, WeightsMismatch
from engine.systems.styletts2.checkpoint import read
from engine.systems.styletts2.config import parse

NAME = "modules_hifigan"


def test_widths_that_no_config_tells_come_from_the_tensors(model):
    config = model(NAME).config
    assert (config.decoder.width, config.decoder.residual_width, config.style_dim) == (48, 8, 16)
    assert (config.plbert.hidden_size, config.plbert.intermediate_size, config.plbert.num_attention_heads) == (
        24,
        40,
        2,
    )


def test_without_its_own_config_the_public_plbert_is_assumed(checkpoint, tmp_path, model):
    folder = shutil.copytree(checkpoint(NAME), tmp_path / "alone")
    plbert = read(folder).config.plbert
    assert (plbert.num_attention_heads, plbert.num_hidden_layers) == (12, 12)
    assert plbert.hidden_size == model(NAME).config.plbert.hidden_size


def params(raw):
    return raw["model_params"]


WRONG = {
    "no model": (lambda raw: raw.clear(), "no section 'model_params'"),
    "decoder kind": (lambda raw: params(raw)["decoder"].update(type="vocos"), "'vocos' is none of hifigan, istftnet"),
    "rates": (
        lambda raw: params(raw)["decoder"].update(upsample_rates=[10, 5, 3, 3], upsample_kernel_sizes=[20, 10, 6, 6]),
        "450 samples",
    ),
    "kernels": (lambda raw: params(raw)["decoder"].update(upsample_kernel_sizes=[20, 10, 6]), "pair up"),
    "another kernel": (lambda raw: params(raw)["decoder"].update(upsample_kernel_sizes=[5, 10, 6, 4]), "not twice"),
    "dilations": (lambda raw: params(raw)["decoder"].update(resblock_dilation_sizes=3), "no list of lists"),
    "even kernels": (lambda raw: params(raw)["decoder"].update(resblock_kernel_sizes=[4, 7, 11]), "must be odd"),
    "width": (lambda raw: params(raw)["decoder"].update(upsample_initial_channel=24), "cannot be halved"),
    "sigma": (lambda raw: params(raw)["diffusion"]["dist"].pop("sigma_data"), "'sigma_data' is missing"),
    "negative sigma": (
        lambda raw: params(raw)["diffusion"]["dist"].update(sigma_data=-1.0),
        "sigma_data=-1.0 is not above 0",
    ),
    "a text for a number": (lambda raw: params(raw).update(n_token="many"), "n_token='many'"),
    "a number for a truth": (lambda raw: params(raw).update(multispeaker=2), "multispeaker=2"),
    "odd": (lambda raw: params(raw).update(hidden_dim=33), "odd"),
    "nothing": (lambda raw: params(raw).update(n_layer=0), "n_layer=0 is below 1"),
    "heads": (lambda raw: params(raw)["diffusion"]["transformer"].update(num_heads=-1), "num_heads=-1 is below 1"),
}


@pytest.mark.parametrize(("change", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_configuration_is_refused(configured, change, message):
    with pytest.raises(ConfigError, match=message):
        read(configured(change))


def test_a_configuration_that_does_not_fit_the_tensors_is_refused(configured):
    folder = configured(lambda raw: params(raw).update(n_token=100))
    with pytest.raises(WeightsMismatch, match=r"text_encoder\.embedding\.weight"):
        read(folder)


@pytest.mark.parametrize("change", [{"n_token": 10**7}, {"n_layer": 10**6}, {"max_dur": 10**7}])
def test_a_configuration_for_a_far_larger_network_is_refused_before_it_takes_memory(configured, change):
    with pytest.raises(WeightsMismatch, match="far larger network"):
        read(configured(lambda raw: params(raw).update(change)))


@pytest.mark.parametrize("text", ["[1, 2", "- a\n- b", "\x00", "a: !!python/object:os.system {}"])
def test_what_is_no_mapping_of_yaml_is_refused(configured, text):
    folder = configured(lambda _raw: None)
    (folder / "config.yml").write_text(text)
    with pytest.raises(ConfigError, match="YAML"):
        read(folder)


def test_a_tensor_of_another_number_of_axes_is_refused(golden_json):
    shapes = {"style_encoder.unshared.bias": ()}
    with pytest.raises(WeightsMismatch, match=r"unshared\.bias has the shape \[\]"):
        parse(golden_json("config_ljspeech"), None, shapes)


def test_a_plbert_of_another_width_is_named(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint(NAME), tmp_path / "own")
    own = folder / "Utils" / "PLBERT" / "config.yml"
    own.parent.mkdir(parents=True)
    own.write_text("model_params: {num_attention_heads: 7, num_hidden_layers: 2}")
    with pytest.raises(ConfigError, match="num_attention_heads=7 cannot share PL-BERT's 24 channels"):
        read(folder)
