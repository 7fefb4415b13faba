// The page: fills page.html with the figures of one dataset.
// Texts come from calls and are hostile: they go in as text, never as markup.

const figures = JSON.parse(document.getElementById("figures").textContent);
const FATES = ["kept", "merged", "dropped", "quarantined"];
// The stages that may object, in the order in which the data passes them.
const STAGES = {
  source: "opens the archive; objects to what is no call log or cannot be read",
  wire: "reads a document; objects to what makes no sense as a call log",
  dedup: "looks for calls that are archived twice; objects to all but one",
  judge: "hears what an utterance is; objects to what says nothing",
  pair: "finds the answer to each request; objects to what is left alone",
  compose: "makes samples of exchanges; objects to what no sample shows",
  count: "counts tokens; objects to what the tokenizer does not take",
  filter: "measures samples; objects to what is outside the bounds",
};
const LONG = 420; // characters of a text that are shown before a click

// ---- words and numbers

const list = (value) => (Array.isArray(value) ? value : []);
const known = (value) => value !== null && value !== undefined && value !== "";
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const lower = (value) => (known(value) ? String(value).toLowerCase() : "");

function number(value) {
  if (!isNumber(value)) return "–";
  const digits = Number.isInteger(value) || Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

function share(value, least = 1) {
  if (!isNumber(value)) return "–";
  if (value > 0 && value < 0.001) return "<0.1\u202f%";
  const digits = { minimumFractionDigits: value === 0 || value === 1 ? 0 : least, maximumFractionDigits: 1 };
  return `${(value * 100).toLocaleString("en", digits)}\u202f%`;
}

const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

function clock(seconds) {
  if (!isNumber(seconds)) return "–";
  const tenths = Math.round(Math.abs(seconds) * 10);
  return `${seconds < 0 ? "−" : ""}${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

function languageName(code) {
  if (!known(code)) return "not known";
  try {
    const name = new Intl.DisplayNames("en", { type: "language" }).of(code);
    return name === code ? code : `${name} (${code})`;
  } catch {
    return code; // not the shape of a language tag
  }
}

// ---- elements

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const plain = (text) => el("p", { class: "plain" }, text);
const none = (text) => el("p", { class: "none" }, text);
// Ids, names and details may be of any script: each is isolated, so that none turns its neighbours around.
const bdi = (text, className) => el("bdi", { class: className, dir: "auto" }, String(text));
const chip = (fate) =>
  el("span", { class: `fate ${FATES.includes(fate) ? fate : "other"}` }, known(fate) ? String(fate) : "no fate");

function button(text, action, attributes) {
  const node = el("button", { type: "button", ...attributes }, text);
  node.addEventListener("click", () => action(node));
  return node;
}

// The text in pieces, with what was searched for marked.
function marked(text, words) {
  const low = text.toLowerCase();
  if (!words || low.length !== text.length) return [text]; // a few letters change length: better unmarked than wrong
  const pieces = [];
  let done = 0;
  for (let at = low.indexOf(words); at >= 0; at = low.indexOf(words, done)) {
    pieces.push(text.slice(done, at), el("mark", {}, text.slice(at, at + words.length)));
    done = at + words.length;
  }
  return [...pieces, text.slice(done)];
}

// What was said, clamped if it is long. `missing` is what stands for a text that is not there; `lang` chooses the letter forms.
function said(text, missing, { words, lang } = {}) {
  if (text === null || text === undefined) return el("p", { class: "said missing" }, missing);
  if (!text.trim()) return el("p", { class: "said missing" }, text ? "(blank)" : "(empty)");
  const paragraph = el("p", { class: "said", dir: "auto", lang }, ...marked(text, words));
  if (text.length <= LONG && text.split("\n").length <= 6) return paragraph;
  paragraph.classList.add("clamped");
  const more = `show all ${number(text.length)} characters`;
  const toggle = (node) => {
    const clamped = paragraph.classList.toggle("clamped");
    node.textContent = clamped ? more : "show less";
    node.setAttribute("aria-expanded", String(!clamped));
  };
  return el("div", { class: "long" }, paragraph, button(more, toggle, { class: "quiet", "aria-expanded": "false" }));
}

// A table of bars. Bars of shares need no chart library: they print, wrap on a phone and can be read aloud.
function bars(caption, columns, rows) {
  const head = el("tr", {}, ...columns.map((column) => el("th", { scope: "col", class: column.class }, column.title)));
  const body = el("tbody");
  for (const row of rows) {
    const bar = el("span", { class: `bar ${row.length ? (row.tone ?? "") : "empty"}`, "aria-hidden": "true" });
    bar.style.setProperty("--from", row.from ?? 0);
    bar.style.setProperty("--length", row.length ?? 0);
    const cells = row.cells.map((cell, at) => el("td", { class: columns[at + 2].class }, cell));
    const line = el(
      "tr",
      { class: row.class },
      el("th", { scope: "row" }, row.name),
      el("td", { class: "barcell" }, bar),
      ...cells,
    );
    body.append(line);
    if (row.below) body.append(row.below);
  }
  return el("table", { class: "bars" }, el("caption", {}, caption), el("thead", {}, head), body);
}

const column = (title, className = "number") => ({ title, class: className });

// ---- sections: each returns what it shows, or nothing

function drawHead() {
  const { totals, users } = figures;
  document.getElementById("title").textContent = document.title;
  document.getElementById("notice").hidden = figures.audit === false; // in doubt, it is private
  const digest = el("code", { class: "digest" }, known(figures.content_digest) ? figures.content_digest : "none");
  document
    .getElementById("origin")
    .append(`Made by turnset ${figures.turnset ?? ""} from archived voice-agent calls. Content digest `, digest);
  const agrees = document.getElementById("agrees");
  agrees.classList.add(known(figures.agrees) ? "bad" : "good");
  if (known(figures.agrees)) agrees.append(el("strong", {}, "The books do not agree: "), bdi(figures.agrees));
  else
    agrees.append(
      el("strong", {}, "The books agree: "),
      "counted again from the published files, they are what the manifest says.",
    );
  const tokens = known(figures.tokens_by) && figures.tokens_by !== "estimate" ? `counted by ${figures.tokens_by}` : "estimated";
  const numbers = [
    ["samples", figures.samples, "what a model learns from"],
    ["calls", figures.sessions, "that were understood"],
    ["documents", figures.documents, "that came in"],
    ["users", users?.users, "pseudonyms of callers"],
    ["tokens", totals?.tokens, tokens],
    ["words", totals?.words, "in all samples"],
    ["characters", totals?.characters, "in all samples"],
  ];
  const entry = ([name, value, note]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, number(value)), el("dd", { class: "note" }, note));
  document.getElementById("numbers").append(...numbers.map(entry));
  document.getElementById("splits").append(...drawSplits());
  document
    .getElementById("footer")
    .append(`turnset ${figures.turnset ?? ""}. This page is one file and asks no network for anything.`);
  const entries = [...document.querySelectorAll("main h2")].map((h2) =>
    el("a", { href: `#${h2.parentElement.id}` }, h2.textContent),
  );
  document.getElementById("contents").append(...entries);
}

