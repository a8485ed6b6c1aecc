"""The accounting models that a session knows: the kernels, and those that somebody made in it."""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from backend.problems import Problem
from backend.protocol import labs
from backend.protocol.messages import CustomRow, Json
from backend.sessions.jobs import Turn
from sim_core.errors import InputError
from sim_core.models import (
    FORMAT,
    ROWS,
    Custom,
    custom,
    derived,
    from_document,
    hunk_changes,
    to_document,
)

if TYPE_CHECKING:
    from backend.sessions.session import Session


class OwnModels:
    """Saved custom models by name, in the order they were saved; they outlive every lab.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._models: dict[str, Custom] = {}

    def save(self, model: Custom) -> None:
        """Keep it, in the place of one of the same name.

        Raises:
            Problem: `conflict`, no more are kept.
        """
        if model.name not in self._models and len(self._models) >= self._most:
            raise Problem(
                "conflict",
                f"{self._most} models are saved already: delete one, or save under its name.",
                field="name",
                allowed=", ".join(self._models),
                setting="models_max",
            )
        self._models[model.name] = model

    def check_room(self, more: Iterable[Custom]) -> None:
        """Is there room for these too?

        Raises:
            Problem: `conflict`, no more are kept.
        """
        names = {*self._models, *(model.name for model in more)}
        if len(names) > self._most:
            raise Problem(
                "conflict",
                f"There would be {len(names)} models: delete some first.",
                field="models",
                allowed=f"at most {self._most}",
                setting="models_max",
            )

    def all(self) -> tuple[Custom, ...]:
        """All that are saved."""
        return tuple(self._models.values())

    def delete(self, name: str) -> None:
        """Forget it; a lab that runs it goes on.

        Raises:
            Problem: `not_found`.
        """
        if self._models.pop(name, None) is None:
            raise Problem(
                "not_found",
                f"No model is saved as {name!r}.",
                field="name",
                allowed=", ".join(self._models) or "none is saved",
            )

    def find(self, name: str, field: str = "model") -> str | Custom:
        """A kernel by its name, or a saved model.

        Raises:
            Problem: `invalid`, naming those there are.
        """
        if name in ROWS:
            return name
        if name in self._models:
            return self._models[name]
        raise Problem(
            "invalid",
            f"No model is called {name!r}.",
            field=field,
            allowed=", ".join((*ROWS, *self._models)),
        )

    def rows(self) -> list[CustomRow]:
        """As `state` carries them."""
        return [custom_row(model) for model in self._models.values()]


def custom_row(model: Custom) -> CustomRow:
    """A custom model as `state` carries it."""
    row = derived(model)
    return {
        "name": model.name,
        "parent": model.parent,
        "changes": dict(model.changes),
        "title": row.title,
        "summary": row.summary,
        "aims": list(row.aims),
    }


def wanted(session: "Session", command: labs.Model) -> str | Custom:
    """The model that a command names, or describes.

    Raises:
        Problem, ConfigError: there is no such model, or it cannot run.
    """
    if (command.model is None) == (command.parent is None):
        raise Problem(
            "invalid",
            "model needs a name, or a parent with changes or hunks.",
            field="model",
            allowed="a model's name, or parent with changes or hunks",
        )
    if command.model is not None:
        return session.models.find(command.model)
    assert command.parent is not None
    changes: Mapping[str, int | str] = command.changes or {}
    name = command.name or f"{command.parent}, changed"
    if command.hunks is not None:
        if command.changes is not None:
            raise Problem(
                "invalid",
                "The hunks are changes: give one of both.",
                field="hunks",
                allowed="hunks or changes",
            )
        parent = session.models.find(command.parent, "parent")
        if isinstance(parent, Custom):
            raise Problem(
                "invalid",
                "A custom model is made from a kernel.",
                field="parent",
                allowed=", ".join(ROWS),
            )
        changes = hunk_changes(ROWS[parent], command.hunks)
        name = command.name or f"{parent}, {len(set(command.hunks))} hunks"
    return custom(name, command.parent, changes)


def save(session: "Session", turn: Turn, command: labs.SaveModel) -> Json:
    """Keep a custom model in the session."""
    return _keep(session, custom(command.name, command.parent, command.changes))


def delete(session: "Session", turn: Turn, command: labs.DeleteModel) -> Json:
    """Forget a saved model."""
    session.models.delete(command.name)
    session.state_changed()
    return {"op": session.lab.op}


def import_file(session: "Session", name: str, contents: bytes) -> Json:
    """Keep the custom model that a file holds.

    Raises:
        InputError: it is no JSON.
        Problem, ConfigError: it is no model that can run, or no more are kept.
    """
    try:
        document = json.loads(contents)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise InputError(name, line, f"JSON, format {FORMAT}", "something else") from error
    return _keep(session, from_document(document))


def is_model(contents: bytes) -> bool:
    """Whether a file means to be a model: no file of /proc begins like that."""
    return contents.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def document_of(session: "Session", name: str | None) -> Json:
    """A saved model, or the one on show, as a JSON object; of a kernel, a model like it.

    Raises:
        Problem: there is no such model.
    """
    model = session.lab.config.model if name is None else session.models.find(name, "name")
    return to_document(model if isinstance(model, Custom) else custom(f"like {model}", model, {}))


def _keep(session: "Session", model: Custom) -> Json:
    session.models.save(model)
    session.state_changed()
    return {"op": session.lab.op, "model": to_document(model)}
