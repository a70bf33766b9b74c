"""The logo of a site: drawn anew from what is sent, shown to who works there, each change an entry."""

import base64
import gzip
import hashlib
import io
import json
import os
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, PngImagePlugin

from tests.cast import AT, Cast
from tests.files import a_pdf, a_png_of_chunks, a_vast_png, a_zip
from utilization import workflow
from utilization.limited_process import logo as drawing
from utilization.models import Event, SiteLogo
from utilization.workflow.site_logo import MOST_LOGO_BYTES, DrawnLogo, draw_logo, remove_logo, set_logo

PETROL = (10, 88, 102)
PAGE, SEND, REMOVE = "people-hospital", "people-logo", "people-logo-remove"


def saved(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def a_logo(size=(300, 100), colour=PETROL, kind="PNG", **options) -> bytes:
    return saved(Image.new("RGB", size, colour), kind, **options)


def drawn(content: bytes) -> Image.Image:
    """What is kept of `content`, read again."""
    told = drawing.draw({"content": base64.b64encode(content).decode()})
    assert "why" not in told, told
    return Image.open(io.BytesIO(base64.b64decode(told["content"])))


def near(colour, wanted) -> bool:
    return all(abs(one - other) < 12 for one, other in zip(colour, wanted, strict=True))


# --- What is kept of a file -------------------------------------------------------------------------------------------


def test_colours_are_kept_and_nothing_else_of_the_file_is():
    """Words, place and colour profile of the camera, a program behind the end: none of it reaches a page."""
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "SECRET words", zip=False)
    place = Image.Exif()
    place[0x010E] = "SECRET place"
    sent = [
        a_logo(pnginfo=words, icc_profile=b"SECRET profile" * 20),
        a_logo(kind="JPEG", exif=place, comment=b"SECRET words", quality=95),
        a_logo() + b"SECRET <script>alert(1)</script>" + a_zip(),
    ]
    for content in sent:
        assert b"SECRET" in content or b"iCCP" in content
        told = drawing.draw({"content": base64.b64encode(content).decode()})
        kept = base64.b64decode(told["content"])
        assert kept.startswith(b"\xff\xd8\xff")
        assert kept.endswith(b"\xff\xd9")
        assert b"SECRET" not in kept
        assert b"script" not in kept
        picture = Image.open(io.BytesIO(kept))
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (300, 100))
        assert not picture.getexif()
        assert "icc_profile" not in picture.info
        assert near(picture.getpixel((150, 50)), PETROL)


@pytest.mark.parametrize(
    ("size", "kept"),
    [((300, 100), (300, 100)), ((1440, 240), (720, 120)), ((480, 480), (240, 240)), ((16, 16), (16, 16))],
)
def test_it_is_made_to_fit_and_never_larger(size, kept):
    assert drawn(a_logo(size)).size == kept


def test_a_photograph_is_turned_as_it_was_held():
    held = Image.Exif()
    held[0x0112] = 6
    picture = drawn(a_logo((300, 100), kind="JPEG", exif=held))
    assert picture.size == (80, 240)


def see_through(mode: str) -> bytes:
    """A disc of petrol to the left, and nothing to the right of it."""
    picture = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    picture.paste((*PETROL, 255), (0, 0, 100, 100))
    if mode == "P":
        few = picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=8)
        return saved(few, transparency=few.getpixel((150, 50)))
    if mode == "RGB":
        flat = Image.new("RGB", (200, 100), (1, 2, 3))
        flat.paste(PETROL, (0, 0, 100, 100))
        return saved(flat, transparency=(1, 2, 3))
    return saved(picture.convert(mode))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB"])
