"""What transformers saves loads strictly and speaks the same, stage by stage: its VitsModel runs beside ours."""

import json
import math

import pytest
import torch
from transformers import VitsConfig, VitsModel, VitsTokenizer

from engine.errors import ConfigError
from engine.systems.vits import SPEC
from engine.systems.vits.checkpoint import read
from engine.systems.vits.files import locate, pick
from engine.systems.vits.networks.model import Scales
from engine.systems.vits.options import Options

REDUCED = {
    "vocab_size": 30, "hidden_size": 32, "num_hidden_layers": 2, "ffn_dim": 48, "flow_size": 16,
    "upsample_initial_channel": 64, "duration_predictor_filter_channels": 24, "posterior_encoder_num_wavenet_layers": 3,
}  # fmt: skip
KINDS = {
    "stochastic": {},
    "deterministic": {"use_stochastic_duration_prediction": False},
    "speakers": {"num_speakers": 4, "speaker_embedding_size": 12},
    "speakers, deterministic": {
        "num_speakers": 4,
        "speaker_embedding_size": 12,
        "use_stochastic_duration_prediction": False,
    },
    "other sizes": {
        "upsample_rates": [4, 4, 4], "upsample_kernel_sizes": [8, 8, 8], "resblock_kernel_sizes": [3, 5],
        "resblock_dilation_sizes": [[1, 2, 4], [1, 3, 5]], "spectrogram_bins": 257, "sampling_rate": 22_050,
        "prior_encoder_num_flows": 2, "prior_encoder_num_wavenet_layers": 2, "ffn_kernel_size": 5,
        "num_attention_heads": 4,
    },
}  # fmt: skip


@pytest.fixture(params=KINDS.values(), ids=KINDS.keys())
def saved(request, tmp_path):
    """A random model as save_pretrained leaves it, with its tokenizer."""
    torch.manual_seed(5)
    model = VitsModel(VitsConfig(**REDUCED, **request.param)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # Their couplings and splines begin as identities, which would hide a mistake; sums over residual blocks
            # that nobody has trained grow until rounding shows.
            parameter.mul_(0.4 if "resblocks" in name else 1.0).add_(0.02 * torch.randn_like(parameter))
        if hasattr(model.duration_predictor, "flows"):
            model.duration_predictor.flows[0].log_scale.fill_(3.0)
            model.duration_predictor.flows[0].translate.fill_(-0.7 * math.exp(3.0))
        else:
            model.duration_predictor.proj.bias.fill_(0.7)
    model.noise_scale = model.noise_scale_duration = 0.0
    model.save_pretrained(tmp_path)
    path = tmp_path / "vocab.json"
    path.write_text(json.dumps({letter: number for number, letter in enumerate("| abcdefghijklmnopqrstuvwxyz'-")}))
    VitsTokenizer(str(path), pad_token="|", language="eng", phonemize=False).save_pretrained(tmp_path)
    return model, tmp_path


def test_every_stage_is_the_same(saved):
    theirs, folder = saved
    config, ours = read(folder)
    ids = torch.randint(1, config.model.n_vocab, (1, 23), generator=torch.Generator().manual_seed(1))
    sid = torch.tensor([2]) if config.model.n_speakers else None
    wanted = theirs(input_ids=ids, speaker_id=None if sid is None else 2)
    mask = torch.ones(1, 23, 1)
    text = theirs.text_encoder(input_ids=ids, padding_mask=mask, attention_mask=torch.ones(1, 23))
    silent = Scales(noise=0.0, noise_w=0.0)
    made = ours.infer(ids, torch.tensor([23]), rng=torch.Generator(), sid=sid, scales=silent)
    torch.testing.assert_close(made.latents.text.hidden, text.last_hidden_state.transpose(1, 2), atol=1e-5, rtol=0)
    torch.testing.assert_close(made.latents.text.mean, text.prior_means.transpose(1, 2), atol=1e-5, rtol=0)
    torch.testing.assert_close(made.latents.text.log_std, text.prior_log_variances.transpose(1, 2), atol=1e-5, rtol=0)
    torch.testing.assert_close(made.latents.z, wanted.spectrogram, atol=2e-5, rtol=0)
    torch.testing.assert_close(made.decoded.audio[0], wanted.waveform, atol=2e-5, rtol=0)


def test_a_sentence_in_compat_is_what_transformers_says(saved, load_system):
    theirs, folder = saved
    system = load_system(folder)
    options = Options(compat=True, noise_scale=0.0, noise_scale_w=0.0)
    text = "The kettle isn't on, and tea is nearly ready."
    voice = system.voice("2" if system.voices() else "")
    events = system.synthesize(system.segment(text, "en", options), voice, options, torch.Generator())
    sound = torch.cat([torch.from_numpy(event.samples) for event in events if hasattr(event, "samples")])
    ids = VitsTokenizer.from_pretrained(folder)(text, return_tensors="pt").input_ids
    wanted = theirs(input_ids=ids, speaker_id=2 if system.voices() else None).waveform[0]
    torch.testing.assert_close(sound, wanted, atol=2e-5, rtol=0)


REPOSITORY = [
    ".gitattributes", "README.md", "config.json", "model.safetensors", "pytorch_model.bin", "special_tokens_map.json",
    "tokenizer_config.json", "vocab.json",
]  # fmt: skip


def test_of_a_repository_the_weights_are_taken_once_with_what_reads_text():
    taken = {"config.json", "vocab.json", "model.safetensors", "tokenizer_config.json", "special_tokens_map.json"}
    assert set(pick(REPOSITORY)) == taken
    older = set(REPOSITORY) - {"model.safetensors", "special_tokens_map.json"}
    assert set(pick(sorted(older))) == {"config.json", "vocab.json", "pytorch_model.bin", "tokenizer_config.json"}
    for needed in ("config.json", "vocab.json"):
        assert pick([path for path in REPOSITORY if path != needed]) == ()
    assert pick([f"models/{path}" for path in REPOSITORY]) == ()


def test_a_folder_is_known_by_its_configuration(mms_checkpoint, mms_folder):
    folder = mms_checkpoint("sdp")
    weights = folder / "model.safetensors"
    assert locate(folder) == locate(weights) == (folder / "config.json", weights)
    with pytest.raises(ConfigError, match="belongs to another kind of model"):
        SPEC.speakers(mms_folder("sdp", model_type="bert"))
    broken = mms_folder("det")
    (broken / "config.json").write_text("{")
    with pytest.raises(ConfigError, match="cannot be read as JSON"):
        SPEC.speakers(broken)
