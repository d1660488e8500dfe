"""Personal values by Amazon Comprehend's DetectPiiEntities (the extra `aws`), in English and Spanish.

There is no call for several texts: they are sent side by side, a few at a time. AWS counts in units of 100 characters, at
least three for a request (aws.amazon.com/comprehend/pricing, read in 2026); it bills a try again after throttling once.
Region, endpoint and credentials are found as the AWS tools find them. What is sent are texts after the rules, which lack
what these know; nothing else leaves.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from engagedb.errors import ConfigurationError, EngineError
from transforms.engine import Usage
from transforms.text.found import Found
from transforms.text.kinds import Kind

LANGUAGES: Final = frozenset({"en", "es"})
UNIT_CHARACTERS: Final = 100
LEAST_UNITS: Final = 3
PIECE: Final = 24_000  # characters, so that no text is beyond 100 KB in UTF-8
_OVERLAP: Final = 500
_AT_ONCE: Final = 8
_TRIES: Final = 6
_CONNECT_S: Final = 5
_READ_S: Final = 30
_LEAST_SCORE: Final = 0.5

_KEPT: Final = frozenset({"DATE_TIME", "AGE", "URL", "BANK_ROUTING", "SWIFT_CODE"})  # as the rules keep them (docs/privacy.md)
_KINDS: Final = {
    "NAME": Kind.PERSON,
    "ADDRESS": Kind.ADDRESS,
    "EMAIL": Kind.EMAIL,
    "PHONE": Kind.PHONE,
    "SSN": Kind.SSN,
    "CREDIT_DEBIT_NUMBER": Kind.CARD,
    "CREDIT_DEBIT_CVV": Kind.CARD,
    "CREDIT_DEBIT_EXPIRY": Kind.CARD,
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER": Kind.IBAN,
    "BANK_ACCOUNT_NUMBER": Kind.IBAN,
    "IP_ADDRESS": Kind.IP,
    "PIN": Kind.CODE,
    "PASSWORD": Kind.CODE,
    "PASSPORT_NUMBER": Kind.NATIONAL_ID,
    "DRIVER_ID": Kind.NATIONAL_ID,
    "LICENSE_PLATE": Kind.NATIONAL_ID,
    "VEHICLE_IDENTIFICATION_NUMBER": Kind.NATIONAL_ID,
    "UK_NATIONAL_INSURANCE_NUMBER": Kind.NATIONAL_ID,
    "UK_NATIONAL_HEALTH_SERVICE_NUMBER": Kind.NATIONAL_ID,
    "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER": Kind.NATIONAL_ID,
    "CA_SOCIAL_INSURANCE_NUMBER": Kind.NATIONAL_ID,
    "CA_HEALTH_NUMBER": Kind.NATIONAL_ID,
    "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER": Kind.NATIONAL_ID,
    "IN_AADHAAR": Kind.NATIONAL_ID,
    "IN_PERMANENT_ACCOUNT_NUMBER": Kind.NATIONAL_ID,
    "IN_NREGA": Kind.NATIONAL_ID,
    "IN_VOTER_NUMBER": Kind.NATIONAL_ID,
}
_REFUSED_TEXT: Final = frozenset({"InvalidRequestException", "TextSizeLimitExceededException"})
_DENIED: Final = frozenset(
    {
        "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId",
        "InvalidSignatureException", "SignatureDoesNotMatch", "UnrecognizedClientException",
    }
)  # fmt: skip


class Comprehend:
    """Amazon Comprehend in the region of the environment. `unit_price_usd` only serves the estimate of costs."""

    name = "comprehend"
    languages = LANGUAGES

    def __init__(self, unit_price_usd: Decimal | None = None) -> None:
        self._price = unit_price_usd
        self._client = _client()
        self.usage = Usage(self.name, units=0, cost_usd=None if unit_price_usd is None else Decimal(0))

    def find(self, texts: Sequence[str], language: str) -> list[list[Found] | None]:
        pieces = [list(_pieces(text)) for text in texts]
        asked = [piece for several in pieces for _, piece in several]
        self.usage = charged(self.usage, asked, self._price)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            waiting = [pool.submit(self._detect, piece, language) for piece in asked]
            try:
                answers = iter([each.result() for each in waiting])
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return [_joined([(at, next(answers)) for at, _ in several]) for several in pieces]

    def _detect(self, text: str, language: str) -> list[Found] | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client.detect_pii_entities(Text=text, LanguageCode=language)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _REFUSED_TEXT:
                return None
            raise EngineError(f"Amazon Comprehend {_told(code)} Nothing of this batch was written.") from None
        except BotoCoreError as error:
            raise EngineError(
                f"Amazon Comprehend cannot be reached ({type(error).__name__}): nothing of this batch was written."
                " Check the network, the region and the credentials, and run again."
            ) from None
        entities = answer.get("Entities")
        if not isinstance(entities, list):
            raise EngineError("Amazon Comprehend gave an answer without entities: nothing of this batch was written. Check its endpoint.")
        return [_found(entity) for entity in entities if _counts(entity)]


def charged(usage: Usage, requests: Sequence[str], unit_price_usd: Decimal | None) -> Usage:
    """The usage with these requests added."""
    units = (usage.units or 0) + sum(max(LEAST_UNITS, -(-len(text) // UNIT_CHARACTERS)) for text in requests)
    return replace(
        usage,
        texts=usage.texts + len(requests),
        characters=usage.characters + sum(map(len, requests)),
        units=units,
        cost_usd=None if unit_price_usd is None else units * unit_price_usd,
    )


class Estimate:
    """What Comprehend would be asked, without asking it."""

    name = "comprehend"
    languages = LANGUAGES

    def __init__(self, unit_price_usd: Decimal | None = None) -> None:
        self._price = unit_price_usd
        self.usage = Usage(self.name, units=0, cost_usd=None if unit_price_usd is None else Decimal(0))

    def find(self, texts: Sequence[str], language: str) -> list[list[Found]]:
        self.usage = charged(self.usage, [piece for text in texts for _, piece in _pieces(text)], self._price)
        return [[] for _ in texts]


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The text in pieces that are short enough, each with its place; they overlap, so that a value stands whole in one."""
    for at in range(0, max(len(text) - _OVERLAP, 1), PIECE - _OVERLAP):
        yield at, text[at : at + PIECE]


