"""Pure: a raw record comes in, canonical rows go out. No clock, no environment, no cloud, no query engine."""
