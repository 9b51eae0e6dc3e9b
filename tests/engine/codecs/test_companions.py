"""Codecs are found beside a checkpoint in every layout."""

from engine.codecs.companions import encodec_of, picked, vocos_of
from tests.valle import encodec_file, encodec_folder, vocos_folder


def test_either_layout_of_encodec_is_found(tmp_path):
    assert encodec_of(tmp_path) is None
    (tmp_path / "encodec").mkdir()
    assert encodec_of(tmp_path) is None
    inside = encodec_file(tmp_path / "encodec")
    assert encodec_of(tmp_path) == inside
    beside = encodec_file(tmp_path)
    assert encodec_of(tmp_path) == beside
    encodec_folder(tmp_path / "encodec")
    assert encodec_of(tmp_path) == tmp_path / "encodec"


def test_vocos_is_found(tmp_path):
    assert vocos_of(tmp_path) is None
    assert vocos_of(vocos_folder(tmp_path / "vocos").parent) == tmp_path / "vocos"


def test_codecs_are_picked_of_a_repository():
    wanted = (
        "encodec/config.json",
        "encodec/model.safetensors",
        "vocos/pytorch_model.bin",
        "encodec_24khz-d7cc33bc.th",
    )
    assert picked((*wanted, "README.md", "a/b/c.th", "vocos/README.md")) == wanted
