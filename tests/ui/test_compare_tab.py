"""ui/compare_tab.py and what is loaded into it, in a browser: a grid is made, goes on, is heard, sorted and kept."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from engine.system import SystemSpec
from server.rights import Policy
from tests.server.test_grid_routes import TOKEN, made, make
from tests.ui.conftest import visitor
from tests.ui.test_browser import visit
from ui.app import Studio
from ui.words import read

pytestmark = pytest.mark.browser


@pytest.fixture
def studio(serve_studio: Callable[..., Studio], fake_spec: SystemSpec, tmp_path: Path) -> Studio:
    return serve_studio(fake_spec, models_dir=tmp_path / "models")


def test_a_grid_is_made_by_keyboard_and_goes_on_after_a_reload_and_a_restart(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], tmp_path: Path, page: Page
) -> None:
    studio = serve_studio(make_fake_spec(delay=0.05), models_dir=tmp_path / "models")
    visit(page, f"{studio.url}#compare")
    form = page.get_by_role("region", name="New grid")
    form.get_by_label("Texts").fill("Good morning.\nAnd good night.")
    ticks = form.get_by_role("checkbox")
    expect(ticks.nth(0)).to_be_checked()
    expect(ticks.nth(1)).to_be_checked()
    form.get_by_label("Seeds, with commas between").fill("1, 2, 3, 4, 5")
    button = form.get_by_role("button", name="Make the grid (20 / 200)")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".grid-card summary").first).to_be_focused()
    expect(page.locator('.grid-cell[data-state="done"]').first).to_be_visible()
    page.reload()
    page.wait_for_selector("body.studio-ready")
    expect(page.locator(".grid-cell")).to_have_count(20)
    card = page.locator(".grid-card")
    card.get_by_role("button", name="Pause").click()
    expect(card.get_by_role("button", name="Go on")).to_be_visible()
    with httpx.Client(base_url=studio.url) as client:
        assert client.get("studio/grids").json()["grids"][0]["paused"]
    card.get_by_role("button", name="Go on").click()
    studio.close()
    again = serve_studio(make_fake_spec(), models_dir=tmp_path / "models")
    visit(page, f"{again.url}#compare")
    expect(page.locator('.grid-cell[data-state="done"]')).to_have_count(20)
    expect(card).to_contain_text("Made: 20 / 20")
    expect(card.get_by_role("progressbar")).to_be_hidden()


def test_cells_are_walked_played_starred_made_anew_and_used_by_keyboard(studio: Studio, page: Page) -> None:
    with httpx.Client(base_url=studio.url, timeout=60) as client:
        made(client, settings=["level=0.9", "level=0.1"])
        visit(page, f"{studio.url}#compare")
        cells = page.locator(".grid-cell")
        expect(cells).to_have_count(8)
        expect(page.locator(".grid-cells h4")).to_have_text(["Good morning.", "And good night."])
        cells.nth(0).focus()
        page.keyboard.press("ArrowRight")
        expect(cells.nth(1)).to_be_focused()
        page.keyboard.press("End")
        expect(cells.nth(7)).to_be_focused()
        page.keyboard.press("ArrowLeft")
        expect(cells.nth(6)).to_be_focused()
        page.keyboard.press("s")
        expect(cells.nth(6).get_by_role("button", name="Star")).to_have_attribute("aria-pressed", "true")
        page.evaluate("addEventListener('play', ({target}) => { window.played = target.src; }, true)")
        page.keyboard.press("Space")
        page.wait_for_function("window.played?.includes('/6.flac?level=true')")
        page.get_by_label("Sort by").select_option("starred")
        expect(cells.nth(0)).to_have_attribute("data-cell", "6")
        expect(page.locator(".grid-cells h4")).to_have_count(0)
        cells.nth(0).focus()
        page.keyboard.press("r")
        expect(cells.nth(0)).to_contain_text("Seed 1")
        expect(cells.nth(0)).to_have_attribute("data-state", "done")
        expect(cells.nth(0)).to_contain_text("RTF")
        cells.nth(0).locator("summary").click()
        expect(cells.nth(0).get_by_role("img")).to_be_visible()
        cells.nth(0).focus()
        page.keyboard.press("u")
        expect(page.locator("#studio-tab-speak-button")).to_have_attribute("aria-selected", "true")
        expect(page.locator("#studio-text textarea")).to_have_value("And good night.")
        expect(page.locator("#studio-seed input").first).to_have_value("1")
        levels = [cell["take"]["level"] for cell in client.get(f"studio/grids/{grid_of(client)}").json()["held"]]
        volumes = page.evaluate("[...document.querySelectorAll('.grid-cell audio')].map(({volume}) => volume)")
        # What is heard of each is as loud as the softest.
        assert max(volumes) == pytest.approx(1)
        assert sorted(volumes) == pytest.approx(
            sorted(10 ** ((min(levels) - level) / 20) for level in levels), abs=0.01
        )


def grid_of(client: httpx.Client) -> str:
    return client.get("studio/grids").json()["grids"][0]["grid"]


def test_a_table_makes_a_grid_and_all_of_it_is_downloaded_and_deleted(
    studio: Studio, page: Page, tmp_path: Path
) -> None:
    visit(page, f"{studio.url}#compare")
    form = page.get_by_role("region", name="New grid")
    table = tmp_path / "two.csv"
    table.write_text("text;system;voice\nGood morning.;fake;alto\nGood night.;none;\n", encoding="utf-8")
    form.locator('input[type="file"]').set_input_files(table)
    expect(form.get_by_role("status")).to_contain_text("line 3 of the table")
    table.write_text("text;system;voice\nGood morning.;fake;alto\n☃;fake;bass\n", encoding="utf-8")
    form.locator('input[type="file"]').set_input_files(table)
    card = page.locator(".grid-card")
    expect(card.get_by_role("heading").first).to_have_text("two.csv")
    expect(card).to_contain_text("Made: 1 / 2 · Failed: 1")
    expect(page.locator('.grid-cell[data-state="failed"]')).to_contain_text("there is no sound for any of this")
    with page.expect_download() as waiting:
        card.get_by_role("link", name="Download ZIP").click()
    waiting.value.save_as(tmp_path / "grid.zip")
    with zipfile.ZipFile(tmp_path / "grid.zip") as packed:
        rows = json.loads(packed.read("manifest.json"))["cells"]
        assert [row["state"] for row in rows] == ["done", "failed"]
        assert packed.read(rows[0]["file"]).startswith(b"fLaC")
    card.get_by_role("button", name="Delete").click()
    expect(card.get_by_role("button", name="Leave it")).to_be_focused()
    card.get_by_role("button", name="Delete").click()
    expect(page.locator("#studio-comparing .tests-list")).to_have_text("There are no grids yet.")


def test_a_phone_of_320_px_shows_all_of_it(studio: Studio, browser: Browser) -> None:
    words = read("ja").words
    with httpx.Client(base_url=studio.url, timeout=60) as client:
        made(client)
    with visitor(browser, locale="ja-JP", viewport={"width": 320, "height": 640}) as context:
        page = context.new_page()
        visit(page, f"{studio.url}#compare")
        expect(page.locator('.grid-cell[data-state="done"]')).to_have_count(4)
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        for tab in ("speak", "clone", "compare", "models", "tests"):
            expect(page.locator(f"#studio-tab-{tab}-button")).to_have_text(words[tab])


def test_a_visitor_of_a_public_studio_sees_their_own_alone(
    serve_studio: Callable[..., Studio], fake_spec: SystemSpec, tmp_path: Path, page: Page
) -> None:
    studio = serve_studio(fake_spec, models_dir=tmp_path / "models", policy=Policy(public=True, token=TOKEN))
    with httpx.Client(base_url=studio.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as owner:
        make(owner)
    visit(page, f"{studio.url}#compare")
    expect(page.locator("#studio-comparing .tests-list")).to_have_text("There are no grids yet.")
    page.get_by_role("button", name="Make the grid").click()
    expect(page.locator('.grid-cell[data-state="done"]')).to_have_count(2)


def test_a_listening_test_is_made_of_a_grid_in_three_clicks(studio: Studio, page: Page) -> None:
    with httpx.Client(base_url=studio.url, timeout=60) as client:
        made(client, seeds=[1, 2])
        visit(page, f"{studio.url}#compare")
        expect(page.locator('.grid-cell[data-state="done"]')).to_have_count(8)
        page.get_by_role("button", name="Make a listening test").click()
        form = page.get_by_role("region", name="New test")
        expect(form.locator(".test-take")).to_have_count(8)
        form.get_by_role("radio", name="MUSHRA").check(force=True)
        form.get_by_role("button", name="Make the test").click()
        expect(page.locator(".test-card")).to_contain_text("MUSHRA")
        (test,) = client.get("studio/listening-tests").json()["tests"]
        assert test["trials"] == 3  # two sentences, and a check
        who = client.post(f"studio/listen/{test['link']}", json={}).json()["listener"]
        assert client.get(f"studio/listen/{test['link']}/{who}").json()["next"]["sounds"] >= 4
