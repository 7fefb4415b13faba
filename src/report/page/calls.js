// The browser of calls: a search, a list of what it finds, and one call in full.
// `#call=ID` leads to a call, `&sample=ID` to a sample in it.

// How many utterances of a call are shown before a click: on a wide screen they scroll by themselves, on a phone with the page.
const MANY = matchMedia("(min-width: 800px)").matches ? 500 : 50;
const browser = { calls: [], found: [], current: null, filter: { words: "", fate: "", reason: "" } };

const hashOf = (session, sample) =>
  `#call=${encodeURIComponent(session)}${known(sample) ? `&sample=${encodeURIComponent(sample)}` : ""}`;

function drawCalls() {
  browser.calls = list(figures.calls);
  browser.found = browser.calls;
  if (!browser.calls.length) return [];
  const total = isNumber(figures.sessions) && figures.sessions > browser.calls.length ? ` of ${number(figures.sessions)}` : "";
  const secret = figures.audit === false ? " The text of what was dropped is not published." : "";
  const entries = el("ol", { class: "entries", "aria-label": "Calls found" });
  const call = el("article", { class: "call", id: "call", tabindex: "0", "aria-label": "The chosen call" });
  entries.addEventListener("keydown", step);
  Object.assign(browser, { entries, call, status: el("p", { class: "status", role: "status" }) });
  const first = called();
  browser.current = browser.calls.find((one) => one.session === first?.session) ?? browser.calls[0];
  addEventListener("hashchange", follow);
  const parts = [
    plain(`${counted(browser.calls.length, "call")}${total} shown.${secret}`),
    form(),
    browser.status,
    el("div", { class: "browser" }, entries, call),
  ];
  showEntries();
  showCall();
  if (first) requestAnimationFrame(() => follow());
  return parts;
}

// ---- searching

function form() {
  const reasons = new Set(
    browser.calls.flatMap((call) => list(call.utterances).map((utterance) => utterance.reason)).filter(known),
  );
  const words = el("input", { type: "search", id: "words", placeholder: "text, call, reason, user …", autocomplete: "off" });
  const select = (id, every, values) =>
    el("select", { id }, el("option", { value: "" }, every), ...values.map((value) => el("option", { value }, value)));
  const fate = select("fate", "any fate", FATES.slice(0, 3));
  const reason = select("reason", "any reason", [...reasons].sort());
  const change = () => {
    browser.filter = { words: lower(words.value.trim()), fate: fate.value, reason: reason.value };
    browser.found = browser.calls.filter(matches);
    if (!browser.found.includes(browser.current)) browser.current = browser.found[0] ?? null;
    showEntries();
    showCall();
  };
  [words, fate, reason].forEach((field) => field.addEventListener("input", change));
  const labelled = (name, field) => el("label", {}, el("span", {}, name), field);
  const fields = el(
    "form",
    { class: "search", role: "search" },
    labelled("Search", words),
    labelled("Fate", fate),
    labelled("Reason", reason),
  );
  fields.addEventListener("submit", (event) => event.preventDefault());
  browser.clear = () => {
    fields.reset();
    change();
  };
  return fields;
}

const filtering = () => Object.values(browser.filter).some(Boolean);

// The utterances of a call that the filter asks for.
function hits(call) {
  const { words, fate, reason } = browser.filter;
  const whole = about(call).includes(words);
  const text = ({ text, reason, detail, label, role }) => [text, reason, detail, label, role].map(lower).join("\n");
  return list(call.utterances).filter(
    (one) => (!fate || one.fate === fate) && (!reason || one.reason === reason) && (whole || text(one).includes(words)),
  );
}

const about = (call) => [call.session, call.source, call.user, call.split, call.language, call.started_at].map(lower).join("\n");

function matches(call) {
  if (!filtering() || hits(call).length) return true;
  const { words, fate, reason } = browser.filter;
  if (fate || reason) return false;
  // A sentence that was joined from several utterances stands whole in the sample only.
  const content = list(call.samples).flatMap((sample) => list(sample.messages).map((message) => lower(message.content)));
  return about(call).includes(words) || content.some((text) => text.includes(words));
}

// ---- the list

function showEntries() {
  const { entries, found, calls, status } = browser;
  entries.replaceChildren(...found.map(entryOf));
  status.textContent = filtering() ? `${number(found.length)} of ${counted(calls.length, "call")} found.` : "";
}

function entryOf(call) {
  const utterances = list(call.utterances);
  const asked = list(list(call.samples)[0]?.messages).find((message) => message.role === "user")?.content;
  const opening = known(asked?.trim()) ? asked : utterances.find((one) => one.fate === "kept" && known(one.text?.trim()))?.text;
  const facts = [
    filtering() ? counted(hits(call).length, "hit") : counted(utterances.length, "utterance"),
    call.started_at?.slice(0, 10),
    call.language,
    counted(list(call.samples).length, "sample"),
  ];
  const name = opening
    ? el("span", { class: "opening", dir: "auto" }, opening.slice(0, 160))
    : el("span", { class: "opening missing" }, "nothing was kept");
  const link = el("a", { href: hashOf(call.session), "aria-current": call === browser.current ? "true" : null }, name);
  link.append(el("span", { class: "note" }, bdi(facts.filter(known).join(" · "))));
  return el("li", {}, link);
}

