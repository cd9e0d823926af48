"""The pages of `docs/results`: every figure that a bench measured, beside its target."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.experiments.bench.figure_table import figure_table
from hndp_core.experiments.bench.record import BenchRecord
from hndp_core.experiments.bench.table1 import load_results
from hndp_core.experiments.table1.publish import publish


@dataclass(frozen=True)
class _Bench:
    """One bench: the title of its page, and what it measures, in a sentence."""

    title: str
    question: str


BENCHES: Mapping[str, _Bench] = {
    "table1": _Bench("H-NDP's Table I", "Every method on every task of the simulated Franka."),
    "loop": _Bench("The whole loop", "Success after five iterations of H-NDP, and what it costs."),
    "digits": _Bench("Planar digits", "Methods compared on images of handwriting (NDP Sec. 5.1, Table 2)."),
    "pose": _Bench("Visual features", "Pose error by the end of the convolutions (GPS Table II)."),
    "dmp": _Bench("The DMP layer", "Its speed beside an Euler unroll, a peer and a bare matrix product."),
    "sequential": _Bench(
        "The sequential comparison", "What looking after every pair of trials costs, and what stopping saves."
    ),
    "stop": _Bench("Stop motion", "From the press to the arm's held command, while a training runs."),
    "cell": _Bench("The arm's pace", "How even the control periods of rollouts are, while a training runs."),
    "hostile": _Bench("Hostile trajectories", "What passes the check before motion, judged by an oracle."),
    "recording": _Bench("Recordings", "What a kill costs a recording, and its gaps."),
    "label": _Bench("Labels", "How soon the next trial is there, with 10,000 trials stored."),
    "dashboards": _Bench("Dashboards", "How soon pages and figures answer, with 100,000 trials stored."),
    "export": _Bench("Exports", "Whether what is exported is read back bit by bit."),
}


def write_pages(folder: Path) -> list[Path]:
    """Write a page for each record `NAME.json` in the folder, and an index of them.

    The table's page is drawn anew from the results of its runs.

    Returns:
        The pages written.

    Raises:
        HndpError: for a file of a bench's name that is no record.
        MissingPackage: matplotlib is not installed, which the table's figures need.
    """
    store = ArtefactStore(folder)
    records = {
        name: BenchRecord.from_json((folder / f"{name}.json").read_text())
        for name in BENCHES
        if (folder / f"{name}.json").exists()
    }
    for name, record in records.items():
        if name == "table1":
            publish(folder, record, load_results(folder))
        else:
            store.write(f"{name}.md", _page(record).encode())
    store.write("index.md", _index(records).encode())
    return [folder / "index.md", *(folder / f"{name}.md" for name in records)]


def _page(record: BenchRecord) -> str:
    bench = BENCHES[record.bench]
    parts = [f"# {bench.title}", f"{bench.question} Made by `hndp bench {record.bench}`."]
    return "\n\n".join([*parts, figure_table(record), _provenance(record)]) + "\n"


def _index(records: Mapping[str, BenchRecord]) -> str:
    lines = ["| Bench | Targets reached | Measured |", "| --- | --- | --- |"]
    for name, bench in BENCHES.items():
        if name in records:
            record = records[name]
            reached = sum(record.reached(each) for each in record.targets)
            measured = f"{record.date[:10] or 'unknown date'}, commit {record.commit}"
            lines.append(
                f"| [{bench.title}]({name}.md): {bench.question} | {reached} of {len(record.targets)} | "
                f"{measured} |"
            )
        else:
            lines.append(f"| {bench.title}: {bench.question} | not measured yet | |")
    text = "Measured by the commands `hndp bench NAME`; `hndp results` writes these pages from their records."
    return "\n\n".join(["# Results", text, "\n".join(lines)]) + "\n"


def _provenance(record: BenchRecord) -> str:
    measured = f"Measured {record.date.replace('T', ' ')}" if record.date else "Measured at an unknown time"
    seconds = (
        ""
        if record.seconds is None
        else f", {record.seconds / 60:.1f} minutes for what earlier calls had not made"
    )
    machine = "an unknown machine" if record.machine is None else str(record.machine)
    return f"{measured}{seconds}, commit {record.commit}, on {machine}."
