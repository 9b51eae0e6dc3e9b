"""The family's public checkpoints that load as they are: docs/systems/vits.md#checkpoints. Imports no torch."""

from pathlib import Path

from engine.release import Merits, Release, RemoteFile, Terms

CONFIGS = Path(__file__).with_name("configs")
# Sizes are known to the megabyte only; they hold the optimizer's moments, too.
FULL, MINI = 417_000_000, 109_000_000

APACHE = Terms(
    name="Apache-2.0",
    summary="Free for any use, selling included; keep the notice. Its card states it; the recordings are in the "
    "public domain.",
    commercial=True,
)
UNSTATED = Terms(
    name="not stated",
    summary="The code that made it is MIT, but nobody says what holds for the weights: ask the authors before you "
    "publish or sell what it speaks.",
)


def _hub(name: str, title: str, file: str, config: str, about_bytes: int = 0, speed: int = 2) -> Release:
    return Release(
        name=name,
        title=title,
        repo="ml-for-speech/MB-iSTFT-VITS",
        revision="main",
        files=(RemoteFile(path=file, place="G_0.pth"),),
        languages=("en",),
        terms=APACHE,
        source="https://huggingface.co/ml-for-speech/MB-iSTFT-VITS",
        # The repository holds weights alone.
        companions={"config.json": CONFIGS / f"{config}.json"},
        about_bytes=about_bytes,
        merits={"en": Merits(naturalness=2, speed=speed)},
    )


def _by_hand(name: str, title: str, file: str, config: str) -> Release:
    return Release(
        name=name,
        title=title,
        repo="",
        revision="",
        files=(RemoteFile(path=file, place="G_0.pth"),),
        languages=("en",),
        terms=UNSTATED,
        source="https://github.com/jaywalnut310/vits",
        companions={"config.json": CONFIGS / f"{config}.json"},
        note=f"Its authors keep {file} in a folder for browsers only: fetch it from the page of the source, then "
        "bring it here.",
    )


RELEASES = (
    _hub("ljs-mb", "LJSpeech, multi-band", "pretrained_MB-iSTFT-VITS_ddp.pth", "ljs_mb_istft_vits", FULL, 3),
    _hub("ljs-ms", "LJSpeech, multi-stream", "pretrained_MS-iSTFT-VITS_ddp.pth", "ljs_ms_istft_vits", FULL, 3),
    _hub("ljs-istft", "LJSpeech, iSTFT", "pretrained_iSTFT-VITS_ddp.pth", "ljs_istft_vits"),
    _hub(
        "ljs-mini-mb",
        "LJSpeech, mini multi-band",
        "pretrained_Mini_MB_iSTFT_VITS_ddp.pth",
        "ljs_mini_mb_istft_vits",
        MINI,
        4,
    ),
    _hub(
        "ljs-mini-istft", "LJSpeech, mini iSTFT", "pretrained_Mini_iSTFT_VITS_ddp.pth", "ljs_mini_istft_vits", MINI, 3
    ),
    _by_hand("ljs", "LJSpeech, the original VITS", "pretrained_ljs.pth", "ljs_base"),
    _by_hand("vctk", "VCTK, the original VITS, 109 voices", "pretrained_vctk.pth", "vctk_base"),
)
