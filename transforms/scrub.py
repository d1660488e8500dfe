"""Everything of an event that is stored outside the keyed columns leaves through here, without personal values.

Order for every string: the event's own identifiers, then every encoding taken off and looked into, then the text rules.
A leaf is treated by its key (`policy.yaml`); a leaf that no rule knows is text. Machine values lose only identifiers,
for text rules would damage them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

from engagedb.errors import Reason, Rejected
from transforms import excerpt, layers, links
from transforms.certain import domains_in, networks_in
from transforms.identify import DEEPEST, Collector, Identifiers, collect, is_written_like_a_name, json_inside, mailboxes, phone_digits
from transforms.leaves import Leaf, Leaves, Listens, Loops, Paths, is_static
from transforms.memory import NO_MEMORY, Memory, Onlooker
from transforms.payload import Payloads
from transforms.policy import REMEMBERED, Field, Operator, Policy, Treatment, shipped_policy
from transforms.pseudonyms import PersonKind, Pseudonymiser
from transforms.redact import redact_link, redact_text
from transforms.text.kinds import Kind
from transforms.written import is_pseudonym, written, written_json

_LAYERS: Final = 5
_TEXTS_REMEMBERED: Final = 16_384
_LONGEST_REMEMBERED: Final = 512
_NAMES_REMEMBERED: Final = 16_384  # of objects: each is asked for before its delivery is read, with its records, and for the log
_DRAWN_TIME: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_DRAWN_ID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16}-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}-\d{6}"
_DRAWN_TEXT: Final = (  # ids, times, and how Gmail takes a mail, with its own clock and queue: a new text for each event
    rf"{_DRAWN_ID}|{_DRAWN_TIME}"
    r"|250 2\.\d\.\d OK {1,2}(?:1[4-9]|20)\d{8}(?: (?:[0-9a-f]{12}-)?[0-9a-z]{1,8}si\d{1,12}[a-z]{3}\.\d{1,3})? - gsmtp"
)
_DRAWN: Final = {
    Operator.KEEP: re.compile(_DRAWN_TIME, re.ASCII),
    Operator.KEEP_ID: re.compile(rf"(?=[0-9-]*[a-f])(?:{_DRAWN_ID})"),
    Operator.REDACT_TEXT: re.compile(_DRAWN_TEXT),
}
_HARMLESS: Final = re.compile(  # one word, number or answer as machines write them: nothing personal in it
    rf"[A-Z][A-Z_]{{1,40}}|[a-z]{{1,3}}|\d{{1,3}}(?:\.\d{{1,8}})?|{_DRAWN_TEXT}"
)
_UUID_OR_HEX: Final = re.compile(r"(?=.*[a-fA-F])[0-9a-fA-F]+(?:-[0-9a-fA-F]+)*")
_PHONE_LIKE_ID: Final = re.compile(r"\d{8,15}|(?:.*[^0-9A-Za-z])?\d{10,15}(?:[^0-9A-Za-z].*)?")
_SPACE: Final = re.compile(r"\S\s+\S")
_IBAN_LIKE: Final = re.compile(r"[A-Z]{2}\d\d[0-9A-Z]{11,30}")
_NO_MACHINE_VALUE: Final = re.compile(  # an address, an encoding, a number with its +, ten digits, an IP that is no version, an IBAN
    r"[@{%]|^\+|\d(?:[ ()\-]{0,2}\d){9}|(?<![\w./-])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])|\b[A-Z]{2}\d\d ?(?:[0-9A-Z]{4} ?){3}"
    r"|[0-9a-fA-F]{1,4}:[0-9a-fA-F]{0,4}:"
)
_MACHINE_NUMBER: Final = re.compile(r"\d{1,20}|(?=[\d-]*[a-fA-F])[0-9a-fA-F]+(?:-[0-9a-fA-F]+)+|[0-9a-f]{24,}|arn:aws[\w-]*:[\w:/.+=,-]+")
_LONG_NUMBER: Final = re.compile(rb"\d{9,}")
_FIREHOSE_SUFFIX: Final = re.compile(r"-\d+-\d{4}(?:-\d\d){5}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOBODY: Final = Identifiers()

MACHINE: Final = Treatment("machine", Operator.KEEP)
ID: Final = Treatment("id", Operator.KEEP_ID)
LINK: Final = Treatment("link", Operator.REDACT_LINK)
TEXT: Final = Treatment("text", Operator.REDACT_TEXT)


class Scrubber:
    """Redacts with one policy and one keyring. Raises Rejected(REDACTION_FAILED) rather than let anything through unread.

    `redact` redacts free text, by the rules alone unless an engine is given (transforms/engine.py): then ids, names of
    objects, keys and machine values still go by the rules alone, for no sentence stands there that an engine could read.
    """

    def __init__(self, pseudonymiser: Pseudonymiser, policy: Policy | None = None, redact: Callable[[str], str] = redact_text) -> None:
        self._pseudonymiser = pseudonymiser
        self._policy = policy or shipped_policy()
        self.dropped_columns = self._policy.dropped_columns
        self._redact = redact
        self._remembered_text = lru_cache(_TEXTS_REMEMBERED)(redact)
        self._by_rules = self if redact is redact_text else Scrubber(pseudonymiser, self._policy)
        self.name: Callable[[str], str] = lru_cache(_NAMES_REMEMBERED)(self._name)
        """`name(uri)`: the name of a landing object, each part of it redacted; what Firehose appends stays."""
        self._remembered_link = lru_cache(_TEXTS_REMEMBERED)(_without_secrets)
        self._operators: dict[Operator, Callable[[str, Treatment, Identifiers, int], str]] = {
            Operator.KEEP: lambda value, _, ids, layer: self.machine(value, ids, layer),
            Operator.KEEP_PUBLIC: lambda value, _, ids, layer: ids.scrub(value, is_text=False),
            Operator.DROP: lambda value, _, ids, layer: "",
            Operator.KEEP_ID: lambda value, _, ids, layer: self.message_id(value, ids),
            Operator.PSEUDONYMISE: self._pseudonymised,
            Operator.MASK: self._masked,
            Operator.MASK_NAME: self._name_masked,
            Operator.TRUNCATE_IP: self._ip_truncated,
            Operator.COARSEN_GEO: self._coordinate_coarsened,
            Operator.DOMAIN_ONLY: self._domain_only,
            Operator.REDACT_LINK: lambda value, _, ids, layer: self.link(value, ids),
            Operator.REDACT_TEXT: lambda value, _, ids, layer: self.text(value, ids, layer),
        }

        self._memories = [*(Memory(self._alone(operator), _DRAWN.get(operator)) for operator in REMEMBERED), NO_MEMORY]
        self._payloads = Payloads(self, pseudonymiser.person)

    def collect(self, payload: Any) -> Identifiers:
        """The event's own identifiers, by this scrubber's policy."""
        return collect(payload, self._policy)

    def collector(self) -> Collector:
        """What collects them on a walk through the payload."""
        return Collector(self._policy)

    # One string, by what it is

    def memory(self, operator: Operator) -> Memory:
        """What strings become by that operator whoever the event is about."""
        return self._memories[REMEMBERED.index(operator) if operator in REMEMBERED else -1]

    def string(self, value: str, treatment: Treatment, identifiers: Identifiers, *, is_named: bool) -> str:
        """A string of a row. `is_named` false says that no string of the row names one of the event's people as it is written."""
        memory = self.memory(treatment.operator)
        known: str | None = None if memory is NO_MEMORY or (is_named and identifiers.stand_in((value,))) else memory[value]
        if known is not None:
            return known
        place = treatment.name, treatment.operator, value
        decided = identifiers.decided.get(place)  # for another column or leaf
        if decided is None:
            decided = identifiers.decided[place] = self._operators[treatment.operator](value, treatment, identifiers, 0)
        return decided

    def _alone(self, operator: Operator) -> Callable[[str], str | None]:
        """What tells what the operator makes of a string in an event of nobody's; None where it has looked for more than the string."""
        operate, treatment = self._operators[operator], Treatment(operator, operator)

        def judge(value: str) -> str | None:
            onlooker = Onlooker(value)
            clean = operate(value, treatment, onlooker, 0)
            return None if onlooker.saw_more else clean

        return judge

    def text(self, value: str, identifiers: Identifiers, layer: int = 0) -> str:
        """Free text: identifiers, encodings, text rules. A JSON document is treated leaf by leaf."""
        clean = identifiers.scrub(value)
        if _HARMLESS.fullmatch(clean) is not None:
            return clean
        if layers.has_layers(clean):
            clean = self._below(clean, identifiers, layer)
        return self._remembered_text(clean) if len(clean) <= _LONGEST_REMEMBERED else self._redact(clean)

    def machine(self, value: str, identifiers: Identifiers, layer: int = 0) -> str:
        """A known machine value: identifiers only, unless it is written as no machine value is."""
        if _NO_MACHINE_VALUE.search(value) is not None and _MACHINE_NUMBER.fullmatch(value) is None:
            return self._by_rules.text(value, identifiers, layer)
        clean = identifiers.scrub(value, is_text=False)
        return layers.BASE64.sub(lambda match: self._token(match[0], identifiers, layer), clean) if len(clean) >= 16 else clean

    def message_id(self, value: str, identifiers: Identifiers) -> str:
        """The id as it is, or `mid_...` when it embeds a number or an address; WhatsApp ids always do."""
        if value.startswith("mid_"):
            return value
        if _IBAN_LIKE.fullmatch(value) is not None:
            return self._pseudonymiser.opaque_id(value)
        if _UUID_OR_HEX.fullmatch(value) is not None and identifiers.scrub(value, is_text=False) is value:
            return value
        if (
            value.startswith("wamid.")
            or " " in value.strip()
            or _PHONE_LIKE_ID.fullmatch(value) is not None
            or self._by_rules.text(value, identifiers) != value
        ):
            return self._pseudonymiser.opaque_id(value)
        return value

    def link(self, value: str, identifiers: Identifiers) -> str:
        """A link, or several in one string: identifiers, also encoded ones, then the secrets of each link."""
        clean = identifiers.scrub(value)
        if layers.has_layers(clean):
            for decoded in layers.decodings(clean):
                own = identifiers.scrub(decoded)
                clean = own if own != decoded else clean
            clean = layers.BASE64.sub(lambda match: self._token(match[0], identifiers, 0), clean)
        return self._remembered_link(clean) if len(clean) <= _LONGEST_REMEMBERED else _without_secrets(clean)

    def _name(self, uri: str) -> str:
        pieces = []
        position = 0
        for match in _FIREHOSE_SUFFIX.finditer(uri):
            pieces += [self._path(uri[position : match.start()]), match[0]]
            position = match.end()
        pieces.append(self._path(uri[position:]))
        return "".join(pieces)

    def _path(self, path: str) -> str:
        return "/".join(part if part.isdigit() and len(part) <= 4 else self._by_rules.text(part, _NOBODY) for part in path.split("/"))

    # Mappings, payloads, records

    def field(self, key: str) -> Field:
        """The place of a key that stands at the top of a mapping of the sender's."""
        return self._policy.root.child(key)

    def payload(self, value: Any, identifiers: Identifiers) -> Any:
        """The whole payload with every key and leaf redacted."""
        try:
            return self._payloads.redacted(value, self._policy.root, identifiers)
        except RecursionError:
            raise _too_deep() from None

    def leaves(self, reads: Paths, *, is_whole: bool = False) -> Leaves:
        """What finds the leaves that a template with those reads leaves over; `is_whole` where payloads are redacted as well."""
        return Leaves(self._policy.root, reads, self.memory, redacts=self._payloads.redacting if is_whole else None)

    def leaves_and_payload(
        self, leaves: Leaves, payload: dict[str, Any], loops: Loops, people: Listens, identifiers: Identifiers
    ) -> tuple[list[Leaf], dict[str, Any]]:
        """What `leaves` finds, and the whole payload as `payload` gives it."""
        belief = self._payloads.belief(identifiers)
        try:
            found, clean = leaves.and_redacted(payload, loops, people, belief)
            if clean is None:
                return found, self.payload(payload, identifiers)
            return found, self._payloads.settled(payload, self._policy.root, belief, clean)
        except RecursionError:
            raise _too_deep() from None

    def attributes(self, leaves: Iterable[Leaf], identifiers: Identifiers, *, is_named: bool = True) -> dict[str, str]:
        """The leaves by path (`mail.tags.user_email[]`), redacted; those of one path are joined by commas."""
        found: dict[str, str] = {}
        for place, value in leaves:
            if not is_named and type(value) is str and (text := place.memory[value]):
                pass  # as it became before
            elif place.operator is Operator.DROP:
                continue
            elif value is False:  # by far the most of what is no string
                text = "false"
            else:
                text = self.written(value, place.field, identifiers, is_named)
            path = place.path or ".".join(self.key(key, identifiers) for key in place.keys).replace(".[]", "[]")
            found[path] = f"{found[path]},{text}" if path in found else text
        return found

    def excerpt(self, record: bytes) -> str:
        """The first characters of a record that could not become an event, redacted; empty rather than doubtful."""
        return excerpt.excerpt(self, record)

    # Leaves

    def written(self, value: Any, place: Field, identifiers: Identifiers, is_named: bool) -> str:
        if type(value) is str and value and value[0] not in "{[":
            return self.string(value, place.treatment, identifiers, is_named=is_named)
        if type(value) is bool:
            return "true" if value else "false"
        return written(self.value(value, place, identifiers, 1))

    def value(self, value: Any, place: Field, identifiers: Identifiers, depth: int, layer: int = 0) -> Any:
        """The value redacted, whatever names somebody; so many levels below the payload or leaf that holds it."""
        kind = type(value)
        if kind is str:
            return self.leaf(value, place, identifiers, depth, layer)
        if depth > DEEPEST:
            raise RecursionError
        if kind is dict:
            named = self._policy.pair(value)
            found = {}
            for key, member in value.items():
                field = place.child(value[named[0]] if named and key == named[1] else key)
                if not field.is_dropped:
                    found[self.key(key, identifiers)] = self.value(member, field, identifiers, depth + 1, layer)
            return found
        if kind is list:
            return [self.value(member, place, identifiers, depth + 1, layer) for member in value]
        if value is None or kind is bool:
            return value
        return self.number(value, place.treatment, identifiers)

    def leaf(self, value: str, place: Field, identifiers: Identifiers, depth: int, layer: int = 0) -> str:
        """The string at that place redacted; JSON in it member by member."""
        if not value:
            return value
        if value[0] in "{[" and (inner := json_inside(value)) is not None:
            return self._document(value, inner, place, identifiers, depth, layer)
        if layer == 0:
            return self.string(value, place.treatment, identifiers, is_named=True)
        return self._operators[place.treatment.operator](value, place.treatment, identifiers, layer)

    def _document(self, text: str, inner: Any, place: Field, identifiers: Identifiers, depth: int, layer: int) -> str:
        """JSON inside a string, as it stood when nothing in it was personal."""
        try:
            clean = self.value(inner, place, identifiers, depth + 1, layer)
        except RecursionError:  # brackets that somebody typed or stacked: nothing worth reading, nothing that may pass unread
            return Kind.TOKEN.token
        return text if clean == inner else written_json(clean)

    def number(self, value: Any, treatment: Treatment, identifiers: Identifiers) -> Any:
        """The number as it is, unless it is a contact, a place on earth or holds a number of the event's people."""
        if treatment.operator is Operator.COARSEN_GEO and _is_degree(value):
            return round(float(value), 1)
        if treatment.operator in (Operator.PSEUDONYMISE, Operator.MASK) and not isinstance(value, float):
            digits = str(value)
            clean = self._operators[treatment.operator](digits, treatment, identifiers, 0)
            return value if clean == digits else clean
        if type(value) is int and identifiers.embeds_phone(str(value)):
            return self._pseudonymiser.person(str(value), PersonKind.PHONE)
        return value

    def key(self, key: str, identifiers: Identifiers) -> str:
        """A key without personal values: a pseudonym when it is a number or an address, so that keys stay apart."""
        if is_static(key):
            return identifiers.scrub(key, is_text=False) if identifiers.name_words else key
        return self._person(key) or self._by_rules.text(key, identifiers)

    def _person(self, value: str, *, needs_plus: bool = True) -> str | None:
        """The pseudonym of a value that is a phone number or an address as a whole."""
        if phone_digits(value, needs_plus=needs_plus) is not None:
            return self._pseudonymiser.person(value, PersonKind.PHONE)
        boxes = mailboxes(value)
        return ", ".join(self._pseudonymiser.person(address, PersonKind.EMAIL) for _, address in boxes) if boxes else None

    def _pseudonymised(self, value: str, treatment: Treatment, identifiers: Identifiers, layer: int) -> str:
        if (person := self._person(value, needs_plus=False)) is not None:
            return person
        if treatment.kind is not None and not is_pseudonym(value):
            return self._pseudonymiser.person(value, treatment.kind)
        return self.text(value, identifiers, layer)

    def _masked(self, value: str, treatment: Treatment, identifiers: Identifiers, layer: int) -> str:
        return self._person(value) or (value if is_pseudonym(value) else treatment.token)

    def _name_masked(self, value: str, treatment: Treatment, identifiers: Identifiers, layer: int) -> str:
        if (person := self._person(value)) is not None:
            return person
        return treatment.token if is_written_like_a_name(value) and not value.isupper() else self.text(value, identifiers, layer)

    def _ip_truncated(self, value: str, treatment: Treatment, identifiers: Identifiers, layer: int) -> str:
        return networks_in(value) or self.text(value, identifiers, layer)

    def _coordinate_coarsened(self, value: str, treatment: Treatment, identifiers: Identifiers, layer: int) -> str:
        try:
            degrees = [float(part) for part in value.split(",")]
        except ValueError:
            return self.text(value, identifiers, layer)
        return ",".join(str(round(part, 1)) for part in degrees) if all(map(_is_degree, degrees)) else self.text(value, identifiers, layer)

    def _domain_only(self, value: str, treatment: Treatment, identifiers: Identifiers, layer: int) -> str:
        return domains_in(value) or self._pseudonymised(value, treatment, identifiers, layer)

    # Encodings

    def _below(self, value: str, identifiers: Identifiers, layer: int) -> str:
        """The value with whatever an encoding hid redacted; an encoding that hid nothing stays as it is."""
        if layer >= _LAYERS:
            return Kind.TOKEN.token  # nobody encodes so often with good reason
        if value[0] in "{[" and (whole := json_inside(value)) is not None:
            return self._document(value, whole, self._policy.root, identifiers, 0, layer + 1)
        if not layers.has_marks(value):
            return layers.BASE64.sub(lambda match: self._token(match[0], identifiers, layer), value)
        for start, end, inner in reversed(list(layers.embedded_json(value))):
            value = value[:start] + self._document(value[start:end], inner, self._policy.root, identifiers, 0, layer + 1) + value[end:]
        for decoded in layers.decodings(value):
            if decoded != value and (clean := self.text(decoded, identifiers, layer + 1)) != decoded:
                value = clean
        return layers.BASE64.sub(lambda match: self._token(match[0], identifiers, layer), value)

    def _token(self, token: str, identifiers: Identifiers, layer: int) -> str:
        """A token as it is, unless it is base64 of something personal: redacted text, or `mid_...` for an id with a number in it."""
        if not layers.is_opaque(token):
            return token
        if token.startswith("wamid."):
            return self._pseudonymiser.opaque_id(token)
        data = layers.base64_bytes(token)
        if data is None:
            return token
        if "/" in token and any(len(part) >= 16 for part in token.split("/")):  # the alphabet's slash, or a path
            parts = "/".join(self._token(part, identifiers, layer) if len(part) >= 16 else part for part in token.split("/"))
            if parts != token:
                return parts
        if (text := layers.printable(data)) is not None:
            clean = self.text(text, identifiers, layer + 1)
            return token if clean == text else clean
        return self._pseudonymiser.opaque_id(token) if _LONG_NUMBER.search(data) is not None else token


def _without_secrets(links_of_nobody: str) -> str:
    return redact_text(links.LINK.sub(lambda match: redact_link(links.without_drawn_segments(match[0])), links_of_nobody))


def _too_deep() -> Rejected:
    return Rejected(Reason.REDACTION_FAILED, f"the payload is nested deeper than {DEEPEST} levels")


def _is_degree(number: Any) -> bool:
    return bool(-360 <= number <= 360)
