"""Benches: one module each, a plain function that measures and returns a `BenchRecord`."""

from hndp_core.experiments.bench.record import BenchRecord, Target

__all__ = ["BenchRecord", "Target"]
