"""Places: the office that runs a programme, and the ground it covers.

An *office* (街道办 or 镇政府) is the tenant: it owns its data and has one ledger book. Under it lie *areas* (社区,
网格, 楼栋, 单元), each with a path that begins with its parents', and *households* (庭户) behind their doors.

offices   which there are; the book of the one in force
areas     communities and what is below them, and the doors of households
"""
