"""Array shapes and argument types of the method's innermost floors are checked while tests run."""

from jaxtyping import install_import_hook

install_import_hook(["hndp_core.motion", "hndp_core.policies"], "beartype.beartype")
