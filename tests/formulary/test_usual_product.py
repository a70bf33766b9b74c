"""The usual product of a site: new requests begin with it and say so, and nothing that was begun or filed changes."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.urls import reverse

from tests.cast import AT, CIDP, Cast, a_draft, a_request, approved
from tests.prescribing.pages import url
from utilization import criteria, workflow
from utilization.models import Event, Request, Site
from utilization.reports import dosing_rules as reports
from utilization.reports.frozen_justification import frozen_value
from utilization.rules.canonical_json import canonical
from utilization.rules.packs.reader import read_pack
from utilization.workflow.reading import read_request
from utilization.workflow.usual_product import set_usual_product, usual_brands

HOUR = timedelta(hours=1)
TABLE = yaml.safe_load((Path(settings.BASE_DIR) / "fixtures" / "products.yaml").read_text("utf-8"))
INTRAVENOUS = {row["brand"] for row in TABLE if row["kind"] == "ivig" and row["vials_g"]}


def usual(cast, brand, by="forrest", site="north"):
    return set_usual_product(Site.objects.get(code=site), brand, by=cast[by], at=AT)


def began(cast, **more) -> Request:
    return workflow.start_draft(by=cast["petra"], at=AT, patient_uid=cast.patient.uid, indication="cidp", **more)


@pytest.mark.long
def test_a_new_request_begins_with_it_and_says_so(cast: Cast, seen_by):
    assert "product" not in began(cast).draft
    usual(cast, "Privigen")
    request = began(cast)
    assert request.draft["product"] == "Privigen"
    assert request.entered["product"]["by"] == cast["petra"].pk
    page = seen_by("petra").get(url("request-edit", request)).content.decode()
    assert re.search(r'<input[^>]*name="product"[^>]*value="Privigen"|value="Privigen"[^>]*name="product"', page)
    assert "This is the usual product here: change or clear it" in page
    for typed, told in (("Octagam 10%", "Usual here: Privigen."), ("", "Usual here: Privigen.")):
        request = workflow.save_draft(request.uid, by=cast["petra"], at=AT, answers={"product": typed})
        assert (request.draft.get("product") or "") == typed
        assert told in seen_by("petra").get(url("request-edit", request)).content.decode()


def test_what_copies_another_request_keeps_what_that_said(cast: Cast):
    named = a_request(cast, answers={**CIDP, "product": "Octagam 10%"})
    unnamed = a_request(cast, answers=CIDP)
    usual(cast, "Privigen")
    assert began(cast, copy_of=named.uid, request_type="initial").draft["product"] == "Octagam 10%"
    assert "product" not in began(cast, copy_of=unnamed.uid, request_type="initial").draft


@pytest.mark.long
def test_what_was_begun_or_filed_stays_as_it_is(cast: Cast):
    usual(cast, "Privigen")
    draft = began(cast)
    filed = a_request(cast, answers=CIDP)
    assert filed.latest.facts["product"] == "Privigen"
    decided = approved(cast, a_request(cast, answers=CIDP, patient=cast.a_patient(mrn="N-2")), at=AT + 2 * HOUR)
    before = [canonical(frozen_value(request)) for request in (filed, decided)]
    judged = [canonical(request.latest.judgement) for request in (filed, decided)]
    for brand in ("Gamunex-C", ""):
        usual(cast, brand)
        for request, value, judgement in zip((filed, decided), before, judged, strict=True):
            fresh = Request.objects.get(pk=request.pk)
            assert canonical(frozen_value(fresh)) == value
            assert canonical(read_request(fresh, AT).record) == judgement == canonical(fresh.latest.judgement)
        assert Request.objects.get(pk=draft.pk).draft["product"] == "Privigen"


def test_it_changes_no_judgement_and_gives_whole_vials_of_itself(cast: Cast):
    """The same case without a product and with it: the same outcome and grams; vials are known with it alone."""
    plain = a_draft(cast, patient=cast.a_patient(mrn="N-2"))
    usual(cast, "Privigen")
    begun = a_draft(cast, patient=cast.a_patient(mrn="N-3"))
    without, with_it = read_request(plain, AT).record, read_request(begun, AT).record
    assert without["outcome"] == with_it["outcome"] == "meets"
    assert without["dose"]["rounded_g"] == with_it["dose"]["rounded_g"]
    assert without["dose"]["vials_per_day"] is None
    sizes = next(row["vials_g"] for row in TABLE if row["brand"] == "Privigen")
    assert with_it["dose"]["vials_per_day"]
    assert set(with_it["dose"]["vials_per_day"]) <= set(sizes)


def test_a_product_that_does_not_suit_the_patient_is_told_as_ever(cast: Cast):
    """The rule is that of the product table: nothing of it is silenced because the site usually gives the brand."""
    row = next(row for row in TABLE if row["brand"] == "Privigen")
    [*facts] = [name if isinstance(name, str) else name["fact"] for name in row["contraindications"]]
    usual(cast, "Privigen")
    draft = began(cast)
    answers = {**CIDP, "safety": [facts[0]]}
    workflow.save_draft(draft.uid, by=cast["petra"], at=AT, answers=answers)
    assert "product_contraindicated" in read_request(Request.objects.get(pk=draft.pk), AT).record["warnings"]


def test_a_brand_that_the_product_table_has_no_more_begins_nothing(cast: Cast):
    Site.objects.filter(code="north").update(usual_product="Withdrawn Brand")
    assert "product" not in began(cast).draft


def test_the_committee_sets_it_and_nobody_else(cast: Cast):
    usual(cast, "Privigen")
    usual(cast, "Privigen")
    [entry] = Event.objects.filter(type="site.usual_product")
    assert json.loads(bytes(entry.body))["data"] == {
        "before": {"usual_product": ""}, "now": {"usual_product": "Privigen"}
    }  # fmt: skip
    for who in ("adam", "fern", "petra", "audrey", "sue"):
        with pytest.raises(workflow.Refused, match="formulary committee"):
            usual(cast, "", by=who)
    with pytest.raises(workflow.Refused):
        usual(cast, "", site="south")
    assert set(usual_brands()) == INTRAVENOUS


@pytest.mark.parametrize("brand", ["Hizentra", "privigen", "Nothing", "Privigen\x00", "P" * 5000, " "])
def test_what_is_no_brand_of_the_list_is_refused(cast: Cast, seen_by, brand):
    with pytest.raises(workflow.Invalid) as refused:
        usual(cast, brand)
    assert list(refused.value.errors) == ["usual_product"]
    page = reverse("formulary-dosing", args=["north"])
    assert seen_by("forrest").post(page, {"usual_product": brand}).status_code in (400, 422)
    assert Site.objects.filter(code="north", usual_product="").exists()


def test_the_page_has_what_the_criteria_set_and_the_administrator_reads_it(cast: Cast, seen_by):
    page = reverse("formulary-dosing", args=["north"])
    assert seen_by("forrest").post(page, {"usual_product": "Privigen"}).status_code == 302
    shown = seen_by("forrest").get(page).content.decode()
    assert "rounded to the nearest 5\u202fg" in shown
    assert "local parameter of the built-in pack" in shown
    assert '<option value="Privigen" selected>' in shown
    read = seen_by("adam").get(page).content.decode()
    assert "Privigen." in read
    assert "<select" not in read
    assert seen_by("adam").post(page, {"usual_product": ""}).status_code == 422
    assert seen_by("forrest").get(reverse("formulary-dosing", args=["south"])).status_code == 404
    assert page in seen_by("adam").get(reverse("people-list")).content.decode()
    assert page in seen_by("forrest").get(reverse("formulary-list")).content.decode()
    Site.objects.filter(code="north").update(usual_product="Withdrawn Brand")
    assert '<option value="Withdrawn Brand" selected>' in seen_by("forrest").get(page).content.decode()


def test_each_indication_stands_once_with_the_rule_that_its_pack_gives_it(cast: Cast, monkeypatch):
    """Read from the files of Ontario's pack, where one rule is for replacement and another for all else."""
    folder = Path(settings.BASE_DIR) / "fixtures" / "criteria" / "ontario"
    files = {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*.yaml")}
    replacement = "\n".join(files.values()).count("weight_rule: ontario_replacement")
    pack = read_pack(files)
    monkeypatch.setattr(criteria, "in_force", lambda site, day: pack)
    most, fewer = reports.dosing_rules(cast.north, AT.date())
    assert (len(fewer.indications), most.rounding) == (replacement, "rounded to the nearest 5\u202fg")
    assert len(most.indications) + len(fewer.indications) == len(pack.indications)
    assert not set(most.indications) & set(fewer.indications)
    assert most.within == "by at most 10\u202f%"
