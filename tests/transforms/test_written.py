from __future__ import annotations

from ipaddress import IPv4Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.written import network


@given(st.ip_addresses())
def test_an_address_is_cut_to_its_network(address: object) -> None:
    bits = 24 if isinstance(address, IPv4Address) else 48
    assert network(str(address)) == str(ip_network(f"{address}/{bits}", strict=False))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" 192.0.2.7 ", "192.0.2.0/24"),
        ("192.0.2.128/25", "192.0.2.0/24"),
        ("192.0.0.0/16", "192.0.0.0/16"),
        ("192.0.2.007", None),
        ("192.0.2.256", None),
        ("192.0.2.7\n", "192.0.2.0/24"),
        ("192.0.2", None),
        ("١٩٢.0.2.7", None),
    ],
)
def test_a_network_stays_and_what_is_no_address_has_none(value: str, expected: str | None) -> None:
    assert network(value) == expected
