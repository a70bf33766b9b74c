"""Settings of server processes in which checking a password takes a second of waiting, whatever the machine can do."""

from utilization.settings import *  # noqa: F403 - the product's own settings, whole

PASSWORD_HASHERS = ["tests.account.slow_hasher.SlowHasher"]
