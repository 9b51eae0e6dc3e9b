"""Checkpoint files that are damaged, hostile or of another kind: one clear line each, and nothing in them runs."""

import argparse
import os
import pickle
import resource
import sys
import types
import zipfile
from collections import defaultdict
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from engine.errors import WeightsMismatch, WeightsMissing
from engine.weights import SPARE_NUMBERS, Inert, bounded, check_finite, load_strictly, read_checkpoint


class Malice:
    """An object whose unpickling creates a file."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self):
        return os.mkdir, (str(self.proof),)


def refusal(path: Path, **limits) -> str:
    with pytest.raises(WeightsMismatch) as caught:
        read_checkpoint(path, **limits)
    message = str(caught.value)
    assert "\n" not in message
    assert path.name in message
    assert "weights_only" not in message
    return message


@pytest.fixture
def saved(tmp_path) -> Path:
    path = tmp_path / "good.pth"
    torch.save({"a": torch.arange(2000.0), "b": torch.ones(3, 4)}, path)
    return path


@pytest.mark.parametrize("is_zip", [True, False])
def test_state_dicts_of_both_torch_formats_load(tmp_path, is_zip):
    path = tmp_path / "x.pth"
    torch.save({"a": torch.arange(5), "n": 3}, path, _use_new_zipfile_serialization=is_zip)
    loaded = read_checkpoint(path)
    assert loaded["n"] == 3
    assert loaded["a"].tolist() == [0, 1, 2, 3, 4]


def test_safetensors_load(tmp_path):
    save_file({"a": torch.arange(5)}, tmp_path / "x.safetensors")
    assert read_checkpoint(tmp_path / "x.safetensors")["a"].tolist() == [0, 1, 2, 3, 4]


def test_safetensors_whose_first_byte_is_that_of_a_pickle_load(tmp_path):
    save_file({"a" * 67: torch.arange(5)}, tmp_path / "x.safetensors")
    assert (tmp_path / "x.safetensors").read_bytes()[0] == 0x80
    assert read_checkpoint(tmp_path / "x.safetensors")["a" * 67].tolist() == [0, 1, 2, 3, 4]


def test_numbers_of_numpy_load(tmp_path):
    path = tmp_path / "x.pth"
    torch.save({"loss": np.float64(0.5), "epoch": np.int64(7), "curve": np.ones(3, np.float32)}, path)
    loaded = read_checkpoint(path)
    assert (loaded["loss"], loaded["epoch"], loaded["curve"].sum()) == (0.5, 7, 3.0)


def test_numbers_of_numpy_1_load(tmp_path):
    new, old = tmp_path / "new.pth", tmp_path / "old.pth"
    torch.save({"loss": np.float64(0.5)}, new, pickle_protocol=2)
    with zipfile.ZipFile(new) as source, zipfile.ZipFile(old, "w") as target:
        for member in source.infolist():
            content = source.read(member).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
            target.writestr(member.filename, content)
    assert read_checkpoint(old)["loss"] == 0.5


@pytest.fixture
def foreign(monkeypatch):
    """A class of a package that is not installed: importable while the file is written, gone when it is read."""

    def make(name: str, *bases: type) -> tuple[type, pytest.MonkeyPatch]:
        module, _, kind = name.rpartition(".")
        made = type(kind, bases, {"__module__": module})
        parts = module.split(".")
        for count in range(1, len(parts) + 1):
            monkeypatch.setitem(sys.modules, ".".join(parts[:count]), types.ModuleType(".".join(parts[:count])))
        setattr(sys.modules[module], kind, made)
        return made, monkeypatch

    return make


def test_a_scheduler_with_a_static_method_does_not_hide_the_weights_beside_it(tmp_path):
    """As the aligner of StyleTTS2 was saved (docs/systems/styletts2.md#files): the global is getattr."""
    optimizer = torch.optim.AdamW(torch.nn.Linear(2, 2).parameters())
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-3, total_steps=10)
    state = scheduler.state_dict() | {"anneal_func": torch.optim.lr_scheduler.OneCycleLR._annealing_cos}
    held = {
        "model": {"ctc_linear.bias": torch.ones(3)},
        "optimizer": [("bert", optimizer.state_dict())],
        "scheduler": state,
        "iters": 7,
        "val_loss": np.float64(0.5),
        "epoch": 80,
    }
    torch.save(held, tmp_path / "epoch_00080.pth")
    assert "getattr" in str(torch.serialization.get_unsafe_globals_in_checkpoint(tmp_path / "epoch_00080.pth"))
    loaded = read_checkpoint(tmp_path / "epoch_00080.pth")
    assert loaded["model"]["ctc_linear.bias"].tolist() == [1, 1, 1]
    assert isinstance(loaded["scheduler"]["anneal_func"], Inert)
    assert (loaded["iters"], loaded["val_loss"]) == (7, 0.5)


