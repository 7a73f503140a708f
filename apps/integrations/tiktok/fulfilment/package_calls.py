"""Calls that ask for packages: which there are, and where they have been."""

from collections.abc import Callable
from datetime import datetime

from apps.integrations.contracts import PackagePage, RemotePackage, RemoteTrackingStep
from apps.integrations.errors import MalformedReply, NotFound, RequestRefused
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.fulfilment.codes import NOT_THIS_SHOPS
from apps.integrations.tiktok.fulfilment.packages import (
    package_from_json,
    package_page_from_json,
    tracking_from_json,
)
from apps.integrations.tiktok.pages import page_params, window
from apps.integrations.tiktok.reading import JsonObject, Unreadable

SEARCH_PACKAGES = Operation("POST", "/fulfillment/202309/packages/search", is_safe=True)
PACKAGE = Operation("GET", "/fulfillment/202309/packages/{package_id}", is_safe=True)
TRACKING = Operation(
    "GET", "/fulfillment/202309/orders/{order_id}/tracking", is_safe=True
)

LARGEST_PAGE = 50
_NO_PACKAGE = "TikTok Shop has no such package. Look for it in Seller Center."


class PackageCalls:
    """The part of a client that asks for packages; raises PlatformError."""

    _call: Callable[..., JsonObject]

    def search_packages(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> PackagePage:
        """One page of the packages updated in [since, until), oldest update first.

        Rows of a search say less than `get_package` does. Source: "Search Package".
        """
        filters = window("update_time", since, until)
        if filters is None:
            return PackagePage((), total_count=0)
        params = page_params(LARGEST_PAGE, page_token, "update_time")
        return package_page_from_json(self._call(SEARCH_PACKAGES, params, filters))

    def get_package(self, package_id: str) -> RemotePackage:
        """All about one package. Source: "Get Package Detail".

        Raises NotFound, also for what the platform calls a lack of permission: it says
        so of packages that are not this shop's.
        """
        try:
            data = self._call(PACKAGE.of(package_id))
        except RequestRefused as error:
            if error.code not in NOT_THIS_SHOPS:
                raise
            code, request_id = error.code, error.request_id
        else:
            if data:
                return _read(data, package_id)
            code, request_id = 0, ""
        raise NotFound(_NO_PACKAGE, code=code, request_id=request_id)

    def tracking(self, order_id: str) -> list[RemoteTrackingStep]:
        """Where the order's packages have been, newest first. Source: "Get
        Tracking"."""
        return tracking_from_json(self._call(TRACKING.of(order_id)))


def _read(data: JsonObject, package_id: str) -> RemotePackage:
    try:
        return package_from_json(data)
    except Unreadable as error:
        reason = f"Package {package_id} cannot be read: {error}."
    raise MalformedReply(reason)
