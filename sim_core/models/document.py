"""A custom model as a JSON object that can be kept and sent: format "zonescope-model/1".

It names its columns and says its values in words, so that a person can read it and a later table,
whose columns are other ones, refuses what it does not know instead of guessing.
"""

from typing import Any, Final

from sim_core.errors import ConfigError
from sim_core.models.custom import Custom, custom, words_of

FORMAT: Final = "zonescope-model/1"
_FIELDS: Final = ("format", "name", "parent", "changes")


def to_document(made: Custom) -> dict[str, Any]:
    """The object of a custom model."""
    return {
        "format": FORMAT,
        "name": made.name,
        "parent": made.parent,
        "changes": {column: words_of(column, value) for column, value in made.changes},
    }


def from_document(document: Any) -> Custom:
    """The custom model that a JSON value is, checked.

    Raises:
        ConfigError: it is no such object, of another version, or describes no model that can run.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ConfigError(
            "this is no model of a known format", field="format", allowed=f'"{FORMAT}"'
        )
    unknown = sorted(document.keys() - set(_FIELDS))
    if unknown:
        raise ConfigError(
            f"a model has no field {str(unknown[0])[:40]!r}",
            field=str(unknown[0])[:40],
            allowed=", ".join(_FIELDS),
        )
    name, parent, changes = (document.get(field) for field in _FIELDS[1:])
    for field, value, kind, allowed in (
        ("name", name, str, "text"),
        ("parent", parent, str, "text"),
        ("changes", changes, dict, "an object: column -> value"),
    ):
        if not isinstance(value, kind):
            raise ConfigError(
                f"{field} is missing or of another kind", field=field, allowed=allowed
            )
    assert isinstance(name, str) and isinstance(parent, str) and isinstance(changes, dict)
    return custom(name, parent, changes)
