"""Reading .onnx files: the names that exporters change, and files that nobody should have to fear."""

import re
import time
import tracemalloc

import numpy as np
import pytest
import torch

from engine.errors import ConfigError, UserError, WeightsMismatch
from engine.systems.vits import SPEC
from engine.systems.vits.checkpoint import read
from engine.systems.vits.layouts.piper import graph as graphs
from engine.systems.vits.layouts.piper import names
from engine.systems.vits.layouts.piper.graph import read_graph
from tests.engine.systems.vits.layouts.piper.onnx_files import (
    VOICE_INPUTS,
    edited,
    given,
    model,
    name_of,
    node,
    number,
    part,
    tensor,
    varint,
)

LOGS = np.array([[0.5], [-0.25]], np.float32)
GATHER = node("Gather", ["sid", "input"], ["e"], "/enc_p/emb/Gather")
MUL = node("Mul", ["x", "scale"], ["y"], "/dp/flows.0/Mul")
TENSORS = (tensor("sid", np.ones((3, 2))), tensor("dec.x", [1.0]), tensor("dp.flows.0.m", np.zeros((2, 1))))


@pytest.fixture
def state(tmp_path):
    """The tensors of a graph by their published names."""

    def read_state(nodes=(), tensors=()):
        path = tmp_path / "x.onnx"
        path.write_bytes(model([GATHER, *nodes], [*TENSORS, *tensors]))
        return names.state(read_graph(path))

    return read_state


SPELLINGS = {
    "folded": ([MUL], [tensor("scale", np.exp(-LOGS))]),
    "exp": ([MUL, node("Exp", ["n"], ["scale"], "/dp/flows.0/Exp")], [tensor("n", -LOGS)]),
    "unfolded": (
        [MUL, node("Exp", ["n"], ["scale"]), node("Neg", ["dp.flows.0.logs"], ["n"])],
        [tensor("dp.flows.0.logs", LOGS)],
    ),
    "a list of floats": ([MUL], [tensor("scale", np.exp(-LOGS), raw=False)]),
    "a constant": ([MUL, node("Constant", [], ["scale"], value=tensor("", np.exp(-LOGS)))], []),
    "another name": ([MUL, node("Identity", ["kept"], ["scale"])], [tensor("kept", np.exp(-LOGS))]),
}


@pytest.mark.parametrize(("nodes", "tensors"), SPELLINGS.values(), ids=SPELLINGS.keys())
def test_the_scale_of_durations_is_found_however_it_is_written(state, nodes, tensors):
    np.testing.assert_allclose(state(nodes, tensors)["dp.flows.0.logs"], LOGS, atol=1e-6)


def test_without_the_scale_of_durations_a_voice_is_refused(state):
    for nodes in ((), (MUL,), (MUL, node("Neg", ["dp.flows.0.m"], ["scale"]))):
        with pytest.raises(WeightsMismatch, match=r"no dp\.flows\.0\.logs"):
            state(nodes)


def test_folded_weights_are_called_after_their_bias_and_the_embedding_after_its_use(state):
    weight, bias = tensor("onnx::Conv_12", np.full((2, 1, 1), 7.0)), tensor("flow.flows.6.enc.in_layers.0.bias", [0, 0])
    conv = node("Conv", ["a", "onnx::Conv_12", "flow.flows.6.enc.in_layers.0.bias"], ["b"])
    found = state([*SPELLINGS["folded"][0], conv], [*SPELLINGS["folded"][1], weight, bias])
    assert found["flow.flows.6.enc.in_layers.0.weight"].shape == (2, 1, 1)
    assert found["enc_p.emb.weight"].shape == (3, 2)
    assert not {"onnx::Conv_12", "sid", "scale"} & found.keys()


