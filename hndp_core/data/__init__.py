"""Files that the project keeps: artefacts, trajectories, images, videos. Imports neither torch nor mujoco."""
