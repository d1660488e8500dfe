"""Personal values planted in payloads, and searched for in everything that an ingest of them wrote."""