def test_dilations_and_rates_stand_in_the_nodes(tmp_path):
    nodes = [
        node("Conv", ["x", f"dec.resblocks.{block}.convs1.{layer}.weight", "b"], ["y"], dilations=[2 * layer + 1])
        for block in (1, 0)
        for layer in (1, 0)
    ]
    nodes += [node("ConvTranspose", ["x", f"dec.ups.{stage}.weight"], ["y"], strides=[8 - stage]) for stage in (1, 0)]
    tensors = [tensor(f"dec.resblocks.{block}.convs1.{layer}.weight", [1.0]) for block in (0, 1) for layer in (0, 1)]
    path = tmp_path / "x.onnx"
    path.write_bytes(model(nodes, [*tensors, *(tensor(f"dec.ups.{stage}.weight", [1.0]) for stage in (0, 1))]))
    told = names.told(read_graph(path))
    assert (told.dilations, told.rates) == (((1, 3), (1, 3)), (8, 7))


def test_other_numbers_in_the_nodes_make_another_network(own):
    path = own("tiny-high")
    data = path.read_bytes()

    def change(field, content):
        if field == 1 and b"dec.resblocks.2.convs1.0.weight" in content:
            return content.replace(part(1, "dilations") + number(8, 1), part(1, "dilations") + number(8, 2))
        return content

    path.write_bytes(edited(data, lambda _, content: content))
    assert path.read_bytes() == data
    changed = edited(data, change)
    assert changed != data
    path.write_bytes(changed)
    # Only in one of the stages, which no network of this family has.
    with pytest.raises(ConfigError, match="dilated differently"):
        read(path)


OTHERS = {
    "quantised": (model([node("DynamicQuantizeLinear", [], [])]), "is quantised"),
    "encoder": (model([], [tensor("enc_p.x", [1.0]), tensor("dp.x", [1.0])]), "one half of a pair for streaming"),
    "decoder": (model([], [tensor("dec.x", [1.0])], [given("z", (1,))]), "one half of a pair for streaming"),
    "another model": (model([], [tensor("bert.x", [1.0])]), "another kind of model"),
    "other inputs": (model([GATHER], [tensor("enc_p.x", [1.0]), TENSORS[1]], [given("text", (1,))]), "another kind"),
    "two scales": (
        model([GATHER], [tensor("enc_p.x", [1.0]), TENSORS[1]], [*VOICE_INPUTS[:2], given("scales", (2,))]),
        "takes 2 scales",
    ),
}


@pytest.mark.parametrize(("data", "told"), OTHERS.values(), ids=OTHERS.keys())
def test_other_kinds_of_files_are_named(own, data, told):
    path = own()
    path.write_bytes(data)
    with pytest.raises(WeightsMismatch, match=told):
        read(path)


