"""Japanese addresses, written from the large to the small: prefecture, city, ward, block numbers, building."""

from __future__ import annotations

import re

from transforms.text.kinds import Kind
from transforms.text.view import View

TRIGGERS = ("[都道府県市区町村郡].{0,24}\\d|丁目|番地|〒|住所",)

_AREA = (
    "(?:[一-龯ぁ-んァ-ヶー々]{1,8}?(?:都|道|府|県))?(?:[一-龯ぁ-んァ-ヶー々]{1,8}?郡)?[一-龯ぁ-んァ-ヶー々]{1,8}?(?:市|区|"
    "町|村)(?:[一-龯ぁ-んァ-ヶー々]{1,8}?(?:区|町|村))?"
)
_BLOCK = "\\d{1,4}(?:丁目|番地?|号|-|の| )*(?:\\d{1,4}(?:番地?|号|-|の| )*){0,3}(?:\\d{1,4}号室)?"
_BUILDING = (
    "(?:[ ]?[ァ-ヶーA-Za-z一-龯ぁ-ん・]{2,24}?(?:ビル|マンション|ハイツ|コーポ|荘|棟|タワー|アパート|パレス|シャルム|クレスト|"
    "ハイム|プラザ|レジデンス|パーク)?[ ]?\\d{1,4}(?:号室|号|階|F)?(?!\\d))?"
)
_ADDRESS = re.compile(
    f"(?:〒? ?\\d{{3}}-?\\d{{4}} ?)?(?<![一-龯ぁ-ん])?{_AREA}[一-龯ぁ-んァ-ヶー々 ]{{0,16}}?{_BLOCK}{_BUILDING}"
    f"|[一-龯ァ-ヶー々]{{1,8}}\\d{{1,3}}(?:丁目|-)\\d{{1,4}}(?:番地?|-)\\d{{1,4}}号?{_BUILDING}"
    "|〒 ?\\d{3}-?\\d{4}"
)
_LEAD = re.compile(
    "^(?:(?:お?届け先|配送先|配達先|お?住所|宛先|送付先|私|自宅|家|新住所|現住所|勤務先|実家)(?:は|:|:|が|を)? ?|今 ?|"
    "現在 ?|.*(?:は|に|を|が|の住所は)(?=[一-龯]{2,3}(?:都|道|府|県|市)))"
)


def claim(view: View) -> None:
    """Claims every Japanese address."""
    for match in _ADDRESS.finditer(view.text):
        lead = _LEAD.match(match.group())
        start = match.start() + (lead.end() if lead is not None else 0)
        if any(char.isdigit() for char in view.text[start : match.end()]):
            view.claim(start, match.end(), Kind.ADDRESS)
