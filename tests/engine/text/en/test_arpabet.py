"""The dictionary of English in ARPAbet: where it comes from, and which of several pronunciations it has."""

import pytest

from engine.text.en.arpabet import SHIPPED, arpabet, derive, render


# The package leaves a file open, and newer Pythons warn of its escapes.
@pytest.mark.filterwarnings("ignore")
def test_the_shipped_table_follows_from_the_published_dictionary() -> None:
    table = derive()
    assert len(table) == 125_000
    assert dict(arpabet()) == table
    assert SHIPPED.read_bytes() == render(table)


def test_of_several_pronunciations_it_has_the_first_and_letters_have_names() -> None:
    assert arpabet()["in"] == "IH0 N"
    assert arpabet()["tomato"] == "T AH0 M EY1 T OW2"
    assert arpabet()["w."] == "D AH1 B AH0 L Y UW0"
