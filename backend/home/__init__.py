"""Home: the first screen of the mini-program in one call, gathered from the features below.

routes   my points, what is on near me, what waits for me
"""
