"""People from a file: looked at line by line, made all or nobody, each as an invitation makes them."""

import html
import re
from smtplib import SMTPException
from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from tests.access.hospital import AT
from tests.people.conftest import PASSWORD
from utilization import access, workflow
from utilization.jobs import link_mail
from utilization.models import Event, Membership, PasswordLetter, SignInEntry, User
from utilization.rules.roles import Role
from utilization.workflow import Refused

HEADER = "full_name,title,username,email,role,department"
GRACE = "Grace Oduya,PharmD,grace,grace@north.example,pharmacist,"
NOOR = "Noor Haddad,MD,noor,noor@north.example,Prescriber,neurology"
PAGE = "/people/import/"
LIKE_ANOTHER = (
    "This username reads like the name or the e-mail address by which somebody else signs in. Choose one that nobody "
    "takes for theirs."
)


@pytest.fixture
def adam(north, signed_in):
    """The browser of the northern administrator."""
    return signed_in(north["administrator"])


def a_file(*lines, header=HEADER):
    return "\n".join([header, *lines, ""]).encode()


def faults(north, *lines):
    """What is wrong, as (line, column, sentence)."""
    report = workflow.check_people(a_file(*lines), by=north["administrator"], site=north.site)
    return [
        (checked.line.number, field, sentence)
        for checked in report.lines for field, sentences in checked.faults.items() for sentence in sentences
    ]  # fmt: skip


def make(north, *lines, by="administrator"):
    return workflow.import_people(a_file(*lines), by=north[by], at=AT, site=north.site)


def state():
    return (
        list(User.objects.order_by("pk").values()), list(Membership.objects.order_by("pk").values()),
        Event.objects.count(), SignInEntry.objects.count(),
    )  # fmt: skip


def upload(browser, north, content, name="people.csv"):
    return browser.post(PAGE, {"site": north.site.pk, "file": SimpleUploadedFile(name, content)})


def text(response):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def hidden(response, name):
    """The value of a hidden field, as a browser sends it back."""
    value = re.findall(rf'name="{name}" value="([^"]*)"', response.content.decode())[-1]
    return re.sub(r"\r\n|\r|\n", "\r\n", html.unescape(value))


def confirm(browser, shown):
    form = {name: hidden(shown, name) for name in ("site", "text")}
    form["form_token"] = re.search(r'name="form_token"[^>]*value="([^"]+)"', shown.content.decode())[1]
    return browser.post(PAGE, form), form


# --- What is made -------------------------------------------------------------------------------------------------


def test_looking_at_a_file_writes_nothing(north, adam):
    before = state()
    shown = upload(adam, north, a_file(GRACE, NOOR))
    assert shown.status_code == 200
    assert "2 accounts for north hospital" in text(shown)
    assert "Make 2 accounts" in text(shown)
    assert state() == before


def test_people_of_a_file_are_made_as_invitations_make_them(north, adam):
    answer, _ = confirm(adam, upload(adam, north, a_file(GRACE, NOOR)))
    assert "2 accounts are made for north hospital" in text(answer)
    grace, noor = User.objects.get(username="grace"), User.objects.get(username="noor")
    assert (grace.full_name, grace.title, grace.email) == ("Grace Oduya", "PharmD", "grace@north.example")
    assert access.roles(grace, north.site) == {Role.PHARMACIST}
    assert access.roles(noor, north.site) == {Role.PRESCRIBER}
    assert access.department(noor, north.site) == north.neurology
    assert not grace.has_usable_password()
    assert [event.type for event in Event.objects.order_by("seq")] == ["person.invited"] * 2
    assert list(grace.account_acts.values_list("kind", "by")) == [("made", north["administrator"].pk)]
    kinds = list(SignInEntry.objects.filter(user_id=noor.pk).order_by("pk").values_list("kind", flat=True))
    assert kinds[:2] == ["invited", "role_given"]


def test_confirming_again_makes_nobody_twice(north, adam):
    shown = upload(adam, north, a_file(GRACE))
    _, form = confirm(adam, shown)
    before = state()
    assert adam.post(PAGE, form).url == reverse("people-list")
    fresh = {name: value for name, value in form.items() if name != "form_token"}
    again = adam.post(PAGE, fresh)
    assert again.status_code == 422
    assert "Grace Oduya has this username and works at north hospital already." in text(again)
    assert state() == before


