"""Voices out of the kinds of file that people have, and what is none."""

import io
import json
import random

import numpy as np
import pytest
import torch

from engine.errors import VoiceError
from engine.systems.chattts import voices
from engine.systems.chattts.voice_files import MAX_BYTES

VECTOR = voices.sample(7, voices.published_statistics())
STRING = voices.encode_vector(VECTOR)
SAMPLE = voices.encode_codes(np.arange(8, dtype=np.int32).reshape(4, 2))
LISTED = VECTOR.astype(float).tolist()


def _saved(held):
    buffer = io.BytesIO()
    torch.save(held, buffer)
    return buffer.getvalue()


def _numpy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


FILES = {
    "tensor.pt": _saved(torch.from_numpy(VECTOR)),
    "row.pt": _saved(torch.from_numpy(VECTOR)[None, None]),
    "string.pt": _saved(STRING),
    "array.pt": _saved(VECTOR.astype(np.float32)),
    "double.pt": _saved(VECTOR.astype(np.float64)[None]),
    "dict.pt": _saved({"spk_emb": torch.from_numpy(VECTOR)}),
    "dict_of_string.pt": _saved({"voice": STRING, "seed": 7, "name": "a voice"}),
    "list.pt": _saved(LISTED),
    "listed.pt": _saved([torch.from_numpy(VECTOR)]),
    "voice.txt": STRING.encode(),
    "marked.txt": ("\ufeff" + STRING + "\r\n").encode(),
    "quoted.txt": f'"{STRING}"\n'.encode(),
    "wide.txt": STRING.encode("utf-16"),
    "wrapped.txt": "\n".join(STRING[at : at + 60] for at in range(0, len(STRING), 60)).encode(),
    "row.csv": ",".join(map(str, LISTED)).encode(),
    "column.csv": "\n".join(map(str, LISTED)).encode(),
    "named.csv": ("value\n" + "\n".join(map(str, LISTED))).encode(),
    "semicolons.csv": ";".join(map(str, LISTED)).encode(),
    "spaces.txt": " ".join(map(str, LISTED)).encode(),
    "printed.txt": f"tensor([{', '.join(map(str, LISTED))}], dtype=torch.float16)".encode(),
    "list.json": json.dumps(LISTED).encode(),
    "rows.json": json.dumps([LISTED]).encode(),
    "object.json": json.dumps({"tensor": LISTED, "name": "x"}).encode(),
    "string.json": json.dumps({"spk": STRING}).encode(),
    "array.npy": _numpy(VECTOR),
    "no_ending": STRING.encode(),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_becomes_the_voice_that_it_holds(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FILES[name])
    voice = voices.read_file(path)
    assert voice.name == path.stem
    assert np.array_equal(voice.tensors["speaker"], VECTOR)
    voices.check(voice)


def test_a_file_may_hold_a_sample_or_name_a_seed(tmp_path):
    (tmp_path / "sample.txt").write_text(SAMPLE, encoding="utf-8")
    assert voices.read_file(tmp_path / "sample.txt").tensors["codes"].shape == (4, 2)
    (tmp_path / "seed.txt").write_text("seed：2222\n", encoding="utf-8")
    assert voices.read_file(tmp_path / "seed.txt").meta == {"seed": "2222"}


class _Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_what_is_no_voice_is_refused_in_one_line_and_runs_nothing(tmp_path):
    trap = tmp_path / "trap"
    held = {
        "empty": b"",
        "spaces": b" \n \n",
        "page": b"<html><body>not found</body></html>",
        "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
        "words": "这是一个故事。\n它有两行。".encode(),
        "few": b"1,2,3",
        "nan": b",".join([b"nan"] * 768),
        "zeros": b",".join([b"0"] * 768),
        "huge": b",".join([b"1e300"] * 768),
        "endless": b",".join([b"9" * 4000] * 20),
        "two": json.dumps({"a": LISTED, "b": LISTED}).encode(),
        "deep": b"[" * 50_000,
        "deep_object": b'{"a":' * 50_000,
        "matrix": json.dumps([LISTED, LISTED]).encode(),
        "infinite": json.dumps([float("inf")] * 768).encode(),
        "integers": _saved(torch.ones(768, dtype=torch.long)),
        "complex": _saved(torch.ones(768, dtype=torch.complex64)),
        "sparse": _saved(torch.ones(768).to_sparse()),
        "expanded": _saved(torch.ones(1).expand(1 << 14)[:1].expand(1, 1)),
        "evil": _saved(_Trap(trap)),
        "evil_array": _numpy(np.array([_Trap(trap)] * 768, dtype=object)),
        "liar": b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (10000000000000,), }\n",
        "torn": _numpy(VECTOR)[:200],
        "cut": _saved(torch.from_numpy(VECTOR))[:500],
        "large": b"1," * MAX_BYTES,
        "damaged": STRING[:-3].encode(),
    }
    for name, data in held.items():
        path = tmp_path / f"{name}.pt"
        path.write_bytes(data)
        with pytest.raises(VoiceError) as caught:
            voices.read_file(path)
        assert "\n" not in str(caught.value), name
    assert not trap.exists()


def test_random_and_damaged_files_give_a_voice_or_one_line(tmp_path):
    rng = random.Random(0)
    path = tmp_path / "voice"
    for data in FILES.values():
        for _ in range(6):
            damaged = bytearray(data)
            for _ in range(rng.randrange(1, 5)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            path.write_bytes(damaged[: rng.randrange(1, len(damaged) + 1)] if rng.random() < 0.5 else damaged)
            try:
                voice = voices.read_file(path)
            except VoiceError as error:
                assert "\n" not in str(error)  # noqa: PT017 - either outcome is right
            else:
                voices.check(voice)


@pytest.mark.parametrize("name", [f'"{STRING}"', f"“{STRING}”", f" '{STRING}' ", f"`{STRING}`"])
def test_a_string_in_quotation_marks_is_the_voice(name):
    assert np.array_equal(voices.parse(name, 768, voices.published_statistics()).tensors["speaker"], VECTOR)


@pytest.mark.parametrize("name", ["seed:2222", "seed：2222", "Seed： 2222", '"seed:2222"'])
def test_a_seed_is_understood_however_its_colon_is_written(name):
    assert voices.parse(name, 768, voices.published_statistics()).name == "seed:2222"
