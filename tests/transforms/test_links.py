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


@given(
    st.lists(
        st.sampled_from(
            ["https://", "http:/", "shop.", "x_1-", "example", "/a", "?b=", "#", "@", ":80", "\t", " ", ".", "-", "A", "é", "]"]
        )
    )
)
def test_a_link_domain_is_what_the_standard_library_reads_however_plain_the_link(parts: list[str]) -> None:
    link = "".join(parts)
    try:
        host = urlsplit(link.strip()).hostname
    except ValueError:
        host = None
    assert domain(link) in (host, None)
    assert domain(link) == domain(link + " "), "a space behind it keeps a link from being plain"
