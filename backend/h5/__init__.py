"""H5: pages for phone and desk, a client of our own API.

For now the front page, the page behind a door code, and the API documents.

pages                the routes, and what a browser may load for them
templates, static    the pages and their one style sheet
static/swagger-ui    Swagger UI, a copy of our own (VERSION says which)
"""
