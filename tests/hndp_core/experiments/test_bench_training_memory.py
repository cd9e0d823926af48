from hndp_core.experiments.bench.training_memory import training_peak_mb
from hndp_core.hierarchy.config import RefinementConfig


def test_the_peak_is_of_the_training_and_grows_with_its_batch():
    small = RefinementConfig(pretrain_images=192, pretrain_steps=2, batch_size=24, threads=1)
    large = RefinementConfig(pretrain_images=192, pretrain_steps=2, batch_size=192, threads=1)
    # The first convolution's maps alone: 168 more images of 32 x 45 x 45 numbers of 4 bytes.
    maps_mb = 168 * 32 * 45**2 * 4 / 2**20
    assert training_peak_mb("scooping", large) > training_peak_mb("scooping", small) + maps_mb
