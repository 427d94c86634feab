"""Places: the office that runs a programme, and the ground it covers.

An *office* (街道办 or 镇政府) is the tenant: it owns its data and has one ledger book; a *district* (区) is an office
above several of them. Under an office lie *areas* (社区/村, 网格, 楼栋, 单元), each with a path that begins with its
parents', and *households* (庭户) behind their doors.

offices       which there are and which district they lie in; the book of the one in force
areas         communities and what is below them, the doors of households, and what stands where one was merged away
paths         what lies above an area, in words
renaming      another name for an area, with its history
merging       one area becomes part of another, with everything in it
following     what higher floors do when an area moves
importing     a list of doors becomes areas and households
door_lists    what such a list looks like, and everything that can be wrong with it
spreadsheets  CSV and XLSX, from bytes to lines
uploads       lists that officers upload: taken in, judged, written piece by piece
import_models  what is kept of them
name_rules    how names and doors are written
permissions   who may change the ground
"""
