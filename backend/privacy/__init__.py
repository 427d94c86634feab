"""Privacy: what somebody may ask of us about what we know of them.

erasing         leave for good: asked, thought over for seven days, carried out by the clock
retention       how long we keep what nothing refers to, and letting it go
resealing       what was sealed before people had keys of their own, put under those
kept_records    service records under a second key, read by an officer for a reason, until their term is over
erasure_models, erasure_errors, erasure_schemas, erasure_routes  their tables, refusals, shapes and endpoints
"""
