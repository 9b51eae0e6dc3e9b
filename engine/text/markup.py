"""What is written to be seen and not said: Markdown, HTML, tables, rulers, faces made of marks.

It knows no language. Words are never taken, except the address of a link that has a text, and nothing is spelled.
"""

import html
import re
import unicodedata

from engine.text.addresses import ADDRESS

_HIDDEN = re.compile("[\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_TAG_NAMES = (
    "a|abbr|article|aside|b|big|blockquote|body|br|button|caption|center|cite|code|dd|del|details|div|dl|dt|em|"
    "figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|img|input|ins|kbd|label|li|link|main|mark|meta|"
    "nav|ol|option|p|pre|q|s|samp|section|select|small|span|strike|strong|style|sub|summary|sup|table|tbody|td|"
    "textarea|tfoot|th|thead|time|title|tr|tt|u|ul|var|video|audio|wbr|speak|break|prosody|emphasis|say-as|voice|"
    "phoneme|lang|sentence"
)
_COMMENT = re.compile(r"<!--[^<>]{0,2000}-->")
_TAG = re.compile(
    rf"</?({_TAG_NAMES})(?:\s[\w:-]{{1,30}}(?:\s*=\s*(?:\"[^\"<>]{{0,500}}\"|'[^'<>]{{0,500}}'|[^\s\"'<>]{{1,200}}))?)"
    r"{0,10}\s?/?>",
    re.IGNORECASE,
)
_BLOCKS = frozenset(
    [
        "br",
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "tr",
        "td",
        "th",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "blockquote",
        "section",
        "article",
        "pre",
        "dt",
        "dd",
    ]
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_LINK = re.compile(
    r"!?\[(?P<text>[^\[\]\n]{0,300})\]\(\s?<?(?P<address>[^\s()<>]{1,1000}(?:\([^\s()<>]{0,100}\)[^\s()<>]{0,500})?)>?"
    r"(?:\s\"[^\"\n]{0,200}\"|\s'[^'\n]{0,200}')?\s?\)"
)
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^\s<>]{1,1000})>")
_FOOTNOTE = re.compile(r"\[\^[\w-]{1,30}\]:?")
_ESCAPED = re.compile(r"(?<![A-Za-z0-9:\\])\\([*_#`~\[\]()>+.!|-])")
# At the beginnings of lines.
_QUOTE = re.compile(r"^[ \t]{0,8}(?:>[ \t]?){1,8}(?=[^\s=\d>]|[ \t]*$)", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]{0,8}#{1,6}[ \t]+(?=\S)", re.MULTILINE)
_HEADING_END = re.compile(r"(?<=[^\s#])[ \t]{1,8}#{2,6}[ \t]*$", re.MULTILINE)
_BULLET = re.compile(
    r"^[ \t]{0,16}(?:[-*•‣◦▪▫●○■□►▶–—➤➢✓✔✗✘☐☑☒][ \t]{1,8}|\+[ \t]{1,8}(?=[^\s\d]))(?:\[[ xX]\][ \t]{1,8})?(?=\S)",
    re.MULTILINE,
)
_NUMBERED = re.compile(r"^([ \t]{0,16}[0-9]{1,3})\)(?=[ \t])", re.MULTILINE)
_TABLE_RULE = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}[-:| \t]*$", re.MULTILINE)
_PIPE = re.compile(r"[ \t]*\|+[ \t]*")
_FENCE = re.compile(r"`+|~{3,}")
_RULER = re.compile(r"([-=_*~#+.·•─━═‒–—/\\<>^:|])\1{2,}|(?:(?<=\s)|^)([-*_])(?:[ \t]\2){2,}(?=\s|$)", re.MULTILINE)
_LINE_ART = re.compile(r"[\u2500-\u259f]+")
# Around words.
_STRONG = re.compile(r"\*\*+(?=[^\s*])|(?<=[^\s*])\*\*+")
_STRUCK = re.compile(r"~~(?=[^\s~])|(?<=[^\s~])~~|(?<![\w=!<>])==(?=[^\s=])|(?<=[^\s=])==(?![\w=])")
_UNDERLINED = re.compile(r"(?<![A-Za-z0-9_])_{1,3}(?=[^\s_])|(?<=[^\s_])_{1,3}(?![A-Za-z0-9_])")
_STARRED = re.compile(r"(?<![\w*)\]])\*(?=[^\s*])([^*\n]{1,500})(?<=[^\s*])\*(?![\w*(])")
_STAR = re.compile(r"(?<![\w)\]*])\*(?=[A-Za-z])|(?<=[A-Za-z.,;:!?'\")])\*(?![\w(*])(?! ?[\w(])")
_MATH = re.compile(r"\$\$?(?=[^\s$0-9])([^$\n]{1,200}?)(?<=[^\s$])\$\$?(?![0-9A-Za-z])")
_FACE = re.compile(
    r"(?<![\w:;=])(?:[:;=]['’]?[-o^~]?(?:[)(\]\[}{|/\\*]+|[DPpOoXx3](?![\w]))|[)(][-^]?[:;=]|\^[_.-]?\^;?|[-¬]_+[-¬]|"
    r"[TQ]_+[TQ]|>[_.]<|[oO][_.][oO]|xD|XD+|u[wW]u|¯\\?_\(ツ\)_/¯)(?![\w/\\])"
)
# A heart, not a comparison: after a word or a mark, before the end of something.
# Faces in brackets have no letters: (°□°).
_BRACKETED_FACE = re.compile(r"[(（](?=[^()（）\n]{0,12}[^\x00-\x7f])[^\w()（）\s]{2,12}[)）][^\w\s.,;:!?()（）]{0,3}")
_HEART = re.compile(r"(?:(?<=[A-Za-z]{2} )|(?<=[.!?,)] ))</?3+(?![\w.])(?!\s+\w+\s*[<>=])|^<3+(?!\S)", re.MULTILINE)
_PICTURES = "\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001fbff"
_BEFORE_PICTURE = re.compile(f"(?<=\\w)(?=[{_PICTURES}])")
_BEHIND_PICTURE = re.compile(f"(?<=[{_PICTURES}])(?=\\w)")


