"""Durations, pitch and energy against the published reference values."""

from tests.engine.style_tts.closeness import close


def test_durations_are_predicted_with_their_lengths(net, text_path):
    style, lengths = text_path["style"], text_path["lengths"]
    encoded = net.predictor.encode(text_path["d_en"], style, lengths)
    close(encoded, text_path["duration_encoder"], 1e-4)
    close(net.predictor.duration_logits(encoded, lengths), text_path["dur_logits"], 1e-4)


def test_pitch_and_energy_follow_the_frames(net, text_path):
    close(text_path["duration_encoder"].transpose(1, 2) @ text_path["alignment"], text_path["en"], 1e-4)
    pitch, energy = net.predictor.contours(text_path["en"], text_path["style"])
    close(pitch, text_path["F0"], 1e-4)
    close(energy, text_path["N"], 1e-4)
