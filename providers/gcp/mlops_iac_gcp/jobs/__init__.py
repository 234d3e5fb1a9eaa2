"""Jobs of every kind as Vertex AI pipelines: steps, definitions, runs.

A kind's steps are built by one function, `(spec, context, wiring) -> tuple[Step, ...]`; they make
the kind's own pipeline, whose start is a run, and are steps of a declared `Pipeline`. A step's
task is a launcher: it reads what it is told from the bucket, starts the job, and waits.
"""
