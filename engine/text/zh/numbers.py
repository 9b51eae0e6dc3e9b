"""Numbers in Chinese words: amounts, decimals, digits one by one, and where 2 is 两.

Numbers come and go as strings of ASCII digits, so that none is too long to be converted.
"""

import re

DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
# A number of at most 24 digits before and after its point; longer ones are read digit by digit.
NUMBER = r"(?:[0-9]{1,24}(?:\.[0-9]{1,24})?|\.[0-9]{1,24})"
# Where such a number may begin and end.
START, END = r"(?<![0-9.])", r"(?![0-9]|\.[0-9])"

_PLACES = ("", "十", "百", "千")
# Above this many digits amounts have no names that anybody uses.
_LONGEST_AMOUNT = 16
_TWO_AT_START = re.compile("^二(?=[百千万亿])")
# What is counted, so that 2 of it are 两: all of it measure words, and what they are followed by where they are not.
_COUNTED = (
    r"个|名|位|只|条|张|本(?!线|科)|台|辆|件|双|对(?!一)|套|遍|趟|天|周(?!目|岁|年)|周岁|周年|星期|年(?!级|生|代)|小时|钟头|"
    r"分钟|秒|刻|倍|斤|公斤|千克|克|毫克|吨|钱|米|厘米|毫米|微米|纳米|分米|公里|千米|英里|英尺|英寸|海里|里(?!面)|"
    r"亩|公顷|平方|立方|平米|升|毫升|加仑|元(?!一次|二次|方程|论|化|次)|块|毛|角|美元|美金|欧元|英镑|日元|港元|港币|卢布|"
    r"分(?!之|部|店|类|型|队|册|卷)|万|亿|千(?!瓦)|千瓦|百|次(?!方|元|函|曲|根)|家|座|栋(?!\s?[0-9])|幢(?!\s?[0-9])|棵|株|"
    r"朵|头|匹|口|杯|碗|瓶|盒|箱|袋|包|片|颗|粒|根|支|枝|把|种|类|样|项|份|篇|段(?!位)|句|行|列|间|岁|人|者|国|省|市|县|"
    r"州|岸|边|方|面|端|侧|大(?![队街道于概约小学])|局|轮|场|届|代人|宗|起|笔|桩|声|下|步|脚|拳|顿|餐|页|幅|部|集|首|曲|架|艘|枚|发|"
    r"门|科|所|处|点|成|股|组|批|群|伙|帮|卷|册|道|题|扇|盏|床|堆|团|束|串|滴|阵|番|圈|夜|晚|节|课时|学分|格|盘|锅|勺|"
    r"桶|罐|捆|顶|副|尊|摊|具|任|员|桌|票|键|字|词|秒钟|帧|居室|室[0-9一二两三四五六七八九]厅|厅|卫(?!星|视|生)|瓦|伏|"
    r"赫兹|安|字节|像素|磅|盎司|人次|车次|场次|架次|刀|枪|针|招|拨|层楼|重(?!点|要|庆)|伏特|毫|兆"
)
_RANGE = (
    rf"(?:(?:到|至|或|、)(?:[0-9.]{{1,12}}|[一二两三四五六七八九十百千]{{1,6}}))?\s?(?:[余多来几]\s?)?(?:{_COUNTED})"
)
_COUNTS = re.compile(_RANGE)
_ORDERS = re.compile(r"(?:第|周|星期|礼拜|初|其|排)\s?$")
_WEEKDAY_COUNTS = re.compile(r"次|天|个|小时|节|场|篇|集|更|休|人|年")


def cardinal(number: str, *, two: str = "二") -> str:
    """An amount of whole or decimal digits, such as 1050 or 0.5; ``two`` is how 2 alone is said (二 or 两).

    Of more than 16 digits each is read by itself.
    """
    whole, _, fraction = number.partition(".")
    if fraction or number.startswith("."):
        return f"{cardinal(whole or '0')}点{one_by_one(fraction)}" if fraction else cardinal(whole)
    whole = whole.lstrip("0") or "0"
    if len(whole) > _LONGEST_AMOUNT:
        return one_by_one(whole)
    if whole == "2":
        return two
    said = _amount(int(whole)) or "零"
    said = said.removeprefix("一") if said.startswith("一十") else said
    return _TWO_AT_START.sub("两", said)


def one_by_one(text: str, *, one: str = "一") -> str:
    """The digits of ``text`` one by one, a full stop as 点, letters as they are and nothing else."""
    said = (DIGITS.get(sign, "点" if sign == "." else sign if sign.isalpha() else "") for sign in text)
    return "".join(said).replace("一", one) if one != "一" else "".join(said)


def of_code(number: str) -> str:
    """The digits of a name or code: up to two as an amount (G20), more one by one."""
    return one_by_one(number) if len(number) > 2 or number.startswith("0") else cardinal(number)


def two_before(text: str, start: int, end: int) -> str:
    """两 where the 2 at ``start`` to ``end`` of ``text`` counts what follows it, 二 where it numbers something."""
    if text[max(0, start - 1) : start].isascii() and text[max(0, start - 1) : start].isalpha():
        return "二"
    before = _ORDERS.search(text, max(0, start - 3), start)
    if before and not (before[0].startswith("周") and _counts_weekly(text, before.start(), end)):
        return "二"
    return "两" if _COUNTS.match(text, end) else "二"


def _counts_weekly(text: str, at: int, end: int) -> bool:
    return text[max(0, at - 1) : at] in ("每", "一", "上", "下", "本") and bool(_WEEKDAY_COUNTS.match(text, end))


def _amount(number: int) -> str:
    """Without the 零 of nothing, and with 一十 for ten."""
    for unit, name in ((10**8, "亿"), (10**4, "万")):
        if number >= unit:
            high, low = divmod(number, unit)
            return _amount(high) + name + ("零" if 0 < low < unit // 10 else "") + _amount(low)
    said, zero = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += ("零" if zero and said else "") + DIGITS[str(digit)] + _PLACES[place]
            zero = False
        else:
            zero = True
    return said
