"""Commands about the lab's time: to another operation or write of one, undo and redo, branches."""

from typing import Annotated, Literal

from pydantic import Field

from backend.protocol.fields import Command, Whole
from backend.settings import Wire
from sim_core.config import BRANCH_NAME_MAX

Grain = Literal["operation", "step"]
BranchName = Annotated[str, Field(min_length=1, max_length=BRANCH_NAME_MAX)]


class Seek(Command):
    """Be after an operation, or after so many of its writes; of this branch or another."""

    type: Literal["seek"]
    op: Whole
    step: Whole | None = None
    branch: Whole | None = None


class Back(Command):
    """Take so many operations, or primitive writes, back."""

    type: Literal["back"]
    grain: Grain = "operation"
    n: Annotated[int, Field(ge=1, le=Wire.STEP_MAX)] = 1


class Forward(Command):
    """Do the next ones again; where nothing follows the workload takes its turn."""

    type: Literal["forward"]
    grain: Grain = "operation"
    n: Annotated[int, Field(ge=1, le=Wire.STEP_MAX)] = 1


class Undo(Command):
    """Be before the last thing that a person did."""

    type: Literal["undo"]


class Redo(Command):
    """Be where the last undo was asked for."""

    type: Literal["redo"]


class Fork(Command):
    """Begin a branch here, though nothing is done yet; what followed stays on the old one."""

    type: Literal["fork"]
    name: BranchName | None = None


class Switch(Command):
    """Be on another branch, where it was left."""

    type: Literal["switch"]
    branch: Whole


class RenameBranch(Command):
    """Give a branch another name."""

    type: Literal["rename_branch"]
    branch: Whole
    name: BranchName


class DeleteBranch(Command):
    """Forget a branch that does not lead to where the lab is, and from which none goes out."""

    type: Literal["delete_branch"]
    branch: Whole
