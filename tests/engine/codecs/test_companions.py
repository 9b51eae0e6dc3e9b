"""Codecs are found beside a checkpoint in every layout."""

import torch
from safetensors.torch import save_file

from engine.codecs.companions import (
    WAVTOKENIZERS,
    encodec_of,
    likely_wavtokenizers_of,
    picked,
    vocos_of,
    wavtokenizers_of,
)
from tests.valle import encodec_file, encodec_folder, vocos_folder
from tests.wavtokenizer import lightning_file, ported, wavtokenizer_state


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


def test_wavtokenizer_is_known_by_its_tensors(tmp_path):
    assert wavtokenizers_of(tmp_path) == ()
    torch.save({"state_dict": {"enc.weight": torch.zeros(2)}}, tmp_path / "another.ckpt")
    (tmp_path / "broken.ckpt").write_bytes(b"PK broken")
    assert wavtokenizers_of(tmp_path) == ()
    assert likely_wavtokenizers_of(tmp_path) == (tmp_path / "broken.ckpt",)
    inside = lightning_file(tmp_path / "wavtokenizer")
    assert wavtokenizers_of(tmp_path) == likely_wavtokenizers_of(tmp_path) == (inside,)
    save_file(ported(wavtokenizer_state()), tmp_path / "model.safetensors")
    assert wavtokenizers_of(tmp_path) == (tmp_path / "model.safetensors", inside)


def test_public_wavtokenizers_go_into_a_folder_of_their_own():
    assert len({each.name for each in WAVTOKENIZERS}) == len({each.path for each in WAVTOKENIZERS}) == 9
    for each in WAVTOKENIZERS:
        assert each.codes_per_s == (40 if "_600_" in each.path else 75)
        weights, *yaml = each.files()
        assert (weights.repo, weights.place, weights.optional) == (each.repo, f"wavtokenizer/{each.path}", False)
        assert all(file.optional and f"frame{each.codes_per_s}" in file.path for file in yaml)
