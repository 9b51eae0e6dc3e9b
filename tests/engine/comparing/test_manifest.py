"""What is downloaded of a grid."""

import io
import json
import zipfile

from engine.comparing import manifest
from engine.comparing.cells import Cell, Speaker
from engine.comparing.store import Grid, Kept

GRID = Grid(
    id="g", title="Kettles", made=1.0, checked=False, paused=False, revision=9, cells=50, waiting=0, failed=0
)  # fmt: skip
SOUND = bytes(range(256)) * 400


def cell(number: int) -> Kept:
    wanted = Cell(text="The kettle is on.", speaker=Speaker(system="fake", voice="alto"), seed=number)
    return Kept(number=number, wanted=wanted, state="done", starred=False, revision=1, content={"voice": "alto"})


def test_an_archive_never_holds_more_than_a_sound_at_once() -> None:
    cells = [cell(number) for number in range(50)]
    asked: list[int] = []

    def sounds():
        for kept in cells:
            asked.append(kept.number)
            yield kept, SOUND

    parts = []
    for part in manifest.archive(GRID, cells, sounds()):
        assert len(part) < 2 * len(SOUND)
        # What has been read is what has been given, and no more.
        assert len(asked) == len(parts) or len(parts) == len(cells) + 1
        parts.append(part)
    with zipfile.ZipFile(io.BytesIO(b"".join(parts))) as packed:
        assert packed.testzip() is None
        assert packed.read("003-fake-alto-The-kettle-is-on.flac") == SOUND
        told = json.loads(packed.read("manifest.json"))
        assert [each["file"] for each in told["cells"]] == [n for n in packed.namelist() if n.endswith(".flac")]


def test_a_sound_that_has_gone_meanwhile_is_left_out() -> None:
    cells = [cell(number) for number in range(3)]
    whole = b"".join(manifest.archive(GRID, cells, ((kept, SOUND) for kept in cells if kept.number != 1)))
    with zipfile.ZipFile(io.BytesIO(whole)) as packed:
        assert [name[:3] for name in packed.namelist() if name.endswith(".flac")] == ["001", "003"]
