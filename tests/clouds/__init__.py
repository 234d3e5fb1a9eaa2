"""Stand-ins for clouds, for tests: what a cloud answers, and the work that it would run."""
