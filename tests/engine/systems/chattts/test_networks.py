"""Each network against the reference's values for the same weights and inputs, through the loading path."""

import pytest
import torch
from torch.testing import assert_close

from engine.errors import AudioError, VoiceError
from engine.systems.chattts.gpt import decode_bias, prefill_bias
from engine.systems.chattts.networks.convnext import double_frames
from engine.systems.chattts.networks.embed import Prompt, lay_out

SPEAKER = 21143  # the token that the voice takes the place of


def near(actual, expected, tolerance):
    assert_close(actual, expected, atol=tolerance, rtol=0)


def prompt_of(g):
    return Prompt(ids=g["input_ids"], visible=g["attention_mask"].bool(), is_text=g["text_mask"])


@pytest.mark.parametrize("case", ["plain", "spk", "smp", "both"])
def test_prompt_embeddings_equal_the_reference(golden, networks, speaker, case):
    g = golden(f"embed_{case}")
    voice = speaker if case in ("spk", "both") else None
    real = g["attention_mask"].bool()
    near(networks.embed(prompt_of(g))[real], g["emb_before_spk"][real], 1e-6)
    near(networks.embed(prompt_of(g), voice, SPEAKER), g["emb"], 1e-6)


@pytest.mark.parametrize("case", ["plain", "spk", "smp", "both"])
def test_texts_are_laid_out_as_the_reference_does(golden, case):
    g = golden(f"embed_{case}")
    frames = int((g["attention_mask"].bool() & ~g["text_mask"])[0].sum())
    texts = [ids[mask, 0].tolist() for ids, mask in zip(g["input_ids"], g["text_mask"], strict=True)]
    codes = g["input_ids"][0, -frames:].T if frames else None
    prompt = lay_out(texts, 4, codes)
    assert torch.equal(prompt.ids, g["input_ids"])
    assert torch.equal(prompt.visible, g["attention_mask"].bool())
    assert torch.equal(prompt.is_text, g["text_mask"])


def test_a_voice_of_another_size_is_refused(golden, networks):
    with pytest.raises(VoiceError, match="needs 64 values"):
        networks.embed(prompt_of(golden("embed_spk")), torch.ones(65), SPEAKER)


def test_transformer_equals_the_reference(golden, networks):
    g, gpt, embed = golden("gpt_forward"), networks.gpt, networks.embed
    visible = g["attention_mask"].bool()
    first = {}
    hook = gpt.layers[0].register_forward_hook(lambda _module, _args, out: first.setdefault("out", out))
    cache = gpt.new_cache(3, 16)
    positions = (visible.cumsum(1) - 1).clamp(min=0)
    assert torch.equal(positions[visible], g["position_ids"][visible])
    hidden = gpt(g["inputs_embeds"], positions, cache, prefill_bias(visible, torch.float32))
    hook.remove()
    near(first["out"][visible], g["hidden_layer0_out"][visible], 2e-5)
    near(hidden[visible], g["last_hidden"][visible], 2e-5)
    assert torch.isfinite(hidden).all()
    near(embed.code_stage().logits(hidden[:, -1]).transpose(1, 2), g["logits_code_last"], 2e-5)
    near(embed.text_stage(0).logits(hidden[:, -1])[:, 0], g["logits_text_last"], 2e-5)
    bias = decode_bias(visible, 5, torch.float32)
    for step in range(5):
        fed = embed.embed_codes(g["forced_codes"][:, step]).unsqueeze(1)
        at = positions[:, -1:] + 1 + step
        hidden = gpt(fed, at, cache, bias[..., : cache.length + 1])
        near(hidden[:, 0], g["forced_hidden"][:, step], 2e-5)


def test_decoder_and_vocoder_equal_the_reference(golden, networks):
    g, decoder, vocos = golden("decoder_vocos"), networks.decoder, networks.vocos
    x = decoder.decoder.conv_in(double_frames(g["hidden"]))
    near(x, g["conv_in"], 2e-5)
    near(decoder.decoder.decoder_block[0](x), g["block0"], 2e-5)
    near(decoder(g["hidden"].transpose(1, 2)), g["mel"], 2e-5)
    near(vocos.backbone.embed(g["mel"]), g["vocos_embed"], 2e-5)
    near(vocos.backbone(g["mel"]), g["vocos_backbone"], 2e-5)
    near(vocos.head.out(g["vocos_backbone"]), g["vocos_head"], 2e-5)
    near(vocos.decode(g["mel"]), g["wav"], 1e-5)


def test_audio_autoencoder_equals_the_reference(golden, networks):
    g, dvae = golden("dvae"), networks.dvae
    near(dvae.coef, g["coef"], 0)
    near(dvae.log_mel(g["wav"]), g["mel"], 5e-5)
    near(dvae.downsample(g["mel"]), g["downsampled"], 5e-5)
    near(dvae.encoder(g["downsampled"]), g["encoded"], 5e-5)
    assert torch.equal(dvae.encode(g["wav"]), g["codes"].long())
    codes = g["codes"].long().unsqueeze(0)
    near(dvae.quantizer.decode(codes), g["vq_features"], 5e-5)
    near(dvae.decode(codes), g["mel_from_codes"], 5e-5)
    near(networks.vocoder(use_decoder=False).render(g["codes"].T)[None], g["wav_from_codes"], 1e-5)


def test_quantizer_equals_the_reference(golden, networks):
    g, quantizer = golden("fsq"), networks.dvae.quantizer
    assert torch.equal(quantizer.encode(g["x"]), g["indices"].long())
    near(quantizer.decode(g["indices"].long()), g["features"], 1e-6)
    near(quantizer.rvqs[0].points(torch.arange(625)), g["codebook"], 0)


def test_the_code_of_the_end_is_no_sound(networks):
    for code in (625, -1):
        with pytest.raises(ValueError, match=r"outside 0\.\.624"):
            networks.dvae.decode(torch.full((1, 4, 3), code))


def test_a_recording_too_short_for_one_frame_is_refused(networks):
    with pytest.raises(AudioError, match="512 samples"):
        networks.dvae.encode(torch.zeros(512))
    assert networks.dvae.encode(torch.zeros(513)).shape == (4, 1)
