"""Uploaded photographs: detected by content and re-encoded, without anything but the image.

The copy has no place, device or time, which phones write into photographs. Data that only looks
like an image is refused.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

# The longest side of a copy in pixels: enough to read an A4 sign-in sheet.
LONGEST_SIDE = 2000
SMALL_SIDE = 320
MEDIA_TYPE = "image/jpeg"
_QUALITY = 82
# The most pixels to decode, by format. A large JPEG is decoded at reduced size.
_MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}


# The most that one request may decode: nine photographs of a phone have half of it.
MOST_PIXELS_AT_ONCE = 250_000_000
MOST_SECONDS_AT_ONCE = 20.0


@dataclass
class Budget:
    """What the pictures of one request have cost so far: pixels, and seconds of this thread."""

    pixels: int = 0
    seconds: float = 0.0


_budget: ContextVar[Budget | None] = ContextVar("picture_budget", default=None)


def begin_budget() -> None:
    """Begin the budget of a request. Jobs and commands, which begin none, have no limit."""
    _budget.set(Budget())


class PictureError(Exception):
    """The file is not an acceptable photograph. The message is for the user."""


def copy_picture(data: bytes, *, otherwise: str = "") -> bytes:
    """An upright JPEG of the photograph, at most `LONGEST_SIDE` long. Raises PictureError.

    `otherwise` is the message for data that is no image, where other files are accepted too.
    """
    budget = _budget.get() or Budget()
    begun = time.thread_time()
    try:
        return _copy_within(data, budget, otherwise)
    finally:
        budget.seconds += time.thread_time() - begun


def _copy_within(data: bytes, budget: Budget, otherwise: str) -> bytes:
    try:
        with Image.open(BytesIO(data), formats=list(_MOST_PIXELS)) as image:
            width, height = image.size
            if width * height > _MOST_PIXELS[image.format or ""]:
                raise PictureError(_too_large())
            budget.pixels += width * height
            if budget.pixels > MOST_PIXELS_AT_ONCE or budget.seconds > MOST_SECONDS_AT_ONCE:
                raise PictureError(
                    _("These are too many large pictures at once. Send the rest apart.")
                )
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            target = BytesIO()
            _on_white(upright).save(target, "JPEG", quality=_QUALITY, optimize=True)
    except UnidentifiedImageError as error:
        raise PictureError(otherwise or _("This is no JPEG, PNG or WebP photograph.")) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(_too_large()) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureError(_("This photograph is damaged. Send it again.")) from error
    return target.getvalue()


def shrink_picture(copy: bytes) -> bytes:
    """A small version of a copy made by `copy_picture`, for pages that show several."""
    with Image.open(BytesIO(copy), formats=["JPEG"]) as image:
        image.draft("RGB", (SMALL_SIDE, SMALL_SIDE))
        image.thumbnail((SMALL_SIDE, SMALL_SIDE))
        target = BytesIO()
        image.save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()


def _too_large() -> str:
    return _("This photograph has too many pixels. Send a smaller one.")


def _on_white(image: Image.Image) -> Image.Image:
    """The image in RGB on white, without transparency or metadata."""
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        page = Image.new("RGB", rgba.size, "white")
        page.paste(rgba, mask=rgba.getchannel("A"))
        return page
    plain = Image.new("RGB", image.size)
    plain.paste(image.convert("RGB"))
    return plain