def test_what_is_taken_between_the_look_and_the_word_makes_nobody(north, adam):
    shown = upload(adam, north, a_file(NOOR, GRACE))
    User.objects.create(username="GRACE", email="other@elsewhere.example", full_name="Other")
    before = state()
    answer, _ = confirm(adam, shown)
    assert answer.status_code == 422
    assert "Nothing is made: 1 of 2 lines to correct" in text(answer)
    assert state() == before


@pytest.mark.parametrize("code", [role.value for role in Role])
def test_a_role_is_given_by_its_code_and_by_its_word(north, code):
    words = {
        "prescriber": "Prescriber", "pharmacist": "Pharmacist", "physician_reviewer": "Physician reviewer",
        "auditor": "Auditor", "formulary": "Formulary", "administrator": "Administrator",
    }  # fmt: skip
    lines = [
        f"By Code,,bycode,c@x.example,{code},Neurology",
        f"By Word,,byword,w@x.example,{words[code].upper()},Neurology",
    ]
    assert len(make(north, *lines).made) == 2
    assert {str(role) for user in User.objects.filter(username__startswith="by")
            for role in access.roles(user, north.site)} == {code}  # fmt: skip


def test_semicolons_a_mark_at_the_beginning_and_line_ends_of_all_kinds(north):
    for number, end in enumerate(("\n", "\r\n", "\r")):
        lines = ("username;email;role;full_name", f"sam{number};sam{number}@x.example;auditor;Sam, of Ümlaut")
        content = ("\ufeff" + end.join(lines)).encode()
        report = workflow.import_people(content, by=north["administrator"], at=AT, site=north.site)
        assert [user.full_name for user in report.made] == ["Sam, of Ümlaut"], end


# --- Who gets in how ----------------------------------------------------------------------------------------------


def test_where_mail_is_set_each_gets_a_link_that_nobody_else_sees(
    north, adam, settings, django_capture_on_commit_callbacks
):
    settings.MAIL_FROM = "ivig@north.example"
    shown = upload(adam, north, a_file(GRACE, NOOR))
    with django_capture_on_commit_callbacks(execute=True):
        answer, _ = confirm(adam, shown)
    assert "A link goes by mail to each of them" in text(answer)
    assert "/account/password/first/" not in answer.content.decode()
    assert [message.to for message in mail.outbox] == [["grace@north.example"], ["noor@north.example"]]
    path = re.search(r"http://testserver(/account/password/\S+)", mail.outbox[0].body)[1]
    assert "Your username is grace." in mail.outbox[0].body
    browser = Client()
    form = browser.get(path, follow=True)
    done = browser.post(form.context["action_url"], {"password1": PASSWORD, "password2": PASSWORD}, follow=True)
    assert "Your password is set" in text(done)
    assert User.objects.get(username="grace").check_password(PASSWORD)
    assert SignInEntry.objects.filter(kind="link_mailed", detail="grace@north.example").count() == 1


def test_without_mail_nobody_holds_a_link_and_the_page_says_what_to_do(north, adam):
    answer, _ = confirm(adam, upload(adam, north, a_file(GRACE)))
    assert "this site sends no mail" in text(answer)
    assert "Reset password" in text(answer)
    assert "/account/password/first/" not in answer.content.decode()
    assert (len(mail.outbox), PasswordLetter.objects.count()) == (0, 0)
    # What the page says to do leads to a letter.
    grace = User.objects.get(username="grace")
    assert "Pass on this code yourself" in text(adam.post(reverse("people-reset", args=[grace.pk])))


