"""The templates of a folder or an `s3://` prefix, loaded, checked and compiled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from engagedb.errors import ConfigurationError
from ingest.sources import list_objects, open_object
from lake.template_versions import TemplateVersion
from transforms.compile import CompiledTemplate, compiled
from transforms.fingerprint import identity_fingerprint, time_fingerprint

TemplateTexts = list[tuple[str, str]]
"""The name of each template's file, and its text."""


def load_templates(location: str) -> list[CompiledTemplate]:
    """All templates below the location, sorted by source. Raises ConfigurationError naming file, line and column.

    A template whose text did not change is the very same object as the call before gave.
    """
    return compile_all(template_texts(location))


def template_texts(location: str) -> TemplateTexts:
    """The texts of all templates below the location. Raises ConfigurationError when there are none."""
    texts = _remote_texts(location) if location.startswith("s3://") else _local_texts(Path(location))
    if not texts:
        raise ConfigurationError(
            f"There is no <source>/template.yaml below {location}. Name a folder of templates or unset ENGAGEDB_TEMPLATES."
        )
    return texts


def compile_all(texts: TemplateTexts) -> list[CompiledTemplate]:
    """The templates of the texts, sorted by source. Raises ConfigurationError naming file, line and column."""
    templates = [compiled(text, file) for file, text in texts]
    sources: dict[str, str] = {}
    for template in templates:
        spec = template.template
        if spec.source in sources:
            raise ConfigurationError(f"{spec.file}:1 source {spec.source} is also made by {sources[spec.source]}; rename one.")
        sources[spec.source] = spec.file
    return sorted(templates, key=lambda template: template.template.source)


def load_one_or_all(location: str) -> tuple[list[CompiledTemplate], bool]:
    """The templates of a folder, or the only one of a source's own folder; and whether it was such a folder."""
    text = _remote_text(f"{location.rstrip('/')}/template.yaml") if location.startswith("s3://") else _local_text(Path(location))
    return ([compiled(*text)], True) if text else (load_templates(location), False)


def version_of(template: CompiledTemplate) -> TemplateVersion:
    """The version as a lake remembers it."""
    spec = template.template
    return TemplateVersion(spec.source, spec.version, identity_fingerprint(spec), time_fingerprint(spec))


def refuse_changed_identity(templates: Sequence[CompiledTemplate], known: Mapping[str, Sequence[TemplateVersion]]) -> None:
    """Raises ConfigurationError for a source whose rows in the lake were made with another identity."""
    for template in templates:
        version = version_of(template)
        if any(before.identity != version.identity for before in known.get(version.source, [])):
            raise ConfigurationError(
                f"{template.template.file}: the lake holds events of {version.source} that were made with another identity, "
                "so each of them would come in a second time. Keep the identity and what it uses, or give the mapping another source name."
            )


def retimed_sources(templates: Sequence[CompiledTemplate], known: Mapping[str, Sequence[TemplateVersion]]) -> frozenset[str]:
    """Sources whose rows in the lake got their time by another rule: the same event may be stored on another day."""
    versions = [version_of(template) for template in templates]
    return frozenset(v.source for v in versions if any(before.time != v.time for before in known.get(v.source, [])))


def _local_text(folder: Path) -> tuple[str, str] | None:
    path = folder / "template.yaml"
    return (path.read_text("utf-8"), f"{folder.resolve().name}/{path.name}") if path.is_file() else None


def _remote_text(uri: str) -> tuple[str, str] | None:
    for found in list_objects([uri]):
        if found.uri == uri:
            with open_object(found) as stream:
                return stream.read().decode("utf-8"), uri
    return None


def _local_texts(folder: Path) -> list[tuple[str, str]]:
    named = folder.resolve().name  # never the whole path: dead letters tell which file refused them
    return [(f"{named}/{path.parent.name}/{path.name}", path.read_text("utf-8")) for path in sorted(folder.glob("*/template.yaml"))]


def _remote_texts(prefix: str) -> list[tuple[str, str]]:
    texts = []
    for found in list_objects([prefix]):
        if found.uri.endswith("/template.yaml"):
            with open_object(found) as stream:
                texts.append((found.uri, stream.read().decode("utf-8")))
    return texts
