"""Sealed bytes: a dead letter's original record under the lake's root, a link between pseudonyms under the older one's key."""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engagedb.errors import LakeError
from transforms.pseudonyms import Keyring

_FORMAT: Final = b"\x01"
_NONCE_BYTES: Final = 12
_PURPOSE: Final = "seal"


def seal(keyring: Keyring, plaintext: bytes, aad: bytes) -> bytes:
    """Format byte, nonce and AES-256-GCM ciphertext; `aad` (the row's id) ties the bytes to their row."""
    return Sealer(keyring.subkey(_PURPOSE)).seal(plaintext, aad)


def unseal(keyring: Keyring, sealed: bytes, aad: bytes) -> bytes:
    """The plaintext. Raises LakeError when the key, the row or the bytes are not those that were sealed."""
    return Sealer(keyring.subkey(_PURPOSE)).unseal(sealed, aad)


class Sealer:
    """Seals and unseals with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plaintext: bytes, aad: bytes) -> bytes:
        """Format byte, nonce and AES-256-GCM ciphertext; `aad` ties the bytes to their row."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plaintext, _FORMAT + aad)

    def unseal(self, sealed: bytes, aad: bytes) -> bytes:
        """The plaintext. Raises LakeError when the key, the row or the bytes are not those that were sealed."""
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _FORMAT or len(nonce) < _NONCE_BYTES:
            raise LakeError("A sealed record has a form that this version of engagedb does not know. Upgrade engagedb.")
        try:
            return self._cipher.decrypt(nonce, ciphertext, _FORMAT + aad)
        except InvalidTag:
            raise LakeError(
                "A sealed record does not open: it was sealed with another key or was altered. Use the key that this lake was made with."
            ) from None
