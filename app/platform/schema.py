"""All tables in one place: importing this module fills `Model.metadata` for migrations and tests."""

from app.accounts import models as accounts
from app.api import models as api
from app.audit import models as audit
from app.cells import models as cells
from app.dashboards import models as dashboards
from app.demonstrations import models as demonstrations
from app.evaluations import models as evaluations
from app.experiments import models as experiments
from app.platform.model import Model
from app.training import models as training
from app.transfers import models as transfers
from app.trials import models as trials

metadata = Model.metadata

__all__ = [
    "accounts",
    "api",
    "audit",
    "cells",
    "dashboards",
    "demonstrations",
    "evaluations",
    "experiments",
    "metadata",
    "training",
    "transfers",
    "trials",
]
