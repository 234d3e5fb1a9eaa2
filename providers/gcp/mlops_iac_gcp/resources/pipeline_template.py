"""`mlops-iac:gcp:PipelineTemplate`: a compiled pipeline in an Artifact Registry KFP repository.

The registry names a version by the hash of its content: a second upload of the same is the same.
What runs or schedules name by `templateUri` stays when the resource goes, unless `retain` is false.
https://cloud.google.com/artifact-registry/docs/kfp; kfp 2.16, `kfp.registry.RegistryClient`
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, InputFailure, Properties
from mlops_iac_gcp import rest
from mlops_iac_gcp.errors import GcpError
from mlops_iac_gcp.faults import found
from mlops_iac_gcp.resources.working import Work, work_of
from mlops_iac_gcp.session import Place

API, PACKAGES = "artifactregistry.v1", "projects.locations.repositories.packages"
_REPOSITORY = re.compile(
    r"projects/(?P<project>[^/]+)/locations/(?P<region>[^/]+)/repositories/(?P<name>[^/]+)"
)
_TAG = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
_NAMED = re.compile(r"(?P<repository>.+)/packages/(?P<package>[^/]+)/versions/(?P<version>[^/]+)")


@dataclass(frozen=True)
class _Version:
    repository: str
    package: str
    version: str

    @property
    def parent(self) -> str:
        return f"{self.repository}/packages/{self.package}"

    @property
    def name(self) -> str:
        return f"{self.parent}/versions/{self.version}"


class PipelineTemplateHandler(Handler):
    """Uploads a template once for each content; tags move in place."""

    token = "mlops-iac:gcp:PipelineTemplate"  # noqa: S105
    replace_on = frozenset({"repository", "template"})
    stable_outputs = frozenset({"package", "version", "templateUri"})

    def check(self, inputs: Properties) -> Sequence[InputFailure]:
        """Refuse what is no repository, no pipeline, or no tag."""
        return [
            InputFailure(property=key, reason=reason)
            for key, reason in (
                ("repository", _wrong_repository(inputs.get("repository"))),
                ("template", _wrong_template(inputs.get("template"))),
                ("tags", _wrong_tags(inputs.get("tags") or ())),
            )
            if reason
        ]

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Upload the template, or find that its content is there."""
        work = work_of(call, {})
        call.journal("create", repository=inputs["repository"])
        it = _uploaded(work, inputs)
        call.exists(it.name, _state(work, inputs, it))
        _tagged(work, it, (), inputs.get("tags") or ())
        return it.name, _state(work, inputs, it)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the template and which of its tags still name it."""
        work, named = work_of(call, {}), _NAMED.fullmatch(resource_id)
        if named is None:
            raise GcpError(
                f"`{resource_id}` is no pipeline template",
                remedy="name it as `projects/…/repositories/R/packages/P/versions/V`",
            )
        it = _Version(*named.group("repository", "package", "version"))
        if found(work.ask, API, f"{PACKAGES}.versions.get", {"name": resource_id}) is None:
            return None
        inputs = {
            "repository": it.repository,
            "template": state.get("template") or _content(work, it),
            **{key: state[key] for key in ("retain",) if key in state},
            **_declared_tags(_tags(work, it), state),
        }
        return Existing(id=resource_id, state=_state(work, inputs, it), inputs=inputs)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Move the tags."""
        work = work_of(call, {})
        it = _Version(inputs["repository"], state["package"], state["version"])
        _tagged(work, it, state.get("tags") or (), inputs.get("tags") or ())
        return _state(work, inputs, it)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Keep the template; delete it with its tags when `retain` is false."""
        work = work_of(call, {})
        if state.get("retain") is not False:
            call.log("the template stays: schedules and runs may name it")
            return
        parameters = {"name": resource_id, "force": True}
        answer = found(work.ask, API, f"{PACKAGES}.versions.delete", parameters)
        if answer is not None:
            work.end_of(API, answer, f"delete of {resource_id}")


def _wrong_repository(repository: Any) -> str:
    if repository is None or _REPOSITORY.fullmatch(str(repository)):
        return ""
    return f"`{repository}` is no repository: `projects/P/locations/L/repositories/R`"


def _wrong_template(template: Any) -> str:
    if template is None or "pipelineInfo" in str(template):
        return ""
    return "it is no compiled pipeline: it has no `pipelineInfo` (compile it with `kfp`)"


def _wrong_tags(tags: Sequence[Any]) -> str:
    wrong = [str(tag) for tag in tags if not _TAG.fullmatch(str(tag))]
    return f"{wrong} are no tags: `{_TAG.pattern}`" if wrong else ""


def _host(work: Work, repository: str) -> str:
    """Return the repository's address: `https://LOCATION-kfp.pkg.dev/PROJECT/NAME`."""
    named = _REPOSITORY.fullmatch(repository)
    if named is None:
        raise GcpError(f"`{repository}` is no repository")
    place: Place = replace(work.place, region=named["region"])
    return f"{place.address('kfp')}{named['project']}/{named['name']}"


