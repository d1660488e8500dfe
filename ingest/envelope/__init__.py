"""Envelopes off, in any nesting, until records remain.

Every document leaves here as at least one record, unreadable piece or piece of housekeeping. An envelope with several
members is cut into envelopes with one, so that the bytes kept for a record give just that record when opened again.
"""

from ingest.envelope.opening import open_document

__all__ = ["open_document"]
