"""Addresses of the connection: ours, TikTok's way back, and those for shop owners."""

from django.urls import path

from apps.platforms.views import callback, choose, grant, links, pick, pull

app_name = "platforms"
urlpatterns = [
    path("connect/", choose.connect, name="connect"),
    path("connect/creator/", choose.connect_creator, name="connect_creator"),
    path("connect/<int:pk>/explain/", choose.explain, name="explain"),
    path("connect/<int:pk>/client/", callback.claim, name="claim"),
    path("connect/<int:pk>/finish/", pick.finish, name="finish"),
    path("connect/<int:pk>/shops/", pick.pick, name="pick"),
    path("connect/<int:pk>/pull/", pull.pull, name="pull"),
    path("shops/<int:pk>/first-pull/", pull.first_pull, name="first_pull"),
    path(
        "shops/<int:pk>/first-pull/status/",
        pull.first_pull_status,
        name="first_pull_status",
    ),
    path("tiktok/callback/", callback.callback, name="callback"),
    path("links/", links.links, name="links"),
    path("links/<int:pk>/revoke/", links.revoke, name="revoke_link"),
    path("grant/again/", grant.again, name="grant_again"),
    path("grant/finish/", grant.finish, name="grant_finish"),
    path("grant/shops/", grant.pick, name="grant_pick"),
    path("grant/thanks/", grant.thanks, name="grant_thanks"),
    path("grant/<str:token>/", grant.grant, name="grant"),
]
