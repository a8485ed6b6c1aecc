"""Handlers that begin and end a demonstration, and take its steps."""

from typing import TYPE_CHECKING

from backend.problems import Problem
from backend.protocol import labs
from backend.protocol.messages import Json, notice
from backend.scenarios import SCENARIOS, Performance
from backend.sessions.jobs import Steps, Turn
from backend.sessions.replacing import confirmed, said
from backend.sessions.stage import Shown
from sim_core import LabConfig

if TYPE_CHECKING:
    from backend.sessions.session import Session


def demonstrate(session: "Session", turn: Turn, command: labs.Demonstrate) -> Steps:
    """Set the lab aside and tell a story on one made for it, from its beginning."""
    scenario = SCENARIOS.get(command.scenario)
    if scenario is None:
        raise Problem(
            "invalid",
            f"scenario: there is no demonstration {command.scenario!r}.",
            field="scenario",
            allowed=", ".join(SCENARIOS),
        )
    geometry = command.geometry or next(iter(scenario.geometry))
    if geometry not in scenario.geometry:
        raise Problem(
            "invalid",
            f"geometry: {command.scenario} is not told in {geometry!r}.",
            field="geometry",
            allowed=", ".join(scenario.geometry),
        )
    if session.stage.performance is None:
        confirmed(session, turn, command.confirm)
    return (yield from _begin(session, turn, command.scenario, geometry, session.lab.config))


def again(session: "Session", turn: Turn, config: LabConfig) -> Steps:
    """The demonstration that is being given, from its beginning, under the model of `config`."""
    performance = session.stage.performance
    assert performance is not None
    return (yield from _begin(session, turn, performance.name, performance.geometry, config))


def end(session: "Session", turn: Turn, command: labs.EndDemonstration) -> Json:
    """Show what was set aside, as it was."""
    shown = session.stage.clear()
    if shown is None:
        raise Problem("conflict", "No demonstration is being given.", field="type")
    session.show(turn, shown, notice("demonstration", said(turn, "is back"), turn.by))
    return {"op": shown.lab.op}


def told_to_the_end() -> Problem:
    """There is no further step."""
    detail = "The demonstration is over: begin it again, or end it."
    return Problem("conflict", detail, field="type")


def take_steps(session: "Session", n: int) -> Steps:
    """Take the next steps of the story, as many as are left of n."""
    performance = session.stage.performance
    assert performance is not None
    taken = 0
    while taken < n and not performance.over:
        performance.step()
        taken += 1
        session.state_changed()
        yield None
    if taken == 0:
        raise told_to_the_end()
    return {"op": session.lab.op}


def _begin(session: "Session", turn: Turn, name: str, geometry: str, like: LabConfig) -> Steps:
    scenario = SCENARIOS[name]
    config = scenario.geometry[geometry].config(like)
    # The lab on show stays in memory, set aside.
    kept = 0 if session.stage.aside else session.lab.config.estimate_bytes()
    session.admit(config.estimate_bytes() + kept)
    performance: Performance = yield lambda: Performance(name, scenario, geometry, config)
    lab = performance.lab
    session.stage.put(performance, session.shown())
    text = f"makes room for a demonstration: {scenario.title}"
    session.show(
        turn,
        Shown.fresh(lab, None, session.settings, running=True),
        notice("demonstration", said(turn, text), turn.by),
    )
    return {"op": lab.op}
