"""Endpoints of safety: pictures, and the queue of what a worker has to look at."""

from typing import Any
from uuid import UUID

from flask import Response, current_app
from sqlalchemy import select
from werkzeug.exceptions import RequestEntityTooLarge

from backend.foundation.admission import requires, visible
from backend.foundation.api import Blueprint, refuses, takes_up_to
from backend.foundation.callers import anybody_here, caller
from backend.foundation.db import done_reading, find, session, transactional
from backend.foundation.errors import NotFound
from backend.foundation.pages import PageQuery, page, page_of
from backend.foundation.tenancy import acting_in
from backend.safety import addresses, pictures, reviews
from backend.safety.errors import (
    ContentDecided,
    OwnContent,
    PictureInvalid,
    PicturesNotAgreed,
    PictureTooLarge,
    TooManyPictures,
)
from backend.safety.models import ContentReview, Picture
from backend.safety.redrawing import Drawn, redrawn
from backend.safety.schemas import (
    AddressQuery,
    ContentDecisionForm,
    ContentReviewView,
    PictureForm,
    PictureView,
    ReviewQuery,
)

MOST_BYTES = 5 * 1024 * 1024  # of a picture; the form around it takes a little more

safety = Blueprint("safety", __name__, description="图片与内容审核")


@safety.post("/pictures")
@requires(anybody_here)
@takes_up_to(MOST_BYTES + 16 * 1024)
@safety.arguments(PictureForm, location="files")
@safety.response(201, PictureView)
@refuses(PictureInvalid, PictureTooLarge, TooManyPictures, PicturesNotAgreed)
def upload(form: dict[str, Any]) -> dict[str, Any]:
    """Send a picture (multipart/form-data). We keep a JPEG of our own making, without place and time; it is checked
    before anybody else sees it.
    """
    done_reading()
    sent = form["file"].read(MOST_BYTES + 1)
    if len(sent) > MOST_BYTES:
        raise RequestEntityTooLarge()
    return _take_in(redrawn(sent), form["purpose"])  # drawn outside the transaction: it takes a while


@transactional
def _take_in(drawn: Drawn, purpose: str) -> dict[str, Any]:
    if not current_app.extensions["agrees_to_pictures"](caller().person_id):
        raise PicturesNotAgreed()
    return _shown(pictures.take_in(drawn, purpose=purpose, uploader_id=caller().person_id))


@safety.get("/me/pictures")
@requires(anybody_here)
@safety.arguments(PageQuery, location="query")
@safety.response(200, page_of(PictureView))
def list_my_pictures(asked: dict[str, Any]) -> dict[str, Any]:
    """The pictures I sent, newest first, and whether others can see them."""
    mine = select(Picture).where(Picture.uploader_id == caller().person_id)
    return page(mine, asked, by=(Picture.id,), shown=_shown)


@safety.get("/pictures/<uuid:picture_id>")
@safety.arguments(AddressQuery, location="query")
@safety.response(200, {"type": "string", "format": "binary"}, content_type="image/jpeg")
@refuses(NotFound)
def show_picture(asked: dict[str, str], picture_id: UUID) -> Response:
    """A picture, at an address that we gave out; it needs no token and is good for some time."""
    leave = addresses.read(picture_id, asked["s"])
    with acting_in(leave.office_id):
        content = pictures.bytes_of(picture_id, to_everybody=leave.is_for_everybody)
    cached = "public, max-age=3600" if leave.is_for_everybody else "private, no-store"
    return Response(
        content,
        content_type="image/jpeg",
        headers={"Content-Disposition": "inline", "Cache-Control": cached, "Content-Security-Policy": "sandbox"},
    )


@safety.get("/content-reviews")
@requires(reviews.may_look)
@safety.arguments(ReviewQuery, location="query")
@safety.response(200, page_of(ContentReviewView))
def list_reviews(asked: dict[str, Any]) -> dict[str, Any]:
    """Texts and pictures that WeChat could not judge, of the areas I work for, oldest first."""
    query = reviews.laid_before(caller()).where(ContentReview.state == asked["state"])
    found = page(query, asked, by=(ContentReview.id,), newest_first=False)
    return {**found, "items": _reviewed(found["items"])}


@safety.put("/content-reviews/<uuid:review_id>")
@requires(reviews.may_look)
@safety.arguments(ContentDecisionForm)
@safety.response(200, ContentReviewView)
@refuses(NotFound, OwnContent, ContentDecided)
@transactional
def decide_review(form: dict[str, Any], review_id: UUID) -> dict[str, Any]:
    """Pass it, or remove it: a text is replaced by neutral words, a picture is shown to nobody."""
    review = find(ContentReview, review_id)
    visible(session().scalar(reviews.laid_before(caller()).where(ContentReview.id == review.id)) is not None)
    author = current_app.extensions["authors"]([review.author_id])[review.author_id]
    decided = reviews.decide(
        review,
        decider=caller(),
        author_is=author.id,
        author_lives_in=author.household_id,
        passed=form["decision"] == "passed",
        reason=form.get("reason"),
    )
    return _reviewed([decided])[0]


def _shown(picture: Picture) -> dict[str, Any]:
    """A picture as its uploader sees it."""
    names = ("id", "purpose", "width", "height", "created_at")
    return {name: getattr(picture, name) for name in names} | {
        "state": "checking" if picture.state == "new" else picture.state,
        "url": addresses.address_of(picture, before_it_is_shown=True),
    }


def _reviewed(rows: list[ContentReview]) -> list[dict[str, Any]]:
    authors = current_app.extensions["authors"]({row.author_id for row in rows})
    wanted = [row.subject_id for row in rows if row.subject_type == Picture.__tablename__]
    looked_at = {picture.id: picture for picture in session().scalars(select(Picture).where(Picture.id.in_(wanted)))}
    return [
        row.as_read()
        | {
            "subject": row.subject_type,
            "text": row.text,
            "picture_url": addresses.address_of(looked_at[row.subject_id], before_it_is_shown=True)
            if row.subject_id in looked_at
            else None,
            "said": looked_at[row.subject_id].said if row.subject_id in looked_at else None,
            "author": authors[row.author_id],
        }
        for row in rows
    ]
