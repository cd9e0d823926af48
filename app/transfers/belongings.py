"""What belongs to a row: every row that refers to it, and those that refer to these, by their foreign keys.

So a table that a feature adds travels and is deleted with its experiment without being named here.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ForeignKey, Table, delete, select
from sqlalchemy.orm import Session

from app.platform.schema import metadata

SHARED: Final = ("users", "cells")
"""Tables whose rows many experiments refer to: they belong to none."""

_AT_ONCE: Final = 500
"""Keys in one query: SQLite takes a limited number."""

Row = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Belongings:
    """Rows by table, those that others refer to first.

    Attributes:
        rows: rows of each table by their primary key; tables without one are left out
        ties: rows that refer to something else, too, which stays: a comparison with another experiment
    """

    rows: dict[str, dict[Key, Row]] = field(default_factory=dict)
    ties: dict[str, dict[Key, Row]] = field(default_factory=dict)

    def ids(self, table: str) -> list[int]:
        """Ids of the rows of a table that has a column of that name."""
        return [row["id"] for row in self.rows.get(table, {}).values()]

    def __iter__(self) -> Iterator[tuple[Table, Sequence[Row]]]:
        for name, rows in self.rows.items():
            yield metadata.tables[name], list(rows.values())


def belongings(session: Session, root: str, ids: Collection[int]) -> Belongings:
    """Everything that belongs to some rows of a table, with these rows.

    Args:
        session: sees one state of the database
        root: name of the table
        ids: of its rows
    """
    found = Belongings()
    for table in metadata.sorted_tables:
        if table.name in SHARED:
            continue
        if table.name == root:
            rows = _rows(session, table, table.c.id, ids)
        else:
            rows = _referring(session, table, found)
        if rows:
            own, tied = (rows, {}) if table.name == root else _divided(table, rows, found)
            found.rows.update({table.name: own} if own else {})
            found.ties.update({table.name: tied} if tied else {})
    return found


def delete_all(session: Session, all_of_it: Belongings) -> None:
    """Delete the rows and the ties, those that refer to others first."""
    for table in reversed(metadata.sorted_tables):
        rows = {**all_of_it.rows.get(table.name, {}), **all_of_it.ties.get(table.name, {})}
        key = next(iter(table.primary_key.columns))
        for keys in _pieces((row[key.name] for row in rows.values()), _AT_ONCE):
            session.execute(delete(table).where(key.in_(keys)))


def references(table: Table) -> list[tuple[str, ForeignKey]]:
    """Columns of a table with what they refer to."""
    return [(column.name, each) for column in table.columns for each in column.foreign_keys]


def _referring(session: Session, table: Table, found: Belongings) -> dict[Key, Row]:
    """Rows that refer to anything found so far, whether or not that is tied to something else."""
    rows: dict[Key, Row] = {}
    for column, reference in references(table):
        target = reference.column.table.name
        known = [*found.rows.get(target, {}).values(), *found.ties.get(target, {}).values()]
        if known:
            keys = [row[reference.column.name] for row in known]
            rows.update(_rows(session, table, table.c[column], keys))
    return rows


def _divided(
    table: Table, rows: Mapping[Key, Row], found: Belongings
) -> tuple[dict[Key, Row], dict[Key, Row]]:
    """Rows of which every reference is found or shared, and the others."""
    own, tied = {}, {}
    for key, row in rows.items():
        stays = any(
            row[column] is not None
            and reference.column.table.name not in SHARED
            and (row[column],) not in found.rows.get(reference.column.table.name, {})
            for column, reference in references(table)
        )
        (tied if stays else own)[key] = row
    return own, tied


def _rows(session: Session, table: Table, column: Any, values: Iterable[Any]) -> dict[Key, Row]:
    rows: dict[Key, Row] = {}
    for some in _pieces(values, _AT_ONCE):
        query = select(table).where(column.in_(some)).order_by(*table.primary_key.columns)
        for row in session.execute(query).mappings():
            rows[tuple(row[each.name] for each in table.primary_key.columns)] = dict(row)
    return dict(sorted(rows.items()))


def _pieces(values: Iterable[Any], size: int) -> Iterator[Sequence[Any]]:
    whole = list(values)
    return (whole[begin : begin + size] for begin in range(0, len(whole), size))
