"""Photographs are copied by us, without what a phone writes into them; anything else is refused."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from django.utils import translation
from PIL import Image

from config.lib import pictures
from config.lib.pictures import LONGEST_SIDE, PictureError, begin_budget, copy_picture
from tests.factories import make_picture


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_copy_is_a_jpeg_of_the_same_picture(form):
    copy = opened(copy_picture(make_picture((400, 300), form)))

    assert (copy.format, copy.size) == ("JPEG", (400, 300))
    red, green, blue = copy.getpixel((200, 150))
    assert red > 120
    assert max(green, blue) < 60


def test_place_device_and_comments_are_left_behind():
    exif = Image.Exif()
    exif[0x010F] = "Phone of Li"  # the maker
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    sent = make_picture((60, 40), "JPEG", exif=exif, comment=b"secret")
    assert b"Phone of Li" in sent

    copy = copy_picture(sent)

    assert not opened(copy).getexif()
    assert b"Phone of Li" not in copy
    assert b"secret" not in copy


def test_it_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    assert opened(copy_picture(make_picture((60, 40), "JPEG", exif=exif))).size == (40, 60)


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_large_one_becomes_smaller(form):
    copy = opened(copy_picture(make_picture((4000, 3000), form)))

    assert copy.size == (LONGEST_SIDE, LONGEST_SIDE * 3 // 4)


def test_what_is_transparent_is_white():
    target = BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(target, "PNG")

    assert opened(copy_picture(target.getvalue())).getpixel((5, 5)) == (255, 255, 255)


def png_that_claims(width: int, height: int) -> bytes:
    """A small file whose picture would fill the memory."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checked = name + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def text_chunks_bomb() -> bytes:
    """A picture with a comment that unpacks to a hundred megabytes."""
    data = make_picture((10, 10))
    packed = b"Comment\0\0" + zlib.compress(bytes(100_000_000))
    checked = b"zTXt" + packed
    chunk = struct.pack(">I", len(packed)) + checked + struct.pack(">I", zlib.crc32(checked))
    return data[:33] + chunk + data[33:]


@pytest.mark.parametrize("size", [(6000, 5000), (40_000, 40_000), (2**31 - 1, 2**31 - 1)])
def test_more_pixels_than_can_be_unpacked_are_refused(size):
    with pytest.raises(PictureError, match="too many pixels"):
        copy_picture(png_that_claims(*size))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"%PDF-1.7 no picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        make_picture(form="GIF"),
        make_picture(form="BMP"),
    ],
)
def test_what_is_no_photograph_is_refused_whatever_it_is_called(data):
    with pytest.raises(PictureError, match="no JPEG, PNG or WebP"):
        copy_picture(data)


@pytest.mark.parametrize("data", [make_picture((300, 300), "JPEG")[:900], text_chunks_bomb()])
def test_what_is_damaged_is_refused(data):
    with pytest.raises(PictureError):
        copy_picture(data)


def test_the_beginning_of_a_photograph_is_not_one():
    with pytest.raises(PictureError):
        copy_picture(png_that_claims(100, 100))


class TestTheBudgetOfARequest:
    @pytest.fixture(autouse=True)
    def _ends(self):
        yield
        pictures._budget.set(None)

    def test_ends_with_too_many_pixels_and_begins_anew(self, monkeypatch):
        monkeypatch.setattr(pictures, "MOST_PIXELS_AT_ONCE", 3 * 40 * 30)
        begin_budget()
        for _ in range(3):
            copy_picture(make_picture())
        with pytest.raises(PictureError, match="too many large pictures at once"):
            copy_picture(make_picture())

        begin_budget()
        assert copy_picture(make_picture())

    def test_ends_with_too_much_time(self, monkeypatch):
        begin_budget()
        copy_picture(make_picture())
        monkeypatch.setattr(pictures, "MOST_SECONDS_AT_ONCE", 0)
        with pytest.raises(PictureError, match="at once"):
            copy_picture(make_picture())

    def test_is_that_of_each_request(self, client, monkeypatch):
        begin_budget()
        pictures._budget.get().pixels = 10**12
        client.get("/healthz/live")

        assert copy_picture(make_picture())

    def test_holds_for_no_job(self, monkeypatch):
        monkeypatch.setattr(pictures, "MOST_PIXELS_AT_ONCE", 2 * 40 * 30)
        for _ in range(3):
            assert copy_picture(make_picture())
