"""The process that draws a logo anew: `python -m utilization.limited_process.logo logo`.

Of what somebody sends the colours of its points are kept and nothing else. They are drawn on white, small enough for a
letterhead, as a JPEG: no text beside the picture, no place where it was taken, no second picture, nothing that runs.
"""

import base64
import io
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageOps

from utilization.limited_process.attachment import Unfit
from utilization.limited_process.work import main, tell

WIDEST, HIGHEST = 720, 240
"""Points of the logo as it is kept: 45 by 15 mm on paper at 400 an inch."""
LEAST = 16
"""Points of its shorter side, below which nothing can be recognized."""
MOST_SENT_PIXELS = 16_000_000
MOST_KEPT_BYTES = 150_000
"""Of the logo as it is kept: it lies in every document."""
_QUALITIES = (92, 80, 60)
_MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA"})
_LOOKED_AT = 1024
_NEARLY_WHITE = 236

Image.MAX_IMAGE_PIXELS = None  # the limit above is asked before a picture is drawn, and says what to do

NO_SVG = (
    "An SVG is not taken: it can run scripts, load from other places and look different each time, and what documents"
    " are made of must look the same for good. Export it as a PNG, 720 pixels wide."
)
NO_PICTURE = "This is no PNG or JPEG, whatever its name says. Export the logo as one of these."
NOTHING_SHOWS = "Nothing of this picture shows on white paper. Choose the logo that is made for a white ground."


def draw(job: Mapping[str, Any]) -> dict[str, Any]:
    """The logo in `job["content"]` (base64) as it is kept, {"content", "width", "height"}; or {"why"} it is not."""
    try:
        picture = drawn(base64.b64decode(job["content"]))
        content = _as_jpeg(picture)
    except Unfit as unfit:
        return {"why": str(unfit)}
    return {"content": base64.b64encode(content).decode(), "width": picture.width, "height": picture.height}


def drawn(content: bytes) -> Image.Image:
    """The picture on white, within `WIDEST` and `HIGHEST`. Raises Unfit."""
    begins = content[:_LOOKED_AT].lower()
    if b"<svg" in begins or b"<?xml" in begins:
        raise Unfit(NO_SVG)
    tell("drawing the logo")
    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as sent:
            _refuse_unfit(sent)
            sent.load()
            picture = _on_white(sent)
    except (Unfit, MemoryError):
        raise
    except Exception as failure:
        # Pillow fails in many ways on what is no picture, and each says the same.
        known = content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))
        told = "The picture cannot be drawn: it is damaged. Export it anew." if known else NO_PICTURE
        raise Unfit(told) from failure
    picture.thumbnail((WIDEST, HIGHEST), Image.Resampling.LANCZOS)
    if min(picture.size) < LEAST:
        raise Unfit(f"Expected at least {LEAST} pixels on each side, at most {WIDEST} by {HIGHEST} as it is shown.")
    darkest: Any = picture.getextrema()
    if min(low for low, _ in darkest) >= _NEARLY_WHITE:
        raise Unfit(NOTHING_SHOWS)
    return picture


def _refuse_unfit(sent: Image.Image) -> None:
    if sent.width * sent.height > MOST_SENT_PIXELS:
        raise Unfit(f"Expected at most {MOST_SENT_PIXELS // 1_000_000} million pixels. Save the logo smaller.")
    if sent.mode == "CMYK":
        raise Unfit("The picture has the colours of a printing press (CMYK). Export it with those of a screen (RGB).")
    if sent.mode not in _MODES:
        raise Unfit("The picture has more than 8 bits a colour. Export it with 8.")


def _on_white(sent: Image.Image) -> Image.Image:
    """The picture the right way up, with white where it lets the ground through."""
    upright = ImageOps.exif_transpose(sent)
    if "transparency" not in sent.info and "A" not in upright.getbands() and upright.mode != "P":
        return upright.convert("RGB")
    above = upright.convert("RGBA")
    white = Image.new("RGBA", above.size, "white")
    return Image.alpha_composite(white, above).convert("RGB")


def _as_jpeg(picture: Image.Image) -> bytes:
    """The picture as bytes, as sharp as there is room for. Raises Unfit."""
    # Pillow would write a comment that came with the picture: its points go into a new one.
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    for quality in _QUALITIES:
        kept = io.BytesIO()
        bare.save(kept, "JPEG", quality=quality, subsampling=0)
        if kept.tell() <= MOST_KEPT_BYTES:
            return kept.getvalue()
    raise Unfit("The picture has too much detail for a letterhead. Choose a simpler one.")


if __name__ == "__main__":
    main("logo", {"logo": draw})
