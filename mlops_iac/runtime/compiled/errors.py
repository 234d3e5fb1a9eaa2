"""Why something goes the plain way; neither error ever reaches a user."""


class NotCompilableError(Exception):
    """A model that no table here covers, or that did not answer as the plain one does."""


class UncoveredValueError(Exception):
    """A value that only the plain way can judge, such as a category that the model refuses."""
