"use strict";
// The overview is written out in the page; this shows requirements, cases and search results from the embedded
// data. Text only ever enters the page as text nodes.

const byId = (id) => document.getElementById(id);
const overview = byId("overview");
const view = byId("view");
const PAGE = 100;

// ---- data, parsed when first needed ----

let parsed;
function data() {
  if (!parsed) {
    parsed = JSON.parse(byId("data").textContent);
    parsed.ran = parsed.backends.filter((backend) => backend.notRun === undefined);
    parsed.casesOf = parsed.requirements.map(() => []);
    parsed.caseById = new Map();
    parsed.cases.forEach((it, number) => {
      parsed.caseById.set(it.id, it);
      for (const requirement of it.covers) parsed.casesOf[requirement].push(number);
    });
    parsed.requirementById = new Map(parsed.requirements.map((it, number) => [it.id, number]));
  }
  return parsed;
}

// ---- elements ----

function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === false) continue;
    if (name === "onclick") element.addEventListener("click", value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

const link = (kind, id, text) => h("a", { href: `#${kind}=${encodeURIComponent(id)}` }, h("code", {}, text || id));
const requirementLink = (number) => link("requirement", data().requirements[number].id);
const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
const row = (...cells) => h("tr", {}, cells);
const head = (...names) => h("thead", {}, row(names.map((name) => h("th", { scope: "col" }, name))));
const milliseconds = (micros) => `${(micros / 1000).toFixed(3)} ms`;

// The verdict "broken" speaks of the case, the standing "broken" of the promise: they are not coloured alike.
function chip(verdict) {
  return h("span", { class: `chip ${verdict === "broken" ? "invalid" : verdict}` }, verdict);
}

// ---- requirements ----

function standing(tally) {
  if (tally.broken) return "broken";
  return tally.kept && !tally.untold ? "kept" : "untold";
}

function cell(tally) {
  if (!tally) return h("span", { class: "none" }, "no case");
  const name = standing(tally);
  const all = tally.kept + tally.broken + tally.untold;
  const marks = { kept: "✓", broken: "✗", untold: "–" };
  const detail = name === "kept" ? plural(all, "case") : name === "broken" ? `${tally.broken} of ${plural(all, "case")}`
    : `${tally.kept} of ${plural(all, "case")} told`;
  return [h("span", { class: name }, `${marks[name]} ${name}`), h("span", { class: "dim" }, ` ${detail}`)];
}

function requirementCells(requirement) {
  return data().backends.map((backend, column) =>
    h("td", { class: "cell", "data-label": backend.name },
      backend.notRun === undefined ? cell(requirement.cells[column]) : h("span", { class: "notrun" }, "not run")));
}

function requirementRow(number, name) {
  const it = data().requirements[number];
  return row(
    h("th", { scope: "row" }, link("requirement", it.id, name)),
    h("td", { class: "says" }, it.says || "not in the ledger of this version", it.why && [" ", h("span", { class: "tag" }, it.test)]),
    requirementCells(it));
}

function requirementTable(numbers) {
  return h("table", {}, head("requirement", "says", ...data().backends.map((backend) => backend.name)),
    h("tbody", {}, numbers.map((number) => {
      const { id } = data().requirements[number];
      return requirementRow(number, id.slice(id.indexOf("/") + 1));
    })));
}

function unfold(button) {
  const body = button.closest("tbody");
  const open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  if (open) {
    body.lastElementChild.remove();
  } else {
    const page = data().pages[Number(button.dataset.page)];
    const columns = body.rows[0].cells.length;
    body.append(row(h("td", { colspan: columns, class: "inner" }, requirementTable(page.requirements))));
  }
}

function showRequirement(id) {
  const number = data().requirementById.get(id);
  if (number === undefined) return show(`No requirement ${id}`, h("p", {}, "This report does not have it."));
  const it = data().requirements[number];
  const page = data().pages.find((page) => page.requirements.includes(number));
  const cases = data().casesOf[number];
  show(it.id,
    it.says ? h("p", { class: "quote" }, it.says) : h("p", { class: "none" }, "The ledger of this version does not have it."),
    it.says && h("p", { class: "facts" },
      page.url ? h("a", { href: page.url, target: "_blank", rel: "noreferrer" }, page.title) : page.name,
      `, ${it.section} `, h("span", { class: "tag" }, it.level), " ", h("span", { class: "tag" }, it.test)),
    it.why && h("p", { class: "known" }, `${it.test}: ${it.why}`),
    it.pending && h("p", { class: "known" }, it.pending),
    it.defects && h("p", {}, it.defects.length === 1 ? "A defect of the documentation: " : "Defects of the documentation: ",
      it.defects.map((defect, at) => [at ? ", " : "", link("defect", defect)])),
    it.conflicts && h("p", {}, "Contradicted by ", it.conflicts.map((other, at) => [at ? ", " : "", link("requirement", other)])),
    h("div", { class: "scroll" }, h("table", {}, head(...data().backends.map((backend) => backend.name)),
      h("tbody", {}, row(requirementCells(it))))),
    h("h3", {}, cases.length ? plural(cases.length, "case") : "No case"),
    cases.length > 0 && caseList(cases.map((number) => data().cases[number])));
}

// ---- cases ----

function caseRow(it) {
  return row(h("th", { scope: "row" }, link("case", it.id)),
    data().backends.map((backend, column) => h("td", { class: "cell", "data-label": backend.name }, onBackend(it, backend, column))));
}

function onBackend(it, backend, column) {
  if (backend.notRun !== undefined) return h("span", { class: "notrun" }, "not run");
  const on = it.on[column];
  if (!on) return h("span", { class: "none" }, "not asked");
  return [chip(on.verdict), on.unexpected && h("span", { class: "tag warn" }, "unexpected"),
    !on.unexpected && on.known && h("span", { class: "tag" }, "known")].filter(Boolean).flatMap((part) => [part, " "]);
}

// A list that grows on demand: ten thousand rows at once would be slow.
function growing(items, makeRow, header) {
  const body = h("tbody", {});
  const more = h("button", { type: "button", class: "more", onclick: () => grow(PAGE * 5) });
  let shown = 0;
  function grow(count) {
    body.append(...items.slice(shown, shown + count).map(makeRow));
    shown = Math.min(items.length, shown + count);
    more.hidden = shown === items.length;
    more.textContent = `Show more (${(items.length - shown).toLocaleString("en")} left)`;
  }
  grow(PAGE);
  return [h("div", { class: "scroll cases" }, h("table", {}, header, body)), more];
}

function caseList(cases) {
  return growing(cases, caseRow, head("case", ...data().backends.map((backend) => backend.name)));
}

function showCase(id) {
  const it = data().caseById.get(id);
  if (!it) return show(`No case ${id}`, h("p", {}, "This report does not have it."));
  show(it.id,
    h("p", {}, "Covers ", it.covers.length ? it.covers.map((number, at) => [at ? ", " : "", requirementLink(number)]) : "nothing"),
    it.covers.map((number) => data().requirements[number].says).filter(Boolean).map((says) => h("p", { class: "facts" }, says)),
    h("p", { class: "facts" }, it.source ? h("code", {}, `${it.source.file}:${it.source.line}`) : "Generated from the tables of the specification."),
    data().backends.map((backend, column) => result(it, backend, column)));
}

// What all back ends were asked stands with the case; of each, what it answered.
function unshared(it, on) {
  if (!on?.observed) return on;
  const ok = (at) => !(on.differences || []).some((difference) => difference.step === at);
  return { ...on, steps: it.steps.map((step, at) => ({ ...step, observed: on.observed[at], ok: ok(at) })) };
}

function result(it, backend, column) {
  const on = unshared(it, it.on[column]);
  const title = h("h3", {}, backend.name, " ", onBackend(it, backend, column),
    on && h("span", { class: "dim" }, milliseconds(on.micros)));
  if (!on) return h("section", { class: "result" }, title, backend.notRun && h("p", { class: "facts" }, backend.notRun));
  const whole = (on.differences || []).filter((difference) => !on.steps || difference.step === null);
  return h("section", { class: "result" }, title,
    on.reason && h("p", { class: "reason" }, on.reason),
    on.known && h("p", { class: "known" }, `The baseline says ${on.known.verdict}: ${on.known.reason} `, h("code", {}, on.known.pattern)),
    whole.length > 0 && [h("h4", {}, on.steps ? "Differences of the whole case" : "Differences"), differenceTable(whole)],
    on.steps ? [h("h4", {}, "Steps"), stepTable(on)]
      : on.verdict === "pass" && h("p", { class: "facts" }, "The steps of a generated case that passed are not recorded."),
    on.timeline ? timeline(on) : on.happened && h("p", { class: "facts" }, "The time line of what passes everywhere: ",
      h("code", {}, `conform explain '${it.id}'`)),
    on.noise && [h("h4", {}, "Printed to standard error"), h("pre", {}, on.noise)]);
}

function differenceTable(differences) {
  return h("div", { class: "scroll" }, h("table", { class: "differences" }, head("", "expected", "observed"),
    h("tbody", {}, differences.map((it) => row(h("th", { scope: "row" }, it.what), h("td", {}, it.expected), h("td", { class: "broken" }, it.observed))))));
}

function stepTable(on) {
  const bodies = on.steps.map((step, at) => {
    const differences = (on.differences || []).filter((difference) => difference.step === at);
    return h("tbody", { class: step.ok ? (step.setup ? "setup" : "") : "bad" },
      row(h("td", { class: "n" }, String(at + 1)), h("td", { class: "call", colspan: 3 }, step.call, step.setup && [" ", h("span", { class: "tag" }, "set-up")])),
      (step.expected || step.observed) && row(h("td", { class: "n" }), h("td", { class: "what" }),
        h("td", { class: "expected" }, step.expected), h("td", { class: "observed" }, step.observed)),
      differences.map((it) => row(h("td", { class: "n" }), h("td", { class: "what" }, it.what),
        h("td", { class: "expected" }, it.expected), h("td", { class: "observed broken" }, it.observed))));
  });
  return h("div", { class: "scroll" }, h("table", { class: "steps" }, head("", "", "expected", "observed"), bodies));
}

// Calls, callbacks and the peer on one clock.
function timeline(on) {
  const lanes = ["call", "callback", "peer"].filter((lane) => on.timeline.some((it) => it.lane === lane));
  // A call's text begins with the number of its step.
  const bad = (it) => it.lane === "call" && on.steps[Number.parseInt(it.text, 10) - 1]?.ok === false;
  const since = on.clock === "apart" ? "just before the question was put" : "the plan began";
  const off = on.clock?.within === undefined ? "" : `; the peer's times may be off by ${milliseconds(on.clock.within)}`;
  return [h("h4", {}, `Time line, in ms since ${since}${off}`),
    h("div", { class: "scroll" }, h("table", { class: "timeline" }, head("ms", ...lanes),
      h("tbody", {}, on.timeline.map((it) => h("tr", { class: bad(it) && "bad" }, h("td", {}, (it.micros / 1000).toFixed(3)),
        lanes.map((lane) => h("td", { class: lane, "data-label": lane }, lane === it.lane ? it.text : "")))))))];
}

// ---- search ----

const form = { words: byId("words"), verdict: byId("verdict"), backend: byId("backend") };

function haystack(it) {
  if (it.haystack === undefined) {
    const covers = it.covers.map((number) => data().requirements[number].id);
    const reasons = it.on.map((on) => (on ? `${on.reason || ""} ${on.known ? on.known.reason : ""}` : ""));
    it.haystack = [it.id, ...covers, ...reasons].join("\n").toLowerCase();
  }
  return it.haystack;
}

function search(text, verdict, backend) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (hay) => words.every((word) => hay.includes(word));
  const columns = data().ran.map((it, column) => [it.name, column]).filter(([name]) => !backend || name === backend).map(([, column]) => column);
  const told = (on) => on && (!verdict || (verdict === "unexpected" ? on.unexpected : on.verdict === verdict));
  const cases = data().cases.filter((it) => columns.some((column) => told(it.on[column])) && matches(haystack(it)));
  const requirements = words.length === 0 || verdict ? []
    : [...data().requirements.keys()].filter((number) => {
      const it = data().requirements[number];
      return matches(`${it.id} ${it.says || ""}`.toLowerCase());
    });
  return { cases, requirements };
}