function drawSplits() {
  const splits = list(figures.splits);
  if (!splits.length) return [none("There are no samples, so there are no splits.")];
  const all = d3.sum(splits, (split) => split.samples) || 1;
  const row = (split) => ({
    name: el("span", {}, bdi(split.split), el("span", { class: "note" }, ` ${counted(split.users, "user")}`)),
    tone: "accent",
    length: split.samples / all,
    cells: [number(split.samples), share(split.samples / all)],
  });
  return [
    bars(
      "Splits: all calls of a user are in one.",
      [column("split", ""), column("", ""), column("samples"), column("of all")],
      splits.map(row),
    ),
  ];
}

const toneOf = (step) => step.fate ?? (String(step.reason ?? step.step).startsWith("wire.") ? "quarantined" : "dropped");

function drawFunnel() {
  const columns = [
    column("step", ""),
    column("", ""),
    column("count"),
    column("of what remained", "number wide"),
    column("of all"),
  ];
  return [...d3.group(list(figures.funnel), (step) => step.unit)].map(([unit, steps]) => {
    const entered = steps.find((step) => step.step === "entered")?.count ?? 0;
    let remaining = entered;
    const rows = steps.map((step) => {
      const word = ["entered", "merged", "kept"].includes(step.step);
      if (!word) remaining -= step.count;
      const from = step.step === "merged" ? remaining - step.count : word ? 0 : remaining;
      return {
        name: word ? (step.step === "entered" ? "entered" : chip(step.step)) : bdi(step.step, "reason"),
        class: `step ${word ? "word" : ""}`,
        tone: word ? step.step : toneOf(step),
        from: entered ? from / entered : 0,
        length: entered ? step.count / entered : 0,
        cells: [number(step.count), share(step.of_remaining), share(step.of_all)],
      };
    });
    return bars(`${String(unit)[0]?.toUpperCase() ?? ""}${String(unit).slice(1)}s`, columns, rows);
  });
}

