"""The public checkpoints: from a hub to sound by the command line, in small."""

import json

import pytest
import soundfile

from engine.cli import main
from engine.systems.styletts2.releases import RELEASES
from tests.hub_server import FakeHub
from tests.releases import STYLETTS2_COMMITS, STYLETTS2_GOLDENS

LJSPEECH, LIBRITTS = "styletts2/ljspeech", "styletts2/libritts"


@pytest.fixture
def run(releases, tmp_path, capsys, monkeypatch):
    """Run a command: (status, stdout, stderr). Models come from a hub on loopback."""
    spec, served = releases
    for name, value in (("POLYPHONE_MODELS_DIR", "models"), ("HF_HOME", "cache")):
        monkeypatch.setenv(name, str(tmp_path / value))
    with FakeHub(served, STYLETTS2_COMMITS) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)

        def run(*arguments):
            status = main([*map(str, arguments)], (spec,))
            return (status, *capsys.readouterr())

        yield run


def say(out, *more):
    return ("say", "Hello, world!", "--system", "styletts2", "--seed", 1, "--device", "cpu", "--out", out, *more)


def test_the_terms_are_accepted_and_then_the_one_voice_speaks(run, tmp_path):
    out = tmp_path / "out.wav"
    status, _, err = run("models", "download", LJSPEECH)
    assert (status, err.count("\n")) == (2, 1)
    assert "Listeners must be told that the speech is synthesised" in err
    assert run("models", "download", LJSPEECH, "--accept")[0] == 0
    assert run("models", "verify", LJSPEECH)[:2] == (0, f"{LJSPEECH} is intact\n")
    assert run(*say(out, "--checkpoint", LJSPEECH))[0] == 0
    assert soundfile.info(out).duration > 1


def test_the_voice_of_any_recording_and_of_those_beside_the_model(run, tmp_path):
    out = tmp_path / "out.wav"
    assert run("models", "download", LIBRITTS, "--accept")[0] == 0
    (system,) = json.loads(run("systems", "--json")[1])
    assert system["voices"] == ["1221-135767-0014", "Gavin"]
    for voice in ((), ("--voice", "Gavin"), ("--prompt-audio", STYLETTS2_GOLDENS / "ref_24k.wav")):
        status, _, err = run(*say(out, *voice))
        assert (status, err) == (0, err)
        assert soundfile.info(out).duration > 1
    made = ("voices", "make", "styletts2/Kim", "--prompt-audio", STYLETTS2_GOLDENS / "ref_24k.wav")
    assert run(*made)[0] == 0
    assert run("voices", "blend", "styletts2/Both", "Kim=2", "Gavin=1", "seed:3=1")[0] == 0
    assert run(*say(out, "--voice", "Both", "--set", "alpha=0", "--set", "beta=0"))[0] == 0
    assert run("voices", "show", "styletts2/Both")[1].startswith("style:")


def test_without_its_recordings_the_model_asks_for_one(run, releases, tmp_path, monkeypatch):
    served = releases[1]["yl4579/StyleTTS2-LibriTTS"]
    monkeypatch.delitem(served, "reference_audio.zip")
    assert run("models", "download", LIBRITTS, "--accept")[0] == 0
    status, _, err = run(*say(tmp_path / "out.wav"))
    assert (status, err.count("\n")) == (2, 1)
    assert "give one of 3 to 15 s" in err


def test_the_published_files_are_pinned_and_their_terms_restrict():
    by_name = {release.name: release for release in RELEASES}
    paths = {name: [file.path for file in release.files] for name, release in by_name.items()}
    assert paths == {
        "ljspeech": ["Models/LJSpeech/config.yml", "Models/LJSpeech/epoch_2nd_00100.pth"],
        "libritts": ["Models/LibriTTS/config.yml", "reference_audio.zip", "Models/LibriTTS/epochs_2nd_00020.pth"],
    }
    assert all(len(release.revision) == 40 for release in RELEASES)
    assert all(release.terms.restricted for release in RELEASES)
    assert by_name["libritts"].checkpoint == "Models/LibriTTS"