function showSearch(text, verdict, backend) {
  form.words.value = text;
  form.verdict.value = verdict;
  form.backend.value = backend;
  const { cases, requirements } = search(text, verdict, backend);
  show("Search", h("p", { role: "status" }, `${plural(cases.length, "case")}, ${plural(requirements.length, "requirement")}`),
    requirements.length > 0 && [h("h3", {}, "Requirements"), h("div", { class: "inner" },
      growing(requirements, (number) => requirementRow(number), head("requirement", "says", ...data().backends.map((it) => it.name))))],
    cases.length > 0 && [h("h3", {}, "Cases"), caseList(cases)]);
}

function searchFromForm() {
  const query = new URLSearchParams({ search: form.words.value });
  for (const name of ["verdict", "backend"]) if (form[name].value) query.set(name, form[name].value);
  const nothing = !form.words.value && !form.verdict.value && !form.backend.value;
  const hash = nothing ? "#" : `#${query}`;
  // One entry of the history a search, not one a letter.
  if (location.hash.startsWith("#search=")) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
  route(false);
}

// ---- views ----

let heading;
function show(title, ...content) {
  document.title = `${title} · WinHTTP conformance`;
  heading = h("h2", { tabindex: -1 }, title);
  view.replaceChildren(h("p", { class: "crumbs" }, h("a", { href: "#" }, "← Overview")), heading,
    ...content.flat(Infinity).filter(Boolean));
}

const title = document.title;
function route(move) {
  const hash = location.hash.slice(1);
  const query = new URLSearchParams(hash);
  const kind = ["case", "requirement", "search"].find((kind) => query.has(kind));
  overview.hidden = Boolean(kind);
  view.hidden = !kind;
  if (kind === "case") showCase(query.get("case"));
  else if (kind === "requirement") showRequirement(query.get("requirement"));
  else if (kind === "search") showSearch(query.get("search"), query.get("verdict") || "", query.get("backend") || "");
  else document.title = title;
  if (kind !== "search") byId("search").reset();
  if (!move) return;
  if (kind) {
    window.scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  } else if (hash) {
    // It was hidden when the browser looked for it, and may be folded away.
    const target = byId(decodeURIComponent(hash));
    const folded = target?.closest("details");
    if (folded) folded.open = true;
    target?.scrollIntoView();
  }
}

let waiting;
form.words.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(searchFromForm, 150);
});
form.verdict.addEventListener("change", searchFromForm);
form.backend.addEventListener("change", searchFromForm);
byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  searchFromForm();
});
document.querySelectorAll(".unfold").forEach((button) => button.addEventListener("click", () => unfold(button)));
byId("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
window.addEventListener("hashchange", () => route(true));
route(true);