@pytest.mark.parametrize("token", [True, False], ids=["with a token", "without"])
def test_nobody_is_made_whose_mail_cannot_be_put_in_the_queue(north, adam, settings, monkeypatch, token):
    settings.MAIL_FROM = "ivig@north.example"
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    adam.raise_request_exception = False
    _, form = confirm(adam, upload(adam, north, a_file("Ann Able,,ann,ann@north.example,auditor,")))
    [job] = DBTaskResult.objects.values_list("args_kwargs", flat=True)
    assert job["args"][0] == User.objects.get(username="ann").pk
    shown = upload(adam, north, a_file(GRACE, NOOR))
    before, enqueue = state(), type(link_mail.send_first_link).enqueue

    def full(self, person, *given):
        if User.objects.get(pk=person).username == "noor":
            raise ValueError("the queue is full")
        return enqueue(self, person, *given)

    monkeypatch.setattr(type(link_mail.send_first_link), "enqueue", full)
    form = {name: hidden(shown, name) for name in ("site", "text")}
    if token:
        form["form_token"] = re.search(r'name="form_token"[^>]*value="([^"]+)"', shown.content.decode())[1]
    assert adam.post(PAGE, form).status_code == 500
    assert (state(), DBTaskResult.objects.count()) == (before, 1)
    monkeypatch.undo()
    assert "2 accounts are made" in text(adam.post(PAGE, form))
    assert DBTaskResult.objects.count() == 3


def test_a_link_is_not_sent_to_who_needs_none(north, settings):
    settings.MAIL_FROM = "ivig@north.example"
    make(north, GRACE)
    grace, by = User.objects.get(username="grace"), north["administrator"]

    def sent():
        link_mail.send_first_link.call(grace.pk, by.pk, "https://ivig.example/")
        return len(mail.outbox)

    assert sent() == 1
    assert "https://ivig.example/account/password/" in mail.outbox[0].body
    letter = PasswordLetter.objects.create(user=grace, code_digest="x", asked_by=by, asked_at=AT)
    assert sent() == 1
    letter.delete()
    grace.set_password(PASSWORD)
    grace.save()
    assert sent() == 1
    User.objects.filter(pk=grace.pk).update(is_active=False, password="!")
    assert sent() == 1


def test_a_mail_server_that_is_away_keeps_no_account_from_being_made(
    north, adam, settings, monkeypatch, django_capture_on_commit_callbacks
):
    settings.MAIL_FROM = "ivig@north.example"

    def away(self):
        raise SMTPException("away")

    monkeypatch.setattr(mail.EmailMessage, "send", away)
    shown = upload(adam, north, a_file(GRACE))
    with django_capture_on_commit_callbacks(execute=True):
        answer, _ = confirm(adam, shown)
    assert "1 account is made" in text(answer)
    assert not SignInEntry.objects.filter(kind="link_mailed").exists()


def test_a_link_that_was_not_sent_is_tried_again_with_longer_waits(north, settings, monkeypatch):
    settings.MAIL_FROM = "ivig@north.example"
    make(north, GRACE)
    later = []

    class Later:
        @staticmethod
        def enqueue(*args, **kwargs):
            later.append((args, kwargs))

    monkeypatch.setattr(link_mail, "mail_link", lambda *args: False)
    monkeypatch.setattr(link_mail, "default_task_backend", SimpleNamespace(supports_defer=True))
    monkeypatch.setattr(type(link_mail.send_first_link), "using", lambda self, **kwargs: Later)
    grace, by = User.objects.get(username="grace"), north["administrator"]
    for waited in (0, 60, 14400, 14401):
        link_mail.send_first_link.call(grace.pk, by.pk, "https://ivig.example/", waited=waited)
    assert [kwargs["waited"] for _, kwargs in later] == [60, 120, 28800]


# --- What is wrong in a line --------------------------------------------------------------------------------------


