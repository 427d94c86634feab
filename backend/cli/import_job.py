"""Carrying out a list of doors that an officer uploaded: 500 rows a transaction, resumed where it was stopped."""

import logging
from uuid import UUID

from backend.foundation.db import done_reading, transactional
from backend.places import importing, uploads

log = logging.getLogger(__name__)


def carry_out(import_id: UUID) -> bool:
    """Judge the list, write it if it is to be written; whether it is finished now."""
    left = uploads.left_of(import_id)
    done_reading()
    if left is None or not transactional(uploads.judge)(import_id, left.reading):
        return left is not None
    after = left.after
    for piece in importing.in_pieces(left.reading.rows):
        if not transactional(uploads.write)(import_id, piece, after=after):
            log.info("another worker writes the list", extra={"import_id": str(import_id)})
            return False
        after = piece[-1].number
    transactional(uploads.finish)(import_id)
    return True
