"""Where the files of a checkpoint of VALL-E X lie."""

import pytest

from engine.errors import WeightsMissing
from engine.systems.vallex.files import locate, pick, speakers
from tests.valle import vallex_checkpoint


@pytest.mark.parametrize("nested", [False, True])
def test_a_folder_or_its_weights_are_a_checkpoint(tmp_path, nested):
    files = locate(vallex_checkpoint(tmp_path, nested=nested, encodec=True))
    assert locate(files.weights) == files
    assert (files.encodec, files.vocos) == (tmp_path / "encodec", tmp_path / "vocos")
    assert speakers(tmp_path) == ("golden",)


def test_what_lacks_is_named(tmp_path):
    for path in (tmp_path, tmp_path / "none.pt"):
        with pytest.raises(WeightsMissing, match=r"vallex-checkpoint\.pt"):
            locate(path)


def test_a_repository_has_one_of_both_places():
    found = ("vallex-checkpoint.pt", "vocos/config.yaml", "presets/anna.npz")
    assert pick((*found, "README.md", "presets/notes.txt")) == found
    assert pick(("checkpoints/vallex-checkpoint.pt",)) == ("checkpoints/vallex-checkpoint.pt",)
    assert pick(("epoch-1.pt", "vocos/config.yaml")) == ()
