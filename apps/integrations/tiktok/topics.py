"""What TikTok Shop's webhooks are about: their type numbers and our names.

Deliveries carry numbers, subscriptions names. Source: Partner Center, webhook pages.
"""

from enum import StrEnum


class Topic(StrEnum):
    """Subjects we have a name for; UNKNOWN is any other, which comes unannounced.

    The first group can be subscribed per shop, under its name in upper case.
    """

    ORDER_STATUS_CHANGE = "order_status_change"
    RECIPIENT_ADDRESS_UPDATE = "recipient_address_update"
    PACKAGE_UPDATE = "package_update"
    PRODUCT_STATUS_CHANGE = "product_status_change"
    SELLER_DEAUTHORIZATION = "seller_deauthorization"
    UPCOMING_AUTHORIZATION_EXPIRATION = "upcoming_authorization_expiration"
    CANCELLATION_STATUS_CHANGE = "cancellation_status_change"
    RETURN_STATUS_CHANGE = "return_status_change"
    NEW_CONVERSATION = "new_conversation"
    NEW_MESSAGE = "new_message"
    PRODUCT_INFORMATION_CHANGE = "product_information_change"
    PRODUCT_CREATION = "product_creation"
    PRODUCT_CATEGORY_CHANGE = "product_category_change"
    NEW_MESSAGE_LISTENER = "new_message_listener"
    INVOICE_STATUS_CHANGE = "invoice_status_change"
    PRODUCT_AUDIT_STATUS_CHANGE = "product_audit_status_change"
    REVERSE_STATUS_UPDATE = "reverse_status_update"

    # Subscribed in Partner Center only.
    SHOPPABLE_CONTENT_POSTING = "shoppable_content_posting"
    SIZE_CHART_CHANGE = "size_chart_change"
    CREATOR_DEAUTHORIZATION = "creator_deauthorization"
    INBOUND_FBT_ORDER_STATUS_CHANGE = "inbound_fbt_order_status_change"
    FBT_MERCHANT_ONBOARDING = "fbt_merchant_onboarding"
    GOODS_MATCH = "goods_match"
    FBT_INVENTORY_UPDATE = "fbt_inventory_update"
    OPPORTUNITY_MATCHING_STATUS_CHANGE = "opportunity_matching_status_change"
    INVENTORY_STATUS_CHANGE = "inventory_status_change"
    TOKOPEDIA_MIRROR_STATUS_CHANGE = "tokopedia_mirror_status_change"
    STRIKETHROUGH_PRICE_EXPIRED = "strikethrough_price_expired"
    ACTIVITY_STATUS_CHANGE = "activity_status_change"
    COMBINED_LISTING_CHANGE = "combined_listing_change"
    IMAGE_TRANSLATION_COMPLETED = "image_translation_completed"
    SKU_STATUS_CHANGE = "sku_status_change"
    GLOBAL_REPLICATION_STATUS_CHANGE = "global_replication_status_change"
    GLOBAL_LISTING_METHOD_CHANGE = "global_listing_method_change"
    VIDEO_PRECHECK_RESULT = "video_precheck_result"
    SAMPLE_APPLICATION_STATUS_CHANGE = "sample_application_status_change"
    FBT_MCF_ORDER_STATUS = "fbt_mcf_order_status"
    VIDEO_PRECHECK_TASKS_RESULT = "video_precheck_tasks_result"
    PRODUCT_PACKAGE_RECOMMENDED = "product_package_recommended"
    ACTIVITY_CHANGE = "activity_change"
    AFTERSALES_REQUEST_STATUS_UPDATE = "aftersales_request_status_update"
    RMA_STATUS_UPDATE = "rma_status_update"
    APPEAL_COMPLETED = "appeal_completed"
    REFUND_SUCCESS = "refund_success"
    INVENTORY_CHANGED_BY_SHOP = "inventory_changed_by_shop"

    UNKNOWN = ""


WEBHOOK_TOPICS: dict[int, Topic] = {
    1: Topic.ORDER_STATUS_CHANGE,
    2: Topic.REVERSE_STATUS_UPDATE,  # before 202309; 11 and 12 replaced it
    3: Topic.RECIPIENT_ADDRESS_UPDATE,
    4: Topic.PACKAGE_UPDATE,
    5: Topic.PRODUCT_STATUS_CHANGE,
    6: Topic.SELLER_DEAUTHORIZATION,
    7: Topic.UPCOMING_AUTHORIZATION_EXPIRATION,
    11: Topic.CANCELLATION_STATUS_CHANGE,
    12: Topic.RETURN_STATUS_CHANGE,
    13: Topic.NEW_CONVERSATION,
    14: Topic.NEW_MESSAGE,
    15: Topic.PRODUCT_INFORMATION_CHANGE,
    16: Topic.PRODUCT_CREATION,
    17: Topic.SHOPPABLE_CONTENT_POSTING,
    18: Topic.PRODUCT_CATEGORY_CHANGE,
    19: Topic.SIZE_CHART_CHANGE,
    20: Topic.CREATOR_DEAUTHORIZATION,
    21: Topic.INBOUND_FBT_ORDER_STATUS_CHANGE,
    22: Topic.FBT_MERCHANT_ONBOARDING,
    23: Topic.GOODS_MATCH,
    24: Topic.FBT_INVENTORY_UPDATE,
    25: Topic.OPPORTUNITY_MATCHING_STATUS_CHANGE,
    27: Topic.INVENTORY_STATUS_CHANGE,
    33: Topic.NEW_MESSAGE_LISTENER,
    35: Topic.TOKOPEDIA_MIRROR_STATUS_CHANGE,
    36: Topic.INVOICE_STATUS_CHANGE,
    37: Topic.PRODUCT_AUDIT_STATUS_CHANGE,
    38: Topic.STRIKETHROUGH_PRICE_EXPIRED,
    39: Topic.ACTIVITY_STATUS_CHANGE,
    42: Topic.COMBINED_LISTING_CHANGE,
    46: Topic.IMAGE_TRANSLATION_COMPLETED,
    50: Topic.SKU_STATUS_CHANGE,
    51: Topic.GLOBAL_REPLICATION_STATUS_CHANGE,
    52: Topic.GLOBAL_LISTING_METHOD_CHANGE,
    55: Topic.VIDEO_PRECHECK_RESULT,
    56: Topic.SAMPLE_APPLICATION_STATUS_CHANGE,
    58: Topic.FBT_MCF_ORDER_STATUS,
    59: Topic.VIDEO_PRECHECK_TASKS_RESULT,
    62: Topic.PRODUCT_PACKAGE_RECOMMENDED,
    63: Topic.ACTIVITY_CHANGE,
    64: Topic.AFTERSALES_REQUEST_STATUS_UPDATE,
    65: Topic.RMA_STATUS_UPDATE,
    66: Topic.APPEAL_COMPLETED,
    67: Topic.REFUND_SUCCESS,
    71: Topic.INVENTORY_CHANGED_BY_SHOP,
}
