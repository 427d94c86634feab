"""Settlement (结算): what merchants captured becomes statements, and statements are paid to the fen.

An officer *closes* a period of one merchant: every capture and every void that is on no statement yet becomes a *line*
with the points and the fen that were fixed when the redemption was created. The merchant *confirms* the statement or
*disputes* a line; an officer *answers* a dispute, or two of them *adjust* the line by voiding its redemption, which
comes as a negative line next time, because a closed total stays. What is confirmed is *paid* against an invoice. A
statement that comes to nothing or less is carried to the next one.

telling    owners hear of it
kinship    who keeps away from a shop's money
closing    close a period: lines, totals, and the ledger's close
confirming confirm, dispute, answer, adjust
paying     pay; two officers above a limit
queries    what screens show
flows      three sources (三源): where the points of each fund went
sheets     a statement to take away
"""
