"""A lab that has run and stands still: whatever is done to the service, it must stay as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.backend.service import Service

SMALL = {"spanned_pages": 2048, "pageblock_order": 7, "max_order": 8}
"""8 MiB, 16 blocks of 128 pages."""


@dataclass
class Witness:
    """A session that nobody has any business with.

    Attributes:
        service: it is one of.
        ident: its name.
        told: its operation and hash when it was stopped.
    """

    service: Service
    ident: str
    told: tuple[int, str]

    def unharmed(self) -> bool:
        """Whether it is as it was, and the service answers."""
        assert self.service.http.get("/healthz").json()["status"] == "ok"
        return _told(self.service, self.ident) == self.told


def _told(service: Service, ident: str) -> tuple[int, str]:
    look = service.look(ident)
    return look["op"], look["hash"]


@contextmanager
def witness(service: Service) -> Iterator[Witness]:
    """A lab that was run, paused, and is looked at again in the end."""
    made = service.http.post("/api/v1/sessions", json={"config": SMALL})
    assert made.status_code == 201, made.text
    ident = made.json()["id"]
    service.result(ident, type="run")
    while service.look(ident)["op"] == 0:
        pass
    service.result(ident, type="pause")
    seen = Witness(service, ident, _told(service, ident))
    yield seen
    assert seen.unharmed()
    service.http.delete(f"/api/v1/sessions/{ident}")
