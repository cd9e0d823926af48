"""A record's figures as a table in Markdown."""

from hndp_core.experiments.bench.record import BenchRecord, Target


def figure_table(record: BenchRecord) -> str:
    """All figures of a record beside their targets, those with a target first."""
    names = sorted({*record.figures, *record.targets}, key=lambda name: (name not in record.targets, name))
    lines = ["| Figure | Value | Target | Reached |", "| --- | --- | --- | --- |"]
    for name in names:
        value = f"{record.figures[name]:.4g}" if name in record.figures else "not measured"
        note = f" ({record.notes[name]})" if name in record.notes else ""
        target = record.targets.get(name)
        reached = "" if target is None else ("yes" if record.reached(name) else "**no**")
        lines.append(f"| `{name}` | {value}{note} | {bound(target)} | {reached} |")
    return "\n".join(lines)


def bound(target: Target | None) -> str:
    """A target in words."""
    return ", ".join(f"{kind.replace('_', ' ')} {value:g}" for kind, value in (target or {}).items())
