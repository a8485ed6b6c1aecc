"""One service for all tests that leave it as it was; each of them gets a session of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.backend.service import Service, running


@dataclass
class Place:
    """A session of the shared service."""

    service: Service
    ident: str

    def result(self, **command: Any) -> dict[str, Any]:
        return self.service.result(self.ident, **command)

    def look(self) -> dict[str, Any]:
        return self.service.look(self.ident)


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    with running(sessions_max=64) as up:
        yield up


@pytest.fixture
def place(service: Service) -> Iterator[Place]:
    """A fresh session: 8 MiB, 16 blocks of 128 pages."""
    body = {"config": {"spanned_pages": 2048, "pageblock_order": 7, "max_order": 8}}
    answer = service.http.post("/api/v1/sessions", json=body)
    assert answer.status_code == 201, answer.text
    ident = answer.json()["id"]
    yield Place(service, ident)
    service.http.delete(f"/api/v1/sessions/{ident}")
