// The migration page: filters on one side, everything else drawn from the facts in the page. Nothing is fetched.
"use strict";
const FACTS = JSON.parse(document.getElementById("facts").textContent);
const BY_ID = Object.fromEntries(FACTS.fields.map(field => [field.id, field]));
const COLORS = { unexplained: "#a3231f", only_left: "#d9822b", code_list: "#7b3fa0", meaning: "#b8336a", only_right: "#2f6db5", enrichment: "#0f7b6c", format: "#6b7785", identity: "#8a6d1d", timing: "#4a9cc9", protection: "#1c2530", derived: "#b9c2cc" };
// More bars than these are a wall, not an answer; the table under the chart has all of them.
const DRAWN_FIELDS = 15;
const byId = id => document.getElementById(id);
const state = { language: pageLanguage(), pair: FACTS.pairs.length ? FACTS.pairs[0].name : "preg_persontjenesten", profile: "", state: "", kind: "", search: "", field: "", sort: "open", descending: true };

// The choices are in the address, so that a view can be sent to somebody.
const stored = new URLSearchParams(location.hash.slice(1));
for (const name of Object.keys(state)) if (stored.has(name)) state[name] = name === "descending" ? stored.get(name) === "true" : stored.get(name);
state.language = pageLanguage();

const text = (name, values = {}) => (TEXTS[state.language][name] || name).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
const number = value => value.toLocaleString(state.language === "no" ? "nb-NO" : "en-GB");
// Rounded down, so that a hundred per cent is everybody.
const percent = (share, digits = 2) => { const scale = 10 ** (digits + 2); return (Math.floor(share * scale + 1e-9) / 10 ** digits).toLocaleString(state.language === "no" ? "nb-NO" : "en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits }) + " %"; };
const kindName = kind => FACTS.kindWords[kind][state.language][0];
const create = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value); else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
};

function factsOf(field) {
  const found = (FACTS.summary[state.pair] || {})[field.id];
  const signoff = FACTS.signoffs.find(each => each.pair === state.pair && `${each.entity}.${each.field}` === field.id);
  if (!found) return { field, signoff, state: field.action === "lost" ? "lost" : "none", open: 0, causes: 0, rate: null, compared: 0, kinds: {} };
  const open = FACTS.openKinds.reduce((sum, kind) => sum + (found.kinds[kind] || 0), 0);
  const own = found.equal + found.causes;
  const about = state.pair !== "preg_legacy" && field.action === "lost" ? "lost" : !found.compared ? "blank" : open ? "open" : found.equal < found.compared ? "explained" : "equal";
  return { field, signoff, ...found, own, open, rate: own ? found.equal / own : null, state: about };
}

function fieldsOfProfile() {
  const profile = FACTS.profiles.find(each => each.name === state.profile);
  return FACTS.fields.filter(field => !profile || profile.fields.includes(field.id)).map(factsOf);
}

function chosenFields() {
  const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  return fieldsOfProfile().filter(each =>
    (!state.state || each.state === state.state) && (!state.kind || each.kinds[state.kind])
    && words.every(word => [each.field.name, each.field.id, each.field.path, each.field.fregPath, each.field.commentNo, each.field.commentEn].join(" ").toLowerCase().includes(word)));
}

const SORTS = { field: each => each.field.name.toLowerCase(), rate: each => each.rate ?? 2, different: each => each.causes, open: each => each.open, action: each => each.field.action, state: each => each.state, signoff: each => each.signoff ? (each.signoff.holds ? 0 : 1) : 2 };
function sorted(fields) {
  const value = SORTS[state.sort], sign = state.descending ? -1 : 1;
  return [...fields].sort((one, other) => { const a = value(one), b = value(other); return (a < b ? -1 : a > b ? 1 : 0) * sign || (one.field.name < other.field.name ? -1 : 1); });
}

function drawWords() {
  document.documentElement.lang = state.language === "no" ? "no" : "en";
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === state.language));
  byId("published").textContent = text("published", { at: new Date(FACTS.release.publishedAt).toLocaleString(state.language === "no" ? "nb-NO" : "en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Oslo" }) });
  const words = TEXTS[state.language];
  fill("pair", FACTS.pairs.map(pair => [pair.name, words.pairs[pair.name]]));
  fill("profile", [["", words.allFields], ...FACTS.profiles.map(profile => [profile.name, `${profile.name} (${profile.fields.length})`])]);
  fill("state", [["", words.any], ...Object.entries(words.states)]);
  fill("kind", [["", words.any], ...FACTS.kinds.map(kind => [kind, kindName(kind)])]);
  byId("search").value = state.search;
}
function fill(id, options) {
  byId(id).replaceChildren(...options.map(([value, label]) => create("option", { value, selected: state[id] === value }, label)));
  byId(id).value = state[id];
}

