"""config.json to dataclasses: every public one is understood, nonsense is named."""

import json
from pathlib import Path

import pytest

from engine.errors import ConfigError
from engine.systems.vits.config import DecoderKind, parse, symbol_tables, with_symbols

GOLDENS = Path(__file__).parents[3] / "goldens" / "vits"


def stored(name):
    return json.loads((GOLDENS / f"{name}.json").read_text())


PUBLIC = stored("public_configs")


@pytest.mark.parametrize("name", sorted(stored("public_configs_cjangcjengh")))
def test_community_configs_are_understood(name):
    raw = stored("public_configs_cjangcjengh")[name]
    # In the stored files "(list of 8)" stands for the names of the speakers.
    if "speakers" in raw:
        count = int(raw["speakers"].removeprefix("(list of ").removesuffix(")"))
        raw["speakers"] = [f"speaker {number}" for number in range(count)]
    config = parse(raw)
    assert config.model.decoder is DecoderKind.PLAIN
    assert config.model.use_sdp
    assert config.model.n_vocab == len(config.text.symbols)
    assert len(config.speakers) == config.model.n_speakers


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ljs_base", DecoderKind.PLAIN),
        ("ljs_istft_vits", DecoderKind.ISTFT),
        ("ljs_mini_mb_istft_vits", DecoderKind.MULTI_BAND),
        ("ljs_ms_istft_vits", DecoderKind.MULTI_STREAM),
    ],
)
def test_flags_choose_the_decoder(name, kind):
    assert parse(PUBLIC[name]).model.decoder is kind


def test_multi_band_goes_before_multi_stream_before_istft():
    raw = stored("config_mb_det")
    raw["model"] |= {"ms_istft_vits": True, "istft_vits": True}
    assert parse(raw).model.decoder is DecoderKind.MULTI_BAND
    raw["model"]["mb_istft_vits"] = False
    assert parse(raw).model.decoder is DecoderKind.MULTI_STREAM


def test_missing_use_sdp_means_what_it_means_in_the_repository_of_the_config():
    assert parse(PUBLIC["ljs_base"]).model.use_sdp
    raw = stored("config_mb_det")
    del raw["model"]["use_sdp"]
    assert not parse(raw).model.use_sdp


def test_published_symbols_stand_in_when_a_config_lists_none():
    tables = stored("symbols")
    assert parse(PUBLIC["ljs_base"]).text.symbols == tuple(next(iter(tables.values())))
    assert parse(PUBLIC["tsukuyomi_chan"]).text.symbols == tuple(tables["mb_istft_vits_multilingual"])
    assert [len(table) for table in symbol_tables().values()][:2] == [178, 205]


def test_symbols_that_are_not_listed_are_told_by_their_number_and_the_cleaners():
    for name, table in symbol_tables().items():
        assert with_symbols({}, len(table))["symbols"] == list(table)
        assert with_symbols({"data": {"text_cleaners": [name]}}, len(table))["symbols"] == list(table)
    # What the cleaners say is not believed where the number speaks against it.
    assert len(with_symbols({"data": {"text_cleaners": ["korean_cleaners"]}}, 205)["symbols"]) == 205
    assert with_symbols({"symbols": ["a"]}, 205)["symbols"] == ["a"]
    with pytest.raises(ConfigError, match="has 36 symbols"):
        with_symbols({"data": {"text_cleaners": 1}}, 36)


def test_a_long_list_of_cleaners_is_refused():
    raw = stored("config_mb_det")
    raw["data"]["text_cleaners"] = ["english_cleaners2"] * 9
    with pytest.raises(ConfigError, match="has 9 names"):
        parse(raw)


def test_one_speaker_is_none():
    raw = stored("config_mb_det")
    raw["data"]["n_speakers"] = 1
    config = parse(raw)
    assert config.model.n_speakers == 0
    assert config.speakers == {}


@pytest.mark.parametrize(
    ("speakers", "names"),
    [
        (None, ["0", "1", "2", "3", "4"]),
        (["ann", "ben"], ["ann", "ben", "2", "3", "4"]),
        ({"ben": 4, "ann": 0}, ["ann", "1", "2", "3", "ben"]),
    ],
)
def test_speakers_have_names_or_numbers(speakers, names):
    raw = stored("config_mb_det_ms")
    if speakers is not None:
        raw["speakers"] = speakers
    assert list(parse(raw).speakers) == names
    assert sorted(parse(raw).speakers.values()) == [0, 1, 2, 3, 4]


