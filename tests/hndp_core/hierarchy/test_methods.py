import subprocess
import sys

import pytest

from hndp_core.errors import InvalidSetting, UnknownName
from hndp_core.hierarchy import METHODS, RefinementConfig, get_method


def test_every_record_is_found_by_its_name_and_has_a_title_of_its_own():
    assert all(get_method(name).name == name for name in METHODS)
    assert len({each.title for each in METHODS.values()}) == len(METHODS)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UnknownName, match=r"no method 'dagger'.*hndp_same_images"):
        get_method("dagger")


@pytest.mark.parametrize("name", METHODS)
def test_only_methods_with_local_policies_have_something_to_refine(name):
    RefinementConfig(method=name, iterations=1)
    if get_method(name).local_to_global:
        RefinementConfig(method=name, iterations=2)
    else:
        with pytest.raises(InvalidSetting, match="choose 1 iteration") as refusal:
            RefinementConfig(method=name, iterations=2)
        assert refusal.value.field == "iterations"


def test_a_raw_twin_differs_in_its_conditioning_alone():
    for name, record in METHODS.items():
        if not record.conditioned:
            twin = get_method(name.removesuffix("_raw"))
            assert twin.conditioned
            assert (twin.motion, twin.local_to_global) == (record.motion, record.local_to_global)


def test_the_records_load_no_torch():
    script = "import sys, hndp_core.hierarchy.methods; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
