"""The kind of an origination identity, told by its shape."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from transforms import phone
from transforms.vocabulary import Channel, OriginatorType

_ORIGINATORS_REMEMBERED: Final = 4_096
_SHORT_CODE: Final = re.compile(r"[0-9]{3,8}")
_NUMBER: Final = re.compile(r"\+?[0-9]{9,15}")


@lru_cache(_ORIGINATORS_REMEMBERED)
def originator_type(originator: str | None, channel: str | None) -> OriginatorType:
    """What kind of identity sends: an AWS name of the company's own, never a person's."""
    if channel == Channel.WHATSAPP:
        return OriginatorType.WHATSAPP_NUMBER
    if not originator:
        return OriginatorType.UNKNOWN
    if "@" in originator or channel == Channel.EMAIL:
        return OriginatorType.EMAIL_IDENTITY
    if originator.startswith("rcs-"):
        return OriginatorType.RCS_AGENT
    if _SHORT_CODE.fullmatch(originator):
        return OriginatorType.SHORT_CODE
    if _NUMBER.fullmatch(originator):
        number = phone.e164(originator)
        is_toll_free = number is not None and phone.describe(number).is_toll_free
        return OriginatorType.TOLL_FREE if is_toll_free else OriginatorType.LONG_CODE
    return OriginatorType.SENDER_ID
