"""Platform on Google Cloud: project and region with storage, registry, identities, tracking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from mlops_iac.collecting import Collecting
from mlops_iac.outputs import PlatformOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import Platform
from mlops_iac_gcp import facts, names, sdk
from mlops_iac_gcp.encryption import add_key, key_problems
from mlops_iac_gcp.features.online_store import add_online_store
from mlops_iac_gcp.foundation import Foundation, open_foundation
from mlops_iac_gcp.identities import Stores, add_identities
from mlops_iac_gcp.image_build import add_builder, runtime_image
from mlops_iac_gcp.images import image_problems, let_vertex_pull
from mlops_iac_gcp.network import add_network, network_problems
from mlops_iac_gcp.platform_sharing import join_platform, register_guard
from mlops_iac_gcp.storage import add_bucket, add_repository

# https://cloud.google.com/resource-manager/docs/creating-managing-projects ; the first form
# belongs to old domain-scoped projects.
_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_SERVICE_ACCOUNT = re.compile(r"[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com")
_LOG_DAYS = 365
_LOGGED = ('"ml_job"', '"aiplatform.googleapis.com/Endpoint"', '"cloud_run_revision"')


class PlatformAdapter:
    """The foundation. Vertex AI has no workspace: project and region are the unit."""

    shares: ClassVar[tuple[str, ...]] = (
        "bucket",
        "builder",
        "network",
        "network_attachment",
        "runtime_image",
        "subnet",
        "tensorboard",
        "vertex_agent",
    )
    """Native facts that other stacks on the platform need."""

    def check(self, spec: Platform, scope: Scope) -> Iterator[Problem]:
        """Yield what Google Cloud would refuse, and what it would silently change."""
        yield from _account_problems(spec, scope)
        yield from _role_problems(spec)
        yield from _tag_problems(spec)
        yield from network_problems(spec, scope)
        yield from key_problems(spec, scope)
        yield from image_problems(spec)

    def build(self, spec: Platform, context: BuildContext) -> PlatformOutputs:
        """Register the foundation."""
        watched = Collecting.of(context)
        outputs = self._build(spec, watched)
        register_guard(watched, outputs.pulumi_providers[-1])
        return outputs

    def join(self, spec: Platform, context: BuildContext) -> PlatformOutputs:  # noqa: ARG002
        """Register what a stack has of its own on another's platform: mark and identities."""
        assert context.shared is not None  # noqa: S101  why it is called
        return join_platform(context, context.shared)

    def _build(self, spec: Platform, context: BuildContext) -> PlatformOutputs:
        foundation = open_foundation(context)
        add_key(foundation)
        bucket = add_bucket(foundation)
        repository = add_repository(foundation)
        stores = Stores(bucket=bucket.name, repository=repository.repository_id)
        network = add_network(foundation)
        let_vertex_pull(foundation)
        tensorboard = _tensorboard(foundation)
        if context.profile.protects_data:
            _logs(foundation)
        builder = add_builder(foundation, stores)
        image = sdk.pulumi.Output.from_input(spec.runtime_image)
        if spec.runtime_image is None:
            image = runtime_image(foundation, builder, [bucket, repository])
        known = sdk.pulumi.Output.from_input
        return PlatformOutputs(
            native_id=known(facts.location(context)),
            console_url=known(facts.console(context, "vertex-ai")),
            artifact_root=sdk.pulumi.Output.concat("gs://", bucket.name),
            image_registry=repository.id.apply(lambda _: facts.image_registry(context)),
            # Vertex AI speaks no MLflow: runs write TensorBoard logs and a record of their own.
            tracking_uri=known(None),
            workspace=known(None),
            encryption_key=known(foundation.key),
            identities=add_identities(foundation, stores),
            native={
                "bucket": bucket.name,
                "builder": builder,
                "network": known(network.network),
                "network_attachment": known(network.attachment),
                "runtime_image": image,
                "subnet": known(network.subnet),
                "tensorboard": tensorboard.name,
                "vertex_agent": _agent_email(foundation),
                **add_online_store(foundation),
            },
            pulumi_providers=(foundation.provider, foundation.plugin),
        )


