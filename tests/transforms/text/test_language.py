"""The language that a text shows."""

from __future__ import annotations

import pytest

from transforms.text.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Your parcel was left with the neighbour", "en"),
        ("Ayer vino Eulalia por la factura", "es"),
        ("Falei com Anselmo ontem à tarde e não sei", "pt"),
        ("Votre colis est prêt, merci de passer", "fr"),
        ("Ich habe gestern mit Detlef Bruns gesprochen", "de"),
        ("कल रघुवीर से बात हुई थी", "hi"),
        ("تحدثت أمس مع شهاب الدين", "ar"),
        ("昨日宮本さんと話しました", "ja"),
        ("Kemarin saya bicara dengan Pak Sutrisno", "id"),
        ("Dün Tuncay Bey ile görüştüm, yarın gelecek", "tr"),
        ("Rosalind 4471", None),
        ("", None),
        ("[PERSON] [PHONE]", None),
    ],
)
def test_words_or_script_tell_the_language(text: str, language: str | None) -> None:
    assert language_of(text) == language
