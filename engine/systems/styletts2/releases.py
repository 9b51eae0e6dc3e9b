"""The public checkpoints, docs/systems/styletts2.md#public-checkpoints."""

from engine.release import Merits, Release, RemoteFile, Terms
from engine.systems.styletts2.files import ARCHIVE

LISTENERS_ARE_TOLD = Terms(
    name="listeners must be told",
    summary="Listeners must be told that the speech is synthesised by this model, unless the speaker has agreed to it, "
    "directly or by a licence: so tell whoever hears it, and clone no voice without its owner's permission. The "
    "voices of the open recordings that it was trained on are exempt. No standard licence is stated; the code is MIT.",
    restricted=True,
)


def _hub(
    name: str, title: str, folder: str, weights: str, revision: str, about_bytes: int, optional: tuple[str, ...] = ()
) -> Release:
    repo = f"yl4579/StyleTTS2-{folder}"
    place = f"Models/{folder}"
    return Release(
        name=name,
        title=title,
        repo=repo,
        revision=revision,
        files=(
            RemoteFile(path=f"{place}/config.yml"),
            *(RemoteFile(path=path, optional=True) for path in optional),
            RemoteFile(path=f"{place}/{weights}"),
        ),
        languages=("en",),
        terms=LISTENERS_ARE_TOLD,
        source=f"https://huggingface.co/{repo}",
        checkpoint=place,
        about_bytes=about_bytes,
        merits={"en": Merits(naturalness=4, speed=2)},
    )


RELEASES = (
    _hub(
        "ljspeech", "LJSpeech, one voice", "LJSpeech", "epoch_2nd_00100.pth",
        "359e81ba0dc3756215905fa8e1f4ddbab6438a22", 747_000_000,
    ),
    _hub(
        "libritts", "LibriTTS, the voice of any recording", "LibriTTS", "epochs_2nd_00020.pth",
        "3aa7ba7f8f275ec13dce21682a61494c35089e2a", 771_000_000, (ARCHIVE,),
    ),
)  # fmt: skip
