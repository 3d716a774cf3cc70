"""Photographs that people send: told by their content, copied by us, rid of all but the picture.

The copy holds no place, device or time that a phone writes into a photograph, and nothing that
only looks like one.
"""

from __future__ import annotations

from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

# The longest side of a copy, in pixels: a sign-in sheet of A4 can still be read.
LONGEST_SIDE = 2000
SMALL_SIDE = 320
MEDIA_TYPE = "image/jpeg"
_QUALITY = 82
# Pixels that are unpacked at most, by format. A large JPEG is read at a part of its size.
_MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}


class PictureError(Exception):
    """The file is no photograph that can be kept. The message is for the person."""


def copy_picture(data: bytes, *, otherwise: str = "") -> bytes:
    """A JPEG of the photograph, upright, no longer than `LONGEST_SIDE`. Raises PictureError.

    `otherwise` is said of what is no picture at all, where other files are taken as well.
    """
    try:
        with Image.open(BytesIO(data), formats=list(_MOST_PIXELS)) as image:
            width, height = image.size
            if width * height > _MOST_PIXELS[image.format or ""]:
                raise PictureError(_too_large())
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
    """A small one of a copy that `copy_picture` made, for a page that shows several."""
    with Image.open(BytesIO(copy), formats=["JPEG"]) as image:
        image.draft("RGB", (SMALL_SIDE, SMALL_SIDE))
        image.thumbnail((SMALL_SIDE, SMALL_SIDE))
        target = BytesIO()
        image.save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()


def _too_large() -> str:
    return _("This photograph has too many pixels. Send a smaller one.")


def _on_white(image: Image.Image) -> Image.Image:
    """The picture in plain colours, what is transparent as white; without anything beside it."""
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        page = Image.new("RGB", rgba.size, "white")
        page.paste(rgba, mask=rgba.getchannel("A"))
        return page
    plain = Image.new("RGB", image.size)
    plain.paste(image.convert("RGB"))
    return plain
