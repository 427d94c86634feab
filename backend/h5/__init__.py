"""H5: pages for phone and desk, a client of our own API. For now the front page and the page behind a door code.

pages    the routes
"""
