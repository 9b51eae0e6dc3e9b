"""EnCodec in both of its public layouts against the package's numbers."""

import json

import pytest
import torch
from torch.testing import assert_close

from engine.codecs.encodec import Encodec, folded, load, prepared, published
from engine.codecs.encodec_config import sizes
from engine.errors import ConfigError, OptionError, WeightsMismatch, WeightsMissing
from tests.valle import arrays, encodec_file, encodec_folder, encodec_state, read

LENGTHS = (4800, 5000, 321)


@pytest.fixture(scope="module", params=["package", "transformers", "older names"])
def codec(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("encodec")
    if request.param == "package":
        return load(encodec_file(folder))
    return load(encodec_folder(folder, older_names=request.param == "older names"))


@pytest.mark.parametrize("length", LENGTHS)
def test_codes_and_sound_are_the_reference_s(codec, length):
    golden = arrays("encodec")
    samples = golden[f"wav_{length}"].unsqueeze(0)
    with torch.inference_mode():
        assert_close(codec.embed(samples), golden[f"emb_{length}"], atol=1e-5, rtol=1e-5)
    codes = codec.encode(samples)
    assert torch.equal(codes, golden[f"codes_{length}"])
    assert_close(codec.decode(codes), golden[f"audio_{length}"][:, 0], atol=1e-4, rtol=0)


def test_codes_become_the_reference_s_codewords_and_sound(codec):
    golden = arrays("encodec")
    codes = golden["rand_codes"]
    with torch.inference_mode():
        assert_close(codec.dequantize(codes), golden["rand_codes_quantized"], atol=1e-6, rtol=0)
    assert_close(codec.decode(codes), golden["rand_codes_audio"][:, 0], atol=1e-4, rtol=0)


def test_a_batch_is_encoded_as_each_alone(codec):
    golden = arrays("encodec")
    samples = golden["wav_4800"]
    codes = codec.encode(torch.stack((samples, samples.flip(0))))
    assert torch.equal(codes, golden["batch2_codes"])
    assert torch.equal(codes[:1], codec.encode(samples.unsqueeze(0)))


@pytest.mark.parametrize(("rate", "channels"), [(44_100, 2), (16_000, 1)])
def test_sound_is_prepared_as_the_reference_does(rate, channels):
    golden = arrays("encodec")
    found = prepared(golden[f"rs_in_{rate}_{channels}"], rate)
    assert_close(found, golden[f"rs_out_{rate}_{channels}"], atol=1e-6, rtol=0)


def test_bandwidths_are_codebooks(codec):
    assert [codec.codebooks(bandwidth) for bandwidth in (0.75, 1.5, 3, 6, 12, 24)] == [1, 2, 4, 8, 16, 32]
    samples = arrays("encodec")["wav_5000"].unsqueeze(0)
    assert torch.equal(codec.encode(samples, 1.5), codec.encode(samples, 24)[:, :2])
    for bandwidth in (0.5, 25):
        with pytest.raises(OptionError, match=r"0.75 to 24 kbit/s"):
            codec.codebooks(bandwidth)


@pytest.mark.parametrize("layout", ["pkg", "transformers"])
def test_the_published_model_loads_strictly(layout):
    manifest = read(f"manifest_encodec_24khz_{layout}")
    state = folded({published(key): torch.empty(each["shape"], device="meta") for key, each in manifest.items()})
    config = sizes({key: tuple(value.shape) for key, value in state.items()}, "encodec")
    assert (config.n_filters, config.width, config.ratios, config.n_codebooks) == (32, 128, (8, 5, 4, 2), 32)
    own = Encodec(config).model.state_dict()
    assert {key: value.shape for key, value in own.items()} == {key: value.shape for key, value in state.items()}


def test_files_that_hold_no_encodec_are_named(tmp_path):
    with pytest.raises(WeightsMissing, match="no EnCodec"):
        load(tmp_path)
    torch.save({"weight": torch.zeros(2)}, tmp_path / "other.th")
    with pytest.raises(WeightsMismatch, match="no EnCodec of 24 kHz"):
        load(tmp_path)
    state = encodec_state()
    del state["decoder.model.0.conv.conv.bias"]
    torch.save(state, tmp_path / "other.th")
    with pytest.raises(WeightsMismatch, match=r"1 missing \(decoder.layers.0.conv.bias\)"):
        load(tmp_path / "other.th")
    torch.save({"best_state": state}, tmp_path / "other.th")
    with pytest.raises(WeightsMismatch, match="more than tensors"):
        load(tmp_path / "other.th")


def test_another_encodec_is_refused(tmp_path):
    path = encodec_folder(tmp_path, binary=True) / "config.json"
    load(tmp_path)
    raw = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(raw | {"sampling_rate": 48_000}), encoding="utf-8")
    with pytest.raises(ConfigError, match="sampling_rate=48000"):
        load(tmp_path)
