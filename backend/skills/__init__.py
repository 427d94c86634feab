"""Skills and capable people (能力共享 / 能人库): what neighbours can do, and who is known for it.

Somebody *lists* an interest, a skill or a profession, seen by their unit, building or community and by nobody else; a
neighbour *contacts* them inside the system, where no phone number and no door is shown. A *capable person* (能人) is
suggested by somebody who knows them, invited by a worker and listed once they accept, with what they have done counted
from the records and with whoever found them. Listing is the consent; withdrawing ends it at once.

vocabulary         words to choose from, free words are welcome
listing            list a skill, take it back
contacting         write to whoever listed one; they answer
finding            suggest, invite, accept, decline, withdraw
capable_queries    the list, the worker's queue and one's own
track_records      hours, activities and groups of several people at once
"""
