"""Jobs of every kind as Azure ML pipeline jobs: steps, definitions, runs.

A kind's steps are built by one function, `(spec, context, wiring) -> tuple[Step, ...]`; they make
the kind's own pipeline, whose start is a run, and are steps of a declared `Pipeline`. A step is a
node: a container that reads what it is told from the store, does it, and tells its end there.
"""