def _uploaded(work: Work, inputs: Properties) -> _Version:
    """Upload a template; return what the registry has named it."""
    request = rest.Request(
        doing="upload of a pipeline template",
        verb="POST",
        url=_host(work, inputs["repository"]),
        query={},
        form={"content": ("pipeline.yaml", str(inputs["template"]))},
        repeatable=True,
    )
    answer = rest.answered(work.place, request, pause=work.call.wait)
    package, _, version = answer.text.strip().rpartition("/")
    return _Version(inputs["repository"], package, version)


def _content(work: Work, it: _Version) -> str:
    request = rest.Request(
        doing="download of a pipeline template",
        verb="GET",
        url=f"{_host(work, it.repository)}/{it.package}/{it.version}",
        query={},
        repeatable=True,
    )
    return rest.answered(work.place, request, pause=work.call.wait).text


def _tags(work: Work, it: _Version) -> list[str]:
    """Return the tags of a version, sorted."""
    tags = rest.listed(work.place, API, f"{PACKAGES}.tags.list", {"parent": it.parent}, "tags")
    named = (tag for tag in tags if tag["version"].rpartition("/")[2] == it.version)
    return sorted(tag["name"].rpartition("/")[2] for tag in named)


def _declared_tags(now: Sequence[str], state: Properties) -> dict[str, Any]:
    """Return the declared tags that still name the version; all after an import."""
    if "template" not in state:
        return {"tags": list(now)} if now else {}
    return {"tags": [tag for tag in state["tags"] if tag in now]} if state.get("tags") else {}


def _tagged(work: Work, it: _Version, old: Sequence[str], new: Sequence[str]) -> None:
    """Give a version its tags, also those of another version; take away what is no more wanted."""
    now = _tags(work, it)
    for tag in sorted(set(new) - set(now)):
        _point(work, it.parent, tag, it.name)
    for tag in sorted(set(old) & set(now) - set(new)):
        found(work.ask, API, f"{PACKAGES}.tags.delete", {"name": f"{it.parent}/tags/{tag}"})


def _point(work: Work, parent: str, tag: str, version: str) -> None:
    name = f"{parent}/tags/{tag}"
    body = {"name": name, "version": version}
    if found(work.ask, API, f"{PACKAGES}.tags.get", {"name": name}) is None:
        parameters = {"parent": parent, "tagId": tag}
        work.ask(API, f"{PACKAGES}.tags.create", parameters, body, repeatable=True)
    else:
        parameters = {"name": name, "updateMask": "version"}
        work.ask(API, f"{PACKAGES}.tags.patch", parameters, body)


def _state(work: Work, inputs: Mapping[str, Any], it: _Version) -> dict[str, Any]:
    uri = f"{_host(work, it.repository)}/{it.package}/{it.version}"
    return {**inputs, "package": it.package, "version": it.version, "templateUri": uri}
