"""Loading refuses what could surprise later, and says where."""

from __future__ import annotations

import pytest

from engagedb.errors import ConfigurationError
from transforms.template import load_template

GOOD = """
source: post
match: "id is defined"
identity: [id]
event:
  event_time: "{{ at | timestamp }}"
"""


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- 1", ":1: a template is a YAML mapping"),
        ("a: [", "this is not YAML"),
        (GOOD + "extra: 1\n", ":7 unknown key extra"),
        (GOOD + "  chanel: sms\n", ":7 unknown column chanel. Did you mean channel?"),
        (GOOD + "  event_time: mms\n", ":7: event_time stands twice"),
        (GOOD.replace("event_time", "body"), ":5 column event_time is needed"),
        (GOOD + "  event_id: x\n", "column event_id is made by engagedb"),
        (GOOD + "  body: 'Hello {{ name }}'\n", "write one expression in {{ }}"),
        (GOOD + "  body: '{{ a }}{{ b }}'\n", "column body"),
        (GOOD + "  body: '{{ a | }}'\n", ":7 column body"),
        (GOOD + "lookups:\n  stages: {a: b}\n", ":8 lookup stages: state what `default` is"),
        (GOOD + "let:\n  item: '{{ a }}'\n", "let item: the name is reserved"),
        (GOOD + "for_each:\n  a: '{{ b }}'\n", "the innermost loop is named item"),
        (GOOD.replace("identity: [id]\n", ""), "identity: a list of payload paths is needed"),
        (GOOD.replace('match: "id is defined"\n', ""), "match: an expression"),
        (GOOD.replace("source: post", "source: Post Office"), ":2 source: a name in lower case"),
    ],
)
def test_a_broken_template_is_refused_with_file_and_line(text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load_template(text, "templates/post/template.yaml")
    assert str(refusal.value).startswith("templates/post/template.yaml:")
    assert complaint in str(refusal.value)


def test_the_version_is_the_content_hash() -> None:
    assert load_template(GOOD, "a").version == load_template(GOOD, "b").version
    assert load_template(GOOD, "a").version != load_template(GOOD + "  body: x\n", "a").version


def test_paths_may_hold_any_key() -> None:
    template = load_template(GOOD + "drop: [mail.headers, \"tags['ses:source-ip']\"]\n", "a")
    assert template.drop == (("mail", "headers"), ("tags", "ses:source-ip"))
