"""Mini codes: a PNG that looks different for every scene and page. No phone can read it, but every browser shows it."""

import hashlib
import re
import struct
import zlib

from backend.wechat.stub.answering import Body, Failure, text_of

SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+")
PAGE = re.compile(r"pages(?:/[0-9A-Za-z_-]+)+")  # what a published mini-program may have
MISSING_PAGE = "pages/missing"
CELLS = 20  # in each direction


def mini_code(body: Body) -> bytes:
    """POST /wxa/getwxacodeunlimit"""
    scene, page, width = text_of(body, "scene"), body.get("page", "pages/index/index"), body.get("width", 430)
    if not 0 < len(scene) <= 32:
        raise Failure(40169, "invalid length for scene, or the data is not json string")
    if not SCENE.fullmatch(scene):
        raise Failure(40129, "invalid scene")
    if type(width) is not int or not 280 <= width <= 1280:
        raise Failure(40097, "invalid args")
    if body.get("check_path", True) and (not isinstance(page, str) or not PAGE.fullmatch(page) or page == MISSING_PAGE):
        raise Failure(41030, "invalid page")
    return _png(width, hashlib.shake_256(f"{page}?{scene}".encode()).digest(CELLS * CELLS))


def _png(width: int, cells: bytes) -> bytes:
    """Cells of black and white with a white border, one bit a pixel."""
    cell_of = [at * (CELLS + 2) // width - 1 for at in range(width)]  # -1 and CELLS are the border
    lines = [_line([_is_white(cells, row, column) for column in cell_of]) for row in range(-1, CELLS + 1)]
    pixels = b"".join(lines[row + 1] for row in cell_of)
    header = struct.pack(">IIBBBBB", width, width, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _line(whites: list[bool]) -> bytes:
    bits = "".join("01"[white] for white in whites)
    length = -(-len(bits) // 8)
    return b"\0" + int(bits.ljust(length * 8, "0"), 2).to_bytes(length, "big")


def _is_white(cells: bytes, row: int, column: int) -> bool:
    inside = 0 <= row < CELLS and 0 <= column < CELLS
    return not inside or cells[row * CELLS + column] % 2 == 0
