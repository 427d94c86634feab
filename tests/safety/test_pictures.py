"""Pictures: what the bytes are decides, what we keep is of our own making, and others see only what is shown."""

import io
import random
from collections import Counter
from datetime import timedelta
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
import time_machine
from PIL import Image
from sqlalchemy import func, select, update

from backend.foundation.clock import now, shanghai_day, start_of_day
from backend.foundation.db import find, session
from backend.foundation.errors import NotFound
from backend.safety import addresses
from backend.safety.errors import PictureInvalid, PictureTooLarge
from backend.safety.models import Picture, PictureFile
from backend.safety.pictures import find_shown_picture
from backend.safety.redrawing import MOST_BYTES, redrawn
from backend.safety.routes import MOST_BYTES as MOST_SENT
from tests.builders.photos import a_photo, form_of
from tests.builders.races import at_once, statuses

MEGABYTE = 1024 * 1024


@pytest.fixture
def phone(street):
    return street.phone(street.resident())


def send(phone, file=None, *, purpose="activity", **said):
    return phone.send(
        "POST", "/pictures", data=form_of(file=a_photo() if file is None else file, purpose=purpose, **said)
    )


def looked_at(phone, url):
    """What anybody with that address gets: status, bytes, headers."""
    with phone.app.test_client() as client:
        response = client.get(url)
        return response.status_code, response.data, response.headers


def kept(street):
    with street.inside():
        return session().scalar(select(func.count()).select_from(Picture)) or 0


def shown(street, picture_id):
    """As a verdict or a worker would."""
    street.does(lambda: session().execute(update(Picture).where(Picture.id == UUID(picture_id)).values(state="shown")))


def for_everybody(street, picture_id):
    with street.inside():
        return addresses.address_of(find(Picture, UUID(picture_id)))


# what is taken


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_as_a_jpeg_whatever_its_name_and_type_say(phone, kind):
    answer = send(phone, a_photo(kind, (300, 200)), name="../../etc/passwd.php", kind="text/html")

    assert (answer.status, answer["state"], answer["purpose"]) == (201, "checking", "activity")
    status, content, headers = looked_at(phone, answer["url"])
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (300, 200))


def test_where_and_when_it_was_taken_is_not_kept(phone):
    sent = a_photo("JPEG", (300, 200), comment=b"taken at home")
    assert b"XINGFU-PHONE" in sent
    assert b"taken at home" in sent

    _, content, _ = looked_at(phone, send(phone, sent)["url"])

    for trace in (b"XINGFU-PHONE", b"2026:11:25", b"Exif", b"taken at home"):
        assert trace not in content
    with Image.open(io.BytesIO(content)) as picture:
        assert dict(picture.getexif()) == {}


def test_what_is_held_sideways_stands_upright(phone):
    answer = send(phone, a_photo("JPEG", (300, 200), upside_down=True))

    assert (answer["width"], answer["height"]) == (200, 300)


def test_a_large_photo_becomes_one_for_a_phone():
    drawn = redrawn(a_photo("JPEG", (4000, 3000), noisy=True))

    assert (drawn.width, drawn.height) == (1600, 1200)
    assert len(drawn.content) <= MOST_BYTES


def test_what_stands_behind_a_picture_is_gone(phone):
    sent = a_photo() + b"<script>alert(1)</script>PK\x03\x04"

    _, content, _ = looked_at(phone, send(phone, sent)["url"])

    assert b"script" not in content
    assert b"PK\x03\x04" not in content


def test_what_is_transparent_becomes_white():
    file = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(file, "PNG")

    with Image.open(io.BytesIO(redrawn(file.getvalue()).content)) as picture:
        assert picture.getpixel((5, 5)) == (255, 255, 255)


def other_kind(kind):
    file = io.BytesIO()
    Image.new("RGB", (20, 20)).save(file, kind)
    return file.getvalue()


