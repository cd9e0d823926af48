from .evaluation_desk import EvaluationDesk, truth_by_letter


def test_home_says_which_blind_labels_are_owed(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    desk.turn(session_id, truth_by_letter(A=True, B=True))
    page = desk.client.get("/").text
    assert "4 trials wait for a blind label" in page
    assert f'href="/evaluations/{session_id}/label"' in page
    desk.act(session_id, "close")
    assert "blind label" not in desk.client.get("/").text
