// Every mark is saved when it is made, with or without a network. A mark is in a queue on this
// device (static/js/device-queue.js) until the server has acknowledged its id; no other answer removes it. A mark
// that the server refuses, or that conflicts with another person's mark, stays until the clerk
// decides. Only names, ids and marks are stored. Without this file the page is a plain form.

const device = document.getElementById("roll-device");
const roll = document.getElementById("roll");
const session = Number(device.dataset.session);
const person = Number(device.dataset.person);

const AT_ONCE = 300; // marks in one request
const PATIENCE_MS = 30_000;
const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 60_000;
const A_MINUTE_MS = 60_000;

// The rows ------------------------------------------------------------------------------------

const rowOf = (member) => document.getElementById(`member-${member}`);
const radios = (row) => [...row.querySelectorAll("input[type=radio]")];
const chosen = (row) => radios(row).find((radio) => radio.checked)?.value ?? "";
const seenOf = (row) => row.querySelector("input[name^=seen-]");
const memberOf = (row) => Number(row.id.replace("member-", ""));
const allRows = () => [...(roll?.querySelectorAll(".roll-row") ?? [])].filter(seenOf);
// Accepted leave is preselected; it is no mark until it is saved.
const isProposal = (row) =>
  "leave" in row.dataset && !seenOf(row).value && chosen(row) === "on_leave";

function choose(row, status) {
  for (const radio of radios(row)) radio.checked = radio.value === status;
}

// The store -----------------------------------------------------------------------------------
// marks: {id, session, title, person, member, name, status, seen, made_at, sent, problem}. `title`
// names the roll on other pages (static/js/waiting-rolls.js). `sent` is true once the mark may have
// reached the server. From then on it never changes, and a later mark for the same member waits for
// its answer. So the order in which requests arrive does not matter.
// known: {session, member, status, at}: the current mark on the server, by any person ("" for
// none), and the time of the server's answer.

let queue = []; // the marks of this roll and person
let known = [];
const unkept = new Set(); // rows with a mark that could not be stored
let storeFails = false; // whether the last change of the store failed

const store = new DeviceQueue({
  store: "marks",
  session,
  person,
  also: ["known"],
  read(_marks, saved) {
    const all = saved.getAll(IDBKeyRange.bound([session], [session, []]));
    all.onsuccess = () => {
      known = all.result;
    };
  },
  onClosed: storeAnew,
});

// One transaction over the marks of this roll.
async function amend(change) {
  try {
    await store.amend(change);
    queue = store.items;
    device.querySelector("[data-others]").hidden = !store.hasOthers;
    storeFails = false;
  } catch (error) {
    storeFails = true;
    throw error;
  } finally {
    render();
  }
}

// The browser closed the store because its data was deleted or the disk failed. During the deletion
// it refuses to open a new one.
function storeAnew() {
  amend(() => {}).then(drain, () => setTimeout(storeAnew, FIRST_RETRY_MS));
}

const make = (member, name, status, seen) => ({
  id: crypto.randomUUID(),
  session,
  title: device.dataset.title,
  person,
  member,
  name,
  status,
  seen,
  made_at: new Date().toISOString(),
  sent: false,
  problem: null,
});

// Members with marks on their way into the queue. What the server reports on them meanwhile may be
// the clerk's own earlier mark, so it counts as seen.
const onTheWay = [];
const isOnTheWay = (member) => onTheWay.some((members) => members.includes(member));

async function put(rows) {
  const members = Array.from(rows, memberOf);
  onTheWay.push(members);
  try {
    await amend((stored, marks) => {
      for (const row of rows) {
        const own = stored.filter((mark) => mark.member === memberOf(row));
        const underWay = own.find((mark) => mark.sent && !mark.problem);
        for (const mark of own) if (mark !== underWay) marks.delete(mark.id);
        const [status, seen] = [chosen(row), underWay?.status ?? seenOf(row).value];
        const name = row.querySelector(".roll-name").textContent;
        if (status !== seen) marks.put(make(memberOf(row), name, status, seen));
      }
    });
  } finally {
    onTheWay.splice(onTheWay.indexOf(members), 1);
  }
}

