"""Sharing a band: a credential that the subject shows to one partner, verified without asking us.

The operator issues it for one partner, one purpose, until a day. The subject chooses what of it to
show and proves, by a key of its own, that it is shown here and now. The partner needs the
operator's public key, the status list, and the moment; nothing is fetched.
"""
