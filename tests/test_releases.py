"""A release of every kind goes its whole way: from the hub to the disk, checked, and to sound, by the command line."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import soundfile

from engine.cli import main
from engine.systems.chattts import SPEC
from tests.hub_server import FakeHub
from tests.releases import chattts_release, vallex_release

ID = "chattts/chattts"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> tuple:
    return chattts_release(tmp_path_factory.mktemp("chattts"))


@pytest.fixture
def hub(release: tuple) -> Iterator[FakeHub]:
    with FakeHub(release[1]) as hub:
        yield hub


@pytest.fixture
def run(
    release: tuple, hub: FakeHub, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Run a command: (status, stdout, stderr). Every system is the published one but for the sums of its files."""
    for name, value in (("POLYPHONE_MODELS_DIR", "models"), ("HF_HOME", "cache")):
        monkeypatch.setenv(name, str(tmp_path / value))
    monkeypatch.setenv("HF_ENDPOINT", hub.url)

    def run(*arguments: object, specs: tuple = (release[0],)) -> tuple[int, str, str]:
        status = main([*map(str, arguments)], specs)
        return (status, *capsys.readouterr())

    return run


def test_chattts_says_how_to_get_it_is_downloaded_and_speaks_with_a_drawn_voice(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    say = ("say", "你好，世界。", "--system", "chattts", "--seed", 1, "--device", "cpu", "--out", out)
    say = (*say, "--set", "max_new_tokens=24")
    status, _, err = run(*say)
    assert (status, err.count("\n")) == (2, 1)
    assert f"python -m engine models download {ID}" in err
    status, _, err = run("models", "download", ID)
    assert (status, err.count("\n")) == (2, 1)
    assert "CC BY-NC 4.0" in err
    assert "--accept" in err
    assert run("models", "download", ID, "--accept")[0] == 0
    assert run("models", "verify", ID)[:2] == (0, f"{ID} is intact\n")
    (system,) = json.loads(run("systems", "--json")[1])
    assert system["voices"][:2] == ["Default", "Timbre1"]
    assert run(*say, "--voice", "seed:2222")[0] == 0
    assert 0.3 < soundfile.info(out).duration < 1


def test_a_file_with_another_sum_than_the_published_is_not_kept(run: Run, tmp_path: Path) -> None:
    status, _, err = run("models", "download", ID, "--accept", specs=(SPEC,))
    assert status == 1
    assert "Decoder.safetensors" in err
    assert not list((tmp_path / "models").rglob("*.safetensors"))


def test_a_repository_of_the_same_layout_is_downloaded_by_its_name(run: Run) -> None:
    assert run("models", "download", "chattts:2Noise/ChatTTS", specs=(SPEC,))[0] == 0
    cards = {card["id"]: card for card in json.loads(run("models", "list", "--json", specs=(SPEC,))[1])}
    assert cards["chattts/2Noise--ChatTTS"]["state"] == "ready"


def test_the_release_in_small_differs_from_the_published_in_its_sums_alone(release: tuple) -> None:
    (small,), (published,) = release[0].releases, SPEC.releases
    assert [file.path for file in small.files] == [file.path for file in published.files]
    assert dataclasses.replace(small, files=published.files) == published


def test_vallex_brings_its_codecs_from_their_own_repositories(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, served = vallex_release(tmp_path / "published")
    for name, value in (("POLYPHONE_MODELS_DIR", "models"), ("HF_HOME", "cache")):
        monkeypatch.setenv(name, str(tmp_path / value))
    with FakeHub(served) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        assert main(["models", "download", "vallex/vallex", "--accept"], (spec,)) == 0
        assert main(["models", "verify", "vallex/vallex"], (spec,)) == 0
    folder = tmp_path / "models" / "vallex" / "vallex"
    assert all((folder / file.place).is_file() for release in spec.releases for file in release.files)
    out = tmp_path / "out.wav"
    say = ["say", "Go on.", "--system", "vallex", "--seed", "1", "--device", "cpu", "--out", str(out)]
    assert main([*say, "--set", "max_audio_s=1", "--set", "repetition_guard=false"], (spec,)) == 0
    assert soundfile.info(out).frames > 0
    capsys.readouterr()
