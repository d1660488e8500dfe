"""Keys that AWS keeps: a secret of Secrets Manager, or bytes that a KMS key decrypts.

The only door to these two services. Region, endpoint and credentials are found as the AWS tools find them; an ARN names
its own region. Neither a key nor a ciphertext ever stands in a message.
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import Any, Final

from engagedb.errors import ConfigurationError

SECRET: Final = "secretsmanager:"
ARN: Final = "arn:"
KMS: Final = "kms:"
_CONNECT_S: Final = 5
_READ_S: Final = 15
_MISSING: Final = frozenset({"ResourceNotFoundException", "NotFoundException"})
_REFUSED: Final = frozenset(
    {
        "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)  # fmt: skip
_FOREIGN: Final = frozenset({"InvalidCiphertextException", "IncorrectKeyException", "DecryptionFailure"})


def is_in_aws(place: str) -> bool:
    """True for a place that `fetch` knows, false for a path or a key."""
    return place.startswith((SECRET, ARN, KMS))


def name_of(place: str) -> str:
    """The place as messages may show it: a ciphertext is not shown."""
    return place if not place.startswith(KMS) or _ciphertext_file(place) else "kms:..."


def fetch(place: str) -> bytes:
    """What is kept there: the text of a keyring, or the bytes or text of a root. Raises ConfigurationError."""
    return _decrypted(place) if place.startswith(KMS) else _secret(place)


def _secret(place: str) -> bytes:
    parts = place.split(":")
    if place.startswith(ARN) and (len(parts) < 7 or parts[2] != "secretsmanager"):
        raise ConfigurationError(f"{place} is not the ARN of a secret. Name a secret of Secrets Manager, or secretsmanager:NAME.")
    region = parts[3] if place.startswith(ARN) else None
    permission = "secretsmanager:GetSecretValue"
    answer = _ask("secretsmanager", region, place, permission, "get_secret_value", SecretId=place.removeprefix(SECRET))
    text = answer.get("SecretString")
    return text.encode() if text is not None else bytes(answer.get("SecretBinary") or b"")


def _decrypted(place: str) -> bytes:
    file = _ciphertext_file(place)
    stated = file.read_bytes() if file else place.removeprefix(KMS).encode()
    try:
        ciphertext = base64.b64decode(b"".join(stated.split()), validate=True)
    except (binascii.Error, ValueError):
        if file is None:
            raise ConfigurationError(
                "What stands after kms: is neither a file nor base64. Give the CiphertextBlob that `aws kms encrypt` or "
                "`aws kms generate-data-key` printed, or the name of a file that holds it."
            ) from None
        ciphertext = stated
    return bytes(_ask("kms", None, name_of(place), "kms:Decrypt", "decrypt", CiphertextBlob=ciphertext)["Plaintext"])


def _ciphertext_file(place: str) -> Path | None:
    path = Path(place.removeprefix(KMS)).expanduser()
    try:
        return path if path.is_file() else None
    except OSError:  # a ciphertext is longer than a file name may be
        return None


def _ask(service: str, region: str | None, place: str, permission: str, call: str, **request: Any) -> dict[str, Any]:
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError
    except ModuleNotFoundError:
        raise ConfigurationError(f"The key at {place} needs boto3. Install engagedb[aws].") from None
    config = Config(connect_timeout=_CONNECT_S, read_timeout=_READ_S, retries={"max_attempts": 2, "mode": "standard"})
    begin = f"The key at {place}"
    region = region or os.environ.get("AWS_REGION")  # boto3 itself knows AWS_DEFAULT_REGION only
    try:
        answer: dict[str, Any] = getattr(boto3.client(service, region_name=region, config=config), call)(**request)  # type: ignore[call-overload]
        return answer
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _MISSING:
            told = "does not exist in this account and region. Correct the name, or make it with the text of a key file as its value."
        elif code in _REFUSED:
            told = f"may not be read: AWS answers {code}. Sign in again, or allow {permission} (and kms:Decrypt of its key) to this role."
        elif code in _FOREIGN:
            told = f"cannot be decrypted: AWS answers {code}. Use the account, the region and the KMS key that encrypted it."
        else:
            told = f"cannot be read: AWS answers {code}. Check that it is not disabled or marked for deletion."
        raise ConfigurationError(f"{begin} {told}") from None
    except NoRegionError:
        raise ConfigurationError(
            f"{begin} cannot be looked for: no AWS region is set. Set AWS_REGION, or name the secret by its ARN."
        ) from None
    except NoCredentialsError:
        raise ConfigurationError(f"{begin} cannot be read: there are no AWS credentials. Sign in, or give this process a role.") from None
    except BotoCoreError as error:
        raise ConfigurationError(
            f"{begin} cannot be reached ({type(error).__name__}). Check the network, the region and AWS_ENDPOINT_URL."
        ) from None