HOSTILE = {
    "empty": b"",
    "text": b"hello",
    "a web page": b"<html>",
    "a pointer": b"version https://git-lfs.github.com/spec/v1\n",
    "no graph": number(1, 8),
    "two graphs": part(7, b"") * 2,
    "a length beyond the file": part(7, part(5, b"x", claims=2**40)),
    "a length of 2 GB": varint(7 << 3 | 2) + varint(2**31) + b"x",
    "a number without an end": b"\x3a" + b"\xff" * 20,
    "groups": varint(7 << 3 | 3),
    "sizes of 2 GB": model([GATHER, MUL], [tensor("sid", [1.0], sizes=(2**20, 2**11)), *TENSORS[1:]]),
    "sizes beyond all numbers": model([GATHER, MUL], [tensor("sid", [1.0], sizes=(2**62, 2**62, 2**62)), *TENSORS[1:]]),
    "negative sizes": model([GATHER, MUL], [tensor("sid", [1.0], sizes=(-1, -1)), *TENSORS[1:]]),
    "too many sizes": model([GATHER, MUL], [tensor("sid", [1.0], sizes=(1,) * 1000), *TENSORS[1:]]),
    "whole numbers": model([GATHER, MUL], [tensor("enc_p.x", [1.0], kind=7), *TENSORS]),
    "half precision": model([GATHER, MUL], [tensor("enc_p.x", [1.0], kind=10), *TENSORS]),
    "an unknown type": model([GATHER, MUL], [tensor("enc_p.x", [1.0], kind=999), *TENSORS]),
    "data in another file": model([GATHER, MUL], [tensor("enc_p.x", [1.0]) + number(14, 1), *TENSORS]),
    "names in a circle": model(
        [GATHER, MUL, node("Identity", ["scale"], ["b"]), node("Identity", ["b"], ["scale"])],
        [tensor("enc_p.x", [1.0]), *TENSORS],
    ),
    "a name of a megabyte": model([node("Conv", ["x" * 2**20], [])]),
    "a name that is no text": model([part(3, b"\xff\xfe")]),
    "one tensor for a thousand": model(
        [GATHER, MUL, *(node("Conv", ["x", "w", f"dec.{index}.bias"], ["y"]) for index in range(1000))],
        [tensor("w", np.ones(10_000)), tensor("enc_p.x", [1.0]), tensor("scale", LOGS**2), *TENSORS],
    ),
    "nothing but a name": model([GATHER, MUL], [tensor("enc_p.x", [1.0]), *TENSORS]),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_in_one_line_and_takes_no_memory(own, data):
    path = own()
    path.write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(WeightsMismatch) as caught:
            read(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    assert peak < 100 << 20


def test_a_file_of_nothing_but_parts_is_given_up_soon(own):
    path = own()
    path.write_bytes(part(7, part(1, part(5, part(5, b""))) * 2_000_000))
    began = time.process_time()
    with pytest.raises(WeightsMismatch, match="far more parts"):
        read(path)
    assert time.process_time() - began < 10


def test_a_file_that_is_cut_off_anywhere_is_refused(own):
    path = own()
    data = path.read_bytes()
    for end in (1, 3, 100, 1000, len(data) // 2, len(data) - 5000, len(data) - 1):
        path.write_bytes(data[:end])
        with pytest.raises(UserError, match=re.escape(path.name)):
            read(path)


def test_bytes_that_are_changed_anywhere_never_break_the_reader(own):
    path = own()
    data = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(25):
        spoiled = bytearray(data)
        for at in rng.integers(0, len(data) // 2, 3):
            spoiled[at] = rng.integers(0, 256)
        path.write_bytes(spoiled)
        try:
            names.check(graph := read_graph(path))
            names.state(graph)
            names.told(graph)
        except UserError:
            pass


def test_a_file_beyond_any_voice_is_not_opened(own, monkeypatch):
    monkeypatch.setattr(graphs, "MAX_BYTES", 1000)
    with pytest.raises(WeightsMismatch, match="at most 0 are read"):
        read(own())


def test_tensors_that_are_missing_or_no_numbers_are_named(own):
    path = own()
    data = path.read_bytes()
    path.write_bytes(edited(data, lambda f, c: None if name_of(f, c) == "enc_p.proj.bias" else c))
    with pytest.raises(ConfigError, match=r"no tensor enc_p\.proj\.bias"):
        read(path)
    path.write_bytes(edited(data, lambda f, c: None if name_of(f, c) == "dec.cond.bias" or (f == 5 and name_of(f, c) ==
                            "dec.conv_pre.weight") else c))  # fmt: skip
    with pytest.raises(WeightsMismatch, match=r"missing \(dec.conv_pre.weight\)"):
        read(path)
    nan = np.full(16, np.nan, np.float32)
    path.write_bytes(edited(data, lambda f, c: tensor("enc_p.proj.bias", nan) if name_of(f, c) == "enc_p.proj.bias"
                            and f == 5 else c))  # fmt: skip
    with pytest.raises(WeightsMismatch, match="not finite"):
        read(path)


def test_weights_and_configuration_must_agree(own):
    with pytest.raises(ConfigError, match="num_speakers is 3, but the network has 1"):
        read(own(num_speakers=3))
    with pytest.raises(ConfigError, match="an id above 255"):
        read(own(phoneme_id_map={"_": [0], "^": [1], "$": [2], "a": [256]}))
    with pytest.raises(ConfigError, match="256 samples of a frame"):
        read(own(hop_length=300))


def test_a_voice_is_checked_as_strictly_as_it_is_loaded(own):
    SPEC.check(own())
    path = own()
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(WeightsMismatch):
        SPEC.check(path)


def test_what_only_training_uses_is_not_there(voice):
    _, loaded = read(voice("tiny-low"))
    assert not [key for key in loaded.state_dict() if key.startswith(("dp.post_", "dp.flows.1.", "enc_q."))]
    assert all(torch.isfinite(value).all() for value in loaded.state_dict().values())
