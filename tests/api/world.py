"""A client with one row of everything that the API tells of."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from apps.orders.models import Buyer, Order
from apps.platforms.models import (
    ApiApp,
    ApiCall,
    ConnectLink,
    Invitation,
    Shop,
    ShopRole,
)
from apps.sync.models import SyncIssue, SyncRun
from apps.users.models import AuditEntry, Client, Membership, User
from apps.users.roles import Role
from apps.users.services import audit
from tests.factories.orders import make_order, make_package
from tests.factories.platforms import (
    make_api_app,
    make_authorization,
    make_call,
    make_credential,
    make_shop,
)
from tests.factories.sync import make_run
from tests.factories.users import make_client, make_user


@dataclass(frozen=True, slots=True)
class World:
    client: Client
    admin: User
    shop: Shop
    order: Order
    run: SyncRun
    call: ApiCall
    member: Membership
    invitation: Invitation
    link: ConnectLink
    api_app: ApiApp
    entry: AuditEntry


def make_world(word: str = "") -> World:
    """Texts of the rows begin with the word."""
    client = make_client(f"{word or 'Client'} {Client.objects.count()}")
    admin = make_user(clients=[client], role=Role.ADMIN)
    shop = make_shop(client, name=f"{word} shop".strip())
    api_app = make_api_app(client=client)
    make_credential(shop, make_authorization(api_app))
    buyer = Buyer.objects.create(shop=shop, username=f"{word}buyer")
    order = make_order(
        shop,
        buyer=buyer,
        recipient_name=f"{word} Noor",
        recipient_phone="+60123456789",
        recipient_address=f"{word} street 1",
        recipient_postal_code="50000",
        recipient_region="Kuala Lumpur",
        buyer_message=f"{word} please hurry",
        seller_note=f"{word} regular",
        tracking_number=f"{word}TRACK1",
    )
    make_package(order, remote_id="p1", tracking_number=f"{word}PARC1")
    run = make_run(shop, failed=1, state=SyncRun.State.PARTLY)
    SyncIssue.objects.create(run=run, remote_id="5811", message=f"{word} no total")
    call = make_call(shop, request=f'{{"{word}": 1}}', response="{}")
    colleague = make_user(clients=[client], role=Role.ANALYST)
    member = Membership.objects.get(user=colleague)
    ShopRole.objects.create(membership=member, shop=shop, role=Role.ORDER_FULFILLMENT)
    invitation = Invitation.objects.create(
        client=client,
        email=f"{word or 'new'}@example.com".lower(),
        role=Role.ANALYST,
        invited_by=admin,
        expires_at=timezone.now() + timedelta(days=7),
    )
    invitation.shops.set([shop])
    link = ConnectLink.objects.create(
        token_hash=f"{word}{client.pk}",
        client=client,
        api_app=api_app,
        created_by=admin,
        expires_at=timezone.now() + timedelta(days=7),
    )
    entry = audit.record("paused", shop, actor=admin, client=client)
    return World(
        client=client,
        admin=admin,
        shop=shop,
        order=order,
        run=run,
        call=call,
        member=member,
        invitation=invitation,
        link=link,
        api_app=api_app,
        entry=entry,
    )
