from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.links import domain


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://ana:x@Shop.Example.com:8443/a", "shop.example.com"),
        ("mailto:a@b.c", None),
        ("http://192.0.2.1/", None),
        ("http://[", None),
        ("https://shop.example/sale?cid=1#top", "shop.example"),
        ("https://shop.example:443/", "shop.example"),
        ("https://shop.example@evil.example/", "evil.example"),
        ("https://shop.example\\@evil.example/", "evil.example"),
        (" https://shop.example/a b", "shop.example"),
        ("https://sh\top.example/", "shop.example"),
    ],
)
def test_a_link_domain_is_a_name_and_nothing_else(link: str, expected: str | None) -> None:
    assert domain(link) == expected


_PIECES = ["https://", "http:/", "shop.", "x_1-", "example", "/a", "?b=", "#", "@", ":80", "\t", " ", ".", "-", "A", "é", "]"]


@given(st.lists(st.sampled_from(_PIECES)).map("".join))
def test_a_plain_link_has_the_domain_that_it_has_when_it_is_no_plain_one(link: str) -> None:
    assert domain(link) == domain(link + " ")
    try:
        host = urlsplit(link.strip()).hostname
    except ValueError:
        host = None
    assert domain(link) in (host, None)