// Of all fields of the client: what is looked for does not make it readier.
function drawVerdict(fields) {
  const compared = fields.filter(each => each.compared);
  const open = compared.filter(each => each.state === "open");
  const ready = compared.filter(each => each.state === "equal" || each.state === "explained");
  const lost = fields.filter(each => each.state === "lost");
  const signed = compared.filter(each => each.signoff && each.signoff.holds);
  const values = compared.reduce((sum, each) => sum + each.own, 0), equal = compared.reduce((sum, each) => sum + each.equal, 0);
  const causes = compared.reduce((sum, each) => sum + each.causes, 0), derived = compared.reduce((sum, each) => sum + (each.kinds.derived || 0), 0);
  const worst = [...open].sort((one, other) => other.open - one.open)[0];
  byId("verdict").textContent = !FACTS.pairs.length ? text("verdictNone")
    : worst ? text("verdictOpen", { open: open.length, all: compared.length, worst: worst.field.name, count: number(worst.open) })
    : lost.length ? text("verdictLost", { lost: lost.length, all: fields.length })
    : text("verdictReady", { ready: ready.length, all: compared.length });
  const pair = FACTS.pairs.find(each => each.name === state.pair);
  const cards = [["persons", number(pair ? pair.compared : 0)], ["shareEqual", values ? percent(equal / values) : "–"], ["causes", number(causes)], ["derived", number(derived)], ["fieldsReady", `${ready.length} / ${compared.length}`], ["fieldsOpen", open.length], ["fieldsLost", lost.length], ["fieldsSigned", `${signed.length} / ${compared.length}`]];
  byId("headline").replaceChildren(...cards.map(([name, value]) => create("div", {}, create("dt", {}, text(name)), create("dd", {}, String(value)))));
}

function table(caption, columns, rows) {
  return create("table", {}, create("caption", {}, caption),
    create("thead", {}, create("tr", {}, ...columns.map(([label, kind]) => create("th", { scope: "col", class: kind }, label)))),
    create("tbody", {}, ...rows.map(row => create("tr", {}, ...row.map((cell, place) => place ? create("td", { class: columns[place][1] }, cell) : create("th", { scope: "row" }, cell))))));
}

function chart(target, specification) {
  // SVG, so that it is sharp in print and can be read by assistive technology; no links to elsewhere.
  return vegaEmbed(target, { $schema: "https://vega.github.io/schema/vega-lite/v6.json", background: null, config: { font: "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif", axis: { labelFontSize: 12, titleFontSize: 12, labelLimit: 260 }, legend: { labelFontSize: 12, titleFontSize: 12 } }, ...specification }, { actions: false, renderer: "svg" });
}
const kindScale = () => ({ domain: FACTS.kinds.map(kindName), range: FACTS.kinds.map(kind => COLORS[kind]) });

function drawKinds(fields) {
  const differing = fields.filter(each => each.compared > each.equal).sort((one, other) => other.causes / other.compared - one.causes / one.compared);
  const drawn = differing.slice(0, DRAWN_FIELDS);
  byId("kinds-lead").textContent = differing.length > drawn.length ? text("kindsLeadSome", { some: drawn.length, all: differing.length }) : text("kindsLead");
  const values = drawn.flatMap(each => FACTS.kinds.filter(kind => each.kinds[kind]).map(kind => ({ id: each.field.id, field: each.field.name, kind: kindName(kind), order: FACTS.kinds.indexOf(kind), share: each.kinds[kind] / each.compared, count: each.kinds[kind] })));
  if (!drawn.length) { byId("kinds-chart").replaceChildren(create("p", {}, text("noDifference"))); byId("kinds-table").replaceChildren(); return; }
  // On a phone the words stand under the bars, not beside them.
  const narrow = document.body.clientWidth < 700;
  chart("#kinds-chart", {
    description: text("kindsTitle"), data: { values }, width: narrow ? Math.max(140, document.body.clientWidth - 220) : Math.min(900, document.body.clientWidth - 360), height: { step: 17 }, mark: { type: "bar", tooltip: true, cursor: "pointer" },
    encoding: { y: { field: "field", type: "nominal", sort: drawn.map(each => each.field.name), title: null }, x: { field: "share", type: "quantitative", title: text("shareDifferent"), axis: { format: "~%" } }, color: { field: "kind", type: "nominal", title: text("kind"), scale: kindScale(), legend: narrow ? { orient: "bottom", columns: 2 } : {} }, order: { field: "order" }, tooltip: [{ field: "field", title: text("field") }, { field: "kind", title: text("kind") }, { field: "count", title: text("count") }, { field: "share", title: text("share"), format: ".3%" }] }
  }).then(made => made.view.addEventListener("click", (_, item) => { if (item && item.datum && BY_ID[item.datum.id]) { choose(item.datum.id); byId("detail").scrollIntoView({ block: "nearest" }); } }));
  byId("kinds-table").replaceChildren(table(text("kindsTitle"), [[text("field")], [text("compared"), "number"], [text("bothBlank"), "number"], ...FACTS.kinds.map(kind => [kindName(kind), "number"])],
    differing.map(each => [each.field.name, number(each.compared), number(each.blank), ...FACTS.kinds.map(kind => number(each.kinds[kind] || 0))])));
}

