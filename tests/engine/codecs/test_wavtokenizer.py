"""WavTokenizer of both families, in both public layouts, against the reference's numbers."""

import math

import pytest
import torch
import yaml
from safetensors.torch import save_file
from torch.testing import assert_close

from engine.codecs import wavtokenizer
from engine.codecs.wavtokenizer import WavTokenizer, load, published
from engine.codecs.wavtokenizer_config import sizes
from engine.errors import OptionError, WeightsMismatch, WeightsMissing
from engine.steps import finish
from tests.wavtokenizer import FAMILIES, arrays, filled, lightning_file, ported, read, wavtokenizer_state, yaml_of

# What the reference's own threads differ by, of values up to 40, and of a waveform.
EMBEDDED, SOUND = 1e-4, 2e-6


@pytest.fixture(scope="module", params=[(family, layout) for family in FAMILIES for layout in ("Lightning", "port")])
def both(request, tmp_path_factory):
    """The codec and the numbers that it should give."""
    family, layout = request.param
    folder = tmp_path_factory.mktemp(family)
    if layout == "Lightning":
        return load(lightning_file(folder, family)), arrays(family)
    save_file(ported(wavtokenizer_state(family)), folder / "model.safetensors")
    return load(folder / "model.safetensors"), arrays(family)


@pytest.fixture(scope="module")
def codec(tmp_path_factory):
    return load(lightning_file(tmp_path_factory.mktemp("codec")))


@pytest.mark.parametrize("clip", range(5))
def test_codes_and_sound_are_the_reference_s(both, clip):
    codec, golden = both
    samples = golden[f"wav_{clip}"].unsqueeze(0)
    with torch.inference_mode():
        assert_close(codec.embed(samples)[0], golden[f"emb_{clip}"], atol=EMBEDDED, rtol=0)
    codes = codec.encode(samples)
    assert torch.equal(codes[0, 0], golden[f"codes_{clip}"])
    assert_close(codec.decode(codes)[0], golden[f"recon_{clip}"], atol=SOUND, rtol=0)


def test_every_layer_is_the_reference_s(both):
    codec, golden = both
    given = {}

    def keep(name, *, channels_last=False):
        def hook(_module, _inputs, output):
            found = output[0].T if channels_last else output[0]
            given[name] = found[:, : golden[name].shape[1]]

        return hook

    parts = {f"enc0_layer{index}": codec.encoder.layers[index] for index in (0, 1, 3, 6, 12)}
    parts |= {"bb0_embed": codec.backbone.embed}
    parts |= {f"bb0_posnet{index}": part for index, part in enumerate(codec.backbone.pos_net)}
    parts |= {f"bb0_convnext{index}": part for index, part in enumerate(codec.backbone.convnext)}
    hooks = [part.register_forward_hook(keep(name)) for name, part in parts.items()]
    hooks.append(codec.backbone.norm.register_forward_hook(keep("bb0_norm", channels_last=True)))
    transposed = {"bb0_final": codec.backbone.final_layer_norm, "head0_out": codec.head.out}
    hooks += [part.register_forward_hook(keep(name)) for name, part in transposed.items()]
    try:
        codec.decode(codec.encode(golden["wav_0"].unsqueeze(0)))
    finally:
        for hook in hooks:
            hook.remove()
    assert given.keys() == parts.keys() | transposed.keys() | {"bb0_norm"}
    for name, found in given.items():
        assert_close(found, golden[name], atol=EMBEDDED, rtol=1e-5)


def test_the_memory_of_the_encoder_is_the_reference_s(both):
    codec, golden = both
    with torch.inference_mode():
        found = codec.encoder.layers[13](golden["enc0_layer12"].unsqueeze(0))
    assert_close(found[0], golden["enc0_layer13"], atol=EMBEDDED, rtol=0)


@pytest.mark.parametrize("bandwidth_id", [1, 2, 3])
def test_other_norms_are_the_reference_s(both, bandwidth_id):
    codec, golden = both
    found = finish(codec.decode_pass(golden["codes_0"].view(1, 1, -1), bandwidth_id))
    assert_close(found[0], golden[f"recon0_bw{bandwidth_id}"], atol=SOUND, rtol=0)


