"""Arbitrary responses: any JSON, odd keys, the keys that mean something to contracts."""

from __future__ import annotations

from hypothesis import strategies as st

_SPECIAL = ["type", "object", "ok", "id", "errors", "data", "properties", "*", "{*}", "a/b", "m~n", "<x=1>"]
_TEXTS = ["page", "user", "open_now", "2024-01-01", "a@b.io", "https://a.io/x", "2024-01-01T00:00:00Z"]

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from([2**63, -(2**70)])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4)
    | st.sampled_from(_TEXTS)
)
_WORDS = st.sampled_from(["page", "user", "block"])
_TAGGED = st.fixed_dictionaries(
    {"object": _WORDS}, optional={"type": _WORDS, "page": st.booleans(), "user": st.integers(), "block": st.none()}
)


def _steady(tagged: dict[str, object]) -> dict[str, object]:
    """Keys that follow from the tags, as in a discriminated union."""
    tags = {value for value in tagged.values() if isinstance(value, str)}
    return {f"{tag}_{number}": tag for tag in tags for number in range(3)} | tagged


BODIES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(_TAGGED.map(_steady), max_size=5)
        | st.dictionaries(st.text(max_size=3) | st.sampled_from(_SPECIAL), inner, max_size=4)
    ),
    max_leaves=12,
)
HEADERS = st.dictionaries(
    st.sampled_from(["Content-Type", "Link", "X-Total", "Sunset", "Date"]),
    st.sampled_from(["application/json; charset=utf-8", "text/html", "1", "<x>; rel=next"]),
)
ENVELOPES = st.lists(
    st.fixed_dictionaries(
        {"status": st.sampled_from([200, 200, 200, 201, 404]), "body": BODIES}, optional={"headers": HEADERS}
    ),
    min_size=1,
    max_size=12,
)