function trendOf(ids) {
  return (FACTS.trend[state.pair] || []).map(point => {
    const found = ids.map(id => point.fields[id]).filter(Boolean);
    const compared = found.reduce((sum, each) => sum + each[0], 0), equal = found.reduce((sum, each) => sum + each[1], 0);
    return { at: point.at, release: point.release, rate: compared ? equal / compared : null };
  }).filter(point => point.rate !== null);
}
function drawTrend(target, points, height) {
  return chart(target, {
    description: text("trendTitle"), data: { values: points }, width: Math.min(900, byId(target.slice(1)).clientWidth - 80), height, mark: { type: "line", point: true, tooltip: true, color: "#2f6db5" },
    encoding: { x: { field: "at", type: "temporal", title: null }, y: { field: "rate", type: "quantitative", title: text("rate"), scale: { zero: false }, axis: { format: ".2%" } }, tooltip: [{ field: "release", title: text("release") }, { field: "rate", title: text("rate"), format: ".4%" }] }
  });
}
function sumChanges(ids) {
  const changes = FACTS.changes[state.pair] || {}, sum = { new: 0, gone: 0, other: 0 };
  for (const id of ids) for (const [change, count] of Object.entries(changes[id] || {})) sum[change === "other kind" ? "other" : change] += count;
  return sum;
}
function drawTrends(fields) {
  const ids = fields.map(each => each.field.id), points = trendOf(ids), changes = sumChanges(ids);
  byId("changes").textContent = points.length < 2 ? text("firstRelease") : changes.new + changes.gone + changes.other ? text("changes", { new: number(changes.new), gone: number(changes.gone), other: number(changes.other) }) : text("changesNone");
  byId("trend-chart").replaceChildren();
  if (points.length > 1) drawTrend("#trend-chart", points, 160);
  byId("trend-table").replaceChildren(table(text("trendTitle"), [[text("release")], [text("when")], [text("rate"), "number"]], points.map(point => [point.release, point.at.replace("T", " ").replace("Z", " UTC"), percent(point.rate, 4)])));
}

function drawFields(fields) {
  const columns = [["field", text("field")], ["rate", text("rate"), "number"], ["different", text("different"), "number"], ["open", text("openColumn"), "number"], ["state", text("state")], ["action", text("action")], ["signoff", text("signoff")]];
  const rows = sorted(fields).map(each => create("tr", { "data-field": each.field.id, "aria-selected": String(each.field.id === state.field) },
    create("th", { scope: "row" }, create("button", { type: "button", onclick: () => choose(each.field.id) }, each.field.name)),
    create("td", { class: "number" }, each.rate === null ? "–" : percent(each.rate)), create("td", { class: "number" }, each.compared ? number(each.causes) : "–"), create("td", { class: "number" }, each.compared ? number(each.open) : "–"),
    create("td", { class: `state-${each.state}` }, TEXTS[state.language].states[each.state]), create("td", {}, TEXTS[state.language].actions[each.field.action][0]),
    create("td", { class: each.signoff && !each.signoff.holds ? "state-open" : "" }, each.signoff ? `${each.signoff.name}, ${each.signoff.date}${each.signoff.holds ? "" : " ✗"}` : "")));
  const head = columns.map(([name, label, kind]) => create("th", { scope: "col", class: kind, "aria-sort": state.sort === name ? (state.descending ? "descending" : "ascending") : undefined },
    create("button", { type: "button", onclick: () => { if (state.sort === name) state.descending = !state.descending; else { state.sort = name; state.descending = ["different", "open"].includes(name); } draw(); document.querySelector(`#field-table thead th:nth-child(${columns.findIndex(each => each[0] === name) + 1}) button`).focus(); } }, label)));
  byId("field-table").replaceChildren(create("table", {}, create("thead", {}, create("tr", {}, ...head)), create("tbody", {}, ...rows)), ...(rows.length ? [] : [create("p", {}, text("noMatch"))]));
}

