"""Nobody has published weights of MiniMind-TTS (docs/systems/minimind.md#the-checkpoint)."""

from engine.release import Release, Terms

OWN = Terms(name="your own", summary="A checkpoint that you have trained is yours, with what its data allow.")

RELEASES = (
    Release(
        name="own",
        title="MiniMind-TTS, trained by you",
        repo="",
        revision="",
        files=(),
        languages=("en", "zh"),
        terms=OWN,
        note="Its authors have trained and published no model. Bring what your own training saved, such as "
        "out/pretrain_768.pth, with its JSON file, and the WavTokenizer of its codes (a .ckpt from the novateur/ "
        "repositories on the hub, or the safetensors of swiss-ai/) with its YAML beside it.",
    ),
)