function drawReasons() {
  const reasons = list(figures.reasons).filter((reason) => reason.unit === "utterance");
  const outcome = (step) => step.unit === "utterance" && ["kept", "merged"].includes(step.step);
  const outcomes = list(figures.funnel).filter(outcome).reverse();
  if (!reasons.length && !outcomes.length) return [];
  const most = d3.max([...reasons, ...outcomes], (row) => row.count) || 1;
  const row = (entry, name, tone, below) => ({
    name,
    tone,
    below,
    length: entry.count / most,
    cells: [number(entry.count), share(entry.of_all)],
  });
  const rows = [
    ...outcomes.map((step) => row(step, chip(step.step), step.step)),
    ...d3
      .sort(reasons, (reason) => -reason.count)
      .map((reason) => {
        const { name, below } = list(reason.examples).length
          ? opening(reason)
          : { name: bdi(reason.reason, "reason"), below: null };
        return row(reason, name, toneOf(reason), below);
      }),
  ];
  const hint =
    "Open a reason for examples: on the left what was dropped, on the right the nearest turn of the same side that was kept.";
  const stages = new Set(reasons.map((reason) => String(reason.reason).split(".")[0]));
  const term = ([stage, meaning]) => el("div", {}, el("dt", {}, el("code", {}, stage)), el("dd", {}, meaning));
  return [
    el(
      "dl",
      { class: "terms" },
      ...Object.entries(STAGES)
        .filter(([stage]) => stages.has(stage))
        .map(term),
    ),
    figures.audit === false ? "" : plain(hint),
    bars("Fates and reasons", [column("fate or reason", ""), column("", ""), column("count"), column("of all")], rows),
  ];
}

// The name of a reason as a button, and the row of examples that it opens.
function opening(reason) {
  const cell = el("td", { colspan: 4 });
  const below = el("tr", { class: "examples", hidden: true }, cell);
  const toggle = (node) => {
    below.hidden = !below.hidden;
    node.setAttribute("aria-expanded", String(!below.hidden));
    if (!cell.childElementCount) cell.append(...list(reason.examples).map(example));
  };
  return { name: button(bdi(reason.reason, "reason"), toggle, { class: "opener", "aria-expanded": "false" }), below };
}

function example({ session, role, begin, text, detail, kept }) {
  const here = list(figures.calls).some((call) => call.session === session);
  const name = here ? el("a", { href: hashOf(session) }, bdi(session)) : bdi(session ?? "");
  const side = (title, fate, content) => el("div", { class: "one" }, el("p", { class: "note" }, chip(fate), ...title), content);
  const about = el("p", { class: "note" }, known(detail) ? bdi(detail) : null, known(detail) ? " · " : null, "call ", name);
  return el(
    "div",
    { class: "pair" },
    side([` ${role ?? ""}, ${clock(begin)}`], "dropped", el("div", {}, said(text, "no text"), about)),
    kept
      ? side([` ${kept.role ?? ""}, ${clock(kept.begin)}`], "kept", said(kept.text, "no text"))
      : el("div", { class: "one" }, none("No turn of this side was kept in this call.")),
  );
}

function inWords({ count, min, median, p90, p99, max, mean, unit }) {
  return `Half are at most ${number(median)} ${unit ?? ""}, 9 in 10 at most ${number(p90)}, 99 in 100 at most ${number(p99)}. From ${number(min)} to ${number(max)}, mean ${number(mean)}; ${number(count)} counted.`;
}

function drawDistributions() {
  const groups = [
    ["How long", "Turns in characters, samples in tokens.", (name) => !/^(exchanges|samples_per_call|gap_.*)$/.test(name)],
    ["How many in a call", "An exchange is one request and its answer.", (name) => /^(exchanges|samples_per_call)$/.test(name)],
    [
      "How far apart",
      "Seconds from the begin of the utterance before. When an agent’s begin is noted differs by archive: this is no latency.",
      (name) => /^gap_/.test(name),
    ],
  ];
  const one = (distribution) => {
    const words = inWords(distribution);
    const empty = !distribution.count || !list(distribution.bins).length;
    const content = empty
      ? [none("Nothing to count.")]
      : [chart(`${distribution.title}. ${words}`, 190, histogram(distribution)), plain(words)];
    return el("div", { class: "multiple" }, el("h4", {}, String(distribution.title ?? distribution.name)), ...content);
  };
  return groups.flatMap(([title, note, belongs]) => {
    const members = list(figures.distributions).filter((distribution) => belongs(String(distribution.name)));
    return members.length ? [el("h3", {}, title), plain(note), el("div", { class: "multiples" }, ...members.map(one))] : [];
  });
}

