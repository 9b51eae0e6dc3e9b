"""The four decoders against the reference, and pieces against the whole."""

import dataclasses

import pytest
import torch
from torch.nn import functional as F
from torch.testing import assert_close

from engine.systems.vits.config import parse
from engine.systems.vits.networks.decoder import SLOPE, build_decoder, convolve, lay_out, receptive_radii, upsample

MODELS = {
    "decoder_plain": "plain_det",
    "decoder_plain_resblock2": "plain_resblock2_det",
    "decoder_istft": "istft_det",
    "decoder_mb": "mb_det",
    "decoder_ms": "ms_det",
}
PUBLIC = ["ljs_base", "ljs_istft_vits", "ljs_mb_istft_vits", "ljs_ms_istft_vits", "ljs_mini_mb_istft_vits"]


def near(actual, expected, tolerance=2e-5):
    assert_close(actual, expected, atol=tolerance, rtol=0)


@pytest.mark.parametrize(("file", "model"), MODELS.items())
def test_sound_equals_the_reference(golden, system, file, model):
    g, decoder = golden(file), system(model).model.dec
    decoded = decoder(g["z"])
    near(decoded.audio, g["audio"])
    if "subbands" in g:
        expected = g["subbands"]
        if model == "ms_det":  # stored after zero-stuffing with a gain of 4
            assert torch.count_nonzero(expected.unflatten(-1, (-1, 4))[..., 1:]) == 0
            expected = expected[..., ::4] / 4
        near(decoded.subbands, expected)
    else:
        assert decoded.subbands is None


@pytest.mark.parametrize(("file", "model"), MODELS.items())
def test_stations_inside_equal_the_reference(golden, system, file, model):
    g, decoder = golden(file), system(model).model.dec
    x = decoder.conv_pre(g["z"])
    near(x, g["conv_pre"])
    image = upsample(decoder.ups[0], F.leaky_relu(lay_out(x), SLOPE))
    near(image.squeeze(2), g["up0"])
    near(decoder.resblocks[0](image, F.leaky_relu(image, SLOPE)).squeeze(2), g["res0_0"])
    if "conv_post" in g:
        last = decoder.conv_post if file == "decoder_istft" else decoder.subband_conv_post
        near(last(F.pad(decoder.features(g["z"], None), (1, 0), mode="reflect")), g["conv_post"])


def test_images_give_what_the_layers_themselves_give(system):
    decoder = system("plain_det").model.dec
    x = torch.randn(2, 64, 20, generator=torch.Generator().manual_seed(4))
    near(upsample(decoder.ups[0], lay_out(x)).squeeze(2), decoder.ups[0](x))
    layer, x = decoder.resblocks[2].convs1[2], x[:, :32]
    near(convolve(layer, lay_out(x)).squeeze(2), layer(x))


def test_speaker_in_the_plain_decoder_equals_the_reference(golden, system):
    g, model = golden("decoder_plain_cond"), system("plain_det_ms").model
    vector = model.speaker(g["sid"])
    near(vector, g["g"], 0)
    near(model.dec(g["z"], vector).audio, g["audio"])


@pytest.mark.parametrize("model", MODELS.values())
@pytest.mark.parametrize(
    ("frames", "first", "rest"), [(150, 40, 50), (61, 1, 60), (70, 33, 7), (20, 96, 96), (1, 8, 8)]
)
def test_pieces_joined_are_the_whole(system, model, frames, first, rest):
    decoder = system(model).model.dec
    z = torch.randn(1, 16, frames, generator=torch.Generator().manual_seed(frames))
    pieces = [piece for piece in decoder.decode_chunks(z, None, first, rest) if piece is not None]
    assert pieces[0].shape[-1] == 256 * min(first, rest, frames)
    near(torch.cat(pieces, -1), decoder(z).audio, 1e-5)


