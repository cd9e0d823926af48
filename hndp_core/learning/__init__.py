"""Training as such: a resumable optimiser loop, its checkpoints, augmentation and minibatches."""
