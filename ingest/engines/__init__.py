"""Engines that redact texts beyond the rules (transforms/engine.py): each an extra of the package, chosen by a setting."""
