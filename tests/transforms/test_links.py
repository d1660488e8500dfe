from __future__ import annotations

import pytest

from transforms.links import domain


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://ana:x@Shop.Example.com:8443/a", "shop.example.com"),
        ("mailto:a@b.c", None),
        ("http://192.0.2.1/", None),
        ("http://[", None),
    ],
)
def test_a_link_domain_is_a_name_and_nothing_else(link: str, expected: str | None) -> None:
    assert domain(link) == expected