LIES = {
    "nothing": b"",
    "a page": b"<!DOCTYPE html><script>alert(1)</script>",
    "a drawing that can run": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "a program": b"MZ\x90\x00" + b"\x00" * 200,
    "a document": b"%PDF-1.7\n" + b"\x00" * 200,
    "an archive": b"PK\x03\x04" + b"\x00" * 200,
    "only the beginning of a JPEG": b"\xff\xd8\xff\xe0" + b"\x00" * 200,
    "only the beginning of a PNG": b"\x89PNG\r\n\x1a\n" + b"\x00" * 200,
    "half a photo": a_photo("JPEG", (400, 400), noisy=True)[:20_000],
    "half a drawing": a_photo("PNG", (200, 200), noisy=True)[:20_000],
    "a GIF": other_kind("GIF"),
    "a BMP": other_kind("BMP"),
    "a TIFF": other_kind("TIFF"),
    "an icon": other_kind("ICO"),
    "a JPEG that a page begins": b"<html>" + a_photo(),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_no_photo_is_refused_and_not_kept(street, phone, lie):
    answer = send(phone, LIES[lie], name="photo.jpg", kind="image/jpeg")

    assert (answer.status, answer.code) == (422, "picture_invalid")
    assert kept(street) == 0


def bomb(size):
    file = io.BytesIO()
    Image.new("1", size).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("size", [(6000, 5000), (12_000, 8000), (30_000, 30_000)])
def test_a_small_file_that_unfolds_to_gigabytes_is_not_unfolded(street, phone, size):
    sent = bomb(size)
    assert len(sent) < MEGABYTE

    answer = send(phone, sent)

    assert (answer.status, answer.code) == (422, "picture_too_large")
    assert kept(street) == 0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_whatever_the_bytes_are_the_answer_is_a_refusal_or_a_picture(kind):
    dice, photo = random.Random(kind), a_photo(kind, (60, 60), noisy=True)
    came_of_it = Counter()
    for _ in range(300):
        spoilt = bytearray(photo)
        for _ in range(dice.randint(1, 8)):
            spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
        try:
            came_of_it[redrawn(bytes(spoilt)).content[:3]] += 1
        except (PictureInvalid, PictureTooLarge) as refusal:
            came_of_it[refusal.code] += 1

    assert came_of_it.total() == 300
    assert set(came_of_it) <= {b"\xff\xd8\xff", "picture_invalid", "picture_too_large"}


def send_raw(phone, file):
    """Without the temporary file in which the test client would prepare a large form."""
    head = b'Content-Disposition: form-data; name="'
    body = b"--x\r\n" + head + b'purpose"\r\n\r\noffer\r\n--x\r\n' + head + b'file"; filename="a.jpg"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    return phone.send("POST", "/pictures", data=body + file + b"\r\n--x--\r\n", headers=kind)


def test_five_megabytes_are_enough_and_more_is_413(phone):
    photo = a_photo()

    assert send_raw(phone, photo + b"\x00" * (MOST_SENT - len(photo))).status == 201
    assert send_raw(phone, photo + b"\x00" * (MOST_SENT - len(photo) + 1)).status == 413
    assert send_raw(phone, photo + b"\x00" * (2 * MOST_SENT)).status == 413


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # werkzeug's half-read file
def test_more_than_that_in_pieces_is_413(phone):
    begins = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    answer = phone.send(
        "POST",
        "/pictures",
        input_stream=io.BytesIO(begins + b"x" * (7 * MEGABYTE)),
        headers={"Content-Type": "multipart/form-data; boundary=x", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert answer.status == 413


def test_a_form_that_is_none_is_refused(street, phone):
    assert phone.post("/pictures", {"purpose": "activity"}).status == 415
    without = phone.send("POST", "/pictures", data={"purpose": "activity"}, content_type="multipart/form-data")
    assert (without.status, list(without["errors"])) == (422, ["file"])
    words = phone.send(
        "POST", "/pictures", data={"purpose": "activity", "file": "x"}, content_type="multipart/form-data"
    )
    assert (words.status, list(words["errors"])) == (422, ["file"])
    assert list(send(phone, purpose="portrait")["errors"]) == ["purpose"]
    assert list(phone.send("POST", "/pictures", data=form_of(file=a_photo(), purpose="offer", day="1"))["errors"]) == [
        "day"
    ]
    assert kept(street) == 0


def test_nobodys_file_is_not_read(street):
    class Unread(io.BytesIO):
        def read(self, *_):
            raise AssertionError("read before anybody asked who it is from")

    answer = street.phone().send(
        "POST",
        "/pictures",
        input_stream=Unread(b"x" * 100),
        headers={"Content-Type": "multipart/form-data; boundary=x", "Content-Length": "100"},
    )

    assert answer.status == 401


# so many a day


def test_one_person_sends_so_many_pictures_a_day(street, phone):
    with patch("backend.safety.pictures.PICTURES_A_DAY", 2), time_machine.travel(now(), tick=False) as clock:
        assert [send(phone).status for _ in range(3)] == [201, 201, 429]
        refused = send(phone)
        assert refused.code == "too_many_pictures"
        tomorrow = start_of_day(shanghai_day(now()) + timedelta(days=1))
        assert abs(int(refused.headers["Retry-After"]) - (tomorrow - now()).total_seconds()) <= 1
        assert send(street.phone(street.resident())).status == 201
        clock.move_to(tomorrow)
        assert send(phone).status == 201


def test_also_when_they_are_sent_at_once(street, phone):
    with patch("backend.safety.pictures.PICTURES_A_DAY", 3):
        answers = at_once(*[lambda: send(phone)] * 6)

    assert statuses(answers) == {201: 3, 429: 3}
    assert kept(street) == 3


# who sees it


def test_before_it_is_shown_only_its_address_for_them_shows_it(street, phone):
    picture = send(phone)
    url = for_everybody(street, picture["id"])
    assert looked_at(phone, url)[0] == 404

    shown(street, picture["id"])

    status, content, headers = looked_at(phone, url)
    assert (status, content[:3]) == (200, b"\xff\xd8\xff")
    assert headers["Cache-Control"] == "public, max-age=3600"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == "inline"


def test_its_uploader_sees_it_and_nobody_may_keep_it_meanwhile(phone):
    status, _, headers = looked_at(phone, send(phone)["url"])

    assert (status, headers["Cache-Control"]) == (200, "private, no-store")


def test_what_a_worker_took_back_is_no_longer_shown(street, phone):
    picture = send(phone)
    url = for_everybody(street, picture["id"])
    for state, status in (("shown", 200), ("refused", 404), ("waiting", 404)):
        street.does(lambda state=state: session().execute(update(Picture).values(state=state)))
        assert looked_at(phone, url)[0] == status


def test_an_address_is_good_for_one_picture_of_one_office_and_for_some_time(street, other_street, phone):
    mine, other = send(phone), send(phone)
    foreign = send(other_street.phone(other_street.resident()))
    path, _, seal = mine["url"].partition("?s=")
    office, audience, ends, signature = seal.split(".")
    wrong = [
        seal[:-1] + ("A" if seal[-1] != "A" else "B"),
        f"{other_street.office_id}.{audience}.{ends}.{signature}",
        f"{office}.e.{ends}.{signature}",
        f"{office}.{audience}.{int(ends) + 9999}.{signature}",
        other["url"].partition("?s=")[2],
        foreign["url"].partition("?s=")[2],
        f"{office}.{audience}.{ends}.",
        "x",
    ]
    missing = looked_at(phone, f"/api/v1/pictures/{uuid4()}?s={seal}")

    for each in wrong:
        status, body, _ = looked_at(phone, f"{path}?s={each}")
        assert status == 404, each
        assert b"not_found" in body
        assert len(body) == len(missing[1])
    assert looked_at(phone, path)[0] == 422
    with time_machine.travel(now() + timedelta(hours=3)):
        assert looked_at(phone, mine["url"])[0] == 404


def test_the_address_for_everybody_is_the_same_all_day_so_that_phones_can_keep_it(street, phone):
    picture = send(phone)
    midnight = start_of_day(shanghai_day(now())) + timedelta(hours=8)  # in UTC
    said = set()
    for hours in (1, 12, 23):
        with time_machine.travel(midnight + timedelta(hours=hours), tick=False):
            said.add(for_everybody(street, picture["id"]))

    assert len(said) == 1


def test_i_see_what_became_of_mine_and_not_of_others(street, phone):
    mine = [send(phone)["id"] for _ in range(2)]
    send(street.phone(street.resident()))
    shown(street, mine[0])

    items = phone.get("/me/pictures")["items"]

    assert [(item["id"], item["state"]) for item in items] == [(mine[1], "checking"), (mine[0], "shown")]


def test_only_what_is_shown_can_be_attached_and_only_for_its_purpose(street, other_street, phone):
    picture_id = UUID(send(phone)["id"])

    def found(where, purpose="activity"):
        with where.inside():
            return find_shown_picture(picture_id, purpose=purpose).id

    with pytest.raises(NotFound):
        found(street)
    shown(street, str(picture_id))
    assert found(street) == picture_id
    for where, purpose in ((street, "offer"), (other_street, "activity")):
        with pytest.raises(NotFound):
            found(where, purpose)


def test_the_bytes_are_kept_beside_the_row(street, phone):
    send(phone)

    with street.inside():
        (content,) = session().scalars(select(PictureFile.content)).all()
    assert content[:3] == b"\xff\xd8\xff"
