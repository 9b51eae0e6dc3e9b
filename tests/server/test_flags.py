"""The flags that say who may come, and when the studio refuses to start as it is."""

import argparse

import pytest

from server.allowance import Limits
from server.flags import SPACES, add_access, is_exposed, policy_of, sites_of, why_refused
from server.rights import Policy


def chosen(*arguments: str, host: str = "127.0.0.1", **env: str) -> argparse.Namespace:
    flags = argparse.ArgumentParser()
    flags.add_argument("--host", default=host)
    add_access(flags, {f"POLYPHONE_{name}": value for name, value in env.items()})
    return flags.parse_args(arguments)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.8.7", "::1", "[::1]", "localhost", "LOCALHOST.", "a.localhost", "::ffff:127.0.0.1"]
)
def test_this_machine_alone_needs_no_flag(host: str) -> None:
    assert not is_exposed(host)
    assert why_refused(host, Policy()) == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "[::]", "192.168.1.7", "2001:db8::1", "no-such-name.invalid", ""])
def test_an_address_that_others_reach_needs_one(host: str) -> None:
    refused = why_refused(host, Policy())
    assert "--public" in refused
    assert "--token" in refused
    assert "\n" not in refused
    assert why_refused(host, Policy(public=True)) == ""
    assert why_refused(host, Policy(token="x")) == ""


def test_by_default_whoever_reaches_this_machine_is_the_owner() -> None:
    assert policy_of(chosen()) == Policy()
    sites = sites_of(chosen(), {})
    assert (sites.hosts, sites.addresses, sites.origins, sites.frames) == ({"127.0.0.1"}, False, set(), ())


def test_a_space_is_for_everybody_unless_it_says_otherwise() -> None:
    def on_space(**env: str) -> Policy:
        flags = argparse.ArgumentParser()
        add_access(flags, {"SPACE_HOST": "me-polyphone.hf.space", **env})
        return policy_of(flags.parse_args([]))

    assert on_space().public
    assert not on_space(POLYPHONE_PUBLIC="0").public


def test_flags_and_environment_say_the_same() -> None:
    by_flag = chosen(
        "--public", "--token=t", "--share-voices", "--visitor-text=10", "--visitor-seconds=20", "--visitor-requests=30",
        "--visitor-at-once=1", "--allow-host=a.example,B.example:80", "--allow-host", "c.example",
        "--allow-origin=https://A.example/", "--allow-frame=https://f.example",
    )  # fmt: skip
    by_env = chosen(
        PUBLIC="1",
        TOKEN=" t ",
        SHARE_VOICES="yes",
        VISITOR_TEXT="10",
        VISITOR_SECONDS="20",
        VISITOR_REQUESTS="30",
        VISITOR_AT_ONCE="1",
        ALLOW_HOST="a.example, b.example,c.example",
        ALLOW_ORIGIN="https://a.example",
        ALLOW_FRAME="https://f.example",
    )
    limits = Limits(text=10, seconds=20, requests=30, at_once=1)
    for each in (by_flag, by_env):
        assert policy_of(each) == Policy(public=True, token="t", share_voices=True, limits=limits)
        sites = sites_of(each, {})
        assert sites.hosts == {"127.0.0.1", "a.example", "b.example", "c.example"}
        assert sites.origins == {"https://a.example"}
        assert sites.frames == ("https://f.example",)


def test_the_host_itself_is_a_name_and_beyond_loopback_every_address() -> None:
    sites = sites_of(chosen(host="studio.invalid"), {})
    assert "studio.invalid" in sites.hosts
    sites = sites_of(chosen(host="0.0.0.0"), {})
    assert sites.addresses
    assert sites.hosts == frozenset()


def test_a_space_knows_its_name_and_its_frame() -> None:
    sites = sites_of(chosen(host="0.0.0.0"), {"SPACE_HOST": "me-polyphone.hf.space"})
    assert sites.hosts == {"me-polyphone.hf.space"}
    assert sites.frames == (SPACES,)


@pytest.mark.parametrize(
    "argument",
    ["--allow-host=a b", "--allow-origin=example", "--allow-origin=*", "--allow-frame=https://a/b", "--visitor-text=0"],
)
def test_what_cannot_be_is_refused_at_once(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        chosen(argument)
    assert "argument --" in capsys.readouterr().err
