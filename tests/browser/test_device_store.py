"""The store of a device by itself, in a real browser: what it keeps, for whom, and until when."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.factories import ClassWorld

# Opens a store of the page's own; `window.entry` makes an entry of it, `window.put` keeps one.
STORE = """async ([session, person]) => {
    const { DeviceStore } = await import("/static/js/device/store.js");
    window.store = new DeviceStore({ store: "scans", session, person });
    window.entry = (id, more = {}) => ({ id, session, person, ...more });
    window.put = (id) => store.amend((own, scans) => scans.put(entry(id)));
    window.remove = (id) => store.amend((own, scans) => scans.delete(id));
}"""
ITEMS = "() => store.amend(() => {}).then(() => store.items.map((item) => item.id).sort())"


@pytest.fixture
def page(visit):
    world = ClassWorld(size=1)
    world.session.delete()
    session = factories.make_session(world.training_class, starts_at=timezone.now())
    clerk = visit()
    clerk.sign_in(world.clerk)
    clerk.open(reverse("rolls:door", args=[session.pk]))
    clerk.page.evaluate(STORE, [7, 70])
    return clerk.page


def another(page, session=7, person=70):
    """The same browser in another tab, for a session and a person."""
    tab = page.context.new_page()
    tab.goto(page.url)
    tab.evaluate(STORE, [session, person])
    return tab


def test_an_entry_outlives_the_page_and_goes_by_its_id_alone(page):
    for name in ("a", "b"):
        page.evaluate("id => put(id)", name)
    tab = another(page)
    page.close()
    assert tab.evaluate(ITEMS) == ["a", "b"]
    tab.evaluate("() => remove('x')")
    assert tab.evaluate(ITEMS) == ["a", "b"]
    tab.evaluate("() => remove('a')")

    assert tab.evaluate(ITEMS) == ["b"]


def test_it_belongs_to_one_session_and_one_person(page):
    page.evaluate("() => put('a')")

    assert another(page, session=8).evaluate(ITEMS) == []
    tab = another(page, person=71)
    assert tab.evaluate(ITEMS) == []
    assert tab.evaluate("store.hasOthers")


def test_a_change_that_fails_changes_nothing(page):
    page.evaluate("() => put('a')")
    failed = page.evaluate(
        """() => store.amend((own, scans) => {
            scans.delete("a");
            scans.put(entry("b"));
            scans.put({});  // has no id
        }).then(() => false, () => true)"""
    )

    assert failed
    assert page.evaluate(ITEMS) == ["a"]


def test_changes_of_two_tabs_at_once_lose_none(page):
    tab = another(page)
    for place, one in enumerate((page, tab)):
        one.evaluate(
            """(place) => { window.done = Promise.all(Array.from({ length: 20 }, (_, n) =>
                put(`${place}-${String(n).padStart(2, "0")}`))); }""",
            place,
        )
    for one in (page, tab):
        one.evaluate("() => done")

    assert len(tab.evaluate(ITEMS)) == 40


def test_the_store_of_the_former_version_is_taken_over(page):
    """Marks of a roll that waited before an upgrade are still there."""
    page.goto(page.url.split("/sessions/")[0] + "/privacy/")
    page.evaluate(
        """() => new Promise((done) => {
            indexedDB.deleteDatabase("rolls").onsuccess = () => {
                const request = indexedDB.open("rolls", 1);
                request.onupgradeneeded = () => {
                    const marks = request.result.createObjectStore("marks", { keyPath: "id" });
                    marks.createIndex("session", "session");
                    marks.put({ id: "m", session: 7, person: 70 });
                    request.result.createObjectStore("known", { keyPath: ["session", "member"] });
                };
                request.onsuccess = () => { request.result.close(); done(); };
            };
        })"""
    )
    page.go_back()
    page.wait_for_load_state("load")
    found = page.evaluate(
        """async () => {
            const { DeviceStore } = await import("/static/js/device/store.js");
            const store = new DeviceStore({ store: "marks", session: 7, person: 70 });
            await store.amend(() => {});
            return store.items.map((item) => item.id);
        }"""
    )

    assert found == ["m"]
