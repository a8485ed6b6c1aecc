"""Every HTTP operation under what its own description allows and forbids, tried by schemathesis."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from backend.app import create_app
from tests.backend.service import QUIET, running
from tests.backend.witness import Witness, witness

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]


@pytest.fixture(scope="module")
def seen() -> Iterator[Witness]:
    """A service whose sessions are few and small, with a lab to watch."""
    with running(sessions_max=3, bytes_budget=128 << 20) as up, witness(up) as stands:
        yield stands


@pytest.fixture(autouse=True)
def stood_still(seen: Witness) -> Iterator[None]:
    """After each operation's examples the lab that nobody asked for is looked at."""
    yield
    assert seen.unharmed()


schema = schemathesis.openapi.from_dict(create_app(QUIET).openapi())


@schema.parametrize()
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
def test_an_operation_answers_as_its_description_says(
    case: schemathesis.Case, seen: Witness
) -> None:
    # Made-up names find no session; most cases are to go further than that.
    if "ident" in case.path_parameters and len(repr(case.body)) % 4:
        case.path_parameters["ident"] = "default"
    response = case.call(base_url=seen.service.address)
    case.validate_response(response, checks=CHECKS)
