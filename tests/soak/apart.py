"""Work in a process of its own: the debug build ends the process when a page is lost."""

from __future__ import annotations

import multiprocessing
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

from tests.soak.episode import BrokenError

T = TypeVar("T")

CPU_SECONDS = 20.0
"""More than a hundred times what an episode takes."""

# Forked from a server that has nothing but the core loaded and no thread, whoever asks: some
# milliseconds each, and a test's service has no part in it.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.soak.episode"])


@dataclass(frozen=True)
class Ended(Generic[T]):
    """How it went: what the work gave back, or the words on what went wrong."""

    value: T | None
    wrong: str | None


def apart(work: Callable[[], T]) -> Ended[T]:
    """Do the work, which can be pickled, elsewhere.

    Only what must hold and does not, or an end by a signal, is an answer.

    Raises:
        RuntimeError: any other error, which is one of the program itself.
    """
    answer, told = _CONTEXT.Pipe(duplex=False)
    with answer:
        child = _CONTEXT.Process(target=_child, args=(work, told))
        child.start()
        told.close()
        try:
            ended, error = answer.recv()
        except EOFError:
            ended, error = None, "it ended without a word"
        child.join()
    code = child.exitcode or 0
    child.close()
    if code < 0:
        return Ended(None, f"ended by {signal.Signals(-code).name}")
    if error is not None:
        raise RuntimeError(error)
    found: Ended[T] = ended
    return found


def _child(work: Callable[[], T], told: Connection) -> None:
    # A loop in the core that never ends ends here: nobody handles this signal.
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    try:
        told.send((Ended(work(), None), None))
    except BrokenError as broken:
        told.send((Ended(None, str(broken)), None))
    except Exception:
        told.send((None, traceback.format_exc()))
