"""A recorded experiment that comes with the studio, so that a newcomer can look around in it."""
