"""The networks of the family, in reduced models of StyleTTS 2 and with its reference values."""

from tests.engine.systems.styletts2.conftest import (
    _no_grad,
    checkpoint,
    golden,
    golden_json,
    model,
    net,
    published_modules,
    text_path,
)

__all__ = ["_no_grad", "checkpoint", "golden", "golden_json", "model", "net", "published_modules", "text_path"]