// If storing fails, the page says so; its form still has the marks, and they are stored with the
// next mark.
async function keep(rows) {
  const all = new Set([...rows, ...unkept]);
  const kept = put(all);
  render(); // the previous mark may be shown as saved
  try {
    await kept;
    for (const row of all) unkept.delete(row);
  } catch {
    for (const row of all) unkept.add(row);
  }
  render();
  drain();
}

// The marks to send, one per member; marks that may already have arrived come first.
async function take() {
  const batch = new Map();
  await amend((stored, marks) => {
    const ready = stored.filter((mark) => !mark.problem).sort((a, b) => b.sent - a.sent);
    for (const mark of ready) {
      if (batch.has(mark.member) || batch.size === AT_ONCE) continue;
      batch.set(mark.member, mark);
      if (!mark.sent) marks.put({ ...mark, sent: true });
    }
  });
  return [...batch.values()];
}

function applyAnswer(answer) {
  const at = Date.parse(answer.at);
  return amend((stored, marks, saved) => {
    for (const id of answer.acknowledged) {
      const mark = stored.find((kept) => kept.id === id);
      if (mark) marks.delete(id);
    }
    for (const { id, theirs, text } of [...answer.conflicts, ...answer.refused]) {
      const mark = stored.find((kept) => kept.id === id);
      if (!mark) continue;
      const later = stored.find((kept) => kept.member === mark.member && !kept.sent);
      const { status } = later ?? mark;
      if (later) marks.delete(later.id);
      if (status === theirs) marks.delete(id);
      else marks.put({ ...mark, status, problem: { text, theirs: theirs ?? "" } });
    }
    for (const [member, status] of Object.entries(answer.marks)) {
      saved.put({ session, member: Number(member), status, at });
    }
  });
}

// Applies the clerk's decision about a mark that the server did not take.
async function decide(mark, decision) {
  const row = rowOf(mark.member);
  await amend((stored, marks) => {
    marks.delete(mark.id);
    // Either decision is sent, because the server lists the mark as not taken until then.
    if (decision !== "drop") {
      const seen = seenOf(row).value;
      marks.put(make(mark.member, mark.name, decision === "mine" ? mark.status : seen, seen));
    }
  });
  if (row && seenOf(row)) {
    if (decision !== "mine") choose(row, seenOf(row).value);
    (radios(row).find((radio) => radio.checked) ?? radios(row)[0]).focus();
    roll.dispatchEvent(new Event("roll:restored"));
    render();
  }
  drain();
}

// Sending -------------------------------------------------------------------------------------

let link = "ok"; // or offline, signed-out, stranger, fault, told (the server said why not)
let held = 0; // the most marks that waited for the link
let problemsBefore = 0; // the number of problems before that
let submitted = ""; // who submitted the roll and when, once the server has reported it
let curious = false; // whether to ask for the state of the roll without a mark to send
let retry = null;
let wait = FIRST_RETRY_MS;

function setLink(now) {
  const signedIn = ["signed-out", "stranger"].includes(link) && now === "ok";
  link = now;
  clearTimeout(retry);
  if (now === "ok") wait = FIRST_RETRY_MS;
  else {
    retry = setTimeout(drain, wait);
    wait = Math.min(wait * 2, LAST_RETRY_MS);
  }
  render();
  if (signedIn) keepPage(); // the sign-in page has deleted it
}

let token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

function post(batch) {
  const marks = batch.map(({ id, member, status, seen, made_at }) => ({
    id,
    member,
    status,
    seen,
    made_at,
  }));
  return fetch(device.dataset.marks, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ person, marks }),
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}

// Signing in in another tab invalidates the CSRF token of this page. With the new token, the server
// checks whether it is still the same person; only then does this page's form get the token too.
async function renewToken() {
  const page = await fetch(location.pathname, { redirect: "manual" });
  const fresh = new DOMParser()
    .parseFromString(await page.text(), "text/html")
    .querySelector("[name=csrfmiddlewaretoken]");
  if (!fresh) return false;
  token = fresh.value;
  return true;
}

