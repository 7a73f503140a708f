"""From "Add Shop" to a connected shop.

tickets   who may come back with a consent: one-use states, for ten minutes
exchange  the code for tokens, the tokens for the shops they open
offers    those shops, as somebody picks from them
linking   the picked ones become accounts
links     one-time addresses for shop owners without an account
adopt     a single shop's settings become the first account
"""
