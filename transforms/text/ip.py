"""IP addresses, version 4 and 6; version numbers and clock times are not."""

from __future__ import annotations

import ipaddress
import re

from transforms.text.kinds import Kind
from transforms.text.view import View

TRIGGERS = (r"\d{1,3}(?:\.|\[\.\]|\(\.\))\d{1,3}(?:\.|\[\.\]|\(\.\))\d{1,3}", r"[0-9a-f]{1,4}:[0-9a-f:]*:[0-9a-f]|::")

_V4 = re.compile(r"(?<![a-z0-9_\u00c0-\u024f.-])(?:\d{1,3}(?:\.|\[\.\]|\(\.\))){3}\d{1,3}(?![a-z0-9_\u00c0-\u024f]|\.\d|-\d)")
_V6 = re.compile(r"(?<![0-9a-z:.])(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{0,4}|(?:\d{1,3}\.){3}\d{1,3})(?:%[a-z0-9]+)?(?![0-9a-z:])")
_VERSION_WORD = re.compile(
    r"(?:(?<!mime-)\b(?:v|ver|version|versión|versão|versi|build|release|firmware|app|ios|android|chrome|sürüm|update)|إصدار|"
    r"バージョン|संस्करण|वर्जन)"
    r"[\s:.#(v]*$"
)


def claim(view: View) -> None:
    """Claims every address; four numbers after a version word stay, where versions are numbered so."""
    for match in _V6.finditer(view.low) if view.low.count(":") > 1 else ():
        text = match.group().split("%")[0]
        if text.endswith(":") and not text.endswith("::"):
            text = text[:-1]  # punctuation
        if ("::" in text or text.count(":") == 7 or "." in text) and _is_address(text) and any(char.isalnum() for char in text):
            end = match.start() + len(text) if match.group().endswith(":") else match.end()
            view.claim(match.start(), end, Kind.IP)
    for match in _V4.finditer(view.low):
        text = re.sub(r"[\[\]()]", "", match.group())
        parts = [int(part) for part in text.split(".")]
        if max(parts) > 255:
            continue
        is_version_like = parts[0] < 100 or 0 in parts  # browsers count beyond 100, with zeros behind
        if not is_version_like or _VERSION_WORD.search(view.low[max(0, match.start() - 24) : match.start()]) is None:
            view.claim(match.start(), match.end(), Kind.IP)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
