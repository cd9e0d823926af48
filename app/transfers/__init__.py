"""What leaves the studio as a file, and comes back as one: data sets and whole experiments."""
