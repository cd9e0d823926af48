from hndp_core.experiments.bench.sequential import measure


def test_few_simulated_sessions_agree_with_the_exact_figures():
    record = measure(sessions=300)
    figures = record.figures
    assert figures == measure(sessions=300).figures, "the same seed gives the same bits"
    assert figures["false_positive_rate_exact_worst"] <= 0.05
    assert figures["power_exact"] >= 0.8
    assert abs(figures["power"] - figures["power_exact"]) < 0.08
    assert abs(figures["mean_pairs"] - figures["mean_pairs_exact"]) < 6