function takeOverToken() {
  for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) input.value = token;
}

// Sends one batch; true if there may be more to send at once.
async function sendSome() {
  if (!navigator.onLine) {
    setLink("offline");
    return false;
  }
  const batch = await take();
  if (batch.length === 0 && !curious) {
    setLink(navigator.onLine ? "ok" : "offline"); // the network may have failed meanwhile
    return false;
  }
  let reply;
  try {
    reply = await post(batch);
    if (reply.status === 403 && (await renewToken())) reply = await post(batch);
  } catch {
    setLink("offline");
    return false;
  }
  let [answer, told] = [null, ""];
  try {
    if (reply.ok) answer = await reply.json();
    else if (reply.status === 422) told = (await reply.json()).error;
  } catch {
    // Another server answered in place of the portal, or the answer was cut off.
  }
  if (!answer) {
    device.querySelector("[data-why-told]").textContent = told;
    if (told) setLink("told");
    else setLink({ 401: "signed-out", 403: "signed-out", 409: "stranger" }[reply.status] ?? "fault");
    return false;
  }
  takeOverToken();
  curious = false;
  submitted = answer.submitted;
  await applyAnswer(answer);
  return true;
}

let sending = false;
let wanted = false;

// Others may have marked or submitted while this page was hidden or offline, or while the clerk
// worked in another window.
function askAnew() {
  if (document.hidden) return;
  openOnTheDay();
  curious = Boolean(roll?.querySelector("[data-final]")) && !ahead();
  drain();
}

async function drain() {
  wanted = true;
  if (sending) return;
  sending = true;
  try {
    while (wanted) {
      wanted = false;
      while (await sendSome());
    }
  } catch {
    // The store failed, which render() has shown. Marks under way are sent again.
    clearTimeout(retry);
    retry = setTimeout(drain, LAST_RETRY_MS);
  } finally {
    sending = false;
  }
}

// Showing -------------------------------------------------------------------------------------

const copy = (name) => device.querySelector(`template${name}`).content.cloneNode(true);

function show(row, state) {
  const place = row.querySelector("[data-state]");
  if (place.dataset.state === state) return;
  place.dataset.state = state;
  place.replaceChildren(...(state ? [copy(`[data-word=${state}]`)] : []));
}

function stateOf(row) {
  const mark = queue.find((kept) => kept.member === memberOf(row));
  if (mark?.problem) return mark.problem.theirs ? "conflict" : "refused";
  if (mark) return "waiting";
  if (unkept.has(row)) return "unsaved";
  if (isOnTheWay(memberOf(row))) return ""; // neither saved nor stored on this device yet
  if (seenOf(row) && isProposal(row)) return "proposed";
  return seenOf(row) && chosen(row) && chosen(row) === seenOf(row).value ? "saved" : "";
}

function showProblem(mark) {
  const row = rowOf(mark.member);
  const item = copy("[data-problem]").firstElementChild;
  const canDecide = Boolean(mark.problem.theirs && row && seenOf(row));
  item.id = `problem-${mark.id}`;
  item.setAttribute("aria-label", mark.name);
  item.querySelector("[data-name]").textContent = row ? "" : mark.name;
  item.querySelector("[data-text]").textContent = mark.problem.text;
  item.querySelector("[data-mine]").textContent = copy(`[data-label=${mark.status}]`).textContent;
  for (const button of item.querySelectorAll("[data-decide]")) {
    button.hidden = canDecide === (button.dataset.decide === "drop");
    // If the store fails, the decision stays open, and render() has shown it.
    button.addEventListener("click", () => decide(mark, button.dataset.decide).catch(() => {}));
  }
  (row ?? device.querySelector("[data-homeless]")).append(item);
}

