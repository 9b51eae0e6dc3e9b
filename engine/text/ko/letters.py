"""The Korean names of Latin letters."""

NAMES = {
    "a": "에이", "b": "비", "c": "시", "d": "디", "e": "이", "f": "에프", "g": "지", "h": "에이치", "i": "아이",
    "j": "제이", "k": "케이", "l": "엘", "m": "엠", "n": "엔", "o": "오", "p": "피", "q": "큐", "r": "아르",
    "s": "에스", "t": "티", "u": "유", "v": "브이", "w": "더블유", "x": "엑스", "y": "와이", "z": "제트",
}  # fmt: skip
_EITHER_CASE = {ord(each): name for letter, name in NAMES.items() for each in (letter, letter.upper())}


def spell_letters(text: str) -> str:
    """``text`` with every Latin letter by its name."""
    return text.translate(_EITHER_CASE)