def plain(text: str) -> str:
    """``text`` without marks that only format it; line ends stay where they are.

    Pictures (emoji) stay, apart from the words around them, for each system to say or to report. Takes linear time.
    """
    if not _NEEDED.search(text):
        return text
    text = _HIDDEN.sub("", text).replace("\ue000", "").replace("\ue001", "")
    if "<" in text:
        text = _AUTOLINK.sub(r"\1", _COMMENT.sub(" ", _HEART.sub("", text)))
        text = _TAG.sub(_without_tag, text)
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    if "](" in text:
        text = _LINK.sub(lambda match: match["text"].strip() or match["address"], text)
    # What follows may not touch the marks in them.
    addresses = [match[0] for match in ADDRESS.finditer(text)]
    text = ADDRESS.sub("\ue000\ue001", text)
    text = _without_marks(_ESCAPED.sub(r"\1", _FOOTNOTE.sub("", text)))
    kept = iter(addresses)
    text = re.sub("\ue000\ue001", lambda _: next(kept), text)
    return _BEHIND_PICTURE.sub(" ", _BEFORE_PICTURE.sub(" ", text))


def _without_marks(text: str) -> str:
    text = _FACE.sub("", _BRACKETED_FACE.sub("", _FENCE.sub("", _TABLE_RULE.sub("", text))))
    text = _HEADING_END.sub("", _HEADING.sub("", _QUOTE.sub("", text)))
    text = _NUMBERED.sub(r"\1,", _BULLET.sub("", _RULER.sub(_ruled, text)))
    text = _STRUCK.sub("", _STRONG.sub("", _MATH.sub(r"\1", text)))
    text = _UNDERLINED.sub("", _STAR.sub("", _STARRED.sub(r"\1", text)))
    lines = (_without_pipes(line) if "|" in line else line for line in text.split("\n"))
    return _LINE_ART.sub(" ", "\n".join(lines))


def _without_pipes(line: str) -> str:
    return _PIPE.sub(", ", line.strip().strip("|").strip())


def _ruled(match: re.Match[str]) -> str:
    """Dots stay dots; of dashes between words a pause stays."""
    return "..." if match[1] == "." else ", " if match[1] in ("-", "–", "—") and match.start() else " "


def _without_tag(match: re.Match[str]) -> str:
    return "\n" if match[1].lower() in _BLOCKS else ""


def _character(match: re.Match[str]) -> str:
    written = unicodedata.normalize("NFKC", html.unescape(match[0]))
    return "".join(character for character in written if unicodedata.category(character)[0] != "C")


_NEEDED = re.compile("[^\\w\\s.,;!?'\"()%$@]|_|[\ufe00-\ufe0f]")
