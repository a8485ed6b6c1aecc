"""Every command there is, as one discriminated union: the only list.

The socket, the HTTP route, OpenAPI and AsyncAPI all read it; docs/PROTOCOL.md tells what each
answers.
"""

from typing import Annotated, Any, get_args

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from backend.problems import Problem, invalid
from backend.protocol import keeping, labs, reads, travel, verbs, whys
from backend.protocol.fields import Command, Strict

AnyCommand = Annotated[
    labs.Run
    | labs.Pause
    | labs.Step
    | labs.Rate
    | labs.Workload
    | labs.Reset
    | labs.Configure
    | labs.Model
    | labs.SaveModel
    | labs.DeleteModel
    | labs.Demonstrate
    | labs.EndDemonstration
    | labs.ImportZone
    | keeping.Keep
    | keeping.Note
    | keeping.DeleteNote
    | travel.Seek
    | travel.Back
    | travel.Forward
    | travel.RunTo
    | travel.Predicate
    | travel.Undo
    | travel.Redo
    | travel.Fork
    | travel.Switch
    | travel.RenameBranch
    | travel.DeleteBranch
    | verbs.Alloc
    | verbs.RunOn
    | verbs.KswapdStep
    | verbs.OomKill
    | verbs.MinFreeKbytes
    | verbs.Free
    | verbs.FreeBegin
    | verbs.FreeFinish
    | verbs.Fill
    | verbs.Drain
    | verbs.SetBlockType
    | verbs.Pin
    | verbs.Unpin
    | verbs.Isolate
    | verbs.Unisolate
    | verbs.SplitFreePage
    | verbs.Offline
    | verbs.Online
    | verbs.AllocContig
    | verbs.FreeContig
    | verbs.BootFree
    | verbs.MarkLru
    | verbs.OfflineIsolated
    | verbs.OnlinePages
    | reads.Cancel
    | reads.Preview
    | reads.List
    | reads.Would
    | reads.Steps
    | reads.History
    | reads.Check
    | reads.Subscribe
    | whys.Changes
    | whys.Drift
    | whys.Ledger
    | whys.GoToBreak,
    Field(discriminator="type"),
]

ADAPTER: TypeAdapter[Any] = TypeAdapter(AnyCommand)
TYPES: dict[str, type[Command]] = {
    get_args(cls.model_fields["type"].annotation)[0]: cls
    for cls in get_args(get_args(AnyCommand)[0])
}


class Create(Strict):
    """The body of `POST /api/v1/sessions`: the zone of the new session's lab."""

    config: labs.ZoneFields = Field(default_factory=labs.ZoneFields)


def parse(text: str | bytes) -> AnyCommand:
    """A command out of its JSON.

    Raises:
        Problem: `invalid`, naming the field at fault and what it may be.
    """
    try:
        command: AnyCommand = ADAPTER.validate_json(text)
        return command
    except ValidationError as error:
        raise _refusal(error) from error


def parse_create(text: bytes) -> Create:
    """The body of a request for a new session; an empty one asks for the default zone.

    Raises:
        Problem: as `parse`.
    """
    try:
        return Create.model_validate_json(text or b"{}")
    except ValidationError as error:
        raise _known_fields(invalid(error.errors(include_url=False)), labs.ZoneFields) from error


def _refusal(error: ValidationError) -> Problem:
    """The problem, its path free of the names of commands and types that pydantic puts there."""
    errors: list[Any] = error.errors(include_url=False)
    first = errors[0]
    loc = list(first["loc"])
    if not loc:
        problem = invalid(errors)
        if problem.extra.get("field") == "type":
            problem.extra["allowed"] = ", ".join(TYPES)
        return problem
    tag = str(loc.pop(0))
    if loc[:1] == ["view"] and len(loc) > 2:
        del loc[1]
    # An item of `blocks` or `changes` is tried as one thing and as another; the last part says as
    # which.
    if loc[:1] in (["blocks"], ["changes"]):
        loc = loc[:2]
    return _known_fields(invalid([{**first, "loc": loc}]), TYPES[tag])


def _known_fields(problem: Problem, model: type[BaseModel]) -> Problem:
    if str(problem).endswith("there is no such field.") and "." not in str(problem.extra["field"]):
        problem.extra["allowed"] = ", ".join(model.model_fields)
    return problem
