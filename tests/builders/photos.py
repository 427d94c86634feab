"""Photos as phones send them."""

import os
from io import BytesIO
from typing import Any

from PIL import Image

PLACE_AND_TIME = {"Make": 0x010F, "DateTime": 0x0132, "Orientation": 0x0112}
GPS = 0x8825


def a_photo(kind: str = "JPEG", size: tuple[int, int] = (64, 48), *, upside_down: bool = False, **facts: Any) -> bytes:
    """Some picture, with the place and the time in it that phones write down."""
    noisy = facts.pop("noisy", False)
    picture = (
        Image.frombytes("RGB", size, os.urandom(3 * size[0] * size[1])) if noisy else Image.new("RGB", size, "red")
    )
    exif = Image.Exif()
    exif[PLACE_AND_TIME["Make"]] = "XINGFU-PHONE"
    exif[PLACE_AND_TIME["DateTime"]] = "2026:11:25 10:00:00"
    if upside_down:
        exif[PLACE_AND_TIME["Orientation"]] = 6  # held sideways
    exif.get_ifd(GPS)[2] = (39.0, 54.0, 26.0)
    file = BytesIO()
    picture.save(file, kind, exif=exif, **facts)
    return file.getvalue()


def form_of(*, file: bytes, name: str = "photo.jpg", kind: str = "image/jpeg", **fields: str) -> dict[str, Any]:
    """A multipart form with that file; its name and type say what the sender likes."""
    return {**fields, "file": (BytesIO(file), name, kind)}
