"""A command run on the fake system, and what is expected of its output."""

import json

import pytest

from engine.cli import main


@pytest.fixture
def run(capsys, fake_spec):
    """Run a command on the fake system: (status, stdout, stderr)."""

    def run(*arguments, specs=None):
        status = main([str(argument) for argument in arguments], specs or (fake_spec,))
        return (status, *capsys.readouterr())

    return run


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out.wav"


def say(run, out, *arguments, text="Hello there, world.", **named):
    status, stdout, stderr = run("say", text, "--system", "fake", "--out", out, "--json", *arguments, **named)
    assert (status, stderr) == (0, "")
    return json.loads(stdout)


def assert_mistake(result, *words, status=2):
    """One line on stderr that holds the words, nothing on stdout."""
    assert result[0] == status
    assert result[1] == ""
    assert result[2].count("\n") == 1
    assert result[2].endswith("\n")
    for word in words:
        assert word in result[2]
