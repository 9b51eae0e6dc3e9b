"""The public checkpoints: from a hub to sound by the command line, in small; and what of a folder makes one."""

import json
import zipfile

import pytest
import soundfile
import torch

from engine.audio import decode
from engine.cli import main
from engine.errors import VoiceError, WeightsMismatch, WeightsMissing
from engine.steps import finish
from engine.systems.styletts2 import SPEC
from engine.systems.styletts2.files import locate
from engine.systems.styletts2.recordings import recordings
from engine.systems.styletts2.releases import RELEASES, pick
from tests.hub_server import FakeHub
from tests.releases import STYLETTS2_COMMITS, STYLETTS2_GOLDENS, styletts2_releases

LJ, LIBRI = "styletts2/ljspeech", "styletts2/libritts"


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    return styletts2_releases(tmp_path_factory.mktemp("published"))


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
    status, _, err = run("models", "download", LJ)
    assert (status, err.count("\n")) == (2, 1)
    assert "Listeners must be told that the speech is synthesised" in err
    assert run("models", "download", LJ, "--accept")[0] == 0
    assert run("models", "verify", LJ)[:2] == (0, f"{LJ} is intact\n")
    assert run(*say(out, "--checkpoint", LJ))[0] == 0
    assert soundfile.info(out).duration > 1


def test_the_voice_of_any_recording_and_of_those_beside_the_model(run, tmp_path):
    out = tmp_path / "out.wav"
    assert run("models", "download", LIBRI, "--accept")[0] == 0
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
    assert run("models", "download", LIBRI, "--accept")[0] == 0
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


CONFIG, PTH, BERT = "config.yml", "epoch_2nd_00100.pth", "Utils/PLBERT/config.yml"
MINE = f"Models/Mine/{PTH}"


@pytest.mark.parametrize(
    ("paths", "taken"),
    [
        ([CONFIG, PTH, "train.log"], (CONFIG, PTH)),
        (
            ["Models/Mine/config.yml", f"Models/Mine/{PTH}", BERT],
            ("Models/Mine/config.yml", f"Models/Mine/{PTH}", BERT),
        ),
        ([CONFIG, "epoch_2nd_00009.pth", "epoch_2nd_00010.pth"], (CONFIG, "epoch_2nd_00010.pth")),
        ([CONFIG, PTH, "reference_audio.zip"], (CONFIG, PTH, "reference_audio.zip")),
        ([CONFIG, "epoch_1st_00100.pth"], ()),
        ([BERT, "Utils/PLBERT/step_1000000.pth"], ()),
        ([PTH], ()),
        ([f"x/{CONFIG}", PTH], ()),
    ],
)
def test_a_checkpoint_is_picked_whole_or_not_at_all(paths, taken):
    assert pick(paths) == taken


def test_a_checkpoint_is_checked_as_strictly_as_it_is_loaded(checkpoint, tmp_path):
    repository = checkpoint("e2e_tiny_lj").parents[1]
    SPEC.check(repository)
    SPEC.check(repository / "Models" / "e2e_tiny_lj")
    assert locate(repository) == locate(repository / "Models" / "e2e_tiny_lj")
    other = checkpoint("e2e_tiny_libri")
    (tmp_path / "config.yml").write_bytes((other / "config.yml").read_bytes())
    (tmp_path / PTH).write_bytes((checkpoint("e2e_tiny_lj") / PTH).read_bytes())
    with pytest.raises(WeightsMismatch, match="does not fit its configuration"):
        SPEC.check(tmp_path)


def test_of_several_checkpoints_in_a_repository_one_must_be_named(tmp_path):
    for name in ("A", "B"):
        folder = tmp_path / "Models" / name
        folder.mkdir(parents=True)
        for file in (CONFIG, PTH):
            (folder / file).write_bytes(b"")
    with pytest.raises(WeightsMissing, match="Models/A, Models/B"):
        locate(tmp_path)


def test_only_recordings_are_taken_from_a_folder_or_an_archive(tmp_path):
    config = tmp_path / "Models" / "X" / CONFIG
    assert recordings(config) == {}
    archive = tmp_path / "reference_audio.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for name in ("a/../../evil.wav", "a/b.wav", "__MACOSX/a/._b.wav", "a/note.txt"):
            zipped.writestr(name, name)
    found = recordings(config)
    assert list(found) == ["b", "evil"]
    assert found["b"].read() == b"a/b.wav"
    archive.write_bytes(archive.read_bytes()[:-30])
    assert recordings(config) == {}
    with pytest.raises(VoiceError, match="fetch the archive again"):
        found["b"].read()
    folder = tmp_path / "Models" / "X" / "reference_audio"
    folder.mkdir(parents=True)
    (folder / "Ann Lee.WAV").write_bytes(b"x")
    assert [item.read() for item in recordings(config).values()] == [b"x"]


def test_a_recording_beside_the_model_is_read_once(releases, tmp_path, monkeypatch):
    served = releases[1]["yl4579/StyleTTS2-LibriTTS"]
    for place, content in served.items():
        target = tmp_path / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    system = finish(SPEC.load(tmp_path / "Models" / "LibriTTS", torch.device("cpu"), torch.float32))
    first = system.voice("Gavin")
    monkeypatch.setattr(decode, "read", None)
    assert system.voice("Gavin") is first
