"""The templates of a folder or an `s3://` prefix, loaded, checked and compiled."""

from __future__ import annotations

from pathlib import Path

from engagedb.errors import ConfigurationError
from ingest.sources import list_objects, open_object
from transforms.compile import CompiledTemplate, compiled


def load_templates(location: str) -> list[CompiledTemplate]:
    """All templates below the location, sorted by source. Raises ConfigurationError naming file, line and column."""
    texts = _remote_texts(location) if location.startswith("s3://") else _local_texts(Path(location))
    if not texts:
        raise ConfigurationError(
            f"There is no <source>/template.yaml below {location}. Name a folder of templates or unset ENGAGEDB_TEMPLATES."
        )
    templates = [compiled(text, file) for file, text in texts]
    sources: dict[str, str] = {}
    for template in templates:
        spec = template.template
        if spec.source in sources:
            raise ConfigurationError(f"{spec.file}:1 source {spec.source} is also made by {sources[spec.source]}; rename one.")
        sources[spec.source] = spec.file
    return sorted(templates, key=lambda template: template.template.source)


def _local_texts(folder: Path) -> list[tuple[str, str]]:
    return [(f"templates/{path.parent.name}/{path.name}", path.read_text("utf-8")) for path in sorted(folder.glob("*/template.yaml"))]


def _remote_texts(prefix: str) -> list[tuple[str, str]]:
    texts = []
    for found in list_objects([prefix]):
        if found.uri.endswith("/template.yaml"):
            with open_object(found) as stream:
                texts.append((found.uri, stream.read().decode("utf-8")))
    return texts
