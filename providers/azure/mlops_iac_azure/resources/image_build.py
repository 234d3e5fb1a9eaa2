"""`mlops-iac:azure:ImageBuild`: an image in the platform's registry, built by its own tasks.

The image's tag is the hash of all that it is built from: an image of that tag *is* the wished one,
whoever pushed it, and is adopted. Deleting the resource leaves the image: versions of models name
it by digest, and it goes with its registry.
https://learn.microsoft.com/azure/container-registry/container-registry-tasks-overview
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

import gzip
import io
import tarfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_azure import container_images, lro, rest
from mlops_iac_azure.errors import AzureError, UnreachedError
from mlops_iac_azure.resources.build_log import TIMEOUT_SECONDS, BuildLog
from mlops_iac_azure.session import Place, place_of, session

POLL_SECONDS = 5.0
"""Between two looks at a build."""
_GOES_ON = frozenset({"Queued", "Started", "Running"})
_SUCCESS = "Succeeded"
_OUTPUTS = frozenset({"image", "digest", "build"})
_REGISTRY = "Microsoft.ContainerRegistry/registries"


class ImageBuildFailedError(AzureError):
    """The registry could not build or push the image."""

    code = "image.build-failed"


class ImageBuildHandler(Handler):
    """Builds an image once for each content; adopts one that is there."""

    token = "mlops-iac:azure:ImageBuild"  # noqa: S105
    replace_on = frozenset({"registry", "repository", "tag"})
    # How an image is built changes nothing about one that is built.
    ignore = frozenset({"requests", "files", "pool"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Adopt the image of the tag, or build it and wait, with the build's log as progress."""
        where = place_of(call.config)
        # In this order: a build that ends between the two looks has left its image.
        build = _of_tag(where, inputs, _GOES_ON)
        digest = None if build else _digest(where, inputs)
        if digest is None:
            with _pool(where, inputs, call):
                build = build or _started(where, inputs, call)
                _awaited(where, build, call)
            digest = _pushed(where, inputs, build)
        else:
            call.log(f"an image of this content is there: {inputs['tag']}")
        return _identity(inputs), _state(inputs, digest, build)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the image as it is in the registry."""
        address, _, tag = resource_id.rpartition(":")
        server, _, repository = address.partition("/")
        registry = server.removesuffix(container_images.DOMAIN)
        known = {key: value for key, value in state.items() if key not in _OUTPUTS}
        named = {"registry": registry, "repository": repository, "tag": tag}
        inputs = {"requests": [], "files": {}, **known, **named}
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
        """Leave the image to its registry; what runs names it by digest."""
        call.log("the image stays: what runs, and versions to roll back to, name it by digest")


def _identity(inputs: Properties) -> str:
    return f"{_address(inputs)}:{inputs['tag']}"


def _address(inputs: Properties) -> str:
    return f"{container_images.server(inputs['registry'])}/{inputs['repository']}"


def _state(inputs: Properties, digest: str, build: str | None) -> dict[str, Any]:
    return {**inputs, "image": f"{_address(inputs)}@{digest}", "digest": digest, "build": build}


def _digest(where: Place, inputs: Properties) -> str | None:
    return container_images.digest_of(
        where, inputs["registry"], inputs["repository"], inputs["tag"]
    )


def _pushed(where: Place, inputs: Properties, build: str) -> str:
    digest = _digest(where, inputs)
    if digest is None:
        raise ImageBuildFailedError(
            f"build `{build.rpartition('/')[2]}` succeeded, but `{_identity(inputs)}` is not there",
            remedy="run `up` again; if it stays so, look at the build's log",
        )
    return digest


# --- builds


def _registry(where: Place, inputs: Properties) -> str:
    return where.id(_REGISTRY, inputs["registry"])


def _started(where: Place, inputs: Properties, call: Call) -> str:
    """Upload the folder, and ask for the build; return the run's id."""
    (wanted,) = inputs["requests"]
    registry = _registry(where, inputs)
    folder = _uploaded(where, registry, inputs, call)
    call.journal("build", tag=inputs["tag"])
    body = {**wanted["body"], "sourceLocation": folder}
    try:
        answer = rest.call(where, "POST", f"{registry}/scheduleRun", body, pause=call.wait)
    except UnreachedError:
        # It may have been carried out; a registry takes no id of ours for a run.
        lost = _of_tag(where, inputs, _GOES_ON | {_SUCCESS})
        if lost is None:
            raise
        return lost
    call.log(f"the registry builds {inputs['tag']}")
    return f"{registry}/runs/{_run_name(answer)}"


