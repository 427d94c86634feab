"""Funds: where points come from. Every point issued is paid for by a fund, and two officers put it there.

A *fund* (资金) is money of one source (财政, 社区基金, 众筹, 商户赞助) with a rate: fen per 100 points. An *allocation*
(入账) of points is requested by one officer and approved by another; approving the first approves the rate.

opening      open a fund
allocations  request, decide: the two-person rule
available    what a fund still has
"""
