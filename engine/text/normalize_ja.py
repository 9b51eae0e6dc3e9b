"""Japanese as Open JTalk can say it: it reads whole numbers and words by itself, and these rules the rest.

Dates, times, decimals, fractions, money, units and signs; digits that count nothing are read one by one.
"""

import re

from engine.text.addresses import ADDRESS, spell_address
from engine.text.sanitize import ascii_digits
from engine.text.spelling import like

_DIGITS = dict(
    zip("0123456789", ("ゼロ", "イチ", "ニー", "サン", "ヨン", "ゴー", "ロク", "ナナ", "ハチ", "キュー"), strict=True)
)
_ADDRESS_SIGNS = {
    ".": "ドット", "/": "スラッシュ", ":": "コロン", "@": "アットマーク", "-": "ハイフン", "_": "アンダーバー",
    "?": "クエスチョン", "=": "イコール", "&": "アンド", "#": "シャープ", "%": "パーセント", "+": "プラス",
    "~": "チルダ", "!": "、", "$": "ドル", "'": "", "*": "アスタリスク",
}  # fmt: skip
_SIGNS = {
    "%": "パーセント", "‰": "パーミル", "&": "アンド", "@": "アット", "+": "プラス", "=": "イコール",
    "±": "プラスマイナス", "×": "かける", "÷": "わる", "≈": "およそ", "≠": "ノットイコール", "≤": "以下",
    "≥": "以上", "<": "小なり", ">": "大なり", "√": "ルート", "∞": "無限大", "#": "シャープ", "♯": "シャープ",
    "$": "ドル", "€": "ユーロ", "£": "ポンド", "¥": "円", "₩": "ウォン", "°": "度", "℃": "度", "℉": "度",
    "→": "から", "⇒": "から", "↑": "上矢印", "↓": "下矢印", "←": "左矢印", "²": "の二乗", "³": "の三乗",
    "^": "の", "/": "スラッシュ", "\\": "バックスラッシュ", "|": "、", "_": " ", "*": "", "™": "", "®": "",
    "©": "コピーライト", "§": "セクション", "α": "アルファ", "β": "ベータ", "γ": "ガンマ", "δ": "デルタ",
    "Δ": "デルタ", "θ": "シータ", "λ": "ラムダ", "μ": "マイクロ", "π": "パイ", "σ": "シグマ", "Σ": "シグマ",
    "φ": "ファイ", "ω": "オメガ", "Ω": "オーム", "☆": "", "★": "", "♪": "", "〒": "郵便番号", "※": "",
}  # fmt: skip
_MONEY = {"¥": "円", "$": "ドル", "€": "ユーロ", "£": "ポンド", "₩": "ウォン"}
_CENTS = {"$": "セント", "€": "セント", "£": "ペンス"}
# These stand before their number: 80 km/h is 時速80キロメートル.
_SPEEDS = {"km/h": ("時速", "キロメートル"), "m/s": ("秒速", "メートル")}
_UNITS = {
    "km²": "平方キロメートル", "m²": "平方メートル",
    "cm²": "平方センチメートル", "m³": "立方メートル", "km": "キロメートル", "cm": "センチメートル",
    "mm": "ミリメートル", "nm": "ナノメートル", "m": "メートル", "kg": "キログラム", "mg": "ミリグラム",
    "g": "グラム", "t": "トン", "mL": "ミリリットル", "ml": "ミリリットル", "L": "リットル", "l": "リットル",
    "kcal": "キロカロリー", "cal": "カロリー", "GHz": "ギガヘルツ", "MHz": "メガヘルツ", "kHz": "キロヘルツ",
    "Hz": "ヘルツ", "kWh": "キロワット時", "kW": "キロワット", "W": "ワット", "V": "ボルト", "A": "アンペア",
    "TB": "テラバイト", "GB": "ギガバイト", "MB": "メガバイト", "KB": "キロバイト", "kB": "キロバイト",
    "hPa": "ヘクトパスカル", "dB": "デシベル", "°C": "度", "℃": "度", "°F": "度", "ha": "ヘクタール",
}  # fmt: skip
# What Open JTalk counts: it knows places up to those of 10**16.
_LONGEST_AMOUNT = 16
_THOUSANDS = re.compile(r"(?<![\d,])(\d{1,3}(?:,\d{3})+)(?![\d,])")
_DATE = re.compile(r"(?<![\d/.-])(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?![\d/.-])")
_TIME = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2}))?(?![\d:])(?:\s?([AaPp])\.?[Mm]\.?(?![A-Za-z]))?")
_FRACTION = re.compile(r"(?<![\d/.])(\d{1,4})/(\d{1,4})(?![\d/.])")
_PHONE = re.compile(r"(?<![\d-])\d{2,5}(?:-\d{2,4}){1,2}-\d{3,4}(?![\d-])")
_AMOUNT = re.compile(r"([¥$€£₩])\s?(\d{1,24}(?:\.\d{1,24})?)([百千万億兆]*)")
_SPEED = re.compile(r"(?:時速|秒速)?(?<![\d.])(\d+(?:\.\d+)?)\s?(km/h|m/s)(?![A-Za-z])")
_POSTCODE = re.compile(r"〒\s?(\d{3})-(\d{4})(?!\d)")
_ADDRESS_NUMBER = re.compile(r"(?<![\d.-])\d{1,4}(?:-\d{1,4}){2,4}(?![\d.-])")
_SCORE = re.compile(r"(?<![\d.-])(\d{1,3})-(\d{1,3})(?![\d.-])")
_MEASURED = re.compile(
    r"(?<=\d)\s?(" + "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True))) + ")(?![A-Za-z²³/])"
)
# Behind a name it is a hyphen, unless what follows can be below zero.
_NEGATIVE = re.compile(
    r"(?<![A-Za-z\d)ァ-ヺ々一-鿿-])[-−－](?=\d)|(?<![A-Za-z\d)-])[-−－](?=\d{1,4}(?:\.\d{1,4})?\s?[度℃%])"
)
_RANGE = re.compile(r"(?<=[\d円年月日時分度%])\s?[〜～~–—-]\s?(?=\d)")
_VERSION = re.compile(r"(?<![\d.])\d{1,8}(?:\.\d{1,8}){2,8}(?![\d.])")
_DECIMAL = re.compile(r"(?<![\d.])(\d+)\.(\d+)(?![\d.])")
_DIGIT_RUN = re.compile(r"\d+")


