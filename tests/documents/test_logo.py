"""The logo on paper: named by its hash in what a document is made of, and the same for good in what is issued."""

import hashlib
import io
import json
import os
import subprocess
import sys

import pikepdf
import pytest
from django.conf import settings
from PIL import Image

from tests.cast import AT, a_request
from tests.documents.reading import attachments
from tests.documents.samples import cidp_approved
from tests.documents.sealed_site import hours, seal  # noqa: F401 - a fixture
from tests.documents.test_sealed_issuing import examined
from utilization.documents.justification import CannotRender, render, typeset
from utilization.jobs import documents
from utilization.models import Document, SiteLogo
from utilization.reconciliation import reconcile
from utilization.reports import frozen_justification
from utilization.reports.frozen_justification import frozen_value, frozen_with_logo
from utilization.rules.canonical_json import canonical
from utilization.rules.lifecycle import Status
from utilization.workflow.site_logo import DrawnLogo, remove_logo, set_logo


def a_jpeg(colour="teal", size=(300, 100)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG", subsampling=0)
    return file.getvalue()


def the_logo(colour="teal") -> DrawnLogo:
    content = a_jpeg(colour)
    return DrawnLogo(content, hashlib.sha256(content).hexdigest(), 300, 100)


def pictures(pdf: bytes) -> list[bytes]:
    """The bytes of every JPEG in a document, as they lie in it, each once."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        streams = [thing for thing in opened.objects if isinstance(thing, pikepdf.Stream)]
        return [each.read_raw_bytes() for each in streams if each.get("/Filter") == pikepdf.Name.DCTDecode]


def with_logo(logo: DrawnLogo) -> dict:
    value = cidp_approved()
    value["site"]["logo"] = {"sha256": logo.sha256, "width": 300, "height": 100}
    return value


@pytest.mark.long
def test_a_document_has_the_very_bytes_of_the_logo_and_names_them_by_their_hash():
    logo = the_logo()
    pdf = render(with_logo(logo), logo=logo.content)
    assert pictures(pdf) == [logo.content]
    value = json.loads(attachments(pdf)["justification.json"])
    assert value["site"]["logo"]["sha256"] == hashlib.sha256(pictures(pdf)[0]).hexdigest()
    assert pictures(render(cidp_approved())) == []


ELSEWHERE = """
import sys, django
django.setup()
from tests.documents.test_logo import the_logo, with_logo
from utilization.documents.justification import render
logo = the_logo()
sys.stdout.buffer.write(render(with_logo(logo), logo=logo.content))
"""


@pytest.mark.long
def test_the_same_value_and_logo_give_the_same_bytes_in_another_process():
    logo = the_logo()
    here = render(with_logo(logo), logo=logo.content)
    env = {**os.environ, "PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ELSEWHERE],
        cwd=settings.BASE_DIR,
        env=env,
        capture_output=True,
        check=True,
    )
    assert told.stdout == here


@pytest.mark.parametrize("other", [b"", a_jpeg("navy")])
def test_bytes_that_are_not_those_of_the_hash_make_no_document(other):
    with pytest.raises(CannotRender, match="not the one that the letterhead names"):
        render(with_logo(the_logo()), logo=other)


def test_a_page_cannot_ask_for_a_logo_that_it_was_not_given():
    html = '<html><body><main data-patient="" data-site=""><img src="app:logo.jpg" alt=""></main></body></html>'
    with pytest.raises(CannotRender, match="not among its shipped files"):
        typeset(html, cidp_approved())


@pytest.mark.long
def test_what_is_issued_keeps_its_logo_byte_for_byte_and_still_proves_itself(cast, seal):  # noqa: F811 - the fixture
    set_logo(cast.north, the_logo("teal"), by=cast["adam"], at=AT)
    request = a_request(cast, Status.APPROVED)
    seal()
    kept = documents.issued(request, at=hours(4))
    seal()
    content = documents.content_of(kept)
    assert pictures(content) == [the_logo("teal").content]
    for change in (
        lambda: set_logo(cast.north, the_logo("maroon"), by=cast["adam"], at=hours(5)),
        lambda: remove_logo(cast.north, by=cast["adam"], at=hours(6)),
    ):
        change()
        seal()
        assert documents.issued(request, at=hours(7)) == kept
        assert documents.content_of(kept) == content
        verdict = examined(content)
        assert verdict.value["site"]["logo"]["sha256"] == the_logo("teal").sha256
    other = a_request(cast, Status.APPROVED, patient=cast.a_patient(mrn="N-2002"))
    seal()
    assert pictures(bytes(documents.issued(other, at=hours(8)).content)) == []
    assert Document.objects.count() == 2
    assert [finding.sentence for finding in reconcile().findings if "logo" in finding.place.table] == []


def test_a_site_without_a_logo_prints_what_it_printed_before(cast):
    request = a_request(cast, Status.APPROVED)
    before = canonical(frozen_value(request))
    set_logo(cast.north, the_logo(), by=cast["adam"], at=AT)
    assert json.loads(canonical(frozen_value(request)))["site"]["logo"] == {
        "sha256": the_logo().sha256, "width": 300, "height": 100
    }  # fmt: skip
    remove_logo(cast.north, by=cast["adam"], at=AT)
    assert canonical(frozen_value(request)) == before
    assert b"logo" not in before


@pytest.mark.long
def test_a_logo_that_is_changed_between_the_two_readings_is_read_anew(cast, monkeypatch):
    """The value names one logo, and before its bytes are read there is another."""
    set_logo(cast.north, the_logo("teal"), by=cast["adam"], at=AT)
    request = a_request(cast, Status.APPROVED)
    read, changed = frozen_justification.frozen_value, []

    def slow(request):
        value = read(request)
        if not changed:
            changed.append(True)
            set_logo(cast.north, the_logo("maroon"), by=cast["adam"], at=AT)
        return value

    monkeypatch.setattr(frozen_justification, "frozen_value", slow)
    value, logo = frozen_with_logo(request)
    assert value["site"]["logo"]["sha256"] == hashlib.sha256(logo).hexdigest() == the_logo("maroon").sha256
    assert pictures(render(value, logo=logo)) == [the_logo("maroon").content]


@pytest.mark.long
def test_the_report_has_the_logo_too(cast, seen_by):
    audrey = seen_by("audrey")
    asked = {"site": "north", "first": "2026-01", "last": "2026-03"}
    assert pictures(audrey.get("/reports/utilization.pdf", asked).content) == []
    set_logo(cast.north, the_logo(), by=cast["adam"], at=AT)
    assert pictures(audrey.get("/reports/utilization.pdf", asked).content) == [the_logo().content]


def test_bytes_that_were_changed_in_the_table_are_a_finding_of_the_check(cast):
    def findings():
        return [finding for finding in reconcile().findings if finding.place.table == "sitelogo"]

    set_logo(cast.north, the_logo(), by=cast["adam"], at=AT)
    assert findings() == []
    SiteLogo.objects.update(content=a_jpeg("navy"))
    [finding] = findings()
    assert the_logo().sha256 in finding.sentence
    SiteLogo.objects.all().delete()
    assert len(findings()) == 1