def _run_name(answer: Mapping[str, Any]) -> str:
    properties: Mapping[str, Any] = answer.get("properties") or {}
    return str(properties.get("runId") or answer.get("name"))


def _uploaded(where: Place, registry: str, inputs: Properties, call: Call) -> str:
    """Upload the folder that is built in to where the registry says; return its name there."""
    told = rest.call(
        where, "POST", f"{registry}/listBuildSourceUploadUrl", repeatable=True, pause=call.wait
    )
    # The address holds its own right to write: no token goes with it, and nobody logs it.
    answer = session(where).put(
        told["uploadUrl"],
        data=folder_archive(inputs["files"]),
        headers={"x-ms-blob-type": "BlockBlob", "Content-Type": "application/gzip"},
        timeout=TIMEOUT_SECONDS,
    )
    if not answer.ok:
        raise ImageBuildFailedError(
            f"the folder of `{inputs['tag']}` cannot be uploaded: HTTP status {answer.status_code}",
            remedy="run `up` again",
        )
    return str(told["relativePath"])


def folder_archive(files: Mapping[str, str]) -> bytes:
    """Return a compressed archive of files, always the same for the same ones."""
    stream = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as made,
    ):
        for name, path in sorted(files.items()):
            content = Path(path).read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            made.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def _of_tag(where: Place, inputs: Properties, statuses: Collection[str]) -> str | None:
    """Return a build of the same tag, such as an interrupted `up` has left behind."""
    wanted = (inputs["repository"], inputs["tag"])
    for run in rest.listed(where, f"{_registry(where, inputs)}/runs"):
        properties = run["properties"]
        made = [
            (image.get("repository"), image.get("tag"))
            for image in properties.get("outputImages") or ()
        ]
        if properties["status"] in statuses and wanted in made:
            return str(run["id"])
    return None


def _awaited(where: Place, run: str, call: Call) -> None:
    """Wait until a build has ended, with its log as progress; a stopped `up` leaves it running.

    Raises:
        ImageBuildFailedError: it did not succeed.
    """
    log = BuildLog(where, run)
    while True:
        properties = rest.call(where, "GET", run, pause=call.wait)["properties"]
        for line in log.news():
            call.log(line)
        if properties["status"] not in _GOES_ON:
            break
        call.wait(POLL_SECONDS)
    if properties["status"] != _SUCCESS:
        name = run.rpartition("/")[2]
        reason = properties.get("runErrorMessage") or log.last or "no reason was given"
        raise ImageBuildFailedError(
            f"the registry's build `{name}` ended with {properties['status']}: {reason}",
            remedy=f"the whole log: `az acr task logs --run-id {name} "
            f"--registry {run.split('/')[-3]}`",
        )


# --- the machines that a private registry builds on


class _pool:  # noqa: N801  used as a function
    """Keeps one machine of the platform's own in the subnet while a build needs it.

    A registry without a public address is reached only from there; no machine waits in between.
    https://learn.microsoft.com/azure/container-registry/tasks-agent-pools
    """

    def __init__(self, where: Place, inputs: Properties, call: Call) -> None:
        self._call, self._where = call, where
        pool = inputs.get("pool")
        self._path = f"{_registry(where, inputs)}/agentPools/{pool}" if pool else None

    def __enter__(self) -> None:
        self._scale(1)

    def __exit__(self, *_: object) -> None:
        self._scale(0)

    def _scale(self, count: int) -> None:
        if self._path is not None:
            body = {"properties": {"count": count}}
            lro.run(self._where, "PATCH", self._path, body, pause=self._call.wait)
