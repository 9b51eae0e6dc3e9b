"""A page may hold many players at once, and none of them knows of the others."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from engine.system import SystemSpec
from tests.ui.test_browser import visit
from ui.app import Studio

pytestmark = pytest.mark.browser

# Makes players of the page's own modules, each with a list and a status of its own, as window.players.
MAKE = """async (count) => {
  const { base } = window.polyphone.config;
  const load = (name) => import(new URL(`${base}${name}.js`, document.baseURI));
  const [{ Player }, { Outputs }, { Status }, { TakeList }, { loadWords }] =
    await Promise.all(["player", "sound", "status", "takes", "words"].map(load));
  const words = await loadWords("en", base);
  const outputs = new Outputs();
  window.players = Array.from({ length: count }, () => {
    const made = { stats: null, restored: null };
    const acts = { restore: (form) => (made.restored = form), systemOf: () => undefined, complain: () => {} };
    const takes = new TakeList(words, acts);
    const status = new Status();
    made.player = new Player({ words, outputs, takes, status, sounds: (stats) => (made.stats = stats) });
    document.body.prepend(status.node, takes.node);
    return Object.assign(made, { takes, status });
  });
}"""
SPEAK = """([index, text, voice]) => {
  const wanted = { text, system: "fake", model: "", voice, language: "en", seed: 1, options: {} };
  window.players[index].done = window.players[index].player.speak(wanted, 22050);
}"""


@pytest.fixture
def players(serve_studio: Callable[..., Studio], make_fake_spec: Callable[..., SystemSpec], page: Page) -> Page:
    """A page with two players; two requests are spoken at once."""
    visit(page, serve_studio(make_fake_spec(delay=0.06, seconds_per_character=0.05), places=2).url)
    page.evaluate(MAKE, 2)
    return page


def test_two_players_sound_at_once_and_one_is_stopped_alone(players: Page) -> None:
    text = "Both of them say this, and they say it at length. " * 4
    players.evaluate(SPEAK, [0, text, "alto"])
    players.evaluate(SPEAK, [1, text, "bass"])
    players.wait_for_function(
        "() => window.players.every(({ stats }) => stats?.firstSoundMs !== null && stats.playing)"
    )
    assert players.evaluate("window.players.map(({ player }) => [player.busy, player.sounding])") == [[True] * 2] * 2
    players.evaluate("window.players[0].player.stop()")
    assert players.evaluate("window.players.map(({ player }) => player.sounding)") == [False, True]
    players.evaluate("Promise.all(window.players.map(({ done }) => done))")
    takes = players.evaluate("window.players.map(({ takes }) => takes.cards.map(({ take }) => take))")
    (stopped,), (whole,) = takes
    assert (stopped["form"]["voice"], stopped["stopped"]) == ("alto", True)
    assert (whole["form"]["voice"], whole["stopped"]) == ("bass", False)
    assert stopped["audio_s"] < 0.9 * whole["audio_s"]
    said = players.evaluate("window.players.map(({ status }) => status.line.textContent)")
    assert said == ["Stopped.", "Done"]
    players.wait_for_function("() => !window.players[1].player.sounding")
    assert players.evaluate("window.players[1].stats.samples") == round(whole["audio_s"] * whole["sample_rate"])


def test_a_card_belongs_to_its_own_player(players: Page) -> None:
    for index, voice in enumerate(("alto", "bass")):
        players.evaluate(SPEAK, [index, "Quite short.", voice])
    players.evaluate("Promise.all(window.players.map(({ done }) => done))")
    players.wait_for_function("() => window.players.every(({ player }) => !player.sounding)")
    players.evaluate("window.players[1].takes.node.querySelector('.restore').click()")
    assert players.evaluate("window.players.map(({ restored }) => restored?.voice ?? null)") == [None, "bass"]
    players.evaluate(SPEAK, [0, "A long text that is stopped by its own card. " * 8, "alto"])
    players.wait_for_function("() => window.players[0].stats.playing && window.players[0].takes.cards[0].live")
    players.evaluate("window.players[0].takes.node.querySelector('.play').click()")
    players.evaluate("window.players[0].done")
    assert players.evaluate("window.players[0].takes.cards[0].take.stopped") is True
    assert players.evaluate("window.players[1].takes.cards.length") == 1


def test_an_older_take_that_is_played_silences_the_new_one_which_is_kept_all_the_same(players: Page) -> None:
    players.evaluate(SPEAK, [0, "First.", "alto"])
    players.evaluate("window.players[0].done")
    players.evaluate(SPEAK, [0, "The second one is longer, so that there is time. " * 3, "bass"])
    players.wait_for_function("() => window.players[0].stats.playing && window.players[0].takes.cards[0].live")
    players.evaluate("window.players[0].takes.cards[1].toggle()")
    players.wait_for_function("() => !window.players[0].player.sounding")
    players.evaluate("window.players[0].done")
    cards = players.evaluate("window.players[0].takes.cards.map(({ take, live }) => [take.stopped, live])")
    assert cards == [[False, None], [False, None]]


def test_a_sound_is_paused_while_it_is_made_and_goes_on_where_it_was(players: Page) -> None:
    players.evaluate(SPEAK, [0, "Nothing of this may be lost, however long it waits. " * 3, "alto"])
    players.wait_for_function("() => window.players[0].stats?.firstSoundMs !== null && window.players[0].stats.playing")
    players.evaluate("window.players[0].player.toggle()")
    held = players.evaluate("window.players[0].player.current.live.position")
    assert players.evaluate("window.players.map(({ player }) => [player.sounding, player.paused])") == [
        [True, True],
        [False, False],
    ]
    players.evaluate("window.players[0].done")  # the making goes on
    whole = players.evaluate("window.players[0].takes.cards[0].take.audio_s")
    assert players.evaluate("window.players[0].player.current.live.position") == held < whole - 1
    assert players.evaluate("window.players[0].stats.playing") is False
    assert players.evaluate("window.players[0].player.sounding") is True
    gaps = players.evaluate("window.players[0].stats.gaps")
    # By the clock of the sound: what else the page does at its end may be late.
    left = players.evaluate(
        """() => {
          const { player } = window.players[0], { live } = player.current, now = live.context.currentTime;
          player.toggle();
          return live.next - now;
        }"""
    )
    assert left == pytest.approx(whole - held, abs=0.1)
    players.wait_for_function("() => !window.players[0].player.sounding")
    heard = players.evaluate("({...window.players[0].stats})")
    assert heard["seconds"] == pytest.approx(whole, abs=0.1)
    assert heard["gaps"] == gaps


def test_a_sound_is_as_loud_as_was_chosen(players: Page) -> None:
    players.evaluate("window.players[0].player.louder(0.25)")
    for index in (0, 1):
        players.evaluate(SPEAK, [index, "As loud as was chosen, and long enough to be listened to. " * 2, "alto"])
    players.evaluate("Promise.all(window.players.map(({ done }) => done))")
    players.wait_for_function("() => window.players.every(({ player }) => !player.sounding)")
    quiet, loud = players.evaluate("window.players.map(({ stats }) => stats.peak)")
    assert loud == pytest.approx(0.5, abs=0.05)
    assert quiet == pytest.approx(loud / 4, abs=0.02)