def _agent_email(foundation: Foundation) -> sdk.pulumi.Output[str]:
    assert foundation.agent is not None  # noqa: S101  made when the foundation is opened
    return foundation.agent.email


def _tensorboard(foundation: Foundation) -> sdk.gcp.vertex.AiTensorboard:
    context = foundation.context
    return sdk.gcp.vertex.AiTensorboard(
        foundation.name("tensorboard"),
        display_name=context.physical_name(names.DISPLAY, context.component),
        description=f"Runs of {context.project} ({context.stack})",
        project=foundation.project,
        region=foundation.region,
        encryption_spec=None
        if foundation.key is None
        else sdk.gcp.vertex.AiTensorboardEncryptionSpecArgs(kms_key_name=foundation.key),
        labels=foundation.labels,
        opts=foundation.opts("", **context.protected()),
    )


def _logs(foundation: Foundation) -> None:
    """Keep the logs of jobs and endpoints for a year, beside the default bucket's 30 days."""
    context = foundation.context
    bucket = sdk.gcp.logging.ProjectBucketConfig(
        foundation.name("logs"),
        project=foundation.project,
        location=foundation.region,
        bucket_id=context.physical_name(names.LOG, context.component),
        description=f"Jobs and endpoints of {context.project} ({context.stack})",
        retention_days=_LOG_DAYS,
        cmek_settings=None
        if foundation.key is None
        else sdk.gcp.logging.ProjectBucketConfigCmekSettingsArgs(kms_key_name=foundation.key),
        opts=foundation.opts("profile", **context.protected()),
    )
    sdk.gcp.logging.ProjectSink(
        foundation.name("logs-sink"),
        name=context.physical_name(names.LOG, context.component, "sink"),
        project=foundation.project,
        description=f"Jobs and endpoints of {context.project} ({context.stack})",
        destination=sdk.pulumi.Output.concat("logging.googleapis.com/", bucket.id),
        filter=f"resource.type=({' OR '.join(_LOGGED)})",
        unique_writer_identity=True,
        opts=foundation.opts("profile"),
    )


def _account_problems(spec: Platform, scope: Scope) -> Iterator[Problem]:
    account = scope.target.account
    if account is not None and not _PROJECT.fullmatch(account):
        yield Problem(
            code="account.malformed",
            component=spec.name,
            field="account",
            value=account,
            message=f"`{account}` is no Google Cloud project id",
            rule="6 to 30 lower-case letters, digits and `-`, letter first",
            remedy="give the project's id, not its name or number",
        )


def _role_problems(spec: Platform) -> Iterator[Problem]:
    if spec.role is not None and not _SERVICE_ACCOUNT.fullmatch(spec.role):
        yield Problem(
            code="role.malformed",
            component=spec.name,
            field="role",
            value=spec.role,
            message=f"`{spec.role}` is no service account",
            rule="`name@project.iam.gserviceaccount.com`",
            remedy="give the account that deploys; you need `roles/iam.serviceAccountTokenCreator`",
        )


def _tag_problems(spec: Platform) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key, value in spec.tags.items():
        label = names.label_key(key)
        if not names.LABEL_PATTERN.fullmatch(label):
            yield _tag_problem(spec, key, f"`{key}` cannot become a label", "a letter comes first")
        elif label in seen:
            same = f"`{key}` and `{seen[label]}` become the same label, `{label}`"
            yield _tag_problem(spec, key, same, "label keys have no capital letters")
        seen[label] = key
        if max(len(key), len(value)) > names.LABEL_LENGTH:
            text = f"`{key}` is longer than a label may be"
            yield _tag_problem(spec, key, text, f"at most {names.LABEL_LENGTH} characters")


def _tag_problem(spec: Platform, key: str, message: str, rule: str) -> Problem:
    return Problem(
        code="tags.label",
        component=spec.name,
        field=f"tags.{key}",
        value=key,
        message=message,
        rule=rule,
        remedy="rename the tag",
    )
