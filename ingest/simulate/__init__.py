"""A made-up company's message history in the providers' exact formats, as Firehose would deliver it.

`simulate(out, days=7, events=100_000, seed=7)` writes a landing folder, and the truth about it to a file beside it:
what every count, sum and rate that a lake makes from the folder must be.
"""
