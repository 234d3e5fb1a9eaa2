"""What a user is told when the engine fails, from the engine's own words."""

import pytest

from mlops_iac.engine import errors
from mlops_iac.engine.failures import failure


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("gcp", "`pulumi plugin install resource gcp 10.2.0`"),
        ("aws-native", "`pulumi plugin install resource aws-native 10.2.0`"),
        ("mlops-iac", "`mlops-iac plugin install`"),
    ],
)
def test_a_missing_plugin_is_told_with_the_words_that_install_it(name: str, remedy: str) -> None:
    said = (
        f"error: no resource plugin 'pulumi-resource-{name}' found in the workspace "
        "at version v10.2.0 or on your $PATH"
    )

    error = failure(said, [], None)

    assert isinstance(error, errors.PluginMissingError)
    assert remedy in error.remedy