def test_what_lets_the_ground_through_is_white(mode):
    picture = drawn(see_through(mode))
    assert near(picture.getpixel((160, 50)), (255, 255, 255))
    assert sum(picture.getpixel((40, 50))) < 400


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_every_usual_kind_of_colours_is_taken(mode):
    black = Image.new("RGB", (60, 40), "black").convert(mode)
    assert near(drawn(saved(black)).getpixel((30, 20)), (0, 0, 0))


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
UNFIT = {
    "svg": (SVG, "An SVG is not taken: it can run scripts"),
    "svg with a prolog": (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->' + SVG, "An SVG is not taken"),
    "svg in capitals": (SVG.replace(b"<svg", b"<SVG"), "An SVG is not taken"),
    "packed svg": (gzip.compress(SVG), "no PNG or JPEG"),
    "svg behind a signature": (b"\x89PNG\r\n\x1a\n" + SVG, "An SVG is not taken"),
    "gif": (a_logo(kind="GIF"), "no PNG or JPEG"),
    "webp": (a_logo(kind="WEBP"), "no PNG or JPEG"),
    "tiff": (a_logo(kind="TIFF"), "no PNG or JPEG"),
    "pdf": (a_pdf(), "no PNG or JPEG"),
    "zip": (a_zip(), "no PNG or JPEG"),
    "text": (b"not a picture", "no PNG or JPEG"),
    "cut png": (saved(Image.frombytes("RGB", (90, 90), os.urandom(24300)))[:-4000], "damaged"),
    "cut jpeg": (a_logo(kind="JPEG")[:300], "damaged"),
    "head alone": (b"\x89PNG\r\n\x1a\n", "damaged"),
    "no points": (a_png_of_chunks((b"IEND", b"")), "damaged"),
    "vast": (a_vast_png(), "16 million pixels"),
    "large": (saved(Image.new("1", (4001, 4001))), "16 million pixels"),
    "printing press": (saved(Image.new("CMYK", (60, 40)), "JPEG"), "CMYK"),
    "16 bits": (saved(Image.new("I;16", (60, 40))), "8 bits"),
    "white": (a_logo(colour="white"), "white ground"),
    "white on nothing": (saved(Image.new("LA", (60, 40), (255, 0))), "white ground"),
    "a line": (a_logo((2000, 20)), "at least 16 pixels"),
    "a point": (a_logo((1, 1)), "at least 16 pixels"),
    "noise": (saved(Image.frombytes("RGB", (720, 240), os.urandom(720 * 240 * 3))), "too much detail"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_cannot_be_a_logo_is_refused_in_words(name):
    """By the process that looks into it, as it is started for whoever sends it."""
    content, told = UNFIT[name]
    with pytest.raises(workflow.Invalid, match=told):
        draw_logo(content, who=SimpleNamespace(pk=0))


def test_a_logo_has_few_bytes():
    """It lies in every document: one with much detail is kept less sharp."""
    waves = Image.radial_gradient("L").resize((720, 240)).convert("RGB")
    busy = Image.blend(waves, Image.frombytes("RGB", (720, 240), os.urandom(720 * 240 * 3)), 0.35)
    told = drawing.draw({"content": base64.b64encode(saved(busy)).decode()})
    assert len(base64.b64decode(told["content"])) <= 150_000


@pytest.mark.long
def test_the_door_says_what_is_wrong_by_its_field(cast: Cast):
    for content, told in ((b"", "Choose the file"), (b"x" * (MOST_LOGO_BYTES + 1), "more than 2 MB"), (SVG, "An SVG")):
        with pytest.raises(workflow.Invalid, match=told) as refused:
            draw_logo(content, who=cast["adam"])
        assert list(refused.value.errors) == ["logo"]
    kept = draw_logo(a_logo(), who=cast["adam"])
    assert kept.sha256 == hashlib.sha256(kept.content).hexdigest()
    assert (kept.width, kept.height) == (300, 100)


# --- Set, replaced, removed -------------------------------------------------------------------------------------------


def made_of(text: bytes) -> DrawnLogo:
    return DrawnLogo(text, hashlib.sha256(text).hexdigest(), 30, 20)


def said() -> list[dict]:
    entries = Event.objects.filter(type="site.logo").order_by("seq")
    return [json.loads(bytes(entry.body))["data"] for entry in entries]


def test_each_change_is_an_entry_and_what_changes_nothing_is_none(cast: Cast):
    first, second = made_of(b"first"), made_of(b"second")
    for logo in (first, first, second):
        set_logo(cast.north, logo, by=cast["adam"], at=AT)
    for _ in range(2):
        remove_logo(cast.north, by=cast["adam"], at=AT)
    size = {"width": 30, "height": 20}
    assert said() == [
        {"before": "", "now": {"sha256": first.sha256, **size}},
        {"before": first.sha256, "now": {"sha256": second.sha256, **size}},
        {"before": second.sha256, "now": None},
    ]
    assert not SiteLogo.objects.exists()
    for act in (lambda by: set_logo(cast.north, first, by=by, at=AT), lambda by: remove_logo(cast.north, by=by, at=AT)):
        for who in ("forrest", "fern", "sam"):
            with pytest.raises(workflow.Refused, match="do not let you change its logo"):
                act(cast[who])
    with pytest.raises(workflow.Refused):
        set_logo(cast.south, first, by=cast["adam"], at=AT)


def sent(content: bytes, name="logo.png", media="image/png"):
    return {"logo": SimpleUploadedFile(name, content, media)}


def address_of(site="north") -> str:
    kept = SiteLogo.objects.get(site__code=site)
    return reverse("logo", args=[site, kept.sha256[:16]])


@pytest.mark.long
def test_an_administrator_sends_a_logo_replaces_and_removes_it(cast: Cast, seen_by):
    adam, page = seen_by("adam"), reverse(PAGE, args=["north"])
    assert "There is none yet." in adam.get(page).content.decode()
    # The name and the sender may say anything: what is in the file counts.
    assert adam.post(reverse(SEND, args=["north"]), sent(a_logo(), "brand.svg", "image/svg+xml")).status_code == 302
    first = address_of()
    shown = adam.get(page).content.decode()
    assert first in shown
    assert "Replace the logo" in shown
    assert adam.post(reverse(SEND, args=["north"]), sent(a_logo(colour="maroon"))).status_code == 302
    assert address_of() != first
    assert adam.get(first).status_code == 404
    assert adam.post(reverse(REMOVE, args=["north"])).status_code == 302
    assert "There is none yet." in adam.get(page).content.decode()
    assert len(said()) == 3
    assert adam.post(reverse(SEND, args=["south"]), sent(a_logo())).status_code == 404
    assert adam.post(reverse(REMOVE, args=["south"])).status_code == 404


@pytest.mark.long
@pytest.mark.parametrize("content", [b"", SVG, a_pdf(), a_vast_png(), b"x" * (MOST_LOGO_BYTES + 5)])
def test_what_is_refused_is_said_on_the_page_and_leaves_the_logo_that_is_there(cast: Cast, seen_by, content):
    adam = seen_by("adam")
    adam.post(reverse(SEND, args=["north"]), sent(a_logo()))
    before = address_of()
    answer = adam.post(reverse(SEND, args=["north"]), sent(content))
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert 'id="error-summary"' in shown
    assert 'href="#div_id_logo"' in shown or 'href="#id_logo"' in shown
    assert "North Hospital" in shown
    assert address_of() == before
    assert len(said()) == 1


@pytest.mark.long
def test_a_form_without_a_file_and_a_file_under_another_name_change_nothing(cast: Cast, seen_by):
    adam = seen_by("adam")
    assert adam.post(reverse(SEND, args=["north"])).status_code == 422
    assert adam.post(reverse(SEND, args=["north"]), {"other": sent(a_logo())["logo"]}).status_code == 422
    assert adam.post(reverse(SEND, args=["north"]), {"logo": "logo.png"}).status_code == 422
    assert said() == []


@pytest.mark.long
def test_it_is_handed_out_as_a_jpeg_to_who_works_there_and_to_nobody_else(cast: Cast, seen_by):
    seen_by("adam").post(reverse(SEND, args=["north"]), sent(a_logo()))
    address = address_of()
    for who in ("petra", "fern", "mira", "audrey", "forrest", "adam"):
        answer = seen_by(who).get(address)
        assert answer.status_code == 200
    assert answer.content == bytes(SiteLogo.objects.get().content)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert Client().get(address).status_code == 302
    missing = reverse("logo", args=["north", "0" * 16])
    stranger = [seen_by("sam").get(place) for place in (address, missing)]
    assert [answer.status_code for answer in stranger] == [404, 404]
    short = reverse("logo", args=["north", address.rpartition("/")[2][:4]])
    assert seen_by("fern").get(short).status_code == 404


@pytest.mark.long
def test_it_stands_beside_the_name_of_the_hospital_on_every_page_of_its_people(cast: Cast, seen_by):
    seen_by("adam").post(reverse(SEND, args=["north"]), sent(a_logo()))
    address = address_of()
    for who, page in (("petra", "home"), ("fern", "review-queue"), ("audrey", "audit-list"), ("adam", "people-list")):
        shown = seen_by(who).get(reverse(page)).content.decode()
        mast = shown[shown.index("brand-site") : shown.index("mast-nav")]
        assert f'src="{address}"' in mast
        assert 'width="300"' in mast
        assert "North Hospital" in mast
    for browser in (seen_by("sam"), Client()):
        assert "brand-logo" not in browser.get(reverse("home"), follow=True).content.decode()
