"""What a grid is made of: axes that cross, and tables as people write them."""

import pytest

from engine.comparing.cells import MOST_CELLS, MOST_CSV, Cell, Speaker, crossed, options_of, read_csv
from engine.errors import OptionError

ALTO, BASS = Speaker(system="fake", voice="alto"), Speaker(system="fake", voice="bass")


def test_every_text_meets_every_voice_setting_and_seed_once() -> None:
    cells = crossed(["One.\n", " One.", "", "Two."], [ALTO, BASS, ALTO], [1, 2, 1], ["level=0.1", ""])
    assert len(cells) == 2 * 2 * 2 * 2
    assert cells[0] == Cell(text="One.", speaker=ALTO, seed=1, options={"level": "0.1"})
    assert [cell.seed for cell in cells[:4]] == [1, 2, 1, 2]
    assert [cell.speaker for cell in cells[:8]] == [ALTO] * 4 + [BASS] * 4
    assert crossed(["One."], [ALTO], []) == (Cell(text="One.", speaker=ALTO),)


def test_what_is_too_much_or_nothing_is_refused() -> None:
    for texts, speakers in (([], [ALTO]), (["One."], []), ([" "], [ALTO])):
        with pytest.raises(OptionError, match="nothing to say"):
            crossed(texts, speakers, [])
    with pytest.raises(OptionError, match=f"at most {MOST_CELLS} cells, not 400"):
        crossed([str(number) for number in range(200)], [ALTO, BASS], [])
    with pytest.raises(OptionError, match="1 to 1000 characters, not 1001"):
        crossed(["a" * 1001], [ALTO], [])
    with pytest.raises(OptionError, match="the seed -1"):
        crossed(["One."], [ALTO], [-1])


def test_settings_are_read_as_people_and_programs_write_them() -> None:
    assert options_of(" speed=1.2;pause = 0.3 ; ") == {"speed": "1.2", "pause": "0.3"}
    assert options_of(' {"speed": 1.2, "name": "a; b=c"}') == {"speed": 1.2, "name": "a; b=c"}
    for wrong in ("fast", '{"speed": 1', "[" * 10_000):
        with pytest.raises(OptionError, match="is no setting"):
            options_of(wrong)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_is_read_line_by_line(mark: str) -> None:
    lines = [
        ("Text", "system", "voice", "seed"),
        ('"Well, yes; ""you""."', "fake", "alto", "3"),
        ("Two.", "fake", "", ""),
    ]
    cells = read_csv("\ufeff" + "\r\n\r\n".join(mark.join(line) for line in lines))
    assert cells == (
        Cell(text='Well, yes; "you".', speaker=ALTO, seed=3, line=3),
        Cell(text="Two.", speaker=Speaker(system="fake"), line=5),
    )
    assert read_csv("system,text,options\nfake,A,level=0.1; partials=2\n")[0].options == {
        "level": "0.1",
        "partials": "2",
    }


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("", "nothing to say"),
        ("text,system\n", "nothing to say"),
        ("text\nOne.", "no column system"),
        ("text,system,text\n", "'text' is none of"),
        ("text,system,colour\n", "'colour' is none of"),
        ("text,system\nOne.,fake\nTwo.", "line 3 of the table has 1 fields; the columns are 2"),
        ("text,system,seed\nOne.,fake,x", "line 2 of the table: 'x' is no seed"),
        ("text,system,seed\nOne.,fake,9999999999999999999", "line 2 of the table: the seed"),
        ("text,system\n ,fake", "line 2 of the table: a text of a grid has 1 to"),
        ("text,system,options\nOne.,fake,loud", "line 2 of the table: 'loud' is no setting"),
        ('text,system\n"One.,fake', "line 2 of the table cannot be read"),
        ("text,system\n" + "One.,fake\n" * 201, "at most 200 cells, not 201"),
        ("a" * (MOST_CSV + 1), "more than 1,048,576 characters"),
    ],
)
def test_a_table_that_is_none_says_the_line(table: str, problem: str) -> None:
    with pytest.raises(OptionError) as caught:
        read_csv(table)
    assert problem in str(caught.value)