def _joined(answers: Sequence[tuple[int, list[Found] | None]]) -> list[Found] | None:
    joined: list[Found] = []
    for at, found in answers:
        if found is None:
            return None
        joined += [replace(span, start=span.start + at, end=span.end + at) if at else span for span in found]
    return joined


def _counts(entity: Any) -> bool:
    """Whether an entity is to go. One without a score or a type is not passed over in silence."""
    score = entity.get("Score")
    return entity.get("Type") not in _KEPT and not (isinstance(score, float) and 0 <= score < _LEAST_SCORE)


def _found(entity: Any) -> Found:
    """The entity as a span; what is not stated in it is impossible, and a type that we do not know is a secret."""
    score = entity.get("Score")
    return Found(
        entity.get("BeginOffset", -1),
        entity.get("EndOffset", -1),
        _KINDS.get(entity.get("Type"), Kind.TOKEN),
        float(score) if isinstance(score, (int, float)) else -1.0,
    )


def _told(code: str) -> str:
    if code in _DENIED:
        return f"refuses this role: it answers {code}. Sign in again, or allow comprehend:DetectPiiEntities."
    if "Throttl" in code or code == "TooManyRequestsException":
        return f"is asked more than this account may: it answers {code}, after {_TRIES} tries. Ask AWS for a higher quota, or run again."
    return f"does not answer: {code or 'an error without a code'}, after {_TRIES} tries. Run again later."


def _client() -> Any:
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, NoRegionError
    except ModuleNotFoundError:
        raise ConfigurationError(
            "ENGAGEDB_TEXT_ENGINE is comprehend, which needs boto3. Install engagedb[aws], or set it to none."
        ) from None
    config = Config(
        connect_timeout=_CONNECT_S,
        read_timeout=_READ_S,
        max_pool_connections=_AT_ONCE,
        retries={"total_max_attempts": _TRIES, "mode": "standard"},
    )
    try:
        return boto3.client("comprehend", region_name=os.environ.get("AWS_REGION"), config=config)  # boto3 knows AWS_DEFAULT_REGION only
    except NoRegionError:
        raise ConfigurationError("ENGAGEDB_TEXT_ENGINE is comprehend, and no AWS region is set. Set AWS_REGION.") from None
    except BotoCoreError as error:
        raise ConfigurationError(
            f"Amazon Comprehend cannot be used ({type(error).__name__}). Check the AWS profile, the region and AWS_ENDPOINT_URL."
        ) from None