def test_each_line_is_told_what_an_invitation_would_tell(north):
    north.site.departments.create(name="Cardiology")
    shut = north.site.departments.create(name="Shut Ward")
    workflow.departments.close_department(shut.pk, by=north["administrator"], at=AT)
    told = faults(
        north,
        GRACE,
        "Two Words,,two words,two@x.example,auditor,",
        "No Mail,,nomail,nomail,auditor,",
        ",,noname,noname@x.example,auditor,",
        "No Role,,norole,norole@x.example,nurse,",
        "No Ward,,noward,noward@x.example,prescriber,",
        "Lost Ward,,lostward,lostward@x.example,prescriber,Neurolgy",
        "Shut Ward,,shutward,shutward@x.example,prescriber,SHUT WARD",
        f"{'x' * 121},,long,long@x.example,auditor,",
        "Like Another,,аuditor.north,like@x.example,auditor,",
    )
    roles = "prescriber, pharmacist, physician_reviewer, auditor, formulary, administrator"
    assert told == [
        (3, "username", "Use letters, digits and @ . + - _ alone, without spaces."),
        (4, "email", "This is no e-mail address. It reads like name@hospital.example."),
        (5, "full_name", "Fill this in."),
        (6, "role", f"'nurse' is no role. Choose one of: {roles}."),
        (7, "department", "A prescriber belongs to a department. Choose one."),
        (8, "department",
         "north hospital has no department of this name. There are: Cardiology, Neurology, Rheumatology."),
        (9, "department", "Shut Ward is closed. Choose another department, or open it again."),
        (10, "full_name", "Expected at most 120 characters, got 121."),
        (11, "username",
         LIKE_ANOTHER),
    ]  # fmt: skip
    before = state()
    assert make(north, GRACE, "No Role,,norole,norole@x.example,nurse,").made == ()
    assert state() == before


def test_a_department_of_another_site_is_none(north, south):
    south.site.departments.create(name="Oncology")
    [(_, field, sentence)] = faults(north, "A B,,ab,ab@x.example,prescriber,Oncology")
    assert (field, "Oncology" in sentence) == ("department", False)


def test_a_person_stands_in_one_line(north):
    told = faults(north, GRACE, NOOR, "Grace Oduya,,GRACE,grace@north.example,auditor,", "N H,,nh,ｎoor,auditor,")
    again = "A person stands in one line: give a second role on their page."
    assert [fault for fault in told if again in fault[2]] == [
        (2, "username", f"Line 4 has this username too, or one that reads like it. {again}"),
        (2, "email", f"Line 4 has this e-mail address too, or one that reads like it. {again}"),
        (3, "username", f"Line 5 has this username too, or one that reads like it. {again}"),
        (4, "username", f"Line 2 has this username too, or one that reads like it. {again}"),
        (4, "email", f"Line 2 has this e-mail address too, or one that reads like it. {again}"),
    ]


def test_who_works_here_is_told_from_who_works_elsewhere(north, south):
    told = faults(
        north,
        "P N,,pharmacist.NORTH,new@x.example,auditor,",
        "A N,,newname,AUDITOR.north@example.org,auditor,",
        "P S,,pharmacist.south,new2@x.example,auditor,",
        "A S,,newname3,auditor.south@example.org,auditor,",
    )
    page = "works at north hospital already. Their roles are changed on their page."
    assert told == [
        (2, "username", f"pharmacist.north has this username and {page}"),
        (3, "email", f"auditor.north has this e-mail address and {page}"),
        (4, "username", "This username is taken. Choose another."),
        (5, "email", "Another account has this e-mail address."),
    ]
    assert access.roles(north["pharmacist"], north.site) == {Role.PHARMACIST}


def test_who_left_the_site_is_told_of_as_an_invitation_would(north):
    Membership.objects.filter(user=north["auditor"]).update(ended_at=AT)
    assert faults(north, "A N,,auditor.north,new@x.example,auditor,")[0][2] == "This username is taken. Choose another."


# --- Who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["prescriber", "pharmacist", "physician_reviewer", "auditor", "formulary"])
def test_only_administrators_import(north, who):
    with pytest.raises(Refused):
        make(north, GRACE, by=who)
    with pytest.raises(Refused):
        workflow.check_people(a_file(GRACE), by=north[who], site=north.site)


def test_nobody_imports_to_a_site_that_they_do_not_manage(north, south, adam):
    with pytest.raises(Refused):
        workflow.import_people(a_file(GRACE), by=north["administrator"], at=AT, site=south.site)
    before = state()
    answer = adam.post(PAGE, {"site": south.site.pk, "text": a_file(GRACE).decode()})
    assert answer.status_code == 422
    assert state() == before


