"""Tones of Mandarin in a sentence: 不 and 一, third tones, the neutral tone, and the r of 儿.

The rules are those of the language: Chao, A Grammar of Spoken Chinese (1968).
docs/kokoro-phonemes.md#chinese
"""

from dataclasses import dataclass, replace

from engine.systems.kokoro.phonemes.listed import listed
from engine.systems.kokoro.phonemes.syllables import NEUTRAL, Syllable, syllables

_THIRD, _FOURTH = 3, 4
_PREFIXES = frozenset(("不", "一"))
_MOST_TOGETHER = 3  # characters of words that third tones join
_DIGITS = frozenset("零〇一二三四五六七八九")
_NUMERALS = _DIGITS | frozenset("两十百千万亿")
_FINAL_PARTICLES = frozenset("吧呢啊呐噻嘛吖嗨哦哒额滴哩哟喽啰耶喔诶呀啦")
_STRUCTURAL = frozenset("的地得")
_ASPECTS = frozenset("了着过")
_ASPECT_TAGS = frozenset(("ul", "uz", "ug"))
_PLACES, _PLACE_TAGS = frozenset("上下里"), frozenset("slf")
_DIRECTIONS, _BEFORE_DIRECTIONS = frozenset("来去"), frozenset("上下进出回过起开")
_BEFORE_MEASURE = frozenset("几有两半多各整每做是") | _NUMERALS
_SUFFIXES = frozenset("们子")
_DOUBLED_TAGS = frozenset("nv")
# In 子 of the third tone: a master, a seed, a particle.
_FULL = listed(
    "男子 女子 分子 原子 电子 中子 质子 量子 离子 粒子 光子 因子 核子 莲子 瓜子 石子 种子 精子 卵子 孔子 孟子 老子 "
    "庄子 君子 王子 公子 天子 才子 弟子 臣子 太子 父子 母子 学子 游子 浪子 亲子 夫子 逆子 子"
)
# Whose second syllable is neutral in every case, by the list of the national test of Mandarin (2003).
_NEUTRAL_WORDS = listed(
    "爱人 巴掌 把式 爸爸 白净 帮手 棒槌 包袱 包涵 本事 比方 扁担 别扭 拨弄 簸箕 补丁 部分 财主 裁缝 苍蝇 差事 柴火 "
    "称呼 畜生 窗户 刺猬 凑合 耷拉 答应 打扮 打点 打发 打量 打算 打听 大方 大爷 大夫 耽搁 耽误 道士 灯笼 提防 弟弟 "
    "地道 地方 弟兄 点心 东家 东西 动静 动弹 豆腐 嘟囔 对付 多么 恶心 耳朵 风筝 福气 甘蔗 干事 高粱 膏药 告诉 疙瘩 "
    "哥哥 胳膊 跟头 工夫 功夫 公公 姑姑 姑娘 骨头 故事 寡妇 关系 官司 罐头 规矩 闺女 蛤蟆 含糊 行当 合同 和尚 核桃 "
    "红火 后头 厚道 狐狸 胡琴 糊涂 护士 皇上 活泼 火候 伙计 机灵 脊梁 记号 记性 家伙 架势 嫁妆 见识 将就 交情 叫唤 "
    "街坊 结实 姐姐 姐夫 戒指 精神 舅舅 咳嗽 客气 口袋 窟窿 快活 困难 阔气 喇叭 篱笆 懒得 浪头 老婆 老实 老爷 姥姥 "
    "累赘 里头 力气 厉害 利落 利索 痢疾 连累 凉快 粮食 溜达 萝卜 骆驼 妈妈 麻烦 麻利 马虎 买卖 忙活 冒失 眉毛 媒人 "
    "妹妹 门道 眯缝 迷糊 苗条 名堂 名字 明白 模糊 蘑菇 木匠 木头 那么 奶奶 难为 脑袋 能耐 念叨 念头 娘家 奴才 女婿 "
    "暖和 疟疾 牌楼 盘算 朋友 脾气 屁股 便宜 漂亮 婆家 婆婆 铺盖 欺负 前头 亲戚 勤快 清楚 亲家 拳头 热闹 人家 认识 "
    "扫帚 商量 上司 上头 烧饼 少爷 舌头 生意 牲口 师父 师傅 石匠 石榴 石头 时候 实在 拾掇 使唤 世故 似的 事情 收成 "
    "收拾 首饰 叔叔 舒服 舒坦 疏忽 爽快 思量 算计 岁数 太太 特务 挑剔 跳蚤 铁匠 头发 妥当 唾沫 挖苦 娃娃 晚上 尾巴 "
    "委屈 为了 稳当 稀罕 媳妇 喜欢 下巴 吓唬 先生 乡下 相声 消息 小气 笑话 谢谢 心思 星星 猩猩 行李 兄弟 休息 秀才 "
    "秀气 学生 学问 丫头 衙门 哑巴 胭脂 烟筒 眼睛 秧歌 养活 吆喝 妖精 钥匙 爷爷 衣服 衣裳 意思 应酬 冤枉 月饼 月亮 "
    "云彩 运气 在乎 早上 怎么 扎实 眨巴 栅栏 张罗 丈夫 帐篷 丈人 招呼 招牌 折腾 这个 这么 枕头 芝麻 知识 指甲 指头 "
    "主意 琢磨 祖宗 嘴巴 作坊 什么 馒头"
)
# Where 儿 is a child.
_NO_ERHUA = listed(
    "儿 女儿 孤儿 婴儿 幼儿 胎儿 少儿 健儿 男儿 宠儿 弃儿 患儿 产儿 侄儿 妻儿 新生儿 混血儿 托儿 育儿 小儿 "
    "流浪儿 早产儿 私生儿"
)
_NO_ERHUA_TAGS = frozenset(("a", "j", "nr"))


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word with the parts that it was joined of, its part of speech as jieba names it, and its syllables."""

    parts: tuple[str, ...]
    tag: str
    syllables: tuple[Syllable | None, ...]

    @property
    def text(self) -> str:
        """As it is written."""
        return "".join(self.parts)


def spoken(words: list[tuple[str, str]]) -> list[Spoken]:
    """Words with their parts of speech as they sound one after the other; some become one."""
    found = [Spoken((word,), tag, ()) for word, tag in words]
    found = _with_next(found)
    read = [replace(word, syllables=_read(word.parts)) for word in found]
    return [_erhua(_changed(word)) for word in _third_tones_together(read)]


def _read(parts: tuple[str, ...]) -> tuple[Syllable | None, ...]:
    return tuple(syllable for part in parts for syllable in syllables(part))


def _with_next(words: list[Spoken]) -> list[Spoken]:
    """不 and 一 with the word behind them, 儿 with the one before, and words said twice, also around 一."""
    joined: list[Spoken] = []
    for at, word in enumerate(words):
        before = joined[-1] if joined else None
        after = words[at + 1] if at + 1 < len(words) else None
        if before is not None and (_belongs(before, word) or _is_between(before, word, after)):
            joined[-1] = Spoken(before.parts + word.parts, word.tag if before.text in _PREFIXES else before.tag, ())
        else:
            joined.append(word)
    return joined


def _belongs(before: Spoken, word: Spoken) -> bool:
    if len(before.parts) > _MOST_TOGETHER - 1:
        return False
    if before.text in _PREFIXES:
        return not before.text == word.text == "一"
    if word.text == "儿":
        return True
    if before.parts[1:] == ("一",) and before.parts[0] == word.text:
        return True
    return before.text == word.text and len(word.text) == 1 and word.text not in _NUMERALS


def _is_between(before: Spoken, word: Spoken, after: Spoken | None) -> bool:
    """Whether it is the 一 of 看一看."""
    same = after is not None and before.text == after.text
    return same and word.text == "一" and before.tag == "v" and len(before.text) == 1


def _third_tones_together(words: list[Spoken]) -> list[Spoken]:
    """Short words whose third tones meet are said in one."""
    joined: list[Spoken] = []
    for word in words:
        before = joined[-1] if joined else None
        if before is not None and len(before.text) + len(word.text) <= _MOST_TOGETHER and _meet(before, word):
            joined[-1] = Spoken(before.parts + word.parts, word.tag, before.syllables + word.syllables)
        else:
            joined.append(word)
    return joined


def _meet(before: Spoken, word: Spoken) -> bool:
    doubled = len(before.text) == 2 and before.text[0] == before.text[1]
    return not doubled and _tone(before.syllables[-1]) == _THIRD and _tone(word.syllables[0]) == _THIRD


def _tone(syllable: Syllable | None) -> int:
    return syllable.tone if syllable is not None else 0


def _changed(word: Spoken) -> Spoken:
    tones = [_tone(syllable) for syllable in word.syllables]
    _bu(word.text, tones)
    _yi(word.text, tones)
    _neutral(word, tones)
    _thirds(word.parts, tones)
    changed = tuple(
        replace(syllable, tone=tone) if syllable is not None else None
        for syllable, tone in zip(word.syllables, tones, strict=True)
    )
    return replace(word, syllables=changed)


def _bu(text: str, tones: list[int]) -> None:
    if len(text) == _MOST_TOGETHER and text[1] == "不" and text[0] == text[2]:
        tones[1] = NEUTRAL
        return
    for at, character in enumerate(text[:-1]):
        if character == "不":
            tones[at] = 2 if tones[at + 1] == _FOURTH else _FOURTH


def _yi(text: str, tones: list[int]) -> None:
    if "一" not in text or (len(text) > 1 and all(character in _NUMERALS for character in text)):
        return
    if len(text) == _MOST_TOGETHER and text[1] == "一" and text[0] == text[2]:
        tones[1] = NEUTRAL
        return
    if text.startswith("第一"):
        tones[1] = 1
        return
    for at, character in enumerate(text[:-1]):
        if character == "一" and not (at and text[at - 1] in _NUMERALS) and text[at + 1] not in _DIGITS:
            # 个 is of the fourth tone before it loses it.
            tones[at] = 2 if tones[at + 1] == _FOURTH or text[at + 1] == "个" else _FOURTH


def _neutral(word: Spoken, tones: list[int]) -> None:
    text, last = word.text, word.text[-1]
    for at in range(1, len(text)):
        if text[at] == text[at - 1] and word.tag[:1] in _DOUBLED_TAGS and text not in _FULL:
            tones[at] = NEUTRAL
    before = text[-2] if len(text) > 1 else ""
    measured = before in _BEFORE_MEASURE if before else True
    if text in _FULL:
        tones[-1] = _THIRD
        return
    if (
        last in _FINAL_PARTICLES
        or last in _STRUCTURAL
        or (last in _ASPECTS and len(text) == 1 and word.tag in _ASPECT_TAGS)
        or (last in _SUFFIXES and before and word.tag[:1] in "rn")
        or (last in _PLACES and before and word.tag[:1] in _PLACE_TAGS)
        or (last in _DIRECTIONS and before in _BEFORE_DIRECTIONS)
        or (last == "个" and measured)
        or text[-2:] in _NEUTRAL_WORDS
    ):
        tones[-1] = NEUTRAL
    at = 0
    for part in word.parts[:-1]:
        at += len(part)
        if part[-2:] in _NEUTRAL_WORDS:
            tones[at - 1] = NEUTRAL


def _thirds(parts: tuple[str, ...], tones: list[int]) -> None:
    """Of two third tones the first becomes the second one; within each part first."""
    spans = _spans(parts, len(tones))
    for start, end in spans:
        for at in range(start, end - 1):
            if tones[at] == tones[at + 1] == _THIRD:
                tones[at] = 2
    for start, _ in spans[1:]:
        if tones[start - 1] == tones[start] == _THIRD:
            tones[start - 1] = 2


def _spans(parts: tuple[str, ...], length: int) -> list[tuple[int, int]]:
    """Where the parts lie; those of a word of one part that is long are two characters each."""
    if len(parts) == 1:
        parts = (
            _halves(parts[0])
            if length == _MOST_TOGETHER
            else tuple(parts[0][at : at + 2] for at in range(0, length, 2))
        )
    spans, at = [], 0
    for part in parts:
        spans.append((at, at + len(part)))
        at += len(part)
    return spans


def _halves(word: str) -> tuple[str, str]:
    """A word of three characters by the word of two within it: 展览|馆, 老|保守."""
    from engine.text.zh.words import knows

    return (word[:1], word[1:]) if knows(word[1:]) and not knows(word[:2]) else (word[:2], word[2:])


def _erhua(word: Spoken) -> Spoken:
    """A 儿 at the end as the r of the syllable before it."""
    text = word.text
    if len(text) < 2 or text[-1] != "儿" or text in _NO_ERHUA or text[-2:] in _NO_ERHUA or word.tag in _NO_ERHUA_TAGS:
        return word
    before, last = word.syllables[-2:]
    if before is None or last is None or last.tone not in (2, NEUTRAL):
        return word
    return replace(word, syllables=(*word.syllables[:-2], replace(before, rhotic=True)))
