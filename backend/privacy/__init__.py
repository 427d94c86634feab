"""Privacy: what we know of somebody, who else sees it in full, and what they may ask of us about it.

Names, numbers and doors are masked wherever others see them. A worker who needs one in full *reveals* it, with a
reason, so many times a day, and the person sees who looked. Everybody can take a copy of everything about themselves,
the *export*: it is made when it is fetched and kept nowhere. And everybody can have it *erased*: their key is
destroyed, and the ledger stays what it was.

revealing      a name, a number, a door in full, once, for a reason
reveal_models, reveal_schemas  its table and shapes
exporting      asking for one's own copy, and who may fetch it
archive        the ZIP: JSON for machines and a page for people
reading_page   that page, in Chinese
export_words   what the parts and their fields are called in Chinese
export_models, export_schemas  the table of who asked, and shapes
erasing        leave for good: asked, thought over for seven days, carried out by the clock
kept_records   service records under a second key, read by an officer for a reason, until their term is over
retention      how long we keep what nothing refers to, and letting it go
resealing      what was sealed before people had keys of their own, put under those
erasure_models, erasure_errors, erasure_schemas  their tables, refusals and shapes
"""
