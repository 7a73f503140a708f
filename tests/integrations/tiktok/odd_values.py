"""Values that no document promises, and that come all the same."""

from hypothesis import strategies as st

NAMES = (
    *("id", "status", "orders", "currency", "amount", "action", "deadline"),
    *("start_time", "end_time", "package_id", "detail", "code", "message"),
    *("refund_total", "order_line_item_id", "sku_id", "url"),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=8,
)
