"""Every variant's architecture from its tensors alone, and what is refused."""

import pytest

from engine.codec_lm.config import parse
from engine.errors import WeightsMismatch
from tests.valle import read

FULL = ("valle_full", "vallf_full", "valle_full_prenet_postnorm", "vallex_checkpoint")
SMALL = (
    *("valle_p0", "valle_p1", "valle_p2", "valle_p4", "valle_p1_bos", "valle_p1_postnorm_prenet", "valle_p0_half_nar"),
    *("valle_p1_q4", "valle_q1", "vallf_p0", "vallf_p1", "vallf_p4_prenet"),
)


def shapes(name):
    return {key: tuple(each["shape"]) for key, each in read(name).items()}


@pytest.mark.parametrize("name", FULL)
def test_the_published_sizes_need_no_configuration(name):
    config = parse(shapes(f"manifest_{name}"), {}, name)
    assert (config.width, config.heads, config.layers, config.n_codebooks) == (1024, 16, 12, 8)
    assert (config.nar_width, config.nar_heads, config.nar_layers) == (1024, 16, 12)
    assert config.prefix_mode == 1
    vallex = name == "vallex_checkpoint"
    assert (config.n_text, config.languages, config.begin) == ((2048, 3, True) if vallex else (512, 0, False))
    assert config.cross == (name == "vallf_full")
    assert (config.prenets, config.norm_first) == ((True, False) if "prenet" in name else (False, True))


@pytest.mark.parametrize("name", SMALL)
def test_variants_are_what_their_options_say(name):
    told = read(f"{name}.config")
    config = parse(shapes(f"{name}.manifest"), told, name)
    assert (config.width, config.heads, config.layers) == (32, 4, 2)
    assert config.n_codebooks == told["num_quantizers"]
    assert config.norm_first == told["norm_first"]
    assert config.prenets == told["add_prenet"]
    assert config.begin == told["prepend_bos"]
    assert config.prefix_mode == told["prefix_mode"]
    assert config.cross == (told["model_name"] == "vallf")
    if config.n_codebooks > 1:
        assert config.nar_heads == int(4 * told["scale_factor"])
        assert config.nar_width == int(32 * told["scale_factor"])
        assert config.nar_layers == int(2 * told["scale_factor"])


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"nhead": 5}, "nhead=5, which does not divide"),
        ({"nhead": True}, "nhead=True"),
        ({"nhead": 0}, "nhead=0"),
        ({"prefix_mode": 3}, "prefix_mode=3"),
        ({"scale_factor": float("nan")}, "scale_factor=nan"),
    ],
)
def test_options_that_make_no_sense_are_named(told, message):
    with pytest.raises(WeightsMismatch, match=message):
        parse(shapes("valle_p1.manifest"), told, "epoch-1.pt")


def test_other_models_are_refused():
    found = shapes("valle_p1.manifest")
    with pytest.raises(WeightsMismatch, match="no model of VALL-E"):
        parse({"weight": (2, 2)}, {}, "x.pt")
    with pytest.raises(WeightsMismatch, match="1025 of 1025 or 1026"):
        parse(found | {"ar_predict_layer.weight": (1024, 32)}, {}, "x.pt")
    with pytest.raises(WeightsMismatch, match="0 and 2 layers"):
        parse({key: value for key, value in found.items() if ".layers." not in key or key[0] == "n"}, {}, "x.pt")
