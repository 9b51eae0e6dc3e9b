"""Where the files of a training lie, and which of several is the model."""

import pytest

from engine.errors import WeightsMissing
from engine.systems.valle.files import best, locate, pick, speakers
from tests.valle import valle_checkpoint


@pytest.mark.parametrize("encodec", ["package", "transformers", ""])
def test_a_folder_or_its_weights_are_a_checkpoint(tmp_path, encodec):
    files = locate(valle_checkpoint(tmp_path, encodec=encodec))
    assert locate(tmp_path / "epoch-100.pt") == files
    expected = {"package": tmp_path / "encodec_24khz-small.th", "transformers": tmp_path / "encodec", "": None}
    assert files.encodec == expected[encodec]
    assert speakers(tmp_path) == ()


def test_of_several_the_best_or_the_latest_is_the_model():
    assert best(["epoch-9.pt", "epoch-10.pt", "checkpoint-20000.pt"]) == "epoch-10.pt"
    assert best(["epoch-9.pt", "best-valid-loss.pt", "best-train-loss.pt"]) == "best-valid-loss.pt"
    assert best(["checkpoint-9.pt", "checkpoint-10.pt"]) == "checkpoint-10.pt"
    assert best(["mine.pt"]) == "mine.pt"
    assert best([]) is None


def test_what_lacks_is_named(tmp_path):
    with pytest.raises(WeightsMissing, match=r"no \.pt file"):
        locate(tmp_path)
    with pytest.raises(WeightsMissing, match="no checkpoint"):
        locate(tmp_path / "none.pt")
    (valle_checkpoint(tmp_path) / "unique_text_tokens.k2symbols").unlink()
    with pytest.raises(WeightsMissing, match="k2symbols"):
        locate(tmp_path)


def test_a_repository_has_weights_and_a_table():
    found = ("epoch-2.pt", "unique_text_tokens.k2symbols", "encodec/config.json")
    assert pick((*found, "epoch-1.pt", "README.md")) == found
    assert pick(("epoch-2.pt",)) == ()