function showProblems() {
  const problems = queue.filter((mark) => mark.problem);
  const ids = problems.map((mark) => `problem-${mark.id}`);
  for (const item of document.querySelectorAll(".roll-problem")) {
    if (!ids.includes(item.id)) item.remove();
  }
  for (const mark of problems) {
    if (!document.getElementById(`problem-${mark.id}`)) showProblem(mark);
  }
  return problems;
}

// Why the roll cannot be submitted now; "" if it can.
function obstacle(problems, pending) {
  if (link === "stranger") return "stranger";
  if (submitted) return "submitted";
  if (problems.length) return "problems";
  if (["offline", "signed-out", "fault", "told"].includes(link)) return link;
  return pending ? "waiting" : "";
}

// The page may be older than the server's last report: others mark too, and it may come from the
// cache. A row where the clerk chose something else keeps the choice. If it is in no queue, it also
// keeps its seen value, because the server compares the form with the current mark.
function takeOverKnown() {
  let isChanged = false;
  for (const { member, status, at } of known) {
    const row = rowOf(member);
    const seen = row && seenOf(row);
    if (!seen || seen.value === status || at <= (Date.parse(row.dataset.marked) || 0)) continue;
    const isUntouched = [seen.value, status].includes(chosen(row)) || isProposal(row);
    const waits = queue.some((mark) => mark.member === member) || isOnTheWay(member);
    if (!isUntouched && !waits) continue;
    seen.value = status;
    if (waits) continue;
    choose(row, status);
    isChanged = true;
  }
  if (isChanged) roll.dispatchEvent(new Event("roll:restored"));
}

let blocked = "";

// The stage of the roll, as far as this page knows.
function stage() {
  if (submitted) return "submitted";
  const waits = (row) => queue.some((mark) => mark.member === memberOf(row));
  const isUnsaved = (row) =>
    chosen(row) && chosen(row) !== seenOf(row).value && !isProposal(row) && !waits(row);
  // If the server has reported any mark, there is a draft.
  const isDraft = "draft" in device.dataset || known.some((mark) => mark.status);
  if (allRows().some(isUnsaved)) return "unsaved";
  if (isDraft) return "draft";
  return queue.some((mark) => !mark.problem) ? "unsaved" : "untaken";
}

function showStage() {
  const place = roll?.querySelector("[data-stage]");
  const now = stage();
  if (!place || place.dataset.stage === now) return;
  place.dataset.stage = now;
  place.replaceChildren(copy(`[data-word=${now}]`));
}

// A roll that was submitted elsewhere takes no more marks; queued marks are kept and named.
function lock() {
  const notice = device.querySelector("[data-submitted]");
  // A page that was opened after the submission says so itself.
  notice.hidden = !submitted || !roll?.querySelector("[data-final]");
  notice.querySelector("[data-text]").textContent = submitted;
  for (const input of roll?.querySelectorAll(".choice-input:not([data-own]), [data-fill]") ?? []) {
    input.disabled = Boolean(submitted);
  }
}

function render() {
  takeOverKnown();
  lock();
  for (const row of roll?.querySelectorAll(".roll-row") ?? []) show(row, stateOf(row));
  const problems = showProblems();
  const isQueued = (member) => queue.some((mark) => mark.member === member);
  const unqueued = new Set(onTheWay.flat().filter((member) => !isQueued(member)));
  const pending = queue.length - problems.length + unqueued.size;
  device.querySelector("[data-unkept]").hidden = !storeFails && unkept.size === 0;
  for (const banner of device.querySelectorAll("[data-link]")) {
    banner.hidden = banner.dataset.link !== link;
  }
  announce(pending, problems.length);
  blocked = obstacle(problems, pending);
  showStage();
  const [counter] = document.querySelectorAll("[data-pending]");
  if (!counter) return; // the roll is submitted, or this person may not take it
  counter.hidden = pending === 0;
  counter.querySelector("b").textContent = pending;
  const undecided = roll.querySelector("[data-undecided]");
  undecided.hidden = problems.length === 0;
  undecided.querySelector("b").textContent = problems.length;
  if (problems.length) undecided.href = `#problem-${problems[0].id}`;
  for (const sign of roll.querySelectorAll("[data-sign]")) {
    sign.hidden = sign.dataset.sign !== link;
  }
  for (const button of roll.querySelectorAll(":is([data-final], [data-numbers]) button")) {
    button.setAttribute("aria-disabled", String(Boolean(blocked)));
  }
  for (const reason of roll.querySelectorAll("[data-why], [data-why-numbers]")) {
    reason.hidden = (reason.dataset.why ?? reason.dataset.whyNumbers) !== blocked;
  }
}

