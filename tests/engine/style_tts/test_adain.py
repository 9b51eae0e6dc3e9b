"""Adaptive norms and blocks against the published reference values."""

from tests.engine.style_tts.closeness import close


def test_adaptive_blocks_follow_the_style(net, text_path):
    x, style = text_path["adain_x"], text_path["style"]
    close(net.predictor.F0[0](x, style), text_path["adain_block0"], 1e-4)
    close(net.predictor.F0[1](x, style), text_path["adain_block1_up"], 1e-4)
    close(net.predictor.text_encoder.lstms[1](text_path["adaln_x"], style), text_path["adaln"], 1e-4)