def test_a_whole_scheduler_is_read_as_nothing(tmp_path):
    optimizer = torch.optim.SGD(torch.nn.Linear(2, 2).parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5)
    scheduler.optimizer = None
    # What torch wraps around the step of an optimiser cannot be pickled at all.
    scheduler.__dict__ = {key: value for key, value in scheduler.__dict__.items() if not callable(value)}
    torch.save({"net": {"a": torch.ones(1)}, "scheduler": scheduler}, tmp_path / "x.pth")
    assert isinstance(read_checkpoint(tmp_path / "x.pth")["scheduler"], Inert)


def test_a_lightning_checkpoint_loads_without_lightning(tmp_path, foreign):
    """With what version 1.x leaves beside the state dict."""
    bag, patch = foreign("pytorch_lightning.utilities.parsing.AttributeDict", dict)
    held = {
        "state_dict": {"head.out.weight": torch.ones(2, 2)},
        "epoch": 3,
        "global_step": 900,
        "pytorch-lightning_version": "1.8.6",
        "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": defaultdict(int, {"ready": 3})}},
        "callbacks": {"ModelCheckpoint{'monitor': 'val_loss'}": {"dirpath": Path("/a/b"), "best": torch.tensor(0.5)}},
        "optimizer_states": [torch.optim.AdamW([torch.nn.Parameter(torch.ones(2))]).state_dict()],
        "lr_schedulers": [],
        "hyper_parameters": bag(sample_rate=24000, resume=argparse.Namespace(path="x")),
    }
    torch.save(held, tmp_path / "x.ckpt")
    patch.undo()
    loaded = read_checkpoint(tmp_path / "x.ckpt")
    assert loaded["state_dict"]["head.out.weight"].sum() == 4
    assert loaded["hyper_parameters"]["sample_rate"] == 24000
    assert loaded["loops"]["fit_loop"]["epoch_progress"] == {"ready": 3}
    assert loaded["callbacks"].popitem()[1]["dirpath"] == "/a/b"


def test_paths_of_any_system_are_read_as_texts(tmp_path):
    """They stand beside the weights of VALL-E; a Windows path cannot be made elsewhere."""
    held = {"exp_dir": PurePosixPath("exp/valle"), "manifest_dir": PureWindowsPath("data/x"), "model": {}}
    torch.save(held, tmp_path / "x.pt")
    loaded = read_checkpoint(tmp_path / "x.pt")
    assert (loaded["exp_dir"], loaded["manifest_dir"]) == ("exp/valle", "data/x")


def test_a_system_names_what_else_its_files_hold(tmp_path, foreign):
    options, patch = foreign("pkg.config.Options")
    sampler, _ = foreign("pkg.config.Sampler")
    sys.modules["pkg.config"].Options = options
    held = {"model": {"a": torch.ones(1)}, "options": options(), "sampler": sampler()}
    held["options"].width = 48
    torch.save(held, tmp_path / "x.pt")
    patch.undo()
    assert "pkg.config.Options" in refusal(tmp_path / "x.pt")
    aliases = ((types.SimpleNamespace, "pkg.config.Options"), (Inert, "pkg.config.Sampler"))
    loaded = read_checkpoint(tmp_path / "x.pt", aliases=aliases)
    assert loaded["options"].width == 48
    assert isinstance(loaded["sampler"], Inert)
    assert "pkg.config" in refusal(tmp_path / "x.pt"), "what one file may hold, another may not"


@pytest.mark.parametrize("is_zip", [True, False])
def test_code_reached_through_an_inert_getattr_does_not_run(tmp_path, is_zip):
    class Reach:
        def __reduce__(self):
            return getattr, (torch.optim.lr_scheduler.OneCycleLR, "__init__"), {"a": 1}

    class Import:
        def __reduce__(self):
            return getattr, (__import__, "__call__")

    torch.save({"a": Reach()}, tmp_path / "x.pth", _use_new_zipfile_serialization=is_zip)
    assert isinstance(read_checkpoint(tmp_path / "x.pth")["a"], Inert)
    torch.save({"a": Import()}, tmp_path / "y.pth", _use_new_zipfile_serialization=is_zip)
    assert "__import__" in refusal(tmp_path / "y.pth"), "what nobody let in stays out, whatever it is handed to"


