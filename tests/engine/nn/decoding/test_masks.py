"""What a column may attend to: those before it that are real, and always itself."""

import torch

from engine.nn.decoding.masks import decode_bias, prefill_bias

VISIBLE = torch.tensor([[True, True, True], [False, True, True]])


def test_a_prompts_columns_see_those_before_them_and_padding_itself_alone():
    seen = prefill_bias(VISIBLE, torch.float32) == 0
    assert seen[0, 0].tolist() == [[True, False, False], [True, True, False], [True, True, True]]
    assert seen[1, 0].tolist() == [[True, False, False], [False, True, False], [False, True, True]]


def test_a_single_column_sees_all_but_the_padding():
    bias = decode_bias(VISIBLE, 2, torch.bfloat16)
    assert bias.dtype == torch.bfloat16
    assert (bias == 0).squeeze().tolist() == [[True] * 5, [False, True, True, True, True]]
    assert decode_bias(VISIBLE[:1], 2, torch.float32) is None


def test_what_is_mutual_sees_what_comes_after_it_too():
    visible = torch.tensor([[True] * 5, [False] + [True] * 4])
    seen = prefill_bias(visible, torch.float32, mutual=3)[:, 0] == 0
    assert seen[0].tolist() == [[True] * 3 + [False] * 2] * 3 + [[True] * 4 + [False], [True] * 5]
    assert seen[1, 1].tolist() == [False, True, True, False, False]
    assert seen[1, 0, 0]
