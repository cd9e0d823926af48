"""Tasks of the Franka Panda. Importing this package loads no simulator."""
