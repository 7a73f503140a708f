"""An applicant's consent, without a login.

beginning  who applies with which lender, and the address of TikTok's consent page
granting   what the consent opens becomes the applicant's
leaving    an applicant takes it back
"""
