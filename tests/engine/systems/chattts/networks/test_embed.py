"""Prompts laid out and embedded as the reference does."""

import pytest
import torch
from torch.testing import assert_close

from engine.errors import VoiceError
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
    with pytest.raises(VoiceError, match="this model needs 64"):
        networks.embed(prompt_of(golden("embed_spk")), torch.ones(65), SPEAKER)
