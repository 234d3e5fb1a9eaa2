"""How Pulumi marks special values on the wire: the constants of its protocol.

Source: `sdk/go/common/resource/sig` and `sdk/go/common/resource/plugin` of pulumi/pulumi; the same
in every language's SDK, where they are private names.
"""

from typing import Final

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""Key that makes an object a special value; the value under it says which."""
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  a public constant
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for a value that is not known yet."""