// Done is what somebody has signed off, and what a client need do nothing about. What the pair does not compare cannot be
// signed off: it is no part of the count, though it is listed with what the client must do.
function isDone(each) {
  if (each.signoff && each.signoff.holds) return true;
  return each.state !== "open" && each.state !== "lost" && each.field.action === "nothing";
}
const canBeSigned = each => each.compared > 0;
function drawTodo(fields) {
  const words = TEXTS[state.language], groups = new Map([["open", { name: words.todoOpen, fields: [] }], ...Object.entries(words.actions).filter(([action]) => action !== "nothing").map(([action, name]) => [action, { name, fields: [] }])]);
  for (const each of fields) {
    if (each.state === "open") groups.get("open").fields.push(each);
    if (each.field.action !== "nothing") groups.get(each.field.action).fields.push(each);
  }
  const counted = fields.filter(each => canBeSigned(each) || isDone(each));
  const left = [...groups.values()].filter(group => group.fields.length);
  byId("todo-lead").textContent = text("todoLead", { who: state.profile || text("todoAll"), done: counted.filter(isDone).length, all: counted.length, beside: fields.length - counted.length });
  byId("todo").replaceChildren(...(left.length ? left.map(group => create("details", { class: "todo" },
    create("summary", {}, text("todoGroup", { name: group.name[0], n: group.fields.length, left: group.fields.filter(each => canBeSigned(each) && !isDone(each)).length })),
    create("p", {}, group.name[1]),
    create("ul", {}, ...group.fields.map(each => create("li", { class: isDone(each) ? "done" : canBeSigned(each) ? "" : "beside" },
      create("button", { type: "button", class: "link", onclick: () => { choose(each.field.id); byId("detail").scrollIntoView({ block: "nearest" }); } }, each.field.name),
      ` → ${each.field.path || "–"} `, create("span", { class: `state-${each.state}` }, each.signoff && each.signoff.holds ? `${text("signoff").toLowerCase()}: ${each.signoff.name}, ${each.signoff.date}` : words.states[each.state])))))) : [create("p", {}, text("todoNothing"))]));
}

function choose(id) {
  state.field = id;
  remember();
  for (const row of document.querySelectorAll("#field-table tbody tr")) row.setAttribute("aria-selected", String(row.dataset.field === id));
  drawDetail();
  byId("detail").focus({ preventScroll: innerWidth > 960 });
}