// Up and down go through the list, as in any list.
function step(event) {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = [...browser.entries.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  if (!way || at < 0) return;
  event.preventDefault();
  links[Math.max(0, Math.min(links.length - 1, at + way))].focus();
}

// ---- the call that the address names

function called() {
  const named = new URLSearchParams(location.hash.slice(1));
  return named.has("call") ? { session: named.get("call"), sample: named.get("sample") } : null;
}

function follow(event) {
  const named = called();
  if (!named) return;
  const call = browser.calls.find((one) => one.session === named.session);
  if (!call) {
    browser.status.textContent = "The call that the address names is not among those shown.";
    browser.status.scrollIntoView();
    return;
  }
  if (!browser.found.includes(call)) browser.clear();
  if (call !== browser.current) {
    browser.current = call;
    for (const [at, link] of [...browser.entries.querySelectorAll("a")].entries()) {
      if (browser.found[at] === call) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    showCall();
  }
  const sample = [...browser.call.querySelectorAll("details.sample")].find((one) => one.dataset.sample === named.sample);
  if (sample) sample.open = true;
  bring(sample, event ? "auto" : "instant");
}

// Brings the call into view, and the sample in it. On a wide screen the call scrolls by itself, on a phone with the page.
function bring(sample, behavior) {
  const pane = browser.call;
  const scrolls = getComputedStyle(pane).overflowY === "auto";
  const { top } = pane.getBoundingClientRect();
  if (sample && !scrolls) sample.scrollIntoView({ behavior });
  else if (top < 0 || top > innerHeight * 0.4) pane.scrollIntoView({ behavior });
  if (sample && scrolls) pane.scrollTop = sample.offsetTop - 16;
  (sample?.querySelector("summary") ?? pane.querySelector("h3")).focus({ preventScroll: true });
}

// ---- one call

function showCall() {
  const { call: place, current } = browser;
  if (!current) return place.replaceChildren(none("No call holds what was searched for."));
  const utterances = list(current.utterances);
  const found = new Set(filtering() ? hits(current) : []);
  const lines = (some) => some.map((utterance) => lineOf(utterance, current, found.has(utterance)));
  const dialog = el("ol", { class: "utterances" }, ...lines(found.size ? utterances : utterances.slice(0, MANY)));
  const rest = utterances.slice(MANY);
  const more = (node) => {
    dialog.append(...lines(rest));
    node.remove();
  };
  const hidden =
    rest.length && !found.size ? button(`show ${counted(rest.length, "more utterance")}`, more, { class: "quiet" }) : null;
  const samples = list(current.samples);
  place.replaceChildren(
    headOf(current),
    utterances.length ? dialog : none("Nothing was said."),
    ...(hidden ? [hidden] : []),
    el("h4", {}, "Samples"),
    ...(samples.length ? samples.map((sample, at) => sampleOf(sample, at, current)) : [none("No sample was made of this call.")]),
  );
  place.scrollTop = 0;
  // The pane is scrolled to the first hit, not the page, which would jump while somebody types.
  const hit = place.querySelector(".hit");
  if (hit && hit.offsetTop > place.clientHeight / 2) place.scrollTop = hit.offsetTop - place.clientHeight / 3;
}

function headOf(call) {
  const facts = [
    ["source", call.source],
    ["split", call.split],
    ["user", call.user],
    ["began", known(call.started_at) ? `${call.started_at.slice(0, 19).replace("T", " ")} UTC` : null],
    ["language", known(call.language) ? languageName(call.language) : null],
  ].filter(([, value]) => known(value));
  const at = browser.found.indexOf(call);
  const beside = (word, other) => el(other ? "a" : "span", { href: other ? hashOf(other.session) : null }, word);
  const links = el(
    "p",
    { class: "beside-links" },
    beside("previous call", browser.found[at - 1]),
    beside("next call", browser.found[at + 1]),
  );
  const fact = ([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, bdi(value)));
  return el(
    "div",
    { class: "head" },
    links,
    el("h3", { tabindex: "-1" }, "Call ", bdi(call.session)),
    el("dl", { class: "about" }, ...facts.map(fact)),
  );
}

function lineOf(utterance, call, hit) {
  const { begin, role, label, fate, reason, detail, text, sample } = utterance;
  const at = list(call.samples).findIndex((one) => one.id === sample);
  const why = [
    reason ? bdi(reason, "reason") : null,
    known(label) && label !== "keep" ? `heard as ${label}` : null,
    known(detail) ? bdi(detail) : null,
  ];
  const note = why.filter(known).flatMap((part, place) => (place ? [" · ", part] : [part]));
  const dropped = figures.audit === false ? "not published" : "no text";
  const missing = { dropped, merged: "joined to what was said before", kept: "in its sample" }[fate] ?? "no text";
  const link = known(sample) ? el("a", { href: hashOf(call.session, sample) }, at < 0 ? bdi(sample) : `sample ${at + 1}`) : null;
  return el(
    "li",
    { class: `utterance ${FATES.includes(fate) ? fate : "other"}${role === "user" ? " user" : ""}${hit ? " hit" : ""}` },
    el("span", { class: "time" }, clock(begin)),
    el("span", { class: "side" }, bdi(role ?? "nobody")),
    el(
      "div",
      { class: "what" },
      said(text, missing, { words: browser.filter.words, lang: call.language }),
      note.length ? el("p", { class: "note" }, ...note) : null,
    ),
    el("span", { class: "outcome" }, chip(fate), link),
  );
}

function sampleOf(sample, at, call) {
  const messages = list(sample.messages);
  const one = ({ role, content, learn }) =>
    el(
      "li",
      { class: learn ? "learned" : "read" },
      el("p", { class: "note" }, el("b", {}, bdi(role)), learn ? " · learned" : " · read, not learned"),
      said(content, "no text", { words: browser.filter.words, lang: call.language }),
    );
  const title = [`Sample ${at + 1} `, el("span", { class: "note" }, bdi(sample.id), `, ${counted(messages.length, "message")}`)];
  return el(
    "details",
    { class: "sample", "data-sample": sample.id, open: call.samples.length === 1 },
    el("summary", {}, ...title),
    el("ol", {}, ...messages.map(one)),
  );
}
