"""A model's prediction without data frames, for the kinds of models whose arithmetic we know.

Most of a small prediction's time goes into pandas and into checking what is checked already. A
compiled model reads JSON straight into numbers and calls the model's own arithmetic. Whatever it
does not cover, be it a model, a body or a value, goes the plain way, which alone refuses.
"""
