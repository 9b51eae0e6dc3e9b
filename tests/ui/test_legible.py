"""Everything can be read, reached and left: contrast, narrow windows, focus, Escape."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.system import SystemSpec
from tests.ui.test_browser import HEARD, LONG, generate, visit
from tests.ui.test_clone import bad, take
from ui.app import Studio

pytestmark = pytest.mark.browser

LEAST = 4.5  # WCAG 2.2, 1.4.3
# Of every text that is seen: its contrast against what lies behind it, both with all that is half transparent.
CONTRASTS = r"""() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((part, index) => (index < 3 ? part : part / 255));
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
  const chain = (node) => (node ? [node, ...chain(node.parentElement)] : []);
  const light = (color) => {
    const [r, g, b] = color.map((part) => ((part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) =>
    chain(node)
      .reverse()
      .reduce((ground, each) => over(rgba(getComputedStyle(each).backgroundColor), ground), [255, 255, 255]);
  const contrast = (node, color) => {
    const ground = behind(node);
    const [r, g, b, alpha] = rgba(color);
    const seen = chain(node).reduce((product, each) => product * Number(getComputedStyle(each).opacity), alpha);
    const [bright, dark] = [light(over([r, g, b, seen], ground)), light(ground)].sort((one, two) => two - one);
    return (bright + 0.05) / (dark + 0.05);
  };
  const seen = { checkOpacity: true, checkVisibilityCSS: true };
  const shown = (node) => node.checkVisibility(seen) && node.getBoundingClientRect().width > 1;
  const found = [];
  const note = (node, text, color) => {
    const what = `${text.trim().slice(0, 40)} in ${node.tagName} .${node.className} ${color}`;
    found.push([contrast(node, color), what]);
  };
  for (const node of document.querySelectorAll("body *")) {
    if (!shown(node) || node.matches(":disabled, script, style")) continue;
    const own = [...node.childNodes].filter((child) => child.nodeType === 3).map((child) => child.data).join("");
    if (own.trim()) note(node, own, getComputedStyle(node).color);
    for (const part of ["::before", "::after"]) {
      const style = getComputedStyle(node, part);
      if (/^"[^"\\]+"$/.test(style.content)) note(node, style.content, style.color);
    }
    if (node.matches("input:not([type=radio], [type=checkbox], [type=range], [type=file]), textarea, select")) {
      if (node.value) note(node, node.value, getComputedStyle(node).color);
      if (node.placeholder) note(node, node.placeholder, getComputedStyle(node, "::placeholder").color);
    }
  }
  return found;
}"""
# What has the focus: whether a ring is seen around it or around its label, and what it is.
FOCUSED = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const near = [node, node.closest("label")].filter(Boolean);
  const ringed = near.some((each) => {
    const style = getComputedStyle(each);
    const box = each.getBoundingClientRect();
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && style.opacity !== "0";
    return ring && box.width > 4 && box.height > 4;
  });
  window.numbered ??= new Map();
  if (!window.numbered.has(node)) window.numbered.set(node, window.numbered.size);
  return { ringed, number: window.numbered.get(node), what: node.outerHTML.slice(0, 160) };
}"""


@pytest.fixture
def rich(serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], choirs: Path) -> Studio:
    """Two systems, the second without a model, and models of every state."""
    return serve_studio(make_fake_spec(), make_fake_spec("second", bundled=False), models_dir=choirs)


def fill(page: Page) -> None:
    """Everything that can be open on the Speak page at once."""
    generate(page, "Hello ☃ there.")
    page.wait_for_selector(".take .download.wav")
    page.get_by_role("button", name="Draw").click()
    for fold in page.locator(".studio-of-fake .studio-more > button").all():
        fold.click()
    page.click(".licence-badge")


def tabs(page: Page, look: Callable[[str], None]) -> None:
    """Look at each of the page's states."""
    fill(page)
    look("speak")
    page.get_by_role("button", name="Save this voice").click()
    look("saving a voice")
    page.get_by_label("The second system").check()
    generate(page, "")
    expect(page.locator("#studio-status.bad")).not_to_be_empty()
    look("an error, and a system without a model")
    page.get_by_role("tab", name="Clone").click()
    take(page, bad())
    page.get_by_role("button", name="Repair it").click()
    page.get_by_label("Language of the recording").select_option("zh")
    expect(page.locator(".clone-compare")).to_be_visible()
    expect(page.locator(".clone-findings [data-name=channels][data-grade=good]")).to_be_visible()
    page.locator(".clone-preview button.hear").click()
    expect(page.locator(".clone-status.bad")).not_to_be_empty()
    look("clone")
    page.get_by_role("tab", name="Models").click()
    page.wait_for_selector(".model")
    page.wait_for_timeout(300)
    look("models")
    page.get_by_role("tab", name="Compare").click()
    page.get_by_role("button", name="Make the grid").click()
    expect(page.locator('.grid-cell[data-state="done"]')).to_have_count(2)
    page.locator(".cell-star").first.click()
    look("compare")
    page.get_by_role("tab", name="Tests").click()
    expect(page.locator(".test-take")).to_have_count(1)
    page.get_by_role("radio", name="MOS: how good, 1 to 5").check(force=True)
    page.get_by_role("button", name="Make the test").click()
    expect(page.locator(".test-card")).to_be_visible()
    page.locator(".test-card summary").click()
    page.get_by_role("button", name="Delete", exact=True).last.click()
    look("tests")
    page.goto(page.locator(".test-link").get_attribute("href"))
    page.get_by_role("button", name="Begin").click()
    page.keyboard.press("3")
    expect(page.locator(".judge-play")).to_have_count(1)
    look("a listener")


@pytest.mark.parametrize("context", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_every_text_stands_out_from_what_is_behind_it(rich: Studio, page: Page) -> None:
    visit(page, rich.url)
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    weak: set[str] = set()

    def look(state: str) -> None:
        found = page.evaluate(CONTRASTS)
        assert len(found) > 8
        weak.update(f"{ratio:.2f} {what} ({state})" for ratio, what in found if ratio < LEAST)

    tabs(page, look)
    assert sorted(weak) == []


@pytest.mark.parametrize("width", [320, 390, 768])
def test_a_narrow_window_needs_no_scrolling_sideways(rich: Studio, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    visit(page, rich.url)
    outside = """() => [...document.querySelectorAll("body *")].filter((node) => {
      const box = node.getBoundingClientRect();
      const cut = node.closest("[style*=hidden], .samples, canvas, .take .wave");
      return !cut && node.checkVisibility({ checkOpacity: true }) && box.width > 1 && box.right > innerWidth + 1;
    }).map((node) => node.outerHTML.slice(0, 120))"""

    def look(state: str) -> None:
        assert page.evaluate("document.documentElement.scrollWidth") == width, state
        assert page.evaluate(outside) == [], state

    tabs(page, look)


def test_tab_reaches_everything_and_shows_where_it_is(rich: Studio, page: Page) -> None:
    visit(page, rich.url)
    fill(page)
    page.evaluate("document.activeElement.blur()")
    seen: dict[int, str] = {}
    unseen = []
    for _ in range(150):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            continue  # past the end, and on from the beginning
        if seen and focused["number"] == next(iter(seen)):
            break  # a sound's own controls are one element with several stops
        seen[focused["number"]] = focused["what"]
        if not focused["ringed"]:
            unseen.append(focused["what"])
    assert unseen == []
    everything = " ".join(seen.values())
    for part in ("studio-theme", "<textarea", "licence-badge", "studio-generate", "studio-dice", "download wav"):
        assert part in everything, part
    assert len(seen) > 30


def test_escape_closes_what_is_open_before_it_stops_the_speaking(
    serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], page: Page
) -> None:
    visit(page, serve_studio(make_fake_spec(delay=0.09, seconds_per_character=0.2)).url)
    generate(page, LONG)
    page.wait_for_function(HEARD)
    badge, told = page.locator(".licence-badge"), page.locator(".licence-told")
    badge.focus()
    page.keyboard.press("Enter")
    expect(told).to_be_visible()
    expect(badge).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(told).to_be_hidden()
    expect(badge).to_be_focused()
    draw = page.get_by_role("button", name="Draw")
    draw.click()
    page.locator(".voice-draw input").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".voice-draw")).to_be_hidden()
    expect(draw).to_be_focused()
    save = page.get_by_role("button", name="Save this voice")
    save.click()
    expect(page.locator(".voice-acts input")).to_be_focused()
    page.keyboard.press("Escape")
    expect(save).to_be_focused()
    assert page.evaluate("document.body.classList.contains('studio-busy')") is True
    page.keyboard.press("Escape")
    expect(page.locator("#studio-status")).to_have_text("Stopped.")


def test_a_click_elsewhere_closes_the_licence(rich: Studio, page: Page) -> None:
    visit(page, rich.url)
    page.click(".licence-badge")
    expect(page.locator(".licence-told")).to_be_visible()
    page.click("#studio-header h1")
    expect(page.locator(".licence-told")).to_be_hidden()


def test_the_focus_is_not_lost_when_what_had_it_goes(rich: Studio, page: Page) -> None:
    visit(page, rich.url)
    page.get_by_role("radiogroup", name="Model").get_by_label("choir").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("radiogroup", name="Model").get_by_label("choir")).to_be_focused()
    page.get_by_role("tab", name="Models").click()
    choir = page.locator(".model[data-id='fake/choir']")
    delete = choir.get_by_role("button", name="Delete")
    delete.focus()
    page.keyboard.press("Enter")
    expect(choir).to_contain_text("Delete it from the disk?")
    page.keyboard.press("Escape")
    expect(choir).not_to_contain_text("Delete it from the disk?")
    expect(delete).to_be_focused()