def normalize_ja(text: str) -> str:
    """``text`` with everything that is not words, whole numbers or marks in Japanese words, as far as it has any.

    Latin letters stay as they are. Takes time linear in the text.
    """
    said = ascii_digits(text).replace("￥", "¥").replace("％", "%")
    said = ADDRESS.sub(lambda match: spell_address(match[0], {**_ADDRESS_SIGNS, **_DIGITS}), said)
    said = _POSTCODE.sub(lambda match: f"郵便番号{_one_by_one(match[1])}の{_one_by_one(match[2])}", said)
    said = _PHONE.sub(lambda match: "、".join(map(_one_by_one, match[0].split("-"))), said)
    said = _THOUSANDS.sub(lambda match: match[1].replace(",", ""), said)
    said = _DATE.sub(_date, said)
    said = _TIME.sub(_time, said)
    said = _FRACTION.sub(_fraction, said)
    said = _SPEED.sub(lambda match: match[1].join(_SPEEDS[match[2]]), _AMOUNT.sub(_amount, said))
    said = _MEASURED.sub(lambda match: _UNITS[match[1]], said)
    said = _SCORE.sub(_score, _ADDRESS_NUMBER.sub(lambda match: match[0].replace("-", "の"), said))
    said = _NEGATIVE.sub("マイナス", _RANGE.sub("から", said))
    said = _VERSION.sub(lambda match: "テン".join(map(_one_by_one, match[0].split("."))), said)
    said = _DECIMAL.sub(lambda match: f"{match[1]}テン{_one_by_one(match[2])}", said)
    said = _DIGIT_RUN.sub(_counted, said)
    return like(text, said.translate({ord(sign): name for sign, name in _SIGNS.items()}))


def _one_by_one(digits: str) -> str:
    return "".join(_DIGITS[digit] for digit in digits)


def _counted(match: re.Match[str]) -> str:
    """Digits as they are where they are an amount."""
    digits = match[0]
    counts = len(digits) <= _LONGEST_AMOUNT and (digits[0] != "0" or digits == "0")
    return digits if counts else _one_by_one(digits)


def _date(match: re.Match[str]) -> str:
    month, day = int(match[3]), int(match[4])
    return f"{match[1]}年{month}月{day}日" if 1 <= month <= 12 and 1 <= day <= 31 else match[0]


def _amount(match: re.Match[str]) -> str:
    """An amount of money; two decimals are cents."""
    sign, number, myriads = match.groups()
    whole, _, fraction = number.partition(".")
    if sign in _CENTS and len(fraction) == 2 and not myriads:
        cents = f"{int(fraction)}{_CENTS[sign]}" if int(fraction) else ""
        return f"{whole}{_MONEY[sign]}{cents}" if int(whole) or not cents else cents
    return f"{number}{myriads}{_MONEY[sign]}"


def _score(match: re.Match[str]) -> str:
    """From a number to a larger one, or else a score."""
    return f"{match[1]}{'から' if int(match[1]) < int(match[2]) else '対'}{match[2]}"


def _time(match: re.Match[str]) -> str:
    """A time of day; 10:00 is ten, and 24 the last hour."""
    hour, minute = int(match[1]), int(match[2])
    if hour > 24 or minute > 59:
        return f"{match[1]}対{match[2]}"
    half = "" if not match[4] else "午前" if match[4] in "aA" else "午後"
    said = f"{half}{hour}時" + (f"{minute}分" if minute or match[3] else "")
    return said + (f"{int(match[3])}秒" if match[3] else "")


def _fraction(match: re.Match[str]) -> str:
    """A part of a whole, or else the day of a month."""
    first, second = int(match[1]), int(match[2])
    if first < second <= 8 or second == 100:
        return f"{second}分の{first}"
    if 1 <= first <= 12 and 1 <= second <= 31:
        return f"{first}月{second}日"
    return f"{second}分の{first}"