@pytest.mark.parametrize("is_zip", [True, False])
def test_code_in_a_torch_file_does_not_run(tmp_path, is_zip):
    path, proof = tmp_path / "x.pth", tmp_path / "proof"
    torch.save({"model": Malice(proof)}, path, _use_new_zipfile_serialization=is_zip)
    assert "mkdir" in refusal(path)
    assert not proof.exists()


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_code_in_a_bare_pickle_does_not_run(tmp_path):
    path, proof = tmp_path / "x.pth", tmp_path / "proof"
    path.write_bytes(pickle.dumps(Malice(proof)))
    refusal(path)
    assert not proof.exists()


def test_code_inside_a_number_of_numpy_does_not_run(tmp_path):
    path, proof = tmp_path / "x.pth", tmp_path / "proof"
    torch.save({"loss": np.array([Malice(proof)], dtype=object)}, path)
    refusal(path)
    assert not proof.exists()


class Claim:
    """Pickled as a tensor of ``size`` over the storage of another one."""

    def __init__(self, tensor: torch.Tensor, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
        self.tensor, self.size, self.stride = tensor, size, stride

    def __reduce_ex__(self, _protocol: int) -> tuple:
        build, (storage, offset, _, _, *more) = self.tensor._reduce_ex_internal(2)[:2]
        return build, (storage, offset, self.size, self.stride, *more)


@pytest.mark.parametrize("is_zip", [True, False])
@pytest.mark.parametrize("stride", [0, 1])
@pytest.mark.parametrize("numbers", [400_000_000, 10**12])
def test_a_tensor_larger_than_its_storage_is_refused_and_takes_no_memory(tmp_path, is_zip, stride, numbers):
    path = tmp_path / "x.pth"
    claim = Claim(torch.ones(4), (numbers,), (stride,))
    torch.save({"net": {"bert": {"w": claim}}}, path, _use_new_zipfile_serialization=is_zip)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    message = refusal(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
    if stride == 0:
        assert f"net.bert.w claims {4 * numbers:,} bytes and has 16" in message


def test_many_views_of_one_storage_are_refused_and_a_few_are_not(tmp_path):
    path, shared = tmp_path / "x.pth", torch.ones(100_000)
    torch.save({str(number): shared.view(-1) for number in range(100)}, path)
    assert "more than 8 times its size" in refusal(path)
    torch.save({"a": shared, "b": shared.view(100, 1000), "c": shared[:10]}, path)
    assert len(read_checkpoint(path)) == 3


KINDS = {
    "meta": (lambda: torch.ones(3, device="meta"), "no data"),
    "sparse": (lambda: torch.eye(3).to_sparse(), "sparse"),
    "rows of a sparse one": (lambda: torch.eye(3).to_sparse_csr(), "sparse"),
    "float8": (lambda: torch.ones(3).to(torch.float8_e4m3fn), "float8_e4m3fn"),
    "complex": (lambda: torch.ones(3, dtype=torch.complex64), "complex64"),
    "quantised": (lambda: torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8), "quantised"),
    "nested": (lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]), "nested"),
    "jagged": (lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged), "nested"),
}


@pytest.mark.filterwarnings("ignore:.*(quantiz|Sparse CSR|prototype)")
@pytest.mark.parametrize("within", [lambda value: {"net": [value]}, lambda value: {"net": ({"a": value},)}])
@pytest.mark.parametrize(("make", "words"), KINDS.values(), ids=KINDS.keys())
def test_tensors_of_another_kind_are_named(tmp_path, make, words, within):
    path = tmp_path / "x.pth"
    torch.save(within(make()), path)
    message = refusal(path)
    assert words in message
    assert "the tensor net.0" in message


def test_a_safetensors_file_of_another_kind_of_number_is_refused(tmp_path):
    path = tmp_path / "x.safetensors"
    save_file({"a": torch.ones(3).to(torch.float8_e5m2)}, path)
    assert "the tensor a holds float8_e5m2" in refusal(path)


def test_a_list_that_holds_itself_is_looked_through_once(tmp_path):
    path, endless = tmp_path / "x.pth", []
    endless.append(endless)
    torch.save({"a": torch.ones(3), "b": endless}, path)
    assert read_checkpoint(path)["a"].sum() == 3


def test_whole_modules_are_refused(tmp_path):
    path = tmp_path / "x.pth"
    torch.save(torch.nn.Linear(2, 2), path)
    assert "Linear" in refusal(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"\n <html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "neither"),
        (b"\x80\x02nonsense", "x.pth"),
        (b"\xff\xff\xff\xff\xff\xff\xff\x7f{", "cannot be read"),
        (b"PK\x03\x04 no archive", "cannot be read"),
    ],
)
def test_files_of_another_kind_are_named(tmp_path, content, said):
    path = tmp_path / "x.pth"
    path.write_bytes(content)
    assert said in refusal(path)