function drawLanguages() {
  const languages = d3.sort(list(figures.languages), (language) => -language.samples);
  const all = d3.sum(languages, (language) => language.samples);
  if (!all) return [];
  const most = languages[0].samples;
  const row = ({ language, samples }) => ({
    name: bdi(languageName(language)),
    tone: "accent",
    length: samples / most,
    cells: [number(samples), share(samples / all)],
  });
  const columns = [column("language", ""), column("", ""), column("samples"), column("of all")];
  const first = bars(counted(languages.length, "language"), columns, languages.slice(0, 12).map(row));
  if (languages.length <= 12) return [first];
  const rest = bars("The others", columns, languages.slice(12).map(row));
  return [first, el("details", {}, el("summary", {}, `${number(languages.length - 12)} more`), rest)];
}

function drawUsers() {
  const { users, without, gini, lorenz: points, top } = figures.users ?? {};
  const lack = without ? plain(`${counted(without, "sample")} of callers who are not known.`) : null;
  if (!users) return lack ? [lack] : [];
  // A share of users that is less than one of them says nothing.
  const tops = list(top).filter((entry) => entry.users * users >= 1);
  const sentence = (entry) =>
    el(
      "li",
      {},
      "The top ",
      el("b", {}, share(entry.users, 0)),
      " of users give ",
      el("b", {}, share(entry.samples, 0)),
      " of the samples.",
    );
  const words = `${counted(users, "user")}. Gini coefficient ${number(gini)}: 0 if all give the same, towards 1 if one gives nearly all.`;
  const facts = el("div", { class: "facts" }, el("ul", {}, ...tops.map(sentence)), plain(words), lack);
  const curve = list(points).length > 1 ? chart(`Lorenz curve of samples over users. ${words}`, 300, lorenz(points)) : null;
  return [el("div", { class: "beside" }, ...(curve ? [curve] : []), facts)];
}

function drawRepeated() {
  const one = ({ text, count, of_all }) =>
    el("li", {}, said(text, "no text"), el("p", { class: "note" }, `${number(count)} times, ${share(of_all)}`));
  const half = (title, turns) =>
    el("div", { class: "one" }, el("h3", {}, title), turns.length ? el("ol", {}, ...turns.map(one)) : none("None is repeated."));
  const [prompts, answers] = [list(figures.repeated?.prompts), list(figures.repeated?.answers)];
  if (!prompts.length && !answers.length) return [];
  return [el("div", { class: "pair" }, half("Prompts", prompts), half("Answers", answers))];
}

function drawDays() {
  const dated = list(figures.days).map((day) => ({ ...day, date: new Date(`${day.day}T00:00:00Z`) }));
  const days = d3.sort(
    dated.filter((day) => !Number.isNaN(+day.date)),
    (day) => day.date,
  );
  const lack = figures.calls_without_day ? plain(`${counted(figures.calls_without_day, "call")} without a known day.`) : null;
  if (!days.length) return lack ? [lack] : [];
  const busiest = days[d3.maxIndex(days, (day) => day.calls)];
  const words = `From ${days[0].day} to ${days.at(-1).day}, calls on ${counted(days.length, "day")}; most on ${busiest.day}: ${number(busiest.calls)}.`;
  const one = (measure) => el("div", {}, chart(`${measure} over time. ${words}`, 160, overTime(days, measure)));
  return [one("calls"), one("samples"), plain(words), ...(lack ? [lack] : [])];
}

function drawRecipe() {
  if (!known(figures.recipe)) return [];
  return [el("details", {}, el("summary", {}, "The recipe in full"), el("pre", {}, el("code", {}, figures.recipe)))];
}

// ---- the whole

// What fills each section, and what it says if there is nothing to show.
const SECTIONS = [
  ["funnel", drawFunnel, "Nothing came in."],
  ["reasons", drawReasons, "There are no utterances."],
  ["distributions", drawDistributions, "There is nothing to measure."],
  ["languages", drawLanguages, "There are no samples, so there are no languages."],
  ["users", drawUsers, "There are no samples, so there are no users."],
  ["repeated", drawRepeated, "No turn stands in the dataset more than once."],
  ["days", drawDays, "No call says when it began."],
  ["calls", drawCalls, "There are no calls to show."],
  ["recipe", drawRecipe, "No recipe was written down."],
];

// One section that cannot be drawn takes none of the others with it.
function attempt(place, fill, otherwise) {
  try {
    const nodes = fill();
    if (place) place.replaceChildren(...(nodes.length ? nodes : [none(otherwise)]));
  } catch (error) {
    console.error(error);
    place?.replaceChildren(none("This section could not be drawn; the browser’s console says why."));
  }
}

attempt(null, drawHead);
for (const [id, fill, otherwise] of SECTIONS) attempt(document.querySelector(`#${id} .body`), fill, otherwise);
watchCharts();
