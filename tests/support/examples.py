"""How many examples Hypothesis tries: some in `make test`, many in `make test-long`."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

_USUAL = 100
settings.register_profile("quick", max_examples=_USUAL // 2, deadline=None)
settings.register_profile("long", max_examples=_USUAL * 10, deadline=None)
settings.load_profile("quick")  # unless pytest is told another: --hypothesis-profile=long


def examples(count: int, **more: Any) -> settings:
    """Settings for a test that wants `count` examples where others want a hundred: in each profile its share."""
    return settings(max_examples=max(1, count * settings().max_examples // _USUAL), deadline=None, **more)
