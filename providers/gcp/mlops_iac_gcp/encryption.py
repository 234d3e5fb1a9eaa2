"""The key that data at rest is encrypted with, and who may use it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_iac import custom
from mlops_iac.provider import Grant, Problem, Scope
from mlops_iac.specs import CustomerKey, ExistingKey, Platform, Profile, is_output
from mlops_iac_gcp import facts, names, sdk
from mlops_iac_gcp.foundation import Foundation
from mlops_iac_gcp.grants import FIRST_ASKED, GRANTS, IDENTIFIED, KEY_AGENTS

SERVICE_AGENT = "mlops-iac:gcp:ServiceAgent"
_KEY = re.compile(r"projects/[^/]+/locations/(?P<region>[^/]+)/keyRings/[^/]+/cryptoKeys/[^/]+")
_DAY_SECONDS = 86_400
_DESTROY_AFTER_DAYS = 30


def key_problems(spec: Platform, scope: Scope) -> Iterator[Problem]:
    """Yield what is wrong with a key that exists already."""
    if not isinstance(spec.encryption, ExistingKey) or is_output(spec.encryption.key):
        return
    key = str(spec.encryption.key)
    match = _KEY.fullmatch(key)
    if match is None or match["region"] != scope.target.region:
        yield Problem(
            code="encryption.key",
            component=spec.name,
            field="encryption.key",
            value=key,
            message=f"`{key}` is no Cloud KMS key in `{scope.target.region}`",
            rule="`projects/P/locations/R/keyRings/K/cryptoKeys/C`, in the platform's region",
            remedy="`gcloud kms keys list` shows the full names",
        )


def add_key(foundation: Foundation) -> None:
    """Make or take the key, and let Google's service agents use it."""
    encryption = foundation.context.platform.encryption
    if isinstance(encryption, CustomerKey):
        key = _new_key(foundation, encryption).id
    elif isinstance(encryption, ExistingKey):
        key = sdk.pulumi.Output.from_input(encryption.key)
    else:
        return
    granted = [_grant(foundation, key, agent) for agent in _agents(foundation)]
    # Whoever reads the key waits for the grants: an agent that may not use it yet fails late.
    foundation.key = sdk.pulumi.Output.all(key, *[grant.id for grant in granted]).apply(_first)


def _first(values: list[str]) -> str:
    return values[0]


def _new_key(foundation: Foundation, wish: CustomerKey) -> sdk.gcp.kms.CryptoKey:
    context = foundation.context
    ring = sdk.gcp.kms.KeyRing(
        foundation.name("key-ring"),
        name=context.physical_name(names.KEY, context.component),
        project=foundation.project,
        location=foundation.region,
        # Cloud KMS cannot delete a key ring: it stays, and `destroy` forgets it.
        opts=foundation.opts("encryption", retain_on_delete=True),
    )
    level = "HSM" if context.profile is Profile.REGULATED else "SOFTWARE"
    return sdk.gcp.kms.CryptoKey(
        foundation.name("key"),
        name=context.physical_name(names.KEY, context.component, "data"),
        key_ring=ring.id,
        purpose="ENCRYPT_DECRYPT",
        rotation_period=f"{wish.rotation_days * _DAY_SECONDS}s",
        destroy_scheduled_duration=f"{_DESTROY_AFTER_DAYS * _DAY_SECONDS}s",
        version_template=sdk.gcp.kms.CryptoKeyVersionTemplateArgs(
            algorithm="GOOGLE_SYMMETRIC_ENCRYPTION", protection_level=level
        ),
        labels=facts.labels(context),
        opts=foundation.opts("encryption.rotation_days", **context.protected()),
    )


def _agents(foundation: Foundation) -> list[str]:
    has_logs = foundation.context.profile.protects_data
    return [agent for agent in KEY_AGENTS if has_logs or agent != "logging"]


def _email(foundation: Foundation, agent: str) -> sdk.pulumi.Output[str]:
    if agent in IDENTIFIED:
        return sdk.gcp.projects.ServiceIdentity(
            foundation.name(f"{agent}-agent"),
            project=foundation.project,
            service=f"{agent}.googleapis.com",
            opts=foundation.opts("encryption"),
        ).email
    if agent in FIRST_ASKED:
        context = foundation.context
        asked = custom.register(
            SERVICE_AGENT,
            foundation.name(f"{agent}-agent"),
            {"service": agent},
            outputs=("email",),
            opts=context.opts(
                "encryption", provider=foundation.plugin, depends_on=list(foundation.apis)
            ),
        )
        return getattr(asked, "email")  # noqa: B009  an output, by its name
    return foundation.agent_email(KEY_AGENTS[agent])


def _grant(
    foundation: Foundation, key: sdk.pulumi.Output[str], agent: str
) -> sdk.gcp.kms.CryptoKeyIAMMember:
    (binding,) = GRANTS[Grant.USE_KEY]
    email = _email(foundation, agent)
    return sdk.gcp.kms.CryptoKeyIAMMember(
        foundation.name(f"key-{agent}"),
        crypto_key_id=key,
        role=binding.role,
        member=sdk.pulumi.Output.concat("serviceAccount:", email),
        opts=foundation.opts("encryption"),
    )
