"""Reference cases of StyleTTS 2, and how close to them ours must be."""

import torch

from engine.style_tts.generator import spectrum

KINDS = ("istftnet", "hifigan")

LJ, LIBRI = "e2e_tiny_lj", "e2e_tiny_libri"

WIDE_LJ, WIDE_LIBRI = "e2e_public_widths_lj", "e2e_public_widths_libri"

TINY_CASES = [(name, case) for name in (LJ, LIBRI) for case in ("inject", "seeded", "longform1", "longform2")]

ALL_CASES = [*TINY_CASES, *((name, case) for name in (WIDE_LJ, WIDE_LIBRI) for case in ("inject", "seeded"))]

WITH_SOUND = [
    *((name, case) for name, case in TINY_CASES if not case.startswith("longform")),
    *((name, "inject") for name in (WIDE_LJ, WIDE_LIBRI)),
]

# Relative L2 of a waveform from ids, where a pitch is off by a thousandth of a Hz.
FROM_IDS = {LJ: 0.35, WIDE_LJ: 0.35, LIBRI: 0.03, WIDE_LIBRI: 0.03}


def close(ours, theirs, tolerance):
    assert ours.shape == theirs.shape
    torch.testing.assert_close(ours, theirs, rtol=0, atol=tolerance)


def near(ours, theirs):
    """Within 1e-4 of the largest value."""
    close(ours, theirs, 1e-4 * float(theirs.abs().max()))


def relative(ours, theirs):
    assert ours.numel() == theirs.numel()
    ours, theirs = ours.flatten(), theirs.flatten()
    return float(torch.linalg.vector_norm(ours - theirs) / torch.linalg.vector_norm(theirs))


def phases_as_published(values):
    """Whether the phases of empty bins, which are nothing but rounding, can be those of the reference's processor.

    They can where its FFT rounded as the one of this machine does, and the HiFi-GAN has none. The stored spectrum of
    one source tells (the goldens' README: "another torch or CPU may not give it").
    """
    if values.get("stft_phase") is None:
        return True
    phase = spectrum(values["har_seed11"].squeeze(-1), 20, 5)[1]
    return bool((phase - values["stft_phase"]).abs().max() < 1e-6)