function drawDetail() {
  const detail = byId("detail"), field = BY_ID[state.field];
  if (!field) { detail.replaceChildren(create("p", {}, text("noField"))); return; }
  const each = factsOf(field), words = TEXTS[state.language], action = words.actions[field.action];
  const terms = [["action", `${action[0]} – ${action[1]}`], ...(field.steps !== field.action ? [["steps", field.steps.split(", then ").map(step => words.actions[step][0]).join(" → ")]] : []), ["where", field.path || "–"], ["whereFreg", field.fregPath || "–"], ["types", [field.type, field.pathType].filter(Boolean).join(" → ")], ["rule", field.rule], ...(field.compareRule ? [["compareRule", field.compareRule]] : []), ...(field.followsFrom ? [["followsFrom", field.followsFrom]] : []), ["comment", state.language === "no" ? field.commentNo : field.commentEn], ["basis", `${words[field.basis]}: ${field.source}`], ...(field.ptBasis ? [["ptBasis", `${words[field.ptBasis]}: ${field.ptSource}`]] : [])];
  const parts = [create("h3", {}, field.name), create("dl", {}, ...terms.flatMap(([name, value]) => [create("dt", {}, text(name)), create("dd", {}, value)]))];
  const entity = words.entities[field.name.split(".")[0]];
  if (entity) parts.push(create("p", {}, entity));
  const codes = FACTS.codes[field.codes];
  if (codes) parts.push(create("details", {}, create("summary", {}, text("codes")), create("div", { class: "scroll", tabindex: "0" }, table(text("codesLead"), [[text("code")], [text("word")], ["Freg"], ["Persontjenesten"]], codes.map(each => [each.code, state.language === "no" ? each.no : each.en, each.freg, each.pt])))));
  if (!each.compared) parts.push(create("p", {}, each.state === "blank" ? text("nothingToCompare", { n: number(each.blank) }) : text("notCompared")));
  else {
    parts.push(create("p", {}, [each.rate === null ? text("allDerived") : `${text("rate")}: ${percent(each.rate, 3)} (${number(each.equal)} / ${number(each.own)}).`, ...(each.byRule ? [text("byRuleNote", { n: number(each.byRule) })] : []), ...(each.kinds.derived ? [text("derivedNote", { n: number(each.kinds.derived) })] : []), ...(each.blank ? [text("blankNote", { n: number(each.blank) })] : [])].join(" ")));
    const changes = sumChanges([field.id]);
    if ((FACTS.trend[state.pair] || []).length > 1) parts.push(create("p", {}, text("newGone", changes)));
    if (each.compared > each.equal) parts.push(create("div", { id: "detail-kinds", class: "chart" }), table(text("kindsOfField"), [[text("kind")], [text("count"), "number"], [text("share"), "number"], [text("word")]], FACTS.kinds.filter(kind => each.kinds[kind]).map(kind => [kindName(kind), number(each.kinds[kind]), percent(each.kinds[kind] / each.compared, 3), FACTS.kindWords[kind][state.language][1]])));
    const classes = ((FACTS.classes[state.pair] || {})[field.id] || []).filter(row => row[2]);
    if (classes.length) parts.push(create("h3", {}, text("byClass")), table(text("byClass"), [[text("group")], [text("compared"), "number"], [text("different"), "number"], [text("share"), "number"]], classes.map(row => [words.classes[row[0]], number(row[1]), number(row[2]), percent(row[2] / row[1], 3)])));
    if (trendOf([field.id]).length > 1) parts.push(create("h3", {}, text("trendTitle")), create("div", { id: "detail-trend", class: "chart" }));
    const examples = (FACTS.examples[state.pair] || {})[field.id] || [];
    if (examples.length) parts.push(create("h3", {}, text("examples")), create("div", { class: "scroll", tabindex: "0" }, table(text("examples"), [[text("kind")], [text("left")], [text("right")], [text("person")]], examples.map(row => [row.cause ? text("kindBecause", { kind: kindName(row.kind), cause: row.cause }) : kindName(row.kind), create("code", {}, row.left ?? "–"), create("code", {}, row.right ?? "–"), create("code", {}, row.person)]))));
    parts.push(create("h3", {}, text("signoff")), signoffLine(each));
  }
  detail.replaceChildren(...parts);
  if (byId("detail-kinds")) chart("#detail-kinds", { description: text("different"), data: { values: FACTS.kinds.filter(kind => each.kinds[kind]).map(kind => ({ kind: kindName(kind), count: each.kinds[kind] })) }, width: Math.max(160, detail.clientWidth - 180), height: { step: 20 }, mark: { type: "bar", tooltip: true }, encoding: { y: { field: "kind", type: "nominal", sort: "-x", title: null }, x: { field: "count", type: "quantitative", title: text("count"), axis: { tickMinStep: 1 } }, color: { field: "kind", type: "nominal", scale: kindScale(), legend: null } } });
  if (byId("detail-trend")) drawTrend("#detail-trend", trendOf([field.id]), 110);
}
function signoffLine(each) {
  const signoff = each.signoff;
  if (!signoff) return create("p", {}, text("notSigned", { field: each.field.name, pair: state.pair }));
  const days = Math.max(0, Math.floor((Date.now() - Date.parse(signoff.date)) / 86400000));
  return create("p", {}, text("signedBy", { name: signoff.name, date: signoff.date, days, note: signoff.note }), " – ",
    create("span", { class: signoff.holds ? "state-equal" : "state-open" }, signoff.holds ? text("signedHolds") : text("signedVoid", { then: percent(signoff.rate, 3), now: each.rate === null ? "–" : percent(each.rate, 3) })));
}

function remember() { history.replaceState(null, "", "#" + new URLSearchParams(Object.entries(state).filter(([, value]) => value !== "").map(([name, value]) => [name, String(value)]))); }
function draw() {
  const fields = chosenFields();
  drawVerdict(fieldsOfProfile()); drawKinds(fields); drawTrends(fields); drawFields(fields); drawTodo(fieldsOfProfile()); drawDetail(); remember();
}

for (const name of ["pair", "profile", "state", "kind"]) byId(name).addEventListener("change", event => { state[name] = event.target.value; draw(); });
byId("search").addEventListener("input", event => { state.search = event.target.value; draw(); });
byId("clear").addEventListener("click", () => { Object.assign(state, { profile: "", state: "", kind: "", search: "", field: "" }); drawWords(); draw(); });
for (const button of document.querySelectorAll("[data-language]")) button.addEventListener("click", () => { state.language = button.dataset.language; keepLanguage(state.language); drawWords(); draw(); });
drawWords();
draw();
