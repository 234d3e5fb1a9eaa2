"""`mlops-iac:gcp:ImageBuild`: an image in the platform's repository, built by Cloud Build.

The image's tag is the hash of all that it is built from, and the repository's tags are immutable:
an image of that tag *is* the wished one, whoever pushed it, and is adopted. Deleting the resource
leaves the image: versions of models name it by digest, and goes with its repository.
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_gcp import rest
from mlops_iac_gcp.errors import GcpError, UnreachedError
from mlops_iac_gcp.faults import found
from mlops_iac_gcp.session import Place, place_of

POLL_SECONDS = 5.0
"""Between two looks at a build; twelve reads of its log in a minute, of the sixty that a project
may make: https://cloud.google.com/logging/quotas."""
_BUILDS, _REGISTRY = "cloudbuild.v1", "artifactregistry.v1"
_GOES_ON = frozenset({"STATUS_UNKNOWN", "PENDING", "QUEUED", "WORKING"})
_SUCCESS = "SUCCESS"
_OUTPUTS = frozenset({"image", "digest", "build"})


class ImageBuildFailedError(GcpError):
    """Cloud Build could not build or push the image."""

    code = "image.build-failed"


class ImageBuildHandler(Handler):
    """Builds an image once for each content; adopts one that is there."""

    token = "mlops-iac:gcp:ImageBuild"  # noqa: S105
    replace_on = frozenset({"package", "tag"})
    # How an image is built changes nothing about one that is built.
    ignore = frozenset({"requests"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Adopt the image of the tag, or build it and wait, with the build's log as progress."""
        where = place_of(call.config)
        # In this order: a build that ends between the two looks has left its image.
        build = _of_tag(where, inputs, _GOES_ON)
        digest = None if build else _digest(where, inputs)
        if digest is None:
            build = build or _started(where, inputs, call)
            _awaited(where, build, call)
            digest = _pushed(where, inputs, build)
        else:
            call.log(f"an image of this content is there: {inputs['tag']}")
        return _identity(inputs), _state(inputs, digest, build)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the image as it is in the repository."""
        package, _, tag = resource_id.partition("/tags/")
        known = {key: value for key, value in state.items() if key not in _OUTPUTS}
        inputs = {"requests": [], **known, "package": package, "tag": tag}
        digest = _digest(place_of(call.config), inputs)
        if digest is None:
            return None
        return Existing(
            id=resource_id, state=_state(inputs, digest, state.get("build")), inputs=inputs
        )

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Keep the image; only what a later build would be asked has changed."""
        return {**inputs, **{key: state[key] for key in _OUTPUTS}}

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Leave the image to its repository; what runs names it by digest."""
        call.log("the image stays: what runs, and versions to roll back to, name it by digest")


def _identity(inputs: Properties) -> str:
    return f"{inputs['package']}/tags/{inputs['tag']}"


def _state(inputs: Properties, digest: str, build: str | None) -> dict[str, Any]:
    address = f"{_address(inputs['package'])}@{digest}"
    return {**inputs, "image": address, "digest": digest, "build": build}


def _address(package: str) -> str:
    """Return the address that a package of a repository is pulled at."""
    _, project, _, region, _, repository, _, name = package.split("/")
    # A project of an old domain is written with a slash: `example.com:p` is `example.com/p`.
    return f"{region}-docker.pkg.dev/{project.replace(':', '/')}/{repository}/{name}"


def _digest(where: Place, inputs: Properties) -> str | None:
    get = "projects.locations.repositories.packages.tags.get"
    tag = found(rest.call, where, _REGISTRY, get, {"name": _identity(inputs)})
    return None if tag is None else tag["version"].rpartition("/")[2]


# --- builds


def _started(where: Place, inputs: Properties, call: Call) -> str:
    (wanted,) = inputs["requests"]
    call.journal("build", tag=inputs["tag"])
    try:
        answer = rest.call(
            where,
            _BUILDS,
            "projects.locations.builds.create",
            {"parent": where.parent},
            wanted["body"],
            pause=call.wait,
        )
    except UnreachedError:
        # It may have been carried out; Cloud Build takes no id of ours.
        lost = _of_tag(where, inputs, _GOES_ON | {_SUCCESS})
        if lost is None:
            raise
        return lost
    call.log(f"Cloud Build builds {inputs['tag']}")
    return _name(where, answer["metadata"]["build"])


def _of_tag(where: Place, inputs: Properties, statuses: Collection[str]) -> str | None:
    """Return a build of the same tag, such as an interrupted `up` has left behind."""
    (wanted,) = inputs["requests"]
    (mark,) = wanted["body"]["tags"]
    asked = {"parent": where.parent, "filter": f'tags="{mark}"'}
    builds = rest.listed(where, _BUILDS, "projects.locations.builds.list", asked, "builds")
    return next((_name(where, each) for each in builds if each["status"] in statuses), None)


def _name(where: Place, build: Mapping[str, Any]) -> str:
    return build.get("name") or f"{where.parent}/builds/{build['id']}"


def _awaited(where: Place, name: str, call: Call) -> None:
    """Wait until a build has ended, with its log as progress; a stopped `up` leaves it running.

    Raises:
        ImageBuildFailedError: it did not succeed.
    """
    log = _Log(where, name)
    while True:
        build = rest.call(where, _BUILDS, "projects.locations.builds.get", {"name": name})
        for line in log.news():
            call.log(line)
        if build["status"] not in _GOES_ON:
            break
        call.wait(POLL_SECONDS)
    if build["status"] != _SUCCESS:
        raise ImageBuildFailedError(
            f"Cloud Build ended with {build['status']}: {'; '.join(_reasons(build))}",
            remedy=f"the whole log: {build.get('logUrl', name)}",
        )


def _reasons(build: Mapping[str, Any]) -> Iterator[str]:
    if detail := build.get("failureInfo", {}).get("detail") or build.get("statusDetail"):
        yield detail
    for number, step in enumerate(build.get("steps", ())):
        if step.get("status") not in {None, _SUCCESS, "QUEUED"}:
            yield f"step {number} (`{step['name']}`) {step['status']}"


@dataclass
class _Log:
    """The log of a build, read as it grows."""

    where: Place
    build: str
    since: str = ""
    """Time of the newest entry that was told; several may have it."""
    told: set[str] = field(default_factory=set[str])

    def news(self) -> Iterator[str]:
        """Yield the lines that were not told yet."""
        asked = {
            "resourceNames": [f"projects/{self.where.project}"],
            "filter": self._filter(),
            "orderBy": "timestamp asc",
            "pageSize": 1000,
        }
        answer = rest.call(self.where, "logging.v2", "entries.list", {}, asked)
        for entry in answer.get("entries", ()):
            if entry["insertId"] not in self.told:
                self.told.add(entry["insertId"])
                self.since = entry["timestamp"]
                yield entry.get("textPayload", "").rstrip()

    def _filter(self) -> str:
        identity = self.build.rpartition("/")[2]
        of_build = f'resource.type="build" AND resource.labels.build_id="{identity}"'
        return f'{of_build} AND timestamp>="{self.since}"' if self.since else of_build


def _pushed(where: Place, inputs: Properties, build: str) -> str:
    digest = _digest(where, inputs)
    if digest is None:
        raise ImageBuildFailedError(
            f"build `{build}` succeeded, but `{_identity(inputs)}` is not in the registry",
            remedy="run `up` again; if it stays so, look at the build's log",
        )
    return digest
