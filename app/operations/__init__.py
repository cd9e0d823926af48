"""What those ask who keep the studio running: whether it is alive, ready, and how busy."""
