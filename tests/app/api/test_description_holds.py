"""Whatever is sent to any operation, sense or nonsense: the answer is one that the description names."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, CheckContext, GenerationMode, Response
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from app.platform.database import Database
from app.trials.models import Trial

from .conftest import Program

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
EXAMPLES = 3
"""Of each operation, of sense and of nonsense each, for each role."""


def breaks(_context: CheckContext, response: Response, case: Case) -> None:
    """An error of the studio's own; only a cell that does not answer is none."""
    cell_is_silent = response.status_code == 503 and "503" in case.operation.definition.raw["responses"]
    if response.status_code >= 500 and not cell_is_silent:
        raise AssertionError(f"answered {response.status_code}: {response.text[:300]}")


CHECKS = [
    breaks,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@pytest.fixture
def known(waiting: int, draft: int, database: Database) -> list[dict[str, Any]]:
    """Parameters that lead somewhere: to what runs, and to what can still be changed."""
    with database.reading() as session:
        trial = session.query(Trial).filter(Trial.purpose == "gate").order_by(Trial.id.desc()).first()
        assert trial is not None
        shared = {"trial_id": trial.id, "number": 2, "step_id": 1, "task": "scooping", "cell_id": 1}
    return [
        {**shared, "experiment_id": waiting, "demonstration_id": 1, "user_id": 1},
        {**shared, "experiment_id": draft, "demonstration_id": 5, "user_id": 2},
    ]


def operations_of(app: FastAPI, program: Program) -> Iterator[Any]:
    description = schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json", app, headers=dict(program.client.headers)
    )
    for each in description.get_all_operations():
        assert isinstance(each, Ok), each
        yield each.ok()


def cases_of(operation: Any, known: list[dict[str, Any]]) -> st.SearchStrategy[Case]:
    names = {each.name for each in operation.path_parameters}
    sense = [
        operation.as_strategy(path_parameters={name: ids[name] for name in names & ids.keys()})
        for ids in known
    ]
    return st.one_of(*sense)


@pytest.mark.parametrize("role", ["admin", "viewer"])
def test_no_answer_is_one_that_the_description_does_not_name(
    web_app: FastAPI, program, known: list[dict[str, Any]], role: str
) -> None:
    asker, found = program(role), []
    headers = {"authorization": asker.client.headers["authorization"]}

    def wrong_with(cases: st.SearchStrategy[Case]) -> str | None:
        @seed(0)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=SLOW,
            phases=[Phase.generate],
        )
        @given(case=cases)
        def try_case(case: Case) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            try_case()
        except Exception as error:
            return str(error)
        return None

    for operation in operations_of(web_app, asker):
        nonsense = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
        for cases in (cases_of(operation, known), nonsense):
            wrong = wrong_with(cases)
            if wrong:
                found.append(f"{operation.label}: {wrong}")
    assert found == []
