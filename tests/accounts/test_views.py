"""Signing in and out, changing the password, the language switch, and the pages for errors."""

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, BrowserSession, Guess, User
from tests.factories import PASSWORD, make_user

SIGN_IN = reverse("accounts:sign_in")
SIGN_OUT = reverse("accounts:sign_out")
PASSWORD_CHANGE = reverse("accounts:password_change")
NEW = "another staple 7"


@pytest.fixture
def user(db):
    return make_user("clerk", phone="13800000000", display_name="李建国")


@pytest.fixture
def browser(settings):
    """A stranger's browser that reads English, so that tests need no catalogue."""
    return english(settings)


def english(settings, **options) -> Client:
    client = Client(**options)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def sign_in(browser: Client, name: str = "clerk", password: str = PASSWORD, **fields: str):
    return browser.post(SIGN_IN, {"username": name, "password": password, **fields})


def is_signed_in(browser: Client) -> bool:
    return browser.get(PASSWORD_CHANGE).status_code == 200


@pytest.mark.parametrize(
    "typed", ["clerk", "CLERK", " clerk ", "13800000000", "138 0000 0000", "１３８００００００００"]
)
def test_sign_in_by_name_or_phone(browser, user, typed):
    response = sign_in(browser, typed)

    assert response.status_code == 302
    assert response.url == reverse("home")
    assert is_signed_in(browser)
    entry = AuditEntry.objects.get(act="sign_in")
    assert (entry.actor, entry.object_id, entry.address) == (user, str(user.pk), "127.0.0.1")


@pytest.mark.parametrize(
    ("target", "url"),
    [(PASSWORD_CHANGE, PASSWORD_CHANGE), ("https://elsewhere.example/", reverse("home"))],
)
def test_sign_in_goes_on_to_the_page_asked_for_on_this_site_only(browser, user, target, url):
    assert sign_in(browser, next=target).url == url


def test_a_stranger_is_sent_to_sign_in_and_told_why(browser, db):
    response = browser.get(PASSWORD_CHANGE, follow=True)

    assert response.redirect_chain == [(f"{SIGN_IN}?next={PASSWORD_CHANGE}", 302)]
    assert "Sign in to open the page you asked for." in response.text


@pytest.mark.parametrize("name", ["clerk", "nobody"])
def test_a_failed_sign_in_says_the_same_whether_the_account_exists(browser, user, name):
    response = sign_in(browser, name, "wrong")

    assert response.status_code == 200
    assert "<title>Error: Sign in" in response.text
    assert 'role="alert"' in response.text
    assert "The name or the password is wrong. After 5 wrong passwords" in response.text
    assert f'value="{name}"' in response.text
    assert not is_signed_in(browser)
    assert not AuditEntry.objects.exclude(act="fail_sign_in").exists()


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002X",
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002X",
        "110105-19491231-002X",
        "110101199001011237",
        "110105491231002",  # an old one of 15 digits
        "1101051949123100",  # mistyped
        "1101051949123100212",
    ],
)
def test_an_id_number_is_refused_before_anything_keeps_it(browser, user, typed):
    response = sign_in(browser, typed)

    assert "Do not sign in with an ID number." in response.text
    assert typed not in response.text
    assert not Guess.objects.exists()


def test_five_wrong_passwords_lock_the_name_and_the_page_says_for_how_long(browser, user):
    for _ in range(5):
        sign_in(browser, password="wrong")

    response = sign_in(browser)

    assert response.status_code == 429
    assert "Wait 15 minutes" in response.text
    assert not is_signed_in(browser)
    assert response["Retry-After"] == "900"


def test_sign_in_page_of_a_signed_in_person_leads_home(browser, user):
    sign_in(browser)

    assert browser.get(SIGN_IN).url == reverse("home")


def test_sign_out_ends_the_session_and_is_on_record(browser, user):
    sign_in(browser)

    response = browser.post(SIGN_OUT, follow=True)

    assert response.redirect_chain == [(SIGN_IN, 302)]
    assert "You have signed out." in response.text
    assert not is_signed_in(browser)
    assert AuditEntry.objects.get(act="sign_out").actor == user


def test_sign_out_is_no_link(browser, user):
    sign_in(browser)

    assert browser.get(SIGN_OUT).status_code == 405
    assert is_signed_in(browser)


def test_sign_out_after_the_session_ended_by_itself_asks_for_nothing(browser, db):
    assert browser.post(SIGN_OUT).url == SIGN_IN
    assert not AuditEntry.objects.exists()


def test_a_form_without_its_token_is_refused_in_plain_words(settings, user):
    browser = english(settings, enforce_csrf_checks=True)

    response = sign_in(browser)

    assert response.status_code == 403
    assert "This page has expired" in response.text


def change_password(browser: Client, current: str = PASSWORD, new: str = NEW, again: str = NEW):
    return browser.post(
        PASSWORD_CHANGE,
        {"old_password": current, "new_password1": new, "new_password2": again},
    )