@pytest.mark.parametrize("model", MODELS.values())
def test_a_piece_may_be_stopped_after_each_residual_block(system, model):
    decoder = system(model).model.dec
    z = torch.randn(1, 16, 120, generator=torch.Generator().manual_seed(1))
    found = list(decoder.decode_chunks(z, None, 60, 60))
    last = next(index for index, piece in enumerate(found) if piece is not None)
    assert last == len(decoder.resblocks)


@pytest.mark.parametrize("model", MODELS.values())
def test_frames_beyond_the_receptive_radius_change_nothing(system, model):
    decoder = system(model).model.dec.double()
    radius = decoder.halos[0]
    z = torch.randn(1, 16, 2 * radius + 9, generator=torch.Generator().manual_seed(1)).double()
    changed = z.clone()
    changed[..., radius + 8 + 1 :] += 1
    before, after = (decoder.features(item, None) for item in (z, changed))
    rate = before.shape[-1] // z.shape[-1]
    near(after[..., : 8 * rate], before[..., : 8 * rate], 1e-12)
    decoder.float()


def test_pieces_grow_up_to_their_limit_and_a_rest_shorter_than_its_neighbours_joins_the_last(system):
    decoder = system("mb_det").model.dec
    halo = decoder.halos[0]
    for rest, last in ((halo, [35 + halo]), (halo + 1, [35, halo + 1])):
        z = torch.randn(1, 16, 10 + 35 + 35 + rest, generator=torch.Generator().manual_seed(5))
        pieces = [piece for piece in decoder.decode_chunks(z, None, 10, 35) if piece is not None]
        assert [piece.shape[-1] // 256 for piece in pieces] == [10, 35, *last]
        near(torch.cat(pieces, -1), decoder(z).audio, 1e-5)


@pytest.mark.parametrize("name", PUBLIC)
def test_later_stages_need_fewer_neighbours(golden_json, name):
    radii = receptive_radii(parse(golden_json("public_configs")[name]).model)
    assert list(radii) == sorted(radii, reverse=True)
    assert 2 <= radii[-1] < radii[0] / 3


@pytest.mark.parametrize("name", PUBLIC)
def test_work_counts_the_neighbours(golden_json, name):
    with torch.device("meta"):
        decoder = build_decoder(
            dataclasses.replace(parse(golden_json("public_configs")[name]).model, weight_norm=False)
        )
    frame = decoder.work(2) - decoder.work(1)
    assert 2 * decoder.halos[-1] * frame < decoder.work(0) < 2 * decoder.halos[0] * frame


@pytest.mark.parametrize("name", PUBLIC)
def test_radius_covers_the_worst_case_of_public_kernels(golden_json, name):
    config = parse(golden_json("public_configs")[name]).model
    worst = 25 if config.decoder.value in ("mb", "ms") else 13
    assert worst <= receptive_radii(config)[0] <= worst + 4


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.bfloat16, 0.1), (torch.float16, 0.01)])
def test_decoder_runs_in_half_precision_with_a_float32_tail(golden, checkpoint, load_system, dtype, tolerance):
    g = golden("decoder_mb")
    decoder = load_system(checkpoint("mb_det"), dtype).model.dec
    assert decoder.conv_pre.weight.dtype == dtype
    assert decoder.subband_conv_post.weight.dtype == torch.float32
    audio = decoder(g["z"]).audio
    assert audio.dtype == torch.float32
    assert float((audio - g["audio"]).norm() / g["audio"].norm()) < tolerance


@pytest.mark.parametrize("model", ["plain_det", "plain_resblock2_det", "istft_det", "mb_det", "ms_det"])
def test_gradients_reach_every_weight(golden_json, model):
    config = parse(golden_json(f"config_{model}")).model
    with torch.enable_grad():
        decoder = build_decoder(config)
        z = torch.randn(1, 16, 8, requires_grad=True)
        decoder(z).audio.square().mean().backward()
    assert all(parameter.grad is not None for parameter in decoder.parameters())
    assert float(z.grad.abs().sum()) > 0