NONSENSE = [
    ("model", "hidden_channels", 33, "multiple of n_heads"),
    ("model", "hidden_channels", "many", "hidden_channels='many'"),
    ("model", "hidden_channels", None, "'hidden_channels' is missing"),
    ("model", "n_layers", 0, "n_layers=0"),
    ("model", "n_layers", 2.5, "n_layers=2.5"),
    ("model", "inter_channels", 15, "odd"),
    ("model", "resblock", "3", "resblock='3'"),
    ("model", "upsample_rates", [4, 4, 2], "pair up"),
    ("model", "upsample_rates", [4, 8], "512 samples"),
    ("model", "upsample_kernel_sizes", [16, 15], "kernel of 15"),
    ("model", "upsample_initial_channel", 62, "halved"),
    ("model", "upsample_rates", "4,4", "upsample_rates='4,4'"),
    ("model", "resblock_kernel_sizes", [3, 7, 8], "odd"),
    ("model", "resblock_dilation_sizes", [[1, 3, 5]], "pair up"),
    ("model", "resblock_dilation_sizes", [1, 3, 5], "resblock_dilation_sizes=1"),
    ("model", "gen_istft_hop_size", 5, "hop of 5"),
    ("model", "p_dropout", 2.0, "p_dropout"),
    ("model", "use_sdp", "yes", "use_sdp='yes'"),
    ("model", "use_transformer_flows", True, "use_transformer_flows"),
    ("model", "gin_channels", None, "gin_channels is missing"),
    ("data", "sampling_rate", 0, "sampling_rate=0"),
    ("data", "sampling_rate", float("nan"), "sampling_rate=nan"),
    ("data", "hop_length", 2048, "hop_length"),
    ("data", "text_cleaners", "english", "text_cleaners"),
    ("data", "add_blank", 3, "add_blank=3"),
]
# A file from anywhere must not ask for all memory there is, be it only to list its voices.
ABSURD = [
    ("model", "n_layers", 10**7, "n_layers=10000000 is above"),
    ("model", "flow_count", 10**6, "flow_count=1000000 is above"),
    ("model", "hidden_channels", 2 * 10**9, "hidden_channels=2000000000 is above"),
    ("model", "gin_channels", 10**9, "gin_channels=1000000000 is above"),
    ("model", "subbands", 10**5, "subbands=100000 is above"),
    ("model", "gen_istft_n_fft", 10**8, "gen_istft_n_fft=100000000 is above"),
    ("model", "upsample_rates", [10**6, 10**6], "upsample_rates has"),
    ("model", "upsample_rates", [1] * 1000, "upsample_rates has"),
    ("model", "resblock_kernel_sizes", [3, 7, 10**9 + 1], "resblock_kernel_sizes has"),
    ("model", "resblock_dilation_sizes", [[1, 3, 5000]] * 3, "resblock_dilation_sizes"),
    ("data", "n_speakers", 10**9, "n_speakers=1000000000 is above"),
    ("data", "sampling_rate", 10**9, "sampling_rate=1000000000"),
    ("data", "filter_length", 10**9, "filter_length=1000000000"),
]


@pytest.mark.parametrize(("section", "key", "value", "said"), NONSENSE + ABSURD, ids=lambda value: str(value)[:24])
def test_nonsense_is_refused_by_name(section, key, value, said):
    raw = stored("config_mb_det_ms")
    raw[section][key] = value
    with pytest.raises(ConfigError, match=said) as caught:
        parse(raw, "config.json")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("config.json: ")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("speakers", [5, [1, 2], {"ann": 9}, {"ann": "x"}])
def test_nonsense_speakers_are_refused(speakers):
    with pytest.raises(ConfigError, match="speakers"):
        parse({**stored("config_mb_det_ms"), "speakers": speakers})


def test_another_kind_of_file_is_told_by_its_sections():
    with pytest.raises(ConfigError, match=r"config\.json: the file has no section 'data'; .* another kind of model"):
        parse({"model_type": "vits"})
