"""Who a request comes from, and what they may do: the rules apart from any route."""

import time
from pathlib import Path
from typing import Any

import pytest

from engine.keys import FILE, Keys
from server.rights import MOST_THINGS, OWNER, VISIT, WRONG_TOKENS, Need, Policy, Refused, Rights, Visitor, network

TOKEN = "a-token-that-nobody-guesses"
ALL = tuple(Need)


def scope(client: str = "192.0.2.7", **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "headers": pairs, "client": (client, 1234)}


def outcome(rights: Rights, visitor: Visitor, need: Need, thing: str = "") -> int:
    try:
        rights.check(visitor, need, thing)
    except Refused as refused:
        return refused.status
    return 200


def known(rights: Rights, visitor: Visitor) -> Visitor:
    """The same visitor when they come again with their cookie."""
    cookie = rights.visit_cookie(visitor, secure=False, framed=False).split(";")[0]
    return rights.visitor(scope(cookie=cookie))


def test_on_ones_own_machine_everybody_is_the_owner_and_is_given_no_cookie() -> None:
    rights = Rights()
    visitor = rights.visitor(scope())
    assert visitor.owner
    assert not visitor.new
    assert [outcome(rights, visitor, need) for need in ALL] == [200] * len(ALL)
    assert rights.describe(visitor) == {"manage": True, "sign_in": False, "sign_out": False}


def test_with_a_token_nothing_is_for_strangers() -> None:
    rights = Rights(Policy(token=TOKEN))
    stranger = rights.visitor(scope())
    assert {need: outcome(rights, stranger, need) for need in ALL} == dict.fromkeys(ALL, 401) | {Need.NOTHING: 200}
    owner = rights.visitor(scope(authorization=f"Bearer {TOKEN}"))
    assert [outcome(rights, owner, need) for need in ALL] == [200] * len(ALL)


def test_in_public_a_thing_is_that_of_one_visit_alone() -> None:
    rights = Rights(Policy(public=True, token=TOKEN))
    one, other = rights.visitor(scope()), rights.visitor(scope())
    assert one.new
    assert one.name != other.name
    rights.claim(one, "take")
    assert outcome(rights, one, Need.OWN, "take") == 200
    assert outcome(rights, known(rights, one), Need.OWN, "take") == 200
    assert not known(rights, one).new
    owner = rights.visitor(scope(authorization=f"bearer {TOKEN}"))
    for visitor in (other, owner, known(rights, other)):
        assert outcome(rights, visitor, Need.OWN, "take") == 404
    assert outcome(rights, one, Need.OWN, "never") == 404
    assert (outcome(rights, one, Need.MANAGE), outcome(rights, owner, Need.MANAGE)) == (403, 200)
    assert (outcome(rights, one, Need.SPEAK), outcome(rights, one, Need.ENTRY)) == (200, 200)


def test_without_a_token_nobody_manages_a_public_studio() -> None:
    rights = Rights(Policy(public=True))
    for headers in (
        {},
        {"authorization": "Bearer "},
        {"authorization": "Bearer x"},
        {"cookie": f"{OWNER}=9999999999."},
    ):
        visitor = rights.visitor(scope(**headers))
        assert not visitor.owner
        assert outcome(rights, visitor, Need.MANAGE) in (401, 403)


@pytest.mark.parametrize("said", ["", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), f"{TOKEN} x", "ключ"])
def test_a_wrong_token_is_told(said: str) -> None:
    rights = Rights(Policy(public=True, token=TOKEN))
    assert not rights.is_token(said, "")
    visitor = rights.visitor({"type": "http", "client": None, "headers": [(b"authorization", b"Bearer nothing")]})
    assert outcome(rights, visitor, Need.ENTRY) == 401


def test_guessing_is_slowed_down_at_one_address() -> None:
    rights = Rights(Policy(token=TOKEN))
    for _ in range(WRONG_TOKENS):
        assert not rights.is_token("guess", "192.0.2.1")
    assert not rights.is_token(TOKEN, "192.0.2.1")
    assert rights.is_token(TOKEN, "192.0.2.2")


def test_cookies_are_ours_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rights, another = Rights(Policy(public=True, token=TOKEN)), Rights(Policy(public=True, token="another"))
    theirs = another.visit_cookie(Visitor(name="a"), secure=False, framed=False).split(";")[0]
    own = rights.visit_cookie(Visitor(name="a"), secure=False, framed=False).split(";")[0]
    for cookie in (theirs, f"{VISIT}=a", f"{VISIT}=a.", f"{VISIT}=", f"{VISIT}=b.{own.partition('.')[2]}", "ü"):
        assert rights.visitor(scope(cookie=cookie)).new
    assert rights.visitor(scope(cookie=own)).name == "a"
    owner = rights.owner_cookie(secure=False, framed=False).split(";")[0]
    assert rights.visitor(scope(cookie=f"x=1; {owner}")).owner
    until, _, proof = owner.partition("=")[2].partition(".")
    for value in (f"{int(until) + 1}.{proof}", f"{until}.", f".{proof}", "x", "²." + proof, TOKEN):
        assert not rights.visitor(scope(cookie=f"{OWNER}={value}")).owner
    assert not another.visitor(scope(cookie=owner)).owner
    assert Rights(Policy(token=TOKEN)).visitor(scope(cookie=owner)).owner  # a server that was started anew
    monkeypatch.setattr(time, "time", lambda: float(until) + 1)
    assert not rights.visitor(scope(cookie=owner)).owner


