"""Where a checkpoint's files are found, which of a repository's make one, and what it recommends."""

import json

import pytest

from engine.errors import ConfigError, WeightsMismatch, WeightsMissing
from engine.systems.minimind import SPEC
from engine.systems.minimind.files import best, defaults, locate, pick
from tests.minimind import checkpoint
from tests.wavtokenizer import lightning_file

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n"
check = SPEC.check
assert check is not None


@pytest.mark.parametrize("out", [True, False])
@pytest.mark.parametrize("port", [True, False])
def test_a_folder_is_a_checkpoint_with_out_or_without(tmp_path, out, port):
    folder = checkpoint(tmp_path, out=out, port=port)
    files = locate(folder)
    assert files.weights.name == "pretrain_32.pth"
    assert files.config == files.weights.with_suffix(".json")
    assert files.codec().parent == folder
    assert locate(files.weights) == files


def test_without_json_and_codec_there_are_none(tmp_path):
    (tmp_path / "pretrain_64.pth").write_bytes(b"")
    files = locate(tmp_path)
    assert files.config is None
    assert files.told() == {}
    with pytest.raises(WeightsMissing, match=r"no WavTokenizer beside pretrain_64\.pth"):
        files.codec()


def test_of_several_codecs_none_is_guessed(tmp_path):
    folder = checkpoint(tmp_path)
    lightning_file(folder, "codec40", name="another.ckpt")
    with pytest.raises(
        WeightsMismatch, match=r"more than one WavTokenizer beside .* \(WavTokenizer\.ckpt, another\.ckpt\)"
    ):
        locate(folder).codec()


@pytest.mark.parametrize(("held", "said"), [(b"PK broken", "WavTokenizer.ckpt cannot be read"), (LFS, "Git LFS")])
def test_what_is_wrong_with_the_file_of_a_codec_is_said(tmp_path, held, said):
    folder = checkpoint(tmp_path)
    (folder / "WavTokenizer.ckpt").write_bytes(held)
    with pytest.raises(WeightsMismatch, match=said):
        check(folder)


def test_a_folder_that_is_named_as_a_model_is_none(tmp_path):
    folder = checkpoint(tmp_path)
    (folder / "out" / "pretrain_999.pth").mkdir()
    assert locate(folder).weights.name == "pretrain_32.pth"


@pytest.mark.parametrize("named", ["", "pretrain_1.pth"])
def test_nothing_there_is_said_so(tmp_path, named):
    with pytest.raises(WeightsMissing, match="out/pretrain_768"):
        locate(tmp_path / named)


def test_of_several_the_widest_without_experts_is_taken():
    assert best(["pretrain_512.pth", "pretrain_768_moe.pth", "pretrain_768.pth", "a.pth"]) == "pretrain_768.pth"
    assert best(["b.pth", "a.pth"]) == "b.pth"
    assert best([]) is None


def test_of_a_repository_model_json_and_codec_are_picked():
    paths = ("README.md", "out/pretrain_768.pth", "out/pretrain_768.json", "a.ckpt", "a.yaml", "x/y.ckpt", "old.pth")
    assert pick(paths) == ("out/pretrain_768.pth", "out/pretrain_768.json", "a.ckpt", "a.yaml")
    assert pick(("m.pth", "wavtokenizer/model.safetensors")) == ("m.pth", "wavtokenizer/model.safetensors")
    assert pick(("a.ckpt", "a.yaml")) == ()


def test_a_checkpoint_recommends_options(tmp_path):
    assert defaults(checkpoint(tmp_path)) == {}
    folder = checkpoint(tmp_path, sampling={"temperature": 0.5, "top_k": 30, "compat": True})
    assert defaults(folder) == {"temperature": 0.5, "top_k": 30}


@pytest.mark.parametrize(("sampling", "said"), [([1], "no mapping"), ({"temperature": 9}, "temperature")])
def test_what_cannot_be_recommended_is_named(tmp_path, sampling, said):
    with pytest.raises(ConfigError, match=said):
        defaults(checkpoint(tmp_path, sampling=sampling))


def test_a_json_file_that_is_none_is_named(tmp_path):
    folder = checkpoint(tmp_path)
    (folder / "out" / "pretrain_32.json").write_text(json.dumps([1]), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"pretrain_32\.json"):
        defaults(folder)
