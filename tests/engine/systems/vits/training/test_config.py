"""The training sections of a configuration: what is wrong is named, what is public is understood."""

import json

import pytest

from engine.errors import ConfigError
from engine.systems.vits.training.config import read_run
from tests.engine.systems.vits.training.runs import go


@pytest.mark.parametrize(
    ("train_keys", "message"),
    [
        ({"batch_sise": 4}, "train has unknown keys: batch_sise"),
        ({"segment_size": 2000}, "train.segment_size=2000 is not a multiple of data.hop_length=256"),
        ({"segment_size": 1024}, "train.segment_size=1024 is too short: 1368 samples are needed"),
        ({"learning_rate": "fast"}, "Learning rate must be a number; it was 'fast'"),
        ({"betas": [0.9]}, "train.betas has 1 numbers; 2 are needed"),
        ({"fft_sizes": [384, 683, 0]}, "train.fft_sizes=.* is no list of positive numbers"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(make_run, train_keys, message):
    with pytest.raises(ConfigError, match=message):
        go(make_run(**train_keys))


def test_public_configurations_can_be_trained(golden_json, tmp_path):
    for name, raw in golden_json("public_configs").items():
        path = tmp_path / f"{name}.json"
        raw["model"].setdefault("gin_channels", 256)
        path.write_text(json.dumps(raw))
        run = read_run(path)
        assert run.train.batch_size == raw["train"]["batch_size"]
        assert run.train.betas == (0.8, 0.99)
        assert run.train.precision == ("float16" if raw["train"]["fp16_run"] else "float32")


@pytest.mark.parametrize(
    ("data_keys", "message"),
    [
        ({"training_files": None}, "data.training_files is missing"),
        ({"boundaries": [300, 32]}, r"data: boundaries=\[300, 32\] is no list of rising frame counts"),
        ({"boundaries": "32"}, "data: boundaries='32' is no list of whole numbers"),
        ({"max_text_len": "long"}, "data: max_text_len='long' is no whole number"),
        ({"cleaned_text": 1}, "data: cleaned_text=1 is neither true nor false"),
    ],
)
def test_a_mistake_in_the_data_section_is_named(make_run, data_keys, message):
    path = make_run()
    raw = json.loads(path.read_text())
    path.write_text(json.dumps({**raw, "data": raw["data"] | data_keys}))
    with pytest.raises(ConfigError, match=message):
        read_run(path)
