"""Bytes somebody sent → a picture we made ourselves.

What is kept is drawn anew from the pixels: a JPEG without metadata (where and when it was taken), without a second
file behind the first, upright, not larger than a phone shows. What the sender calls the file proves nothing.
"""

import threading
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from backend.safety.errors import PictureInvalid, PictureTooLarge

KINDS = ("JPEG", "PNG", "WEBP")
LONGEST_SIDE = 1600  # pixels of what we keep
MOST_BYTES = 500_000  # of what we keep
# Pixels of what is sent, by what decoding takes: a JPEG is decoded at a fraction of its size, the others whole.
MOST_PIXELS = {"JPEG": 100_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}
QUALITIES = (85, 75, 60, 45, 30)

_room = threading.BoundedSemaphore(2)  # 25 million pixels take 100 MB while they are decoded


@dataclass(frozen=True)
class Drawn:
    """A JPEG, and its size in pixels."""

    content: bytes
    width: int
    height: int


def redrawn(sent: bytes) -> Drawn:
    """The picture in those bytes, drawn anew. Raises `PictureInvalid` or `PictureTooLarge`."""
    with _room:
        return _compressed(_on_white(sent))


def _on_white(sent: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(sent), formats=KINDS) as picture:
            if picture.width * picture.height > MOST_PIXELS[picture.format or "PNG"]:  # said, not yet decoded
                raise PictureTooLarge()
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(picture)
            seen = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
            seen.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            sheet = Image.new("RGB", seen.size, "white")  # a new one carries nothing of the old but its pixels
            sheet.paste(seen, mask=seen.getchannel("A") if seen.mode == "RGBA" else None)
            return sheet
    except PictureTooLarge:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLarge() from None
    except Exception:  # there is no list of what a decoder raises over bytes made to confuse it
        raise PictureInvalid() from None


def _compressed(sheet: Image.Image) -> Drawn:
    for quality in QUALITIES:
        file = BytesIO()
        sheet.save(file, "JPEG", quality=quality, optimize=True)
        if file.tell() <= MOST_BYTES:
            break
    return Drawn(file.getvalue(), sheet.width, sheet.height)
