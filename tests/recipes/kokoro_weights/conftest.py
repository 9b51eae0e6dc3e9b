"""The checkpoint that the recipe makes."""

from pathlib import Path

import pytest

from tests.kokoro import real_checkpoint


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return real_checkpoint(tmp_path_factory)
