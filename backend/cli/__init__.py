"""Commands for the people who run the server.

commands        every command, registered once
verifying       flask ledger verify
granting        flask roles grant
places          flask places open-office, flask places import
import_job      what the worker does with lists of doors that officers upload
jobs, worker    what runs by itself: flask worker
demo            flask demo seed: the street a newcomer meets
demo_people     who lives there
demo_filings    how its groups were filed
seeding         flask demo seed --size: a sub-district of a real size
"""
