"""What a person is told who guides the arm by hand."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GuidingWords:
    """A task in the words of the page on which a person guides the simulated arm.

    Attributes:
        tool: the point of the tool that is guided, such as "lip of the spoon".
        plane: to which it can be snapped, such as "floor of the bowl".
        tilts: what is done by tilting, such as "tips the cup".
        steps: how the task is done, one sentence an act.
    """

    tool: str
    plane: str
    tilts: str
    steps: tuple[str, ...]
