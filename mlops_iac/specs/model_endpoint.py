"""A model served online."""

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import Field, GetJsonSchemaHandler, Tag, model_serializer, model_validator
from pydantic_core import CoreSchema, PydanticCustomError

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask, Part, Spec
from mlops_iac.specs.compute import Compute
from mlops_iac.specs.jobs import EnvironmentName, has_secret
from mlops_iac.specs.registered_model import RegisteredModel
from mlops_iac.specs.types import Duration, Ref, SecretRef
from mlops_iac.specs.variants import by_keys
from mlops_iac.wishes import CHAMPION

_TEXT = r"^([^@/]+)(?:@([^@/]+)|/(\d+))?$"


class ModelVersionRef(Part):
    """Which version of a model: `late@champion` follows an alias, `late/3` is pinned."""

    name: Ref[RegisteredModel]
    """The registered model."""
    alias: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9-]{0,62}$")
    """Alias to follow."""
    version: int | None = Field(default=None, ge=1)
    """Version to pin."""

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        name = getattr(value, "name", value) if not isinstance(value, ModelVersionRef) else value
        if not isinstance(name, str):
            return value
        match = re.fullmatch(_TEXT.strip("^$"), name)
        if match is None:
            raise PydanticCustomError(
                "model", "is a model with an alias, `late@champion`, or a version, `late/3`"
            )
        alias, version = match[2], match[3]
        return {
            "name": match[1],
            "alias": alias or (None if version else CHAMPION),
            "version": int(version) if version else None,
        }

    @model_serializer
    def _text(self) -> str:
        return f"{self.name}/{self.version}" if self.version else f"{self.name}@{self.alias}"

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "pattern": _TEXT, "examples": ["late@champion", "late/3"]}

    @property
    def is_pinned(self) -> bool:
        """Whether it names one version for good."""
        return self.version is not None


class FixedReplicas(Part):
    """Always the same number of replicas."""

    mode: Literal["fixed"] = "fixed"
    replicas: int = Field(default=1, ge=1, le=1000)
    """Replicas kept running."""


class AutoscaledReplicas(Part):
    """Replicas that follow the load."""

    mode: Literal["autoscaled"] = "autoscaled"
    min: int = Field(default=1, ge=0, le=1000)
    """Fewest replicas; 0 asks for scale to zero."""
    max: int = Field(ge=1, le=1000)
    """Most replicas."""
    requests_per_replica: int = Field(default=100, ge=1, le=1_000_000)
    """Requests a minute that one replica should carry."""

    @model_validator(mode="after")
    def _is_ordered(self) -> "AutoscaledReplicas":
        if self.min > self.max:
            raise PydanticCustomError(
                "order", "`min` is {min} and `max` is {max}", {"min": self.min, "max": self.max}
            )
        return self


class Serverless(Part):
    """No machine of one's own: capacity by request, none while idle."""

    mode: Literal["serverless"] = "serverless"
    memory_gb: int = Field(default=2, ge=1, le=32)
    """Memory per instance in GiB."""
    max_concurrency: int = Field(default=10, ge=1, le=1000)
    """Requests answered at the same time."""


class Async(Part):
    """Requests are queued, answers are written to storage; may scale to zero."""

    mode: Literal["async"] = "async"
    max: int = Field(default=1, ge=1, le=1000)
    """Most replicas."""
    concurrency_per_replica: int = Field(default=4, ge=1, le=1000)
    """Requests that one replica works on at the same time."""


Scaling = Annotated[
    Annotated[FixedReplicas, Tag("fixed")]
    | Annotated[AutoscaledReplicas, Tag("autoscaled")]
    | Annotated[Serverless, Tag("serverless")]
    | Annotated[Async, Tag("async")],
    by_keys(
        {
            "concurrency_per_replica": "async",
            "min": "autoscaled",
            "max": "autoscaled",
            "requests_per_replica": "autoscaled",
            "memory_gb": "serverless",
            "max_concurrency": "serverless",
        },
        "fixed",
    ),
]


class AllAtOnce(Part):
    """The new version takes all traffic as soon as it is healthy."""

    mode: Literal["all_at_once"] = "all_at_once"


class Canary(Part):
    """The new version takes a part of the traffic first; it is rolled back when alarms ring."""

    mode: Literal["canary"] = "canary"
    percent: int = Field(default=10, ge=1, le=50)
    """Share of the traffic that goes to the new version first."""
    wait: Duration = timedelta(minutes=10)
    """How long the part must stay healthy."""


class Linear(Part):
    """Traffic moves in equal steps."""

    mode: Literal["linear"] = "linear"
    step_percent: int = Field(ge=10, le=50)
    """Share that moves in each step."""
    wait: Duration = timedelta(minutes=5)
    """Time between steps."""


