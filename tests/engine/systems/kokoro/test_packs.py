"""The same voice from every kind of file, and nothing from damaged ones."""

import numpy as np
import pytest
import torch

from engine.errors import VoiceError
from engine.systems.kokoro.files import packs
from engine.systems.kokoro.packs import Packs, read_file
from engine.systems.kokoro.voices import pack_of, to_string
from tests.kokoro import arrays, tiny_pack


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One voice, in every kind of file."""
    folder = tmp_path_factory.mktemp("packs")
    pack = tiny_pack().numpy()
    (folder / "voices").mkdir()
    torch.save(torch.from_numpy(pack), folder / "voices" / "af_pt.pt")
    pack.tofile(folder / "voices" / "af_raw.bin")
    np.savez(folder / "many.npz", af_npz=pack, bf_npz=2 * pack)
    np.savez(folder / "voices" / "one.npz", am_one=pack)
    return folder


def test_the_rows_are_the_published_ones(small):
    pack, rows = pack_of(small.voice("af_tiny")), arrays("tiny_voice_rows")
    for key, row in {"first": 0, "row20": 20, "last": 509}.items():
        np.testing.assert_allclose(pack[row], rows[key].numpy().reshape(-1), rtol=1e-6, err_msg=key)


@pytest.mark.parametrize("name", ["af_pt", "af_raw", "af_npz", "am_one"])
def test_every_kind_of_file_gives_the_same_numbers(folder, name):
    voice = Packs(packs(folder)).voice(name)
    np.testing.assert_array_equal(pack_of(voice), tiny_pack().numpy().reshape(510, 32))
    assert voice.meta["language"] == "en-us"


def test_a_mix_is_read_from_its_string(folder):
    mixed = Packs(packs(folder)).voice("af_npz(1)+bf_npz(3)")
    np.testing.assert_allclose(pack_of(mixed), 1.75 * tiny_pack().numpy().reshape(510, 32), rtol=1e-6)
    assert to_string(mixed) == "af_npz=0.25,bf_npz=0.75"


def test_the_default_is_the_first_voice(folder):
    known = Packs(packs(folder))
    assert known.voice("").name == known.names[0] == "af_npz"
    with pytest.raises(VoiceError, match="no voice 'none'"):
        known.voice("none")


@pytest.mark.parametrize("name", ["voices/af_pt.pt", "voices/af_raw.bin", "voices/one.npz"])
def test_a_file_by_itself_is_a_voice_without_a_string(folder, name):
    voice = read_file(folder / name)
    np.testing.assert_array_equal(pack_of(voice), tiny_pack().numpy().reshape(510, 32))
    with pytest.raises(VoiceError, match="no mix"):
        to_string(voice)


def test_an_archive_of_many_is_to_lie_beside_the_model(folder):
    with pytest.raises(VoiceError, match="2 voices"):
        read_file(folder / "many.npz")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pt", b"no tensor"),
        ("a.pt", b""),
        ("a.bin", b"\0" * 1001),
        ("a.bin", b"\0" * 4 * 511),
        ("a.npz", b"PK\3\4 damaged"),
        ("a.bin", b"\0\0\xc0\x7f" * 510 * 4),
    ],
)
def test_damaged_files_are_refused_in_one_line(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(VoiceError) as raised:
        read_file(tmp_path / name)
    assert "\n" not in str(raised.value)


def test_pickled_arrays_and_wrong_tensors_are_refused(tmp_path):
    np.savez(tmp_path / "objects.npz", a=np.array([{}], dtype=object))
    torch.save({"a": torch.ones(2)}, tmp_path / "dict.pt")
    torch.save(torch.ones(2, 3, 4, 5), tmp_path / "four.pt")
    torch.save(torch.ones(510, 1, 256, dtype=torch.int64).to(torch.complex64), tmp_path / "complex.pt")
    for name in ("objects.npz", "dict.pt", "four.pt", "complex.pt", "none.pt"):
        with pytest.raises(VoiceError):
            read_file(tmp_path / name)
