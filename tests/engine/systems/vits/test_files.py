"""Where the files of a checkpoint lie, on disk and in a repository."""

import pytest

from engine.errors import WeightsMissing
from engine.systems.vits import SPEC
from engine.systems.vits.files import locate, pick, speakers


def test_the_highest_number_is_taken(folder):
    target = folder()
    for name in ("G_200.pth", "G_30000.pth", "G_4000.pth", "D_90000.pth"):
        (target / name).write_bytes(b"")
    assert locate(target) == (target / "config.json", target / "G_30000.pth")


def test_of_a_run_the_latest_generator_and_its_configuration_are_taken() -> None:
    run = ["G_900.pth", "G_1000.pth", "D_1000.pth", "config.json", "train.log", "eval/G_9999.pth"]
    assert pick(run) == ("config.json", "G_1000.pth")
    assert pick(["G_900.pth"]) == pick(["config.json", "D_0.pth"]) == pick(["config.json", "x/G_0.pth"]) == ()


def test_what_is_not_there_is_named(tmp_path, folder):
    with pytest.raises(WeightsMissing, match="no checkpoint"):
        locate(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(WeightsMissing, match=r"no config.json"):
        locate(tmp_path / "empty")
    target = folder()
    (target / "G_1000.pth").unlink()
    with pytest.raises(WeightsMissing, match=r"no G_\*.pth"):
        locate(target)
    (target / "config.json").unlink()
    with pytest.raises(WeightsMissing, match=r"no config.json"):
        speakers(target)


def test_speakers_are_listed_from_the_folder_or_the_file(folder):
    target = folder("mb_det_ms")
    assert speakers(target) == speakers(target / "G_1000.pth") == ("0", "1", "2", "3", "4")
    assert SPEC.speakers(target) == ("0", "1", "2", "3", "4")