def test_cookies_are_kept_from_scripts_and_other_sites() -> None:
    rights = Rights(Policy(public=True, token=TOKEN))
    plain = rights.visit_cookie(Visitor(name="a"), secure=False, framed=False)
    assert plain.endswith("; Path=/; HttpOnly; SameSite=Lax")
    assert rights.owner_cookie(secure=True, framed=False).endswith("; HttpOnly; Max-Age=2592000; SameSite=Lax; Secure")
    assert rights.visit_cookie(Visitor(name="a"), secure=True, framed=True).endswith(
        "SameSite=None; Secure; Partitioned"
    )
    assert "Max-Age=0" in rights.owner_cookie(secure=False, framed=False, signed_in=False)
    assert TOKEN not in rights.owner_cookie(secure=False, framed=False) + repr(rights.policy)


def test_what_is_remembered_has_an_end() -> None:
    rights = Rights(Policy(public=True))
    visitor = rights.visitor(scope())
    for number in range(MOST_THINGS + 1):
        rights.claim(visitor, str(number))
    assert not rights.owns(visitor, "0")
    assert rights.owns(visitor, str(MOST_THINGS))


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        (("192.0.2.7", 1), "192.0.2.7"),
        (("::ffff:192.0.2.7", 1), "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 1), "fe80::/64"),
        (("testclient", 1), ""),
        (None, ""),
    ],
)
def test_an_address_is_counted_as_what_one_visitor_has(client: tuple[str, int] | None, counted: str) -> None:
    assert network(client) == counted


def keyed(tmp_path: Path, **limits: int) -> tuple[Keys, str]:
    keys = Keys(tmp_path / FILE)
    return keys, keys.create("Home", **limits)


def test_a_key_lets_in_and_no_further(tmp_path: Path) -> None:
    keys, secret = keyed(tmp_path, text=50)
    for policy in (Policy(token=TOKEN), Policy(public=True, token=TOKEN), Policy(public=True)):
        rights = Rights(policy, keys=keys)
        visitor = rights.visitor(scope(authorization=f"Bearer {secret}"))
        assert (visitor.name, visitor.owner, visitor.wrong, visitor.limits.text) == ("key Home", False, False, 50)
        found = {need: outcome(rights, visitor, need) for need in ALL}
        assert found == dict.fromkeys(ALL, 200) | {Need.OWN: 404, Need.MANAGE: 403}
        rights.claim(visitor, "thing")
        assert outcome(rights, visitor, Need.OWN, "thing") == 200
        wrong = rights.visitor(scope(authorization=f"Bearer {secret}x"))
        assert outcome(rights, wrong, Need.ENTRY) == 401


def test_a_key_that_is_revoked_opens_nothing_from_then_on(tmp_path: Path) -> None:
    keys, secret = keyed(tmp_path)
    rights = Rights(Policy(token=TOKEN), keys=keys)
    assert outcome(rights, rights.visitor(scope(authorization=f"Bearer {secret}")), Need.SPEAK) == 200
    Keys(tmp_path / FILE).revoke("Home")
    assert outcome(rights, rights.visitor(scope(authorization=f"Bearer {secret}")), Need.SPEAK) == 401


def test_on_ones_own_machine_any_key_will_do(tmp_path: Path) -> None:
    rights = Rights(keys=keyed(tmp_path)[0])
    for said in ("Bearer anything", "Bearer ", "Basic x"):
        assert rights.visitor(scope(authorization=said)).owner


def test_where_there_is_nothing_to_show_a_public_studio_takes_any_key(tmp_path: Path) -> None:
    visitor = Rights(Policy(public=True)).visitor(scope(authorization="Bearer anything"))
    assert (visitor.owner, visitor.wrong) == (False, False)
    assert Rights(Policy(public=True), keys=keyed(tmp_path)[0]).visitor(scope(authorization="Bearer anything")).wrong


def test_keys_do_not_count_as_guesses_at_the_token(tmp_path: Path) -> None:
    keys, secret = keyed(tmp_path)
    rights = Rights(Policy(token=TOKEN), keys=keys)
    for _ in range(WRONG_TOKENS + 1):
        assert not rights.visitor(scope(authorization=f"Bearer {secret}")).wrong
    assert rights.visitor(scope(authorization=f"Bearer {TOKEN}")).owner
