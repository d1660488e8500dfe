"""Japanese names: before an honorific, after 名前, before です at the start, and beside a telephone number."""

from __future__ import annotations

import re

from transforms.text.kinds import Kind
from transforms.text.view import CLAIMED, View

_KANJI = "々〆ヶ一-龯"
_PART = f"(?:[{_KANJI}]{{1,4}}|[{_KANJI}]{{1,3}}[ぁ-ん]{{1,4}}|[ァ-ヴー]{{2,8}}|[ぁ-ん]{{2,5}})"
_NAME = f"(?:[{_KANJI}]{{1,4}}[ ・]?{_PART}|[ァ-ヴー]{{2,8}}[ ・]?{_PART}|[{_KANJI}]{{2,6}}|[ァ-ヴー]{{2,8}})"
_SPACED = f"[{_KANJI}]{{1,4}} (?:[{_KANJI}ぁ-んァ-ヴー]{{1,3}}[{_KANJI}]|{_PART})"
_HONORIFIC = re.compile(
    f"(?:昨日|今日|明日|本日|先日|今朝|昨夜|先週|来週)?"
    f"(?P<name>{_SPACED}|[{_KANJI}]{{1,6}}|[ァ-ヴー]{{2,10}}|[ぁ-ん]{{2,4}}(?=さん|ちゃん|くん|様)) ?(?:様|さま|さん|さんへ|"
    f"くん|君|ちゃん|氏|先生|殿)(?:(?=宛)|(?![々一-龯]))"
)
_NAMED = re.compile(
    f"(?:名前|氏名|お名前|名義|宛名|担当|担当者|ご?依頼主|受取人|受取人名)(?:は|が|の|:|：)? ?(?P<name>{_SPACED}|"
    f"{_NAME})(?=です|と申|と言|といい|[,.、。\n ]|$|さん|様)"
)
_SELF = re.compile(
    f"(?:^|[\n.,、。!] ?|私は|こちらは?|わたしは|僕は|は)(?P<name>{_SPACED}|[{_KANJI}]{{2,5}})(?=です[.。,、!]|と申します|"
    f"といいます|と言います|です$)"
)
_BESIDE = re.compile(
    f"(?:(?<={CLAIMED})[ ,.、の(（]{{0,2}}(?P<after>{_SPACED}|[{_KANJI}]{{3,5}})(?=$|[\n ,.、。)）宛様]|まで)|(?:^|"
    f"[\n ,.、。])(?P<before>{_SPACED}|[{_KANJI}]{{3,5}})[ ,:：、(（]{{1,2}}(?={CLAIMED}))"
)
_NOT_NAMES = re.compile(
    "^(?:お?客|生年月日|誕生日|氏名|名前|職業|性別|皆|神|奥|旦那|お母|お父|お子|子供|店員|店長|社長|部長|課長|担当|業者|"
    "各位|会員|利用者|お兄|お姉|医者|先|学|本日|明日|今日|昨日|現在|以下|次|上記|下記|注文|電話|携帯|"
    "住所|番号|(?:母|父|兄|姉|婆|爺|客)$|請求|配送|配達|"
    "荷物|会議|休業|営業|予約|確認|連絡|返信|登録|認証|自宅|会社|駅|無料|残念|大丈夫|結構|了解|承知|有難|至急|緊急|必要|"
    "可能|不可|在庫|完了|準備中|送料|同|何|誰|王|貴|仕)"
)
_TITLE_TAIL = re.compile(
    "(?:株式会社|有限会社|銀行|病院|支店|営業所|サポート|センター|ショップ|カスタマー|ストア|チーム|事務局|部|課|店|社)$"
)


def claim(view: View) -> None:
    """Claims the names in Japanese text."""
    for pattern in (_HONORIFIC, _NAMED, _SELF, _BESIDE):
        for match in pattern.finditer(view.text):
            for group, name in match.groupdict().items():
                if name and _NOT_NAMES.match(name) is None and _TITLE_TAIL.search(name) is None:
                    view.claim(*match.span(group), Kind.PERSON)
