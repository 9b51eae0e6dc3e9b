"""``train``: the system is that of the configuration."""

import json

from tests.engine.cli.conftest import assert_mistake


def test_train_follows_the_configuration(run, tmp_path):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"system": "fake", "steps": 2}))
    assert run("train", config) == (0, "", "loss 1.000 1/2\nloss 0.500 2/2\n")


def test_train_takes_vits_where_no_system_is_named(run, tmp_path):
    config = tmp_path / "config.json"
    config.write_text("{}")
    assert_mistake(run("train", config), "'vits'")
    config.write_text("[]")
    assert_mistake(run("train", config), "JSON object")
