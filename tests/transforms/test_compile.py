"""Template text in, Python function out: the rule for authors, one sentence per test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engagedb.errors import ConfigurationError, Reason, Rejected
from transforms.compile import CompiledTemplate

Post = Callable[..., CompiledTemplate]


def value(post: Post, expression: str, record: dict[str, Any], more: str = "") -> Any:
    ((values, _, _, _),) = post(f'body: "{{{{ {expression} }}}}"', more).evaluate({"id": 1, **record}, {})
    return values[0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a.b", "deep"),
        ("a['b']", "deep"),
        ("a.missing.deeper", None),
        ("a.b.c", None),
        ("items", [1, 2]),
        ("items[0]", 1),
        ("items[-1]", 2),
        ("items[9]", None),
        ("(items or a)[1]", 2),
        ("(a or items)['b']", "deep"),
        ("(a or items)[0]", None),
        ("(nothing or items).b", None),
        ("nothing", None),
        ("null_value is defined", False),
        ("a is mapping", True),
        ("nothing ~ 'x'", "x"),
        ("'x' ~ 1 ~ true", "x1true"),
        ("nothing < 3", False),
        ("'b' > 'a'", True),
        ("1 < 'a'", False),
        ("1 + nothing", None),
        ("1 + '2'", None),
        ("7 // 2", 3),
        ("1 / 0", None),
        ("nothing or 'other'", "other"),
        ("'' or 'other'", "other"),
        ("'' | default('other')", ""),
        ("nothing | default('other')", "other"),
        ("nothing | upper", None),
        ("7 | upper", None),
        ("'yes' if a else 'no'", "yes"),
        ("'yes' if nothing", None),
        ("2 in items", True),
        ("2 in ['a', 2]", True),
        ("a.b not in ['deep', 'high']", False),
        ("'x' not in a", True),
        ("not nothing", True),
        ("items | first", 1),
        ("a.b | split('e')", ["d", "", "p"]),
        ("items | split('e')", None),
        ("a.b | split('')", None),
        ("nothing | starts_with('d')", None),
        ("a | ends_with('p')", False),
        ("{'k': a.b}", {"k": "deep"}),
    ],
)
def test_expressions_follow_the_one_rule(post: Post, expression: str, expected: Any) -> None:
    record = {"a": {"b": "deep"}, "items": [1, 2], "null_value": None}
    assert value(post, expression, record) == expected


def test_a_lookup_has_an_answer_for_every_value(post: Post) -> None:
    more = 'lookups:\n  words: {x: known, "7": seven, default: other}\n  gaps: {"": a gap, default: none}\n'
    answers = {"x": "known", 7: "seven", "y": "other", None: "other", "": "other", True: "other"}
    for asked, answer in answers.items():
        assert value(post, "asked | lookup(words)", {"asked": asked}, more) == answer
    assert value(post, "asked | lookup(words)", {"asked": ["x"]}, more) == "other"
    for asked in (None, "", [], {}):
        assert value(post, "asked | lookup(gaps)", {"asked": asked}, more) == "a gap"


def test_a_key_named_like_a_python_method_is_a_key(post: Post) -> None:
    assert value(post, "a.items", {"a": {"items": "a key"}}) == "a key"
    assert value(post, "a.keys", {"a": {}}) is None


def test_a_value_that_looks_like_a_template_is_only_text(post: Post) -> None:
    assert value(post, "text", {"text": "{{ 7 * 7 }}{% for %}"}) == "{{ 7 * 7 }}{% for %}"


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("a | timestmp", "unknown filter timestmp. Did you mean timestamp?"),
        ("a.__class__", "starts with _"),
        ("a.upper()", "calls are not allowed"),
        ("a[1:2]", "slices are not allowed"),
        ("a | replace(old='x', new='y')", "plain arguments only"),
        ("a | lookup(stages)", "name one of the lookups"),
        ("a is divisibleby(3)", "unknown test"),
        ("1 < 2 < 3", "chained comparisons"),
        ("a | split", "1 argument(s) needed, 0 given"),
    ],
)
def test_what_is_not_part_of_the_language_is_refused_with_file_line_and_column(post: Post, expression: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        post(f'channel: sms\nbody: "{{{{ {expression} }}}}"')
    message = str(refusal.value)
    assert message.startswith("templates/post/template.yaml:8 column body:"), message
    assert complaint in message


def test_a_refused_value_names_the_column_and_repeats_nothing(post: Post) -> None:
    template = post('channel: sms\nevent_time: "{{ when | timestamp }}"')
    with pytest.raises(Rejected) as refusal:
        template.evaluate({"id": 1, "when": "ada@example.com"}, {})
    assert refusal.value.reason is Reason.BAD_TIMESTAMP
    assert "template.yaml:8 column event_time" in refusal.value.detail
    assert "ada" not in str(refusal.value)


def test_nested_loops_give_a_row_for_every_innermost_member(post: Post) -> None:
    more = """
