"""Who works on which shop: roles, and the invitations that lead to them."""
