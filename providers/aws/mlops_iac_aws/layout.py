"""Where things lie in the stack's bucket, for those that know no declaration.

`place.py` makes addresses from a declaration; what runs inside containers has only names.
"""

MARKER = ".alias"
"""Object that keeps an alias's prefix from being empty while no version has the alias."""
MODEL, VERSION = "model.tar.gz", "version.json"
"""What stands under an alias: the model itself, and which one it is."""


def alias_prefix(model: str, alias: str) -> str:
    """Return where the copy of the version lies that an alias, or a pinned number, names."""
    return f"models/{model}/{alias}/"


def deployment_key(endpoint: str) -> str:
    """Return where the document lies by which an endpoint is deployed."""
    return f"deployments/{endpoint}.json"


def policy_prefix(policy: str) -> str:
    """Return where a retraining policy keeps what it is, remembers and decided."""
    return f"policies/{policy}/"


def split_uri(uri: str) -> tuple[str, str]:
    """Return bucket and key of an `s3://` address."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
