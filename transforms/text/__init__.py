"""Finders of personal values in free text: one small file per kind of identifier.

Every finder works on a `View` (the folded text, see fold.py) and claims spans on it; transforms/redact.py runs them in order
of certainty and writes the tokens into the original text.
"""
