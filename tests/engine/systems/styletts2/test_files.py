"""Where the files of a checkpoint lie, and which of a repository make one."""

import shutil
import zipfile

import numpy as np
import pytest

from engine.errors import VoiceError, WeightsMissing
from engine.systems.styletts2 import voices
from engine.systems.styletts2.files import check_name, locate, pick, recordings

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


NAME = "modules_hifigan"


def test_the_file_itself_names_a_checkpoint(checkpoint):
    folder = checkpoint(NAME)
    assert locate(folder) == locate(folder / "epoch_2nd_00100.pth")


def test_missing_files_are_named(checkpoint, tmp_path):
    with pytest.raises(WeightsMissing, match=r"no \.pth"):
        locate(tmp_path)
    with pytest.raises(WeightsMissing, match="no checkpoint"):
        locate(tmp_path / "nowhere.pth")
    folder = shutil.copytree(checkpoint(NAME), tmp_path / "two")
    shutil.copy(folder / "epoch_2nd_00100.pth", folder / "epoch_2nd_00099.pth")
    with pytest.raises(WeightsMissing, match="2 checkpoints"):
        locate(folder)
    (folder / "epoch_2nd_00099.pth").unlink()
    (folder / "config.yml").unlink()
    with pytest.raises(WeightsMissing, match=r"no config\.yml"):
        locate(folder)


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


STYLE = voices.to_string(voices.voice_of(np.ones(8, np.float32), "a", multispeaker=True))


@pytest.mark.parametrize(
    ("speakers", "name", "words"),
    [
        ("one", "", ""),
        ("one", "seed: 7", ""),
        ("one", STYLE, ""),
        ("one", "Ann", "no voice 'Ann'; the voices are those you save"),
        ("one", STYLE[:-3], "damaged"),
        ("many", "Ann", ""),
        ("many", " Ann ", ""),
        ("many", "", ""),
        ("many", "seed:7", ""),
        ("many", STYLE, ""),
        ("many", "Cid", "the voices are Ann, Ben, and seed"),
        ("many", "style:…", "damaged"),
        ("none", STYLE, ""),
        ("none", "Ann", ""),
        ("none", "style:x", "damaged"),
    ],
)
def test_a_name_is_refused_without_the_networks(tmp_path, speakers, name, words):
    if speakers != "none":
        (tmp_path / CONFIG).write_text(f"model_params: {{multispeaker: {str(speakers == 'many').lower()}}}")
        (tmp_path / PTH).write_bytes(b"")
        (tmp_path / "reference_audio").mkdir()
        for recording in ("Ann", "Ben"):
            (tmp_path / "reference_audio" / f"{recording}.wav").write_bytes(b"")
    checkpoint = None if speakers == "none" else tmp_path
    if not words:
        return check_name(name, checkpoint)
    with pytest.raises(VoiceError, match=words):
        check_name(name, checkpoint)
    return None