# --- Hostile files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"full_name,title\n", "must name the columns full_name, username, email, role; missing: username"),
        (GRACE.encode(), "must name the columns"),
        (a_file(GRACE, header=f"{HEADER},password"), "“password” is not known. Optional are title, department."),
        (a_file(header=f"{HEADER},role"), "“role” stands twice"),
        (a_file(), "names nobody below its header"),
        (a_file("a,b"), "Line 2 has 2 cells where the first line names 6 columns"),
        (a_file('"Grace,,grace,g@x.example,auditor,'), "This is not CSV"),
        (a_file(GRACE).decode().encode("utf-16"), "save the sheet as “CSV UTF-8”"),
        (a_file("Jürgen,,j,j@x.example,auditor,").decode().encode("cp1252"), "save the sheet as “CSV UTF-8”"),
        (a_file(GRACE.replace("Grace", "Gr\0ce")), "characters with the code 0"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\xff\xd8", "save the sheet as “CSV UTF-8”"),
        (b"<html><body>A page</body></html>", "must name the columns"),
        (a_file(*[f"N,,n{n},n{n}@x.example,auditor," for n in range(201)]), "names 201 people: send at most 200"),
        (a_file(*["a,,b,c,d,"] * 9_000), "names 9000 people: send at most 200"),
        (a_file(*[f"Long Name,,user{n},user{n}@x.example,auditor," for n in range(6_000)]), "larger than 100 kB"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_says_what_is_expected(north, adam, content, told):
    before = state()
    answer = upload(adam, north, content)
    assert answer.status_code == 422
    assert told in text(answer)
    assert state() == before


def test_ten_megabytes_are_not_read(north, adam):
    assert upload(adam, north, b"x" * 10_000_000).status_code == 413


def test_no_file_and_an_empty_one_are_told(north, adam):
    assert "Choose the file with the people." in text(adam.post(PAGE, {"site": north.site.pk}))
    assert "This file is empty." in text(upload(adam, north, b""))


@pytest.mark.parametrize("column", range(6))
@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+49 1", "-1+1", "@SUM(A1)"])
def test_a_formula_is_no_value(north, column, cell):
    cells = NOOR.split(",")
    cells[column] = cell
    name = HEADER.split(",")[column]
    told = {field: sentence for _, field, sentence in faults(north, ",".join(cells))}
    assert told[name] == f"This begins with “{cell[0]}”, as a formula of a sheet does. Write the value itself."


def test_characters_that_turn_text_are_refused_and_not_shown(north, adam):
    turned = "Grace \u202eayudO"
    for cell in ("Grace Oduya", "PharmD", "grace,", "grace@", "pharmacist"):
        line = GRACE.replace(cell, cell + turned if cell == "grace@" else f"{turned}{cell}", 1)
        answer = upload(adam, north, a_file(line))
        assert answer.status_code == 422, line
        assert "\u202e" not in answer.content.decode()
    header = upload(adam, north, a_file(GRACE + ",x", header=f"{HEADER},\u202eemos"))
    assert (header.status_code, "\u202e" in header.content.decode()) == (422, False)


def test_markup_in_a_cell_is_text(north, adam):
    shown = upload(adam, north, a_file('"<script>alert(1)</script>""\'&amp;",,grace,g@x.example,auditor,'))
    assert "<script>alert(1)" not in shown.content.decode()
    answer, _ = confirm(adam, shown)
    assert User.objects.get(username="grace").full_name == "<script>alert(1)</script>\"'&amp;"
    assert "<script>alert(1)" not in answer.content.decode()


@pytest.mark.long
def test_the_longest_file_that_is_shown_can_be_confirmed(north, adam):
    lines = [f"N{n},,n{n},n{n}@x.example,auditor," for n in range(200)]
    whole = a_file(*lines)
    lines[0] = f"N0,,n0,n0@x.example,auditor,{' ' * (100_000 - len(whole))}"
    content = a_file(*lines)
    assert len(content) == 100_000
    answer, _ = confirm(adam, upload(adam, north, content))
    assert len(Event.objects.filter(type="person.invited")) == 200, text(answer)
