"""Errors that a person is told about. Each carries its HTTP status; one handler renders them all."""

from collections.abc import Mapping


class AppError(Exception):
    """Base: `message` says what is wrong and what to do; `field` names the input at fault, if one is."""

    status_code = 400

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotSignedIn(AppError):
    status_code = 401


class NotAllowed(AppError):
    status_code = 403


class NotFound(AppError):
    status_code = 404

    def __init__(self, what: str, key: object) -> None:
        super().__init__(
            f"There is no {what} {key}. It may have been removed: go back to the list and choose again."
        )


class InTheBin(AppError):
    """Something that was thrown away: only the bin shows it."""

    status_code = 404

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is in the bin. Open the bin, below the list of experiments, to bring it back."
        )


class Conflict(AppError):
    """The request does not fit the present state; nothing was changed."""

    status_code = 409


class Invalid(AppError):
    """A value that cannot be used; `field` names it."""

    status_code = 422


class InvalidInputs(Invalid):
    """Several values that cannot be used; `errors` says what is wrong with each, by the name of its input."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()), field=next(iter(errors), None))
        self.errors = dict(errors)


class PreconditionFailed(AppError):
    """What is to be changed is not as the asker has seen it; nothing was changed."""

    status_code = 412


class StartUpError(AppError):
    """A process cannot start: shown on the terminal, without a traceback."""

    status_code = 500
