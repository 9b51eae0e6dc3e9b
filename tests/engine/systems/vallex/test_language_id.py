"""The reference's way of telling three languages apart."""

import numpy as np
import pytest

from engine.systems.vallex.language_id import SHIPPED, derive, language_of
from tests.engine.systems.vallex.vectors import rows


@pytest.mark.parametrize("row", rows("frontend_vallex_langid.json"), ids=lambda row: row["input"][:20])
def test_it_says_what_the_reference_says(row: dict) -> None:
    assert language_of(row["input"]) == row["langid"]


# The package is of 2016, and its model is base64 of a pickle.
@pytest.mark.filterwarnings("ignore")
def test_the_shipped_table_follows_from_the_published_model() -> None:
    derived = derive()
    with np.load(SHIPPED) as stored:
        assert stored.files == list(derived)
        for name in stored.files:
            np.testing.assert_array_equal(stored[name], derived[name])


def test_any_text_has_a_language() -> None:
    assert language_of("\ud800") in ("en", "zh", "ja")
