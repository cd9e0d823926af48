"""Queries of transfers. The caller owns the transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app.platform.errors import NotFound
from app.transfers.models import Transfer

UNDER_WAY = ("queued", "running")


class TransferRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, transfer_id: int) -> Transfer:
        """
        Raises:
            NotFound: no such transfer.
        """
        row = self._session.get(Transfer, transfer_id)
        if row is None:
            raise NotFound("file", transfer_id)
        return row

    def add(self, row: Transfer) -> None:
        self._session.add(row)
        self._session.flush()

    def selected_exports(self, experiment_id: int) -> Select[Transfer]:
        """Data sets and archives of an experiment."""
        return _whole().where(Transfer.experiment_id == experiment_id, Transfer.kind != "restoration")

    def of_experiment(self, experiment_id: int) -> Sequence[Transfer]:
        """Data sets and archives of an experiment, newest first."""
        query = self.selected_exports(experiment_id)
        return self._session.scalars(query.order_by(Transfer.id.desc())).all()

    def selected_restorations(self) -> Select[Transfer]:
        """Archives that were uploaded."""
        return _whole().where(Transfer.kind == "restoration")

    def restorations(self, limit: int) -> Sequence[Transfer]:
        """Archives that were uploaded, newest first."""
        query = self.selected_restorations()
        return self._session.scalars(query.order_by(Transfer.id.desc()).limit(limit)).all()

    def last_restoration(self, name: str) -> Transfer | None:
        """The newest restoration that was to become an experiment of that name."""
        return self._session.scalars(
            select(Transfer)
            .where(Transfer.kind == "restoration", Transfer.name == name)
            .order_by(Transfer.id.desc())
            .limit(1)
        ).first()

    def under_way(self, kind: str, experiment_id: int) -> Sequence[Transfer]:
        """What was asked of an experiment and is not there yet."""
        return self._session.scalars(
            select(Transfer).where(
                Transfer.kind == kind,
                Transfer.experiment_id == experiment_id,
                Transfer.status.in_(UNDER_WAY),
            )
        ).all()

    def expired(self, present: datetime) -> Sequence[Transfer]:
        """Files whose time is over."""
        return self._session.scalars(
            select(Transfer).where(Transfer.artefact_key.is_not(None), Transfer.expires_at < present)
        ).all()


def _whole() -> Select[Transfer]:
    """Transfers with who asked for them."""
    return select(Transfer).options(joinedload(Transfer.created_by))
