"""What lies in the stack's store: blobs named by the hash of their content."""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlops_iac import custom
from mlops_iac.content import FileSet, digest, file_digest
from mlops_iac.provider import BuildContext
from mlops_iac_azure import facts

if TYPE_CHECKING:
    from pathlib import Path

    import pulumi

UPLOAD = "mlops-iac:azure:Upload"


def add_object(  # noqa: PLR0913  an object has that many facts
    context: BuildContext,
    suffix: str,
    path: str,
    place: str,
    *,
    source: "FileSet | Path | None" = None,
    content: Any = None,
    sha256: str | None = None,
    about: Mapping[str, str] | None = None,
    **options: Any,
) -> "pulumi.CustomResource":
    """Register the blob at `path`: a file, an archive of files, or `content` as JSON.

    A path that stays the same is written anew in place, so it may hold what changes.

    Args:
        context: of the component that it belongs to.
        suffix: end of its logical name.
        path: where in the bucket it lies.
        place: field of the declaration that asks for it.
        source: a file, or files that become one ZIP archive.
        content: a document, if there is no file.
        sha256: digest of the content, if it is known already.
        about: metadata beside it.
        options: of Pulumi, such as `depends_on`.
    """
    inputs: dict[str, Any] = {"path": path, "metadata": _metadata(context, about)}
    if source is None:
        text = _text(content)
        inputs |= {"form": "text", "content": text, "contentType": "application/json"}
        inputs["digest"] = _digest_of(text) if sha256 is None else sha256
    elif isinstance(source, Mapping):
        inputs |= {"form": "zip", "files": _paths(source), "contentType": "application/zip"}
        inputs["digest"] = sha256 or digest(source)
    else:
        inputs |= {"form": "file", "files": _paths({source.name: source})}
        inputs["digest"] = sha256 or file_digest(source)
    return _register(context, suffix, inputs, place, options)


def add_folder(
    context: BuildContext,
    suffix: str,
    path: str,
    place: str,
    files: FileSet,
    **options: Any,
) -> "pulumi.CustomResource":
    """Register files as blobs under `path`, one resource for all of them."""
    inputs = {
        "path": path,
        "form": "folder",
        "files": _paths(files),
        "digest": digest(files),
        "metadata": _metadata(context, None),
    }
    return _register(context, suffix, inputs, place, options)


def _register(
    context: BuildContext,
    suffix: str,
    inputs: Mapping[str, Any],
    place: str,
    options: Mapping[str, Any],
) -> "pulumi.CustomResource":
    container = () if context.foundation is None else (context.foundation.native["container"],)
    return custom.register(
        UPLOAD,
        context.name(suffix),
        {"bucket": _bucket(context, container), **inputs},
        outputs=("url",),
        # `protect` would forbid the next version; keeping the old blobs forbids nothing.
        opts=context.opts(place, retain_on_delete=context.profile.protects_data, **options),
    )


def _bucket(context: BuildContext, container: "tuple[pulumi.Output[str], ...]") -> Any:
    """Return the account's name; nothing is written before its container is there."""
    import pulumi

    known = facts.bucket(context)
    return pulumi.Output.all(*container).apply(lambda _: known) if container else known


def _metadata(context: BuildContext, about: Mapping[str, str] | None) -> dict[str, str]:
    # Names of metadata are C# identifiers: letters, digits and `_`.
    # https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
    owner = {"mlops_iac_project": context.project, "mlops_iac_stack": context.stack}
    return {**owner, **{key.replace("-", "_"): value for key, value in (about or {}).items()}}


def _paths(files: FileSet) -> dict[str, str]:
    return {name: str(path.resolve()) for name, path in files.items()}


def _text(content: Any) -> Any:
    import pulumi

    try:
        return json.dumps(content, sort_keys=True)
    except TypeError:  # it holds Outputs of the platform
        return pulumi.Output.json_dumps(content, sort_keys=True)


def _digest_of(text: Any) -> Any:
    return _sha256(text) if isinstance(text, str) else text.apply(_sha256)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