def test_truncated_files_are_refused(saved):
    whole = saved.read_bytes()
    for part in (0.2, 0.6, 0.99):
        saved.write_bytes(whole[: int(part * len(whole))])
        refusal(saved)


def test_compressed_members_are_refused(tmp_path, saved):
    bomb = tmp_path / "bomb.pth"
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.namelist():
            target.writestr(member, source.read(member))
    assert "compressed" in refusal(bomb)


def test_members_that_overlap_are_refused(tmp_path, saved):
    content = saved.read_bytes()
    with zipfile.ZipFile(saved) as archive:
        directory = archive.start_dir
        entries = len(archive.infolist())
    # The directory of the archive once more in itself: every member counts twice.
    end = content.rindex(b"PK\x05\x06")
    central = content[directory : content.index(b"PK\x06\x06", directory) if b"PK\x06\x06" in content else end]
    trailer = bytearray(content[end:])
    trailer[8:12] = (2 * entries).to_bytes(2, "little") * 2
    trailer[12:16] = (2 * len(central)).to_bytes(4, "little")
    trailer[16:20] = directory.to_bytes(4, "little")
    bomb = tmp_path / "bomb.pth"
    bomb.write_bytes(content[:directory] + 2 * central + bytes(trailer))
    assert "claim more bytes" in refusal(bomb)


def test_files_beyond_the_limit_are_not_read(saved):
    assert "at most" in refusal(saved, max_bytes=100)


def test_missing_file_is_missing(tmp_path):
    with pytest.raises(WeightsMissing, match="no file"):
        read_checkpoint(tmp_path / "x.pth")


def test_strict_loading_says_all_that_is_wrong_in_one_line():
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
    state = module.state_dict()
    state["0.weight"] = torch.ones(5, 5)
    del state["1.bias"]
    state["surplus"] = torch.ones(1)
    with pytest.raises(WeightsMismatch) as caught:
        load_strictly(module, state, "G_1.pth")
    message = str(caught.value)
    for part in ("G_1.pth", "1 missing (1.bias)", "1 unexpected (surplus)", "0.weight [5, 5] instead of [3, 2]"):
        assert part in message
    assert "\n" not in message


def test_strict_loading_shortens_long_lists():
    with pytest.raises(WeightsMismatch, match=r"4 missing \(0.bias, 0.weight, 1.bias, …\)"):
        load_strictly(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1)), {}, "x")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_refused(value):
    module = torch.nn.Linear(2, 2)
    state = {key: torch.full_like(tensor, value) for key, tensor in module.state_dict().items()}
    with pytest.raises(WeightsMismatch, match=r"not finite in 2 tensors \(bias, weight\)"):
        load_strictly(module, state, "x")
    check_finite({"count": torch.tensor([1, 2])}, "x")


def test_loading_fills_a_module_in_place_and_one_without_memory_by_assignment():
    source = torch.nn.Linear(2, 2).state_dict()
    module = torch.nn.Linear(2, 2)
    before = module.weight
    load_strictly(module, source, "x")
    assert module.weight is before
    assert torch.equal(module.weight, source["weight"])
    with torch.device("meta"):
        module = torch.nn.Linear(2, 2)
    load_strictly(module, source, "x")
    assert torch.equal(module.weight, source["weight"])


def test_a_network_may_not_grow_far_beyond_its_tensors():
    state = {"weight": torch.zeros(10, 10)}
    with bounded(state, "x.pth"):
        torch.nn.Linear(10, 10)
    with pytest.raises(WeightsMismatch, match=r"x\.pth .* far larger network"), bounded(state, "x.pth"):
        torch.nn.Linear(1024, SPARE_NUMBERS // 1024 + 1)
    torch.nn.Linear(1, 1)


@pytest.mark.parametrize("size", [10**7, 10**9, 10**10])
def test_a_parameter_beyond_all_memory_is_refused_as_a_network_too_large(size):
    with pytest.raises(WeightsMismatch, match="far larger network"), bounded({}, "x.pth"):
        nn.Linear(size, size)


def test_another_error_while_building_is_raised_as_it_is():
    with pytest.raises(RuntimeError, match="no network"), bounded({}, "x.pth"):
        raise RuntimeError("no network")


def test_a_pickle_of_a_newer_protocol_is_refused_in_one_line_and_without_a_warning(tmp_path):
    torch.save({"w": torch.ones(2)}, tmp_path / "a.pt", pickle_protocol=4)
    with pytest.raises(WeightsMismatch, match="save it again"):
        read_checkpoint(tmp_path / "a.pt")
