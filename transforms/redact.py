"""Free text and links without personal values: each is replaced by a token such as [PHONE] that says what stood there.

Redacting twice changes nothing. Whatever goes wrong inside, the text does not get through: `Rejected(REDACTION_FAILED)`.
"""

from __future__ import annotations

from engagedb.errors import Reason, Rejected
from transforms.text import address, birth, cues, email, geo, iban, ip, link, national_id, numbers, ordinary, person, prefilter, spoken
from transforms.text.fold import Folded, fold
from transforms.text.view import Span, View

_PASSES = 20


def redact_text(text: str) -> str:
    """The text with tokens in the place of personal values; the same object when there are none."""
    try:
        for _ in range(_PASSES):
            redacted = _redact_once(text)
            if redacted == text:
                return text
            text = redacted
    except Exception as error:  # any failure whatsoever must keep the text back
        raise Rejected(Reason.REDACTION_FAILED, f"a text rule failed with {type(error).__name__}") from None
    raise Rejected(Reason.REDACTION_FAILED, "a text did not settle")


def redact_link(url: str) -> str:
    """The link with tokens in the place of addresses, secrets and personal values; scheme, host and harmless parts stay."""
    try:
        for _ in range(_PASSES):  # what is no link may be one without its personal values
            redacted = _redact_link_once(url)
            if redacted == url:
                return url
            url = redacted
    except Rejected:
        raise
    except Exception as error:
        raise Rejected(Reason.REDACTION_FAILED, f"a link rule failed with {type(error).__name__}") from None
    raise Rejected(Reason.REDACTION_FAILED, "a link did not settle")


def _redact_link_once(url: str) -> str:
    folded = fold(url)
    bare = folded.text.strip()
    if not bare or any(char.isspace() for char in bare) or not ("/" in bare or bare.startswith("mailto:")):
        return redact_text(url)
    return redact_text(_written(url, folded, list(link.secrets(folded.text))))


def _redact_once(text: str) -> str:
    folded = fold(text)
    wanted = prefilter.wanted(folded.low)
    if not wanted:
        return text
    view = View.of(folded.text, folded.low)
    for name, finder in (("link", link), ("email", email), ("ip", ip), ("iban", iban), ("geo", geo)):
        if name in wanted:
            finder.claim(view)
    if "address" in wanted:
        address.claim(view)
    if not wanted.isdisjoint(("numbers", "spoken", "forms")):
        found = cues.hits(view.low)
        if "spoken" in wanted:
            spoken.claim(view, found)
        birth.claim(view, found)
        ordinary.cover(view)
        if "forms" in wanted:
            national_id.claim_forms(view, found)
        numbers.claim(view, found)
    if view.spans or view.earlier or "person" in wanted:
        person.claim(view)
    return _written(text, folded, view.spans) if view.spans else text


def _written(text: str, folded: Folded, spans: list[Span]) -> str:
    pieces: list[str] = []
    position = 0
    for span in sorted(spans, key=lambda span: span.start):
        start, end = folded.source_range(span.start, span.end)
        if end <= position:
            continue
        pieces.append(text[position : max(start, position)])
        pieces.append(span.kind.token)
        position = end
    pieces.append(text[position:])
    return "".join(pieces)
