"""Sizes from shapes, and YAMLs that must agree with them."""

import pytest
import yaml

from engine.codecs.wavtokenizer import load
from engine.errors import ConfigError
from tests.wavtokenizer import FAMILIES, lightning_file, yaml_of


def write(path, raw):
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")


@pytest.mark.parametrize("family", FAMILIES)
def test_the_public_yaml_agrees(tmp_path, family):
    write(tmp_path / "wavtokenizer_smalldata.yaml", yaml_of(family))
    codec = load(lightning_file(tmp_path, family))
    assert codec.config.encoder.ratios == ((6, 5, 5, 4) if family == "codec40" else (8, 5, 4, 2))
    assert (codec.config.n_fft, codec.config.padding) == (4 * codec.hop, "same")


def test_the_yaml_of_the_other_family_is_named(tmp_path):
    write(tmp_path / "other.yaml", yaml_of("codec75"))
    with pytest.raises(ConfigError, match=r"other\.yaml says dowmsamples=\[8, 5, 4, 2\], but W.*\[6, 5, 5, 4\]"):
        load(lightning_file(tmp_path, "codec40"))


def test_of_several_yamls_one_must_agree_and_one_of_the_same_name_must(tmp_path):
    for family in FAMILIES:
        write(tmp_path / f"{family}.yaml", yaml_of(family))
    write(tmp_path / "about.yaml", {"something": "else"})
    path = lightning_file(tmp_path, "codec40")
    assert load(path).hop == 600
    write(path.with_suffix(".yaml"), yaml_of("codec75"))
    with pytest.raises(ConfigError, match=r"WavTokenizer\.yaml says"):
        load(path)


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("", "sample_rate", 16_000),
        ("feature_extractor", "vq_bins", 4096),
        ("feature_extractor", "num_quantizers", 2),
        ("backbone", "num_layers", 12),
        ("backbone", "adanorm_num_embeddings", 1),
        ("head", "hop_length", 320),
        ("head", "padding", "valid"),
    ],
)
def test_every_size_is_held_against_the_tensors(tmp_path, part, key, value):
    raw = yaml_of("codec40")
    arguments = raw["model"]["init_args"]
    (arguments[part]["init_args"] if part else arguments)[key] = value
    write(tmp_path / "config.yaml", raw)
    with pytest.raises(ConfigError, match=rf"config\.yaml says {key}={value!r}"):
        load(lightning_file(tmp_path, "codec40"))
