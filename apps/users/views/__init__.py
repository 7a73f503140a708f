"""Pages about oneself: the account, signing in, invitations."""