// Reports the result of marks that waited for the link, once none is waiting any more.
function announce(pending, problems) {
  const said = device.querySelector("[data-said]");
  if (pending) said.textContent = "";
  if (link !== "ok") {
    if (!held) problemsBefore = problems;
    held = Math.max(held, pending);
  } else if (held && pending === 0) {
    const left = Math.max(0, problems - problemsBefore);
    const words = left ? said.dataset.some : said.dataset.all;
    said.textContent = words.replace("{n}", held - left).replace("{m}", left);
    held = 0;
  }
}

// Opening without network ---------------------------------------------------------------------

function files() {
  const named = [...document.querySelectorAll("link[href], script[src], use")].map(
    (element) => element.href?.baseVal ?? element.href ?? element.src,
  );
  return new Set(named.map((address) => new URL(address, location.href).href.split("#")[0]));
}

async function keepPage() {
  if (!("serviceWorker" in navigator) || !navigator.onLine) return;
  try {
    await navigator.serviceWorker.register(device.dataset.worker, { scope: "/sessions/" });
    const cache = await caches.open("rolls");
    await cache.addAll(files());
    // A service worker that was already active has cached the page when it was opened.
    if (!(await cache.match(location.pathname, { ignoreVary: true }))) {
      const page = await fetch(location.pathname, { redirect: "manual" });
      if (page.ok) await cache.put(location.pathname, page);
    }
    await navigator.serviceWorker.ready;
    device.querySelector("[data-ready]").hidden = false;
  } catch {
    // The network failed, or the browser allows no service worker; marks are still stored.
  }
}

// A roll that is opened before its day takes marks from that day on, also offline. The device's
// clock enables it; the server decides whether a mark is too early.

const dayHere = () => new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
const ahead = () => "opens" in device.dataset && dayHere() < device.dataset.opens;

function openOnTheDay() {
  const all = roll?.querySelector("fieldset:disabled");
  if (!all || ahead()) return;
  all.disabled = false;
  const notice = document.querySelector("[data-ahead]");
  if (notice) notice.hidden = true;
}

// At the start --------------------------------------------------------------------------------

function restore() {
  for (const mark of queue) {
    const row = rowOf(mark.member);
    if (row) choose(row, mark.status);
  }
  roll.dispatchEvent(new Event("roll:restored"));
  render();
}

async function start() {
  // The page stands at what became of the form; the browser may keep the former place.
  const done = document.querySelector(".error-summary") ?? document.getElementById("roll-done");
  done?.scrollIntoView({ block: "center" });
  done?.focus({ preventScroll: true });
  // Registered first, because users are quick. In a browser without a store, the form does it all.
  // The first mark makes the roll a draft, so preselected leave is saved with it.
  roll?.addEventListener("roll:marked", (event) => {
    keep([...event.detail, ...allRows().filter(isProposal)]);
  });
  try {
    await amend(() => {});
  } catch {
    return;
  }
  if (!roll) return;
  restore();
  roll.addEventListener(
    "submit",
    (event) => {
      if (!blocked || event.submitter?.dataset.fill !== undefined) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  addEventListener("online", askAnew);
  addEventListener("focus", askAnew);
  addEventListener("offline", () => setLink("offline"));
  document.addEventListener("visibilitychange", askAnew);
  openOnTheDay();
  setInterval(openOnTheDay, A_MINUTE_MS);
  drain();
  if (roll.querySelector("input[name^=seen-]")) keepPage();
}

if (device && "randomUUID" in crypto) start();
