"""The platform's answers to a return, in words: what each is called, what it does."""

from dataclasses import dataclass

from apps.integrations.contracts import Decision


@dataclass(frozen=True, slots=True)
class Answer:
    title: str
    effect: str
    agrees: bool = True


# Source of what they do: Partner Center, "Approve return", "Reject return".
DECISIONS: dict[Decision, Answer] = {
    Decision.APPROVE_REFUND: Answer(
        "Pay back", "TikTok pays the buyer back; no goods are expected."
    ),
    Decision.APPROVE_RETURN: Answer(
        "Agree to the return",
        "TikTok asks the buyer to send the goods back. The money goes back once you "
        "say that they have come, or when TikTok's time for it is over.",
    ),
    Decision.APPROVE_RECEIVED_PACKAGE: Answer(
        "Goods received",
        "TikTok takes it that the goods have come back as they should, and pays the "
        "buyer. What became of them is written down on the inspection page after this.",
    ),
    Decision.APPROVE_REPLACEMENT: Answer(
        "Agree to replace",
        "TikTok makes a new order for the buyer, to be shipped like any other.",
    ),
    Decision.ISSUE_REPLACEMENT_REFUND: Answer(
        "Pay back instead", "TikTok pays the buyer back instead of replacing the goods."
    ),
    Decision.OFFER_PARTIAL_REFUND: Answer(
        "Offer a part",
        "TikTok puts the amount to the buyer, who keeps the goods. If they refuse, the "
        "request goes on as it was.",
    ),
    Decision.DIRECT_REFUND: Answer(
        "Pay back now", "TikTok pays the buyer back without waiting for the goods."
    ),
    Decision.REJECT_REFUND: Answer(
        "Refuse to pay back",
        "TikTok tells the buyer no, with your reason. They can call for arbitration.",
        agrees=False,
    ),
    Decision.REJECT_RETURN: Answer(
        "Refuse the return",
        "TikTok tells the buyer no, with your reason. They can call for arbitration.",
        agrees=False,
    ),
    Decision.REJECT_RECEIVED_PACKAGE: Answer(
        "Refuse the goods",
        "TikTok is told that what came back is not as it should be, and pays nothing "
        "back. The buyer can call for arbitration.",
        agrees=False,
    ),
    Decision.OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG: Answer(
        "Offer a part for what came back",
        "TikTok is told that what came back is not as it should be, with your reason, "
        "and puts the amount to the buyer instead of the whole.",
        agrees=False,
    ),
    Decision.REJECT_REPLACEMENT: Answer(
        "Refuse to replace",
        "TikTok tells the buyer no, with your reason. They can call for arbitration.",
        agrees=False,
    ),
}


def slug_of(decision: Decision) -> str:
    """As it stands in an address: approve-refund."""
    return decision.value.lower().replace("_", "-")
