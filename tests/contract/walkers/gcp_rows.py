"""What the tables of `pulumi-gcp` inputs share: a row's form, and the names' own rules.

Sources: magic-modules (`mmv1/products/<product>/<Resource>.yaml`, and the hand-written resources of
`terraform-provider-google` for storage, IAM and projects), which spell each exception to the name
rules; the names' rules are the APIs' own, as each check says.
"""

from collections.abc import Callable, Mapping
from functools import partial

from tests.contract.walkers.discovery import schema_shape
from tests.contract.walkers.rules import Check, pattern, shaped
from tests.contract.walkers.shape import Kind, Shape
from tests.contract.walkers.translate import Translation

# Arguments of the provider's own, and those that stand in the path.
PROVIDER = frozenset({"project", "timeouts", "deletionPolicy", "deletionProtection"})


def row(
    api: str,
    schema: str,
    names: Mapping[str, str] | None = None,
    *,
    local: str = "",
    elsewhere: Mapping[str, Callable[[], Shape]] | None = None,
    filled: str = "",
    texts: str = "",
    keyed: Mapping[str, str] | None = None,
    checks: Mapping[str, Check] | None = None,
) -> Translation:
    """Return the translation to a schema of a discovery document; lists of inputs are words."""
    return Translation(
        shape=partial(schema_shape, api, schema),
        names=names or {},
        local=PROVIDER | frozenset(local.split()),
        elsewhere=elsewhere or {},
        filled=frozenset(filled.split()),
        texts=frozenset(texts.split()),
        keyed=keyed or {},
        checks={"project": PROJECT, "labels": LABELS, **(checks or {})},
    )


# https://cloud.google.com/resource-manager/docs/creating-managing-projects, also as resource name.
PROJECT = pattern(r"(projects/)?([a-z][a-z0-9.:-]{4,61}[a-z0-9]|\d+)", "project id")
LOCATION = pattern(r"[a-z]+(-[a-z]+\d+(-[a-z])?)?", "Google Cloud locations: `europe-west4`")


def _labels() -> Shape:
    # https://cloud.google.com/resource-manager/docs/labels-overview#requirements
    key = Shape(
        Kind.STRING, "label requirements", pattern=r"[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}"
    )
    value = Shape(Kind.STRING, "label requirements", pattern=r"[\p{Ll}\p{Lo}\p{N}_-]{0,63}")
    return Shape(Kind.MAP, "label requirements", key=lambda: key, item=lambda: value, maximum=64)


LABELS = shaped(_labels)

ROLE = pattern(
    r"roles/[A-Za-z0-9]+\.[A-Za-z0-9.]+|roles/(owner|editor|viewer|browser)"
    r"|(projects|organizations)/[^/]+/roles/[A-Za-z0-9_.]{3,64}",
    "IAM role names",
)
MEMBER = pattern(
    r"allUsers|allAuthenticatedUsers|(user|serviceAccount|group|domain|deleted|principal"
    r"|principalSet|projectOwner|projectEditor|projectViewer):\S+",
    "IAM policy: Binding.members",
)


def member(path: str, checks: Mapping[str, Check] | None = None) -> Translation:
    """One member of one role on the resource that the inputs in `path` name."""
    return Translation(
        shape=partial(schema_shape, "cloudresourcemanager.v3", "Binding"),
        names={"member": "members[]"},
        local=frozenset(path.split()),
        checks={"role": ROLE, "member": MEMBER, **(checks or {})},
    )


# https://cloud.google.com/storage/docs/buckets#naming
BUCKET = pattern(r"(?!goog)(?!.*google)[a-z0-9][a-z0-9_.-]{1,220}[a-z0-9]", "bucket names")
KMS_KEY = pattern(
    r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+(/cryptoKeyVersions/\d+)?",
    "Cloud KMS key names",
)
NETWORK = pattern(r"projects/(\d+|[a-z][^/]+)/global/networks/[^/]+", "Vertex `network`")
RFC1035 = pattern(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", "Compute Engine names (RFC 1035)")