let:
  about: "{{ change.name }}"
for_each:
  change: "{{ changes }}"
  item: "{{ change.members }}"
"""
    template = post('body: "{{ about ~ item }}"', more)
    changes = [{"name": "a", "members": [1, 2]}, {"name": "b"}, {"name": "c", "members": [3]}]
    rows = template.evaluate({"id": 1, "changes": changes}, {})
    assert [values[0] for values, *_ in rows] == ["a1", "a2", "c3"]


def test_a_row_whose_condition_is_false_is_left_out(post: Post) -> None:
    template = post('body: "{{ item }}"', 'for_each: "{{ numbers }}"\nwhen: "{{ item > 1 }}"\nhas_message: "{{ item > 2 }}"\n')
    rows = template.evaluate({"id": 1, "numbers": [1, 2, 3]}, {})
    assert [(values[0], has_message) for values, _, has_message, _ in rows] == [(2, False), (3, True)]


def test_what_only_rows_need_is_evaluated_behind_the_condition(post: Post) -> None:
    more = """
let:
  price: "{{ item.price | money }}"
  kind: "{{ item.kind | lower }}"
  is_sale: "{{ kind == 'sale' }}"
  shop: "{{ self.shop.name }}"
for_each: "{{ items }}"
when: "{{ is_sale }}"
"""
    template = post('body: "{{ shop }}"\nmessage_price_usd: "{{ price }}"', more)
    evaluated = template.source_code[template.source_code.index("def evaluate") :]
    assert evaluated.splitlines()[1:] == [
        "    if type(record) is dict: get = record.get; p1 = get('items')",
        "    else: p1 = None",
        "    for n2 in (p1 if type(p1) is list else ()):",
        "        if type(n2) is dict: get = n2.get; p3 = get('kind')",
        "        else: p3 = None",
        "        n5 = (t4.lower() if type(t4 := p3) is str else None)",
        "        n6 = (n5 == 'sale')",
        "        if not n6: continue",
        "        if type(record) is dict: get = record.get; p7 = get('shop'); p12 = get('when'); p15 = get('id')",
        "        else: p7 = p12 = p15 = None",
        "        if type(p7) is dict: get = p7.get; p8 = get('name')",
        "        else: p8 = None",
        "        if type(n2) is dict: get = n2.get; p9 = get('price')",
        "        else: p9 = None",
        "        n11 = (None if (t10 := p9) is None else f_money(t10))",
        "        c14 = (None if (t13 := p12) is None else f_timestamp(t13))",
        "        rows.append(((p8, n11, c14, ), (p15, ), True, ((p1, n2), )))",
    ]
    gift, sale = {"kind": "gift", "price": "nothing"}, {"kind": "Sale", "price": 3}
    ((values, *_),) = template.evaluate({"id": 1, "shop": {"name": "ours"}, "items": [gift, sale]}, {})
    assert values[:2] == ("ours", 3)
    with pytest.raises(Rejected) as refusal:
        template.evaluate({"id": 1, "items": [sale | {"price": "a lot"}]}, {})
    assert "let price" in refusal.value.detail


def test_a_let_that_needs_a_later_name_is_refused(post: Post) -> None:
    with pytest.raises(ConfigurationError, match="refers to itself or to a later name"):
        post("channel: sms", 'let:\n  first_name: "{{ first_name }}"\n')


def test_what_a_template_reads_is_followed_through_names_and_loops(post: Post) -> None:
    more = """
let:
  detail: "{{ bounce or open }}"
for_each: "{{ detail.people or mail.to }}"
"""
    reads = post('event_time: "{{ detail.at }}"\nrecipient_id: "{{ item.address or item }}"\ntags: "{{ mail.tags }}"', more).reads
    assert {("bounce", "at"), ("open", "at"), ("bounce", "people", "*", "address"), ("mail", "to", "*"), ("mail", "tags", "**")} <= reads
    assert ("bounce", "people", "*", "reason") not in reads
