"""Errors that a person is told about. Each carries its HTTP status; one handler renders them all."""


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


class StartUpError(AppError):
    """A process cannot start: shown on the terminal, without a traceback."""

    status_code = 500
