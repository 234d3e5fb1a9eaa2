"""The stand-ins of AWS's plugins, as the engine sees them."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

from botocore.exceptions import ClientError
from mlops_iac_aws.mutability import MUTABILITY

from mlops_iac.mutability import Mutability, mutability
from tests.clouds.aws.plugins.client import Client
from tests.clouds.aws.plugins.life import Life
from tests.clouds.aws.plugins.tables import ROWS
from tests.clouds.plugins.servicer import FailedThingError, Servicer, is_same
from tests.clouds.plugins.wire import Values
from tests.contract.walkers import checks
from tests.contract.walkers.finding import Finding


class AwsServicer(Servicer):
    """Both packages' stand-in."""

    errors: ClassVar[tuple[type[Exception], ...]] = (ClientError, FailedThingError)
    # As both official plugins do.
    another_world: ClassVar[Sequence[str]] = ("region",)

    def life(self, token: str) -> Life:
        """Return how a type lives in the region and account of the configuration."""
        if token not in ROWS:
            raise FailedThingError(f"the stand-in has no row for `{token}`: add it to `tables/`")
        tags = json.loads(self.config.get("defaultTags") or "{}").get("tags") or {}
        return Life(
            token=token,
            row=ROWS[token],
            client=self._client,
            account=self._account,
            default_tags=tags,
        )

    def findings(self, token: str, inputs: Values) -> Sequence[Finding]:
        """Judge the inputs by the contract's walkers."""
        return checks.aws(token, inputs, region=self.config.get("region"))

    def replaces(self, token: str, key: str) -> bool:
        """Take as a replacement what no row of `mutability.py` calls changeable in place."""
        return mutability(MUTABILITY, token, key) is not Mutability.IN_PLACE

    def keeps_name(self, token: str, olds: Values, news: Values) -> bool:
        """Judge by the bridge's rule (`nameRequiresDeleteBeforeReplace`): a name that stays."""
        names = {key for key in news if mutability(MUTABILITY, token, key) is Mutability.REPLACE}
        given = {key for key in names if key.lower().endswith(("name", "bucket", "key"))}
        return bool(given) and all(is_same(olds.get(key), news.get(key)) for key in given)

    @cached_property
    def _client(self) -> Client:
        return Client(self.config["region"])

    @cached_property
    def _account(self) -> str:
        account = self._client.account()
        allowed = json.loads(self.config.get("allowedAccountIds") or "[]")
        if allowed and account not in allowed:
            raise FailedThingError(f"AWS account `{account}` is none of the allowed {allowed}")
        return account
