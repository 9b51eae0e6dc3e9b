"""The public checkpoint (docs/systems/vallex.md#the-checkpoint)."""

from engine.release import Release, RemoteFile, Terms
from engine.systems.vallex.files import WEIGHTS

REPOSITORY = "Plachta/VALL-E-X"
ABOUT_BYTES = 1_482_000_000

UNSTATED = Terms(
    name="not stated",
    summary="The code is under the MIT licence; the page of the weights states no licence of their own. Clone no voice "
    "without its owner's permission, and tell whoever hears it that it is not them.",
    restricted=True,
)

RELEASES = (
    Release(
        name="vallex",
        title="VALL-E X, English, Chinese and Japanese",
        repo=REPOSITORY,
        # No commit and no sum of it are known; what the first download learns is kept.
        revision="main",
        files=(RemoteFile(path=WEIGHTS),),
        languages=("en", "zh", "ja"),
        terms=UNSTATED,
        source=f"https://huggingface.co/{REPOSITORY}",
        about_bytes=ABOUT_BYTES,
    ),
)
