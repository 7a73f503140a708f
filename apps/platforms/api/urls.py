"""Addresses below /api/v1/: clients, shops, teams, links, calls."""

from rest_framework.routers import SimpleRouter

from apps.platforms.api.calls import Calls
from apps.platforms.api.clients import Clients
from apps.platforms.api.connect_links import ConnectLinks
from apps.platforms.api.invitations import Invitations
from apps.platforms.api.members import Members
from apps.platforms.api.shops import Shops

router = SimpleRouter(use_regex_path=False)
router.register("clients", Clients, "client")
router.register("shops", Shops, "shop")
router.register("members", Members, "member")
router.register("invitations", Invitations, "invitation")
router.register("connect-links", ConnectLinks, "connect-link")
router.register("calls", Calls, "call")

urlpatterns = router.urls