def test_a_new_password_ends_all_other_sessions(settings, browser, user):
    elsewhere = english(settings)
    sign_in(browser)
    sign_in(elsewhere)

    response = change_password(browser)

    assert response.url == reverse("home")
    assert is_signed_in(browser)
    assert not is_signed_in(elsewhere)
    user.refresh_from_db()
    assert user.check_password(NEW)
    entry = AuditEntry.objects.get(act="change_password")
    assert (entry.actor, entry.before, entry.after) == (user, None, None)


@pytest.mark.parametrize("meanwhile", ["session_epoch", "password", "is_active"])
def test_no_session_that_ended_meanwhile_changes_the_password(browser, user, meanwhile):
    """The form compared what was the current password when the request began."""
    sign_in(browser)
    facts = {"session_epoch": 7, "password": make_password("the third 33"), "is_active": False}

    def before_the_lock(execute, sql, *args):
        if "FOR UPDATE" in sql:
            User.objects.filter(pk=user.pk).update(**{meanwhile: facts[meanwhile]})
        return execute(sql, *args)

    with connection.execute_wrapper(before_the_lock):
        response = change_password(browser)

    user.refresh_from_db()
    assert not user.check_password(NEW)
    assert response.url == PASSWORD_CHANGE  # where the middleware says why it asks to sign in
    assert not AuditEntry.objects.filter(act="change_password").exists()


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"current": "wrong"}, "old_password", "The current password is wrong."),
        ({"new": "short one", "again": "short one"}, "new_password1", "too short"),
        ({"new": "2026112420", "again": "2026112420"}, "new_password1", "entirely numeric"),
        ({"new": "password12", "again": "password12"}, "new_password1", "too common"),
        ({"again": "other words"}, "new_password2", "didn’t match"),
    ],
)
def test_what_is_wrong_with_a_password_is_said_at_its_field(browser, user, fields, field, message):
    sign_in(browser)

    response = change_password(browser, **fields)

    assert response.status_code == 200
    _, _, at_field = response.text.partition(f'id="id_{field}_error"')
    assert message in at_field.partition("</div>")[0]
    assert f'href="#id_{field}"' in response.text
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_wrong_current_passwords_are_counted_and_stand_in_the_trail(browser, user):
    sign_in(browser)
    for _ in range(5):
        assert change_password(browser, current="wrong").status_code == 200

    response = change_password(browser)

    assert response.status_code == 429
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    entries = AuditEntry.objects.filter(act="fail_password").order_by("id")
    assert [entry.actor for entry in entries] == [user] * 5
    assert entries.last().after == {"locks_name": True}


def test_the_right_current_password_begins_the_count_anew(browser, user):
    sign_in(browser)
    for _ in range(3):
        for _ in range(4):
            change_password(browser, current="wrong")
        assert change_password(browser, new="short").status_code == 200


def test_a_password_is_never_sent_back(browser, user):
    sign_in(browser)

    assert NEW not in change_password(browser, current="wrong").text


def test_disabling_an_account_ends_its_sessions(browser, user):
    sign_in(browser)
    user.is_active = False
    user.save()

    assert not is_signed_in(browser)


def test_the_language_switch_keeps_the_page(client, db):
    page = client.get(f"{SIGN_IN}?next=/password/")
    assert page.context["request"].LANGUAGE_CODE == "zh-hans"
    assert '<html lang="zh-hans"' in page.text

    response = client.post(
        reverse("set_language"), {"language": "en", "next": f"{SIGN_IN}?next=/password/"}
    )

    assert response.url == f"{SIGN_IN}?next=/password/"
    assert '<html lang="en"' in client.get(response.url).text


def test_the_language_switch_answers_a_script_without_a_page(client, db):
    reply = client.post("/language/", {"language": "en"}, headers={"Accept": "application/json"})
    assert reply.status_code == 204
    assert reply.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_the_browser_does_not_choose_the_language(client, db):
    response = client.get(SIGN_IN, headers={"accept-language": "en"})

    assert '<html lang="zh-hans"' in response.text


def test_an_unknown_page_says_what_to_do_next(browser, user):
    sign_in(browser)

    response = browser.get("/no-such-page/")

    assert response.status_code == 404
    assert "This page was not found" in response.text
    assert "Go to the home page" in response.text


@pytest.mark.parametrize("template", ["400.html", "500.html", "503.html"])
def test_pages_for_faults_need_neither_request_nor_database(template):
    assert "<h1>" in render_to_string(template)


def test_a_conflict_shows_what_happened():
    page = render_to_string("409.html", {"message": "Somebody else has changed <it>."})

    assert "Somebody else has changed &lt;it&gt;." in page


def test_signing_in_and_out_leaves_no_session_behind_that_names_the_person(browser, user):
    sign_in(browser)
    browser.post(SIGN_OUT)

    assert all("_auth_user_id" not in row.get_decoded() for row in BrowserSession.objects.all())
