"""E-mail addresses: plain, quoted, percent-encoded, return-path (user=domain) and written out ("john dot doe at gmail")."""

from __future__ import annotations

import re

from transforms.text.kinds import Kind
from transforms.text.view import View
from transforms.text.words import words

TRIGGERS = (
    r"@|%40",
    r"\b(?:at|arroba|arobase|klammeraffe|chiocciola|kukac)\b|アット|एट|آت|نقطة|[\[({<] ?(?:at|a|ät|arroba|arobase) ?[\])}>]",
)

_LOCAL = r"[^\W_](?:[\w.!#$&'*+/=?^`{|}~%-]{0,200}[\w+&$-])?|[\w+&-]"
_LABEL = r"(?:[^\W_](?:[\w-]*[^\W_])?)"
_AT = r"(?:@|%(?:25)*40)"
_PLAIN = re.compile(
    rf"(?:\"[^\"\n\ufffc]{{1,64}}\"|(?<![\w.+%-])(?:{_LOCAL})) ?{_AT} ?(?:{_LABEL}\.)+(?:xn--[a-z0-9-]+|[^\W\d_]{{2,24}})(?![^\W_]*@)"
    rf"|(?:\"[^\"\n\ufffc]{{1,64}}\"|(?:{_LOCAL})){_AT}\[[0-9a-f.:]+\]"
    rf"|(?<![\w.+%-])(?:{_LOCAL}){_AT}{_LABEL}(?![\w.])"
)
# Inside Japanese text an address stands between kana without a space, so ASCII is tried first.
_ASCII = re.compile(rf"[a-z0-9][a-z0-9.!#$&'*+/=?^_{{|}}~%-]{{0,200}}{_AT}(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{{2,24}}")
# The id of a message at SES is written like an address, and is nobody's.
_MESSAGE_ID = re.compile(r"[0-9a-f-]{8,}@[a-z0-9.-]*amazonses\.[a-z]+")
_RETURN_PATH = re.compile(r"(?<![\w.+%-])[a-z0-9][\w.+-]*=[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:@[a-z0-9-]+(?:\.[a-z0-9-]+)+)?")

_AT_WORD = (
    r"(?: ?[\[({<] ?(?:at|a|ät|@|arroba|arobase) ?[\])}>] ?"
    r"| (?:at|at the rate|at the rate of|arroba|arobase|klammeraffe|ät|kuyruklu a|et işareti|एट|एट द रेट|آت|ات|アット) "
    r"|アットマーク|アット| ?@ ?)"
)
_DOT_WORD = (
    r"(?: ?[\[({<] ?(?:dot|punto|ponto|point|punkt|titik|nokta|\.) ?[\])}>] ?"
    r"| (?:dot|punto|ponto|point|punkt|titik|nokta|डॉट|نقطة|دوت|ドット) |ドット)"
)
_JOIN_WORD = (
    r"(?: (?:underscore|under score|guion bajo|guión bajo|guion|guión|tiret bas|tiret|underline|sublinhado|unterstrich|hyphen|dash|minus|"
    r"bindestrich|hífen|hifen|traço|garis bawah|strip|alt çizgi|alttan çizgi|tire|plus|más|mais) )"
)
_ATOM = r"[a-z0-9\u00c0-\u024f](?:[\w.+-]*[a-z0-9_\u00c0-\u024f])?"
_SPELLED = re.compile(
    rf"(?<![\w@])(?P<local>{_ATOM}(?:(?:{_DOT_WORD}|{_JOIN_WORD}){_ATOM})*)(?P<at>{_AT_WORD})"
    rf"(?P<domain>{_ATOM}(?:(?:{_DOT_WORD}|{_JOIN_WORD}| ?\. ?){_ATOM})*)(?![\w@])"
)
_TLD = words(
    "com net org edu gov io co info biz me us uk de fr es pt br it nl be ch at in id jp tr mx ar cl pe ve ca au nz ae sa "
    "eg ma ru cn kr tw hk sg "
    "my ph th vn pl se no dk fi ie za ng ke gh app dev xyz online site store test example invalid localhost local tv cc eu asia"
)
_PROVIDERS = words(
    "gmail googlemail hotmail outlook yahoo ymail live msn icloud aol gmx web proton protonmail yandex mail qq naver daum "
    "rediffmail rediff "
    "zoho fastmail tutanota orange wanadoo laposte free sfr uol bol terra docomo ezweb softbank t-online libero mynet company example"
)
_NOT_LOCAL = words("meet see us me you look be is was are am arrive call come live here there out stay order start open up")


def claim(view: View) -> None:
    """Claims every e-mail address of the text."""
    if "@" in view.low or "%" in view.low:
        for pattern in (_ASCII, _PLAIN):
            for match in pattern.finditer(view.low):
                if _MESSAGE_ID.fullmatch(match.group()) is not None:
                    view.cover(match.start(), match.end())
                    continue
                view.claim(*_trimmed(view.low, match.start(), match.end()), Kind.EMAIL)
    if "=" in view.low:
        for match in _RETURN_PATH.finditer(view.low):
            domain = match.group().split("=", 1)[1].split("@")[0]
            if "@" in match.group() or domain.rsplit(".", 1)[-1] in _TLD:
                view.claim(match.start(), match.end(), Kind.EMAIL)
    position = 0
    while (spelled := _SPELLED.search(view.low, position)) is not None:
        found = _spelled(spelled)
        if found is None:
            position = spelled.end("local")
            continue
        view.claim(*found, Kind.EMAIL)
        position = found[1]


def _trimmed(low: str, start: int, end: int) -> tuple[int, int]:
    """Without the key of a key=value pair and without a quote or slash before the address."""
    match = re.match(r"(?:[a-z_]{1,20}=|/+|'|[^@%]*[/&?](?=[^/&?]))+", low[start:end])
    return (start + match.end(), end) if match is not None and match.end() < end - start - 3 else (start, end)


def _spelled(match: re.Match[str]) -> tuple[int, int] | None:
    """The range of a written-out address, or None where "at" is just a word ("meet at cafe.com" has no dot on its left)."""
    at, domain = match.group("at").strip(), match.group("domain")
    parts = re.split(rf"{_DOT_WORD}| ?\. ?", domain)
    last = parts[-1]
    marked = not at.isalpha() or at not in ("at", "ات", "et")
    local = match.group("local")
    end = match.end()
    if len(parts) > 1:
        while len(parts) > 1 and parts[-1] not in _TLD:
            end -= len(parts.pop())
        if len(parts) < 2:
            return None
        tail = match.string[match.start("domain") : end]
        end = match.start("domain") + len(re.sub(rf"(?:{_DOT_WORD}| ?\. ?)$", "", tail))
        if " " not in domain and not marked and local in _NOT_LOCAL:
            return None
        return match.start(), end
    if last in _PROVIDERS and (marked or re.search(r"\d|\.|_| dot | punto | ponto ", local)) and local not in _NOT_LOCAL:
        return match.start(), end
    return None