def test_a_batch_and_a_single_code_are_the_reference_s(both):
    codec, golden = both
    codes = golden["batch_codes"].unsqueeze(1)
    found = codec.decode(codes)
    assert_close(found, golden["batch_recon"], atol=SOUND, rtol=0)
    assert_close(found[1:2], codec.decode(codes[1:2]), atol=SOUND, rtol=0)
    assert_close(codec.decode(golden["one_code"].view(1, 1, 1))[0], golden["one_recon"], atol=SOUND, rtol=0)


def test_a_batch_is_encoded_as_each_alone(both):
    codec, golden = both
    samples = torch.stack((golden["wav_0"], golden["wav_0"].flip(0)))
    codes = codec.encode(samples)
    assert codes.shape == (2, 1, 14_400 // codec.hop)
    assert torch.equal(codes[1:], codec.encode(samples[1:]))


@pytest.mark.parametrize("samples", [24_000, 24_077, 100_003])
def test_sound_in_windows_has_the_codes_of_one_pass(codec, samples, monkeypatch):
    sound = 0.2 * torch.randn(2, samples, generator=torch.Generator().manual_seed(samples))
    whole, codes = codec.embed(sound), codec.encode(sound)
    # Of half a second, and as short as the last convolution lets them be.
    for window_s in (0.5, 0.0):
        monkeypatch.setattr(wavtokenizer, "WINDOW_S", window_s)
        assert_close(codec.embed(sound), whole, atol=EMBEDDED, rtol=0)
        assert torch.equal(codec.encode(sound), codes)


def test_of_no_sound_there_are_no_codes_and_of_those_no_sound(codec):
    codes = codec.encode(torch.zeros(2, 0))
    assert codes.shape == (2, 1, 0)
    assert codec.decode(codes).shape == (2, 0)
    assert codec.embed(torch.zeros(2, 0)).shape == (2, 32, 0)


def test_rates_are_those_of_the_shapes(both):
    codec, golden = both
    expected = 40 if codec.hop == 600 else 75
    assert codec.codes_per_s == expected
    assert codec.bandwidth_kbps == pytest.approx(
        math.log2(read(f"codec{expected}_config")["vq_bins"]) * expected / 1000
    )
    assert codec.codebooks() == codec.codebooks(codec.bandwidth_kbps) == codec.n_codebooks == 1
    with pytest.raises(OptionError, match=r"kbit/s, not 6"):
        codec.encode(golden["wav_2"].unsqueeze(0), 6.0)


@pytest.mark.parametrize("family", ["frame40", "frame75"])
@pytest.mark.parametrize("layout", ["Lightning", "port"])
def test_the_published_models_fit(family, layout):
    manifest = read(f"manifest_wavtokenizer_{family}")
    state = {key: torch.empty(each["shape"], device="meta") for key, each in manifest.items()}
    if layout == "port":
        state = ported(state)
    needed = {published(key): value for key, value in wavtokenizer._needed(state).items()}
    needed = {key: tuple(value.shape) for key, value in wavtokenizer.folded(needed).items()}
    config = sizes(needed, family)
    encoder = config.encoder
    assert (encoder.n_filters, encoder.width, encoder.codebook_size, encoder.n_lstm_layers) == (32, 512, 4096, 2)
    assert (config.hidden, config.intermediate, config.n_layers, config.n_bandwidths) == (768, 2304, 12, 4)
    assert encoder.ratios == ((6, 5, 5, 4) if family == "frame40" else (8, 5, 4, 2))
    with torch.device("meta"):
        own = {key: tuple(value.shape) for key, value in WavTokenizer(config).state_dict().items()}
    needed["codebook"] = needed.pop("quantizer.layers.0.codebook.embed")
    needed["head.istft.window"] = (config.n_fft,)
    assert own == needed


def test_a_backbone_without_bandwidths_is_the_reference_s(tmp_path):
    """Through the loading path: the tensors of a variant beside the encoder of the public kind."""
    golden, manifest = arrays("variants"), read("variants_manifest")
    state = {key: value for key, value in wavtokenizer_state().items() if key.startswith("feature_extractor.")} | {
        f"{part}.{key}": value for part in ("backbone", "head") for key, value in filled(manifest[part]).items()
    }
    same = load(lightning_file(tmp_path / "same", state=state))
    raw = yaml_of()
    raw["model"]["init_args"]["head"]["init_args"]["padding"] = "center"
    del raw["model"]["init_args"]["backbone"]["init_args"]["adanorm_num_embeddings"]
    path = lightning_file(tmp_path / "center", state=state)
    path.with_suffix(".yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    center = load(path)
    with torch.inference_mode():
        hidden = same.backbone(golden["features"])
        assert_close(hidden, golden["plain_backbone"], atol=1e-5, rtol=0)
        assert_close(same.head(hidden), golden["istft_same"], atol=1e-5, rtol=0)
        assert_close(center.head(hidden), golden["istft_center"], atol=1e-5, rtol=0)
        spectrum = torch.complex(golden["spec_re"], golden["spec_im"])
        assert_close(same.head.istft(spectrum), golden["istft_of_spec_same"], atol=1e-5, rtol=0)
    assert center.decode(torch.zeros(1, 1, 1, dtype=torch.int64)).shape == (1, 0)
    assert center.decode(torch.zeros(1, 1, 5, dtype=torch.int64)).shape == (1, 4 * 320)


def test_codes_of_another_codec_are_refused(codec):
    for code in (64, -1):
        with pytest.raises(WeightsMismatch, match=r"codes of 0\.\.63"):
            codec.decode(torch.full((1, 1, 3), code))
    with pytest.raises(WeightsMismatch, match="has 1 codebooks"):
        codec.decode(torch.zeros(1, 8, 3, dtype=torch.int64))


def test_what_does_not_belong_is_named(tmp_path):
    with pytest.raises(WeightsMissing):
        load(tmp_path / "none.ckpt")
    state = wavtokenizer_state()
    bias = "backbone.pos_net.0.conv1.bias"
    spare = {key: value for key, value in state.items() if key != bias}
    with pytest.raises(WeightsMismatch, match=rf"1 missing \({bias}\)"):
        load(lightning_file(tmp_path, state=spare))
    with pytest.raises(WeightsMismatch, match=r"1 unexpected \(backbone\.other\)"):
        load(lightning_file(tmp_path, state=state | {"backbone.other": torch.zeros(2)}))
    second = {
        key.replace("layers.0._codebook.embed", "layers.1._codebook.embed"): value for key, value in state.items()
    }
    with pytest.raises(WeightsMismatch, match="holds no WavTokenizer"):
        load(lightning_file(tmp_path, state={"weight": torch.zeros(2)}))
    with pytest.raises(WeightsMismatch, match=r"1 unexpected \(quantizer"):
        load(lightning_file(tmp_path, state=state | second))
    with pytest.raises(WeightsMismatch, match="not finite"):
        load(lightning_file(tmp_path, state=state | {bias: torch.full((64,), torch.nan)}))
    wide = {"head.out.weight": torch.zeros(642, 64), "head.out.bias": torch.zeros(642)}
    with pytest.raises(WeightsMismatch, match="four times as many"):
        load(lightning_file(tmp_path, state=state | wide))


def test_what_only_training_needs_is_not_read(tmp_path):
    """By the names of all 802 tensors of that kind in a published file; none is fit to be read."""
    unread = dict.fromkeys(read("manifest_wavtokenizer_ignored_training_keys"), torch.full((1,), torch.nan))
    assert len(unread) == 802
    assert wavtokenizer._needed({"state_dict": unread}) == {}
    codec, golden = load(lightning_file(tmp_path, state=unread | wavtokenizer_state())), arrays("codec75")
    assert torch.equal(codec.encode(golden["wav_0"].unsqueeze(0))[0, 0], golden["codes_0"])


def test_the_codebook_is_never_made_anew(tmp_path):
    """The reference would, of a file that says that it was not made yet, from whatever it is given."""
    state = wavtokenizer_state()
    golden = arrays("codec75")
    inited = "feature_extractor.encodec.quantizer.vq.layers.0._codebook.inited"
    codec = load(lightning_file(tmp_path, state=state | {inited: torch.zeros(1)}))
    assert torch.equal(codec.encode(golden["wav_1"].unsqueeze(0))[0, 0], golden["codes_1"])


def test_weights_of_half_the_size_are_taken(tmp_path):
    golden = arrays("codec75")
    halved = {key: value.half() for key, value in wavtokenizer_state().items()}
    codec = load(lightning_file(tmp_path, state=halved))
    assert codec.codebook.dtype == torch.float32
    found = codec.decode(golden["codes_0"].view(1, 1, -1))[0]
    assert_close(found, golden["recon_0"], atol=5e-3, rtol=0)
