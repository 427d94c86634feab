"""Objections: 我的积分不对. A person asks about something of theirs, and a worker answers within a deadline.

It is about an entry, a check-in, an activity at which one was not recorded, a redemption, or anything else. The answer
*upholds* or *rejects* it, and may make good what is missing; the person may *withdraw* it, or have a rejection looked
at once more. Nobody answers who is concerned, or who did what is objected to.

subjects     what an objection may be about: whose it is, where, and who did it
objecting    object, withdraw, have it looked at again
answering    the worker's decision, and what it corrects
"""
