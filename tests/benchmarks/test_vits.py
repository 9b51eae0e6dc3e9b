"""The benchmark compares like with like: the peer takes all of our weights and says the same."""

import torch

from benchmarks.vits import infer
from benchmarks.vits_models import PLAIN, configurations, random_model
from benchmarks.vits_peer import peer_of, save
from engine.systems.vits.checkpoint import read

REDUCED = {
    "inter_channels": 16, "hidden_channels": 16, "filter_channels": 24, "n_layers": 2, "upsample_initial_channel": 32,
}  # fmt: skip


def test_the_peer_holds_the_same_weights_and_says_the_same(tmp_path):
    raw = configurations()["plain"]
    for sdp in (True, False):
        config, model = random_model({**raw, "model": {**raw["model"], **PLAIN, **REDUCED, "use_sdp": sdp}})
        peer = peer_of(model)
        assert sum(map(torch.numel, peer.parameters())) == sum(map(torch.numel, model.parameters()))
        ids = torch.randint(1, config.model.n_vocab, (1, 21), generator=torch.Generator().manual_seed(1))
        with torch.inference_mode():
            ours = infer(model, ids)
            theirs = peer(input_ids=ids).waveform
        assert ours.shape == theirs.shape
        assert ours.shape[-1] > 256 * 21 * 2
        assert float(ours.abs().max()) > 1e-3
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)
        loaded_config, loaded = read(save(peer, config.model.n_vocab, tmp_path))
        assert loaded_config.audio.sampling_rate == config.audio.sampling_rate
        with torch.inference_mode():
            torch.testing.assert_close(infer(loaded, ids), ours, atol=1e-6, rtol=0)
