"""Nobody has published weights of this implementation (docs/systems/valle.md#the-checkpoint)."""

from engine.release import Release, Terms

OWN = Terms(name="your own", summary="A checkpoint that you have trained is yours, with what its data allow.")

RELEASES = (
    Release(
        name="own",
        title="VALL-E, trained by you",
        repo="",
        revision="",
        files=(),
        languages=("en", "zh"),
        terms=OWN,
        note="The author published no weights, against misuse. Bring what your own training saved, such as "
        "epoch-100.pt, with its unique_text_tokens.k2symbols, and EnCodec of 24 kHz beside them.",
    ),
)
