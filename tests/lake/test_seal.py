import pytest

from engagedb.errors import LakeError
from lake.seal import seal, unseal
from transforms.pseudonyms import derive_first

KEYRING = derive_first(b"a" * 32)


@pytest.mark.parametrize("plaintext", [b"", b"\x00\xff", b"record" * 100_000])
def test_sealed_bytes_open_again(plaintext: bytes) -> None:
    assert unseal(KEYRING, seal(KEYRING, plaintext, b"row"), b"row") == plaintext


def test_sealing_twice_gives_different_bytes_and_shows_nothing() -> None:
    first, second = seal(KEYRING, b"+12065550100", b"row"), seal(KEYRING, b"+12065550100", b"row")
    assert first != second
    assert b"2065550100" not in first


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b[:-1] + bytes([b[-1] ^ 1]), lambda b: b[:20]])
def test_altered_bytes_do_not_open(damage) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(LakeError, match="does not open"):
        unseal(KEYRING, damage(seal(KEYRING, b"record", b"row")), b"row")


def test_bytes_of_another_row_or_another_key_do_not_open() -> None:
    sealed = seal(KEYRING, b"record", b"row")
    with pytest.raises(LakeError):
        unseal(KEYRING, sealed, b"other row")
    with pytest.raises(LakeError):
        unseal(derive_first(b"b" * 32), sealed, b"row")


@pytest.mark.parametrize("sealed", [b"", b"\x02" + b"x" * 40, b"\x01short"])
def test_an_unknown_form_is_refused(sealed: bytes) -> None:
    with pytest.raises(LakeError, match="Upgrade"):
        unseal(KEYRING, sealed, b"row")
