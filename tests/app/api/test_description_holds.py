"""Whatever is sent to any operation, sense or nonsense: the answer is one that the description names."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as attempts
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
from app.platform.settings import Settings
from app.transfers.models import Transfer
from app.transfers.selection import Selection
from app.trials.models import Trial

from .conftest import Program

schemathesis.serializer.alias("application/zip", "application/octet-stream")
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


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
def known(waiting: int, draft: int, database: Database, settings: Settings) -> list[dict[str, Any]]:
    """Parameters that lead somewhere: to what runs, and to what can still be changed."""
    stored = settings.artefacts.write("transfers/1/set.zip", b"PK")
    with database.transaction() as session:
        trial = session.query(Trial).filter(Trial.purpose == "gate").order_by(Trial.id.desc()).first()
        assert trial is not None
        chosen = Selection().to_json()
        for status, file in (("done", stored.key), ("running", None)):
            session.add(
                Transfer(
                    kind="dataset",
                    status=status,
                    experiment_id=waiting,
                    selection=chosen,
                    name="set.zip",
                    artefact_key=file,
                    created_by_id=1,
                )
            )
        shared = {"trial_id": trial.id, "number": 2, "step_id": 1, "task": "scooping", "cell_id": 1}
    return [
        {**shared, "experiment_id": waiting, "demonstration_id": 1, "user_id": 1, "transfer_id": 1},
        {**shared, "experiment_id": draft, "demonstration_id": 5, "user_id": 2, "transfer_id": 2},
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


@pytest.mark.parametrize(("role", "examples"), [("admin", 3), ("viewer", 1)])
def test_no_answer_is_one_that_the_description_does_not_name(
    web_app: FastAPI, program, known: list[dict[str, Any]], role: str, examples: int
) -> None:
    """`examples` of each operation, of sense and of nonsense; a viewer is mostly refused at the door."""
    asker, found = program(role), []
    headers = {"authorization": asker.client.headers["authorization"]}

    def wrong_with(cases: st.SearchStrategy[Case]) -> str | None:
        @seed(0)
        @attempts(
            max_examples=examples,
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