Rollout = Annotated[
    Annotated[AllAtOnce, Tag("all_at_once")]
    | Annotated[Canary, Tag("canary")]
    | Annotated[Linear, Tag("linear")],
    by_keys({"percent": "canary", "step_percent": "linear"}, "all_at_once"),
]


class Authentication(StrEnum):
    """How a caller proves who it is."""

    IDENTITY = "identity"
    """The target's own identities: IAM, Entra; on `local` a token."""
    KEY = "key"
    """A long-lived key."""


class DataCapture(Part):
    """Requests and predictions are kept, for monitoring and retraining."""

    percent: int = Field(default=100, ge=1, le=100)
    """Share of the requests that is kept."""


class Challenger(Part):
    """Another version of the same model, beside the one that is served, on machines of its own."""

    model: ModelVersionRef
    """`late/4` is pinned, `late@challenger` follows the alias; none as long as it names none."""
    percent: int = Field(default=10, ge=1, le=100)
    """Share of the requests that it gets."""
    shadow: bool = False
    """It gets copies of its share: what it answers is captured and never returned."""

    @model_validator(mode="after")
    def _leaves_a_share(self) -> "Challenger":
        if self.percent == 100 and not self.shadow:  # noqa: PLR2004  a percentage
            raise PydanticCustomError(
                "share", "all requests go to it: serve it, or let it be a `shadow`"
            )
        return self


class ModelEndpoint(Spec):
    """A model answers predictions over HTTP."""

    kind: ClassVar[str] = "ModelEndpoint"

    model: ModelVersionRef
    """`late@champion` follows the alias, `late/3` is pinned; `late` alone means `late@champion`."""
    scaling: Scaling = FixedReplicas()
    """How many replicas, and when."""
    compute: Compute = Compute()
    """What one replica must offer."""
    rollout: Rollout = AllAtOnce()
    """How a new version takes over."""
    challenger: Challenger | None = None
    """A second version beside it, for a share of the requests; none when left out."""
    capture: DataCapture | None = None
    """What is kept of the traffic; nothing when left out."""
    authentication: Authentication = Authentication.IDENTITY
    """How a caller proves who it is."""
    timeout: Duration = timedelta(seconds=60)
    """Longest time for one prediction."""
    environment: Mapping[EnvironmentName, str | SecretRef] = Field(
        default_factory=dict, max_length=48
    )
    """Environment variables of the server: plain text, or a secret by name."""

    asks = (
        Ask(Capability.ENDPOINT_PINNED, "model", lambda s: s.model.is_pinned),
        Ask(Capability.ENDPOINT_ALIAS, "model", lambda s: not s.model.is_pinned),
        Ask(
            Capability.ENDPOINT_REPLICAS,
            "scaling.replicas",
            lambda s: isinstance(s.scaling, FixedReplicas) and s.scaling.replicas > 1,
        ),
        Ask(
            Capability.ENDPOINT_AUTOSCALING,
            "scaling",
            lambda s: isinstance(s.scaling, AutoscaledReplicas),
        ),
        Ask(
            Capability.ENDPOINT_SCALE_TO_ZERO,
            "scaling.min",
            lambda s: isinstance(s.scaling, AutoscaledReplicas) and s.scaling.min == 0,
        ),
        Ask(Capability.ENDPOINT_SERVERLESS, "scaling", lambda s: isinstance(s.scaling, Serverless)),
        Ask(Capability.ENDPOINT_ASYNC, "scaling", lambda s: isinstance(s.scaling, Async)),
        Ask(
            Capability.ENDPOINT_ACCELERATOR,
            "compute.accelerator",
            lambda s: s.compute.accelerator is not None,
        ),
        Ask(Capability.ENDPOINT_CANARY, "rollout", lambda s: isinstance(s.rollout, Canary)),
        Ask(Capability.ENDPOINT_LINEAR, "rollout", lambda s: isinstance(s.rollout, Linear)),
        Ask(
            Capability.ENDPOINT_SPLIT,
            "challenger",
            lambda s: s.challenger is not None and not s.challenger.shadow,
        ),
        Ask(
            Capability.ENDPOINT_SHADOW,
            "challenger.shadow",
            lambda s: s.challenger is not None and s.challenger.shadow,
        ),
        Ask(Capability.ENDPOINT_CAPTURE, "capture", lambda s: s.capture is not None),
        Ask(
            Capability.ENDPOINT_IDENTITY_AUTH,
            "authentication",
            lambda s: s.authentication is Authentication.IDENTITY,
        ),
        Ask(
            Capability.ENDPOINT_KEY_AUTH,
            "authentication",
            lambda s: s.authentication is Authentication.KEY,
        ),
        Ask(
            Capability.ENDPOINT_SECRETS,
            "environment",
            lambda s: has_secret(s.environment),
        ),
        Ask(
            Capability.ENDPOINT_TIMEOUT,
            "timeout",
            lambda s: s.timeout != cast("Any", type(s)).model_fields["timeout"].default,
        ),
    )
