"""Ingest killed, raced and starved on purpose; what the lake holds afterwards is compared with an undisturbed one.

`python -m tests.torture` is the long form; the tests of this folder are the short one.
"""
