"""The public checkpoint (docs/systems/vallex.md#the-checkpoint)."""

from engine.release import Release, RemoteFile, Terms
from engine.systems.vallex.files import WEIGHTS

REPOSITORY = "Plachta/VALL-E-X"
# What makes sound of the codes, and codes of a recording; MIT, as their code.
VOCOS, ENCODEC = "charactr/vocos-encodec-24khz", "facebook/encodec_24khz"
ABOUT_BYTES = 1_620_000_000

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
        files=(
            RemoteFile(path=WEIGHTS),
            *(
                RemoteFile(path=name, place=f"vocos/{name}", repo=VOCOS)
                for name in ("config.yaml", "pytorch_model.bin")
            ),
            *(
                RemoteFile(path=name, place=f"encodec/{name}", repo=ENCODEC)
                for name in ("config.json", "model.safetensors")
            ),
        ),
        languages=("en", "zh", "ja"),
        terms=UNSTATED,
        source=f"https://huggingface.co/{REPOSITORY}",
        about_bytes=ABOUT_BYTES,
    ),
)
