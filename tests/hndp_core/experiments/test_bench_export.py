from hndp_core.experiments.bench import export


def test_a_short_bench_finds_every_bit_again() -> None:
    record = export.measure(rollouts=1, episodes=4, steps=30)
    assert record.met
    assert record.figures["round_trip_equal"] == 1.0
    assert record.figures["lerobot_written_per_s"] > 0.0
