"""The published models of Whisper in CTranslate2's layout: docs/recognition.md#models."""

from engine.release import Release, RemoteFile, Terms

# Those of the multilingual models, the ones that the pages of the studio are in first.
LANGUAGES = (
    "en", "zh", "ja", "ko", "de", "es", "fr", "it", "pt", "ru", "nl", "pl", "tr", "uk", "ar", "hi", "vi", "id", "th",
    "sv", "fi", "cs", "el", "he", "hu", "ro", "da", "no", "ca", "af", "am", "as", "az", "ba", "be", "bg", "bn", "bo",
    "br", "bs", "cy", "et", "eu", "fa", "fo", "gl", "gu", "ha", "haw", "hr", "ht", "hy", "is", "jw", "ka", "kk", "km",
    "kn", "la", "lb", "ln", "lo", "lt", "lv", "mg", "mi", "mk", "ml", "mn", "mr", "ms", "mt", "my", "ne", "nn", "oc",
    "pa", "ps", "sa", "sd", "si", "sk", "sl", "sn", "so", "sq", "sr", "su", "sw", "ta", "te", "tg", "tk", "tl", "tt",
    "ur", "uz", "yi", "yo",
)  # fmt: skip
MIT = Terms(
    name="MIT",
    summary="Free for any use, selling included; keep the notice. OpenAI publishes Whisper under it.",
    commercial=True,
)
_VOCABULARY = RemoteFile(
    path="vocabulary.txt", size=459_861, sha256="34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"
)
_TOKENIZER = RemoteFile(
    path="tokenizer.json", size=2_203_239, sha256="fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"
)
_BASE = (
    RemoteFile(
        path="config.json", size=2309, sha256="56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"
    ),
    RemoteFile(
        path="model.bin", size=145_217_532, sha256="d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
    ),
    _TOKENIZER,
    _VOCABULARY,
)
_SMALL = (
    RemoteFile(
        path="config.json", size=2370, sha256="b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828"
    ),
    RemoteFile(
        path="model.bin", size=483_546_902, sha256="3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671"
    ),
    _TOKENIZER,
    _VOCABULARY,
)


def _model(
    name: str, title: str, repo: str, files: tuple[RemoteFile, ...], *, revision: str = "main", about_bytes: int = 0
) -> Release:
    return Release(
        name=name,
        title=title,
        repo=repo,
        revision=revision,
        files=files,
        languages=LANGUAGES,
        terms=MIT,
        source=f"https://huggingface.co/{repo}",
        about_bytes=about_bytes,
    )


def _unpinned(*paths: str) -> tuple[RemoteFile, ...]:
    return tuple(RemoteFile(path=path) for path in paths)


RELEASES = (
    _model("base", "Whisper base, 99 languages", "Systran/faster-whisper-base", _BASE),
    _model(
        "small",
        "Whisper small, 99 languages",
        "Systran/faster-whisper-small",
        _SMALL,
        revision="536b0662742c02347bc0e980a01041f333bce120",
    ),
    _model(
        "medium",
        "Whisper medium, 99 languages",
        "Systran/faster-whisper-medium",
        _unpinned("config.json", "model.bin", "tokenizer.json", "vocabulary.txt"),
        about_bytes=1_530_000_000,
    ),
    _model(
        "large-v3-turbo",
        "Whisper large v3 turbo, 99 languages",
        "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        _unpinned("config.json", "model.bin", "preprocessor_config.json", "tokenizer.json", "vocabulary.json"),
        about_bytes=1_620_000_000,
    ),
)
