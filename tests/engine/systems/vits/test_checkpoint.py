"""Checkpoints on disk: every published spelling loads, everything else is refused in one line."""

import json
import shutil

import pytest
import torch

from engine.errors import ConfigError, WeightsMismatch, WeightsMissing
from engine.systems.vits import SPEC


def same_weights(a, b):
    ours, theirs = a.model.state_dict(), b.model.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[key], theirs[key]) for key in ours)


def renamed(state):
    """The newer spelling of weight norm."""
    names = {".weight_g": ".parametrizations.weight.original0", ".weight_v": ".parametrizations.weight.original1"}
    ends = {key: next((end for end in names if key.endswith(end)), "") for key in state}
    return {key.removesuffix(end) + names.get(end, ""): state[key] for key, end in ends.items()}


def without_posterior(state):
    return {"model": {key: value for key, value in state.items() if not key.startswith("enc_q.")}}


SPELLINGS = {
    "bare": dict,
    "module.": lambda state: {"model": {f"module.{key}": value for key, value in state.items()}},
    "model_g.": lambda state: {
        "state_dict": {f"model_g.{key}": value for key, value in state.items()} | {"model_d.x": torch.ones(1)}
    },
    "parametrizations": lambda state: {"model": renamed(state)},
    "without enc_q": without_posterior,
}


@pytest.mark.parametrize("change", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_every_spelling_gives_the_same_model(save, system, load_system, change):
    assert same_weights(load_system(save(change)), system("mb_det"))


def test_a_file_is_taken_with_the_config_beside_it(folder, load_system, system):
    target = folder()
    (target / "G_1000.pth").rename(target / "pretrained.pth")
    assert same_weights(load_system(target / "pretrained.pth"), system("mb_det"))


DAMAGE = {
    "missing": (lambda s: {"model": {k: v for k, v in s.items() if k != "enc_p.proj.bias"}}, r"1 missing \(enc_p.proj"),
    "surplus": (lambda s: {"model": {**s, "dec.extra": torch.ones(1)}}, r"1 unexpected \(dec.extra\)"),
    "shape": (lambda s: {"model": {**s, "enc_p.proj.bias": torch.ones(3)}}, r"enc_p.proj.bias \[3\] instead of"),
    "half a posterior": (lambda s: {"model": {k: v for k, v in s.items() if k != "enc_q.pre.bias"}}, "enc_q.pre.bias"),
    "half a norm": (lambda s: {"model": {k: v for k, v in s.items() if k != "dec.ups.0.weight_g"}}, "dec.ups.0"),
    "nan": (lambda s: {"model": {**s, "enc_p.proj.bias": s["enc_p.proj.bias"] * float("nan")}}, "not finite"),
    "dead direction": (
        lambda s: {"model": {**s, "dec.ups.0.weight_v": 0 * s["dec.ups.0.weight_v"]}},
        r"not finite.*dec.ups.0.weight",
    ),
    "no tensors": (lambda _: {"model": {"a": 1}}, "no state dict"),
    "a list": (lambda _: [1, 2], "no state dict"),
    "a discriminator": (lambda _: {"model": {"discriminators.0.bias": torch.ones(1)}}, "missing"),
}


@pytest.mark.parametrize(("change", "said"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_named_in_one_line(save, load_system, change, said):
    with pytest.raises(WeightsMismatch, match=said) as caught:
        load_system(save(change))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("other", ["istft_det", "ms_det", "plain_det", "mb_sdp"])
def test_weights_of_another_decoder_are_refused(folder, checkpoint, load_system, other):
    target = folder("mb_det")
    shutil.copy(checkpoint(other) / "G_1000.pth", target / "G_1000.pth")
    with pytest.raises(WeightsMismatch, match="does not fit its configuration"):
        load_system(target)


def test_constant_tensor_of_multi_stream_must_be_that_constant(save, load_system):
    with pytest.raises(WeightsMismatch, match="updown_filter"):
        load_system(save(lambda s: {"model": {**s, "dec.updown_filter": 2 * s["dec.updown_filter"]}}, "ms_det"))


def change_config(folder, **changes):
    path = folder / "config.json"
    raw = json.loads(path.read_text())
    for name, value in changes.items():
        section, key = name.split("__")
        raw[section].pop(key, None)
        if value is not None:
            raw[section][key] = value
    path.write_text(json.dumps(raw))


def test_a_config_of_a_far_larger_network_is_refused_before_its_memory_is_touched(folder, load_system):
    target = folder("mb_det")
    change_config(target, model__n_layers=200, model__filter_channels=60_000)
    with pytest.raises(WeightsMismatch, match=r"G_1000.pth does not fit .* far larger network"):
        load_system(target)


@pytest.mark.parametrize("section", ["model", "data"])
def test_a_config_without_a_section_is_named(folder, load_system, section):
    path = folder("mb_det") / "config.json"
    path.write_text(json.dumps({key: value for key, value in json.loads(path.read_text()).items() if key != section}))
    with pytest.raises(ConfigError, match=rf"{path.parent.name}.config.json: the file has no section '{section}'"):
        load_system(path.parent)


def test_what_a_config_leaves_open_is_read_off_the_tensors(folder, load_system, system):
    target = folder("mb_sdp_ms")
    change_config(target, model__use_sdp=None, model__gin_channels=None)
    assert same_weights(load_system(target), system("mb_sdp_ms"))


def test_speakers_that_a_single_speaker_trainer_ignored_are_ignored(folder, load_system, system):
    target = folder("mb_det")
    change_config(target, data__n_speakers=5)
    loaded = load_system(target)
    assert same_weights(loaded, system("mb_det"))
    assert loaded.voices() == ()


def test_unknown_number_of_symbols_asks_for_the_list(save, load_system):
    with pytest.raises(ConfigError, match=r'has 7 symbols.*"symbols"'):
        load_system(save(lambda s: {"model": {**s, "enc_p.emb.weight": torch.ones(7, 32)}}))


def test_multilingual_symbols_are_known_by_their_number(save, load_system):
    loaded = load_system(save(lambda s: {"model": {**s, "enc_p.emb.weight": torch.ones(205, 32)}}))
    assert loaded.model.config.n_vocab == 205


def test_a_checkpoint_is_checked_as_strictly_as_it_is_loaded(checkpoint, tmp_path):
    SPEC.check(checkpoint("mb_det"))
    folder = shutil.copytree(checkpoint("mb_det"), tmp_path / "copy")
    folder.joinpath("config.json").write_bytes(checkpoint("istft_det").joinpath("config.json").read_bytes())
    with pytest.raises(WeightsMismatch, match="does not fit its configuration"):
        SPEC.check(folder)
    folder.joinpath("G_1000.pth").unlink()
    with pytest.raises(WeightsMissing):
        SPEC.check(folder)
