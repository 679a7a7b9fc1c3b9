// The page of all fields: search and filters over the rows in the page. Nothing is fetched.
"use strict";
const FIELDS = JSON.parse(document.getElementById("facts").textContent);
const ACTIONS = { no: { nothing: "ingenting", rename: "bytte navn", recode: "oversette koder", derive: "utlede", "ask for access": "be om tilgang", lost: "går tapt" }, en: { nothing: "nothing", rename: "rename", recode: "recode", derive: "derive", "ask for access": "ask for access", lost: "lost" } };
const BASIS = { no: { documented: "dokumentert", inferred: "antatt" }, en: { documented: "documented", inferred: "inferred" } };
const byId = id => document.getElementById(id);
const stored = new URLSearchParams(location.hash.slice(1));
let language = pageLanguage();
for (const name of ["search", "system", "has"]) if (stored.has(name)) byId(name).value = stored.get(name);
for (const action of Object.keys(ACTIONS.en)) byId("action").append(Object.assign(document.createElement("option"), { value: action }));
const haystacks = FIELDS.map(row => Object.values(row).join(" ").toLowerCase());

function shown(row, place) {
  const has = byId("has").value, words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  return (!byId("system").value || row.system === byId("system").value)
    && (!byId("action").value || row.action.split(" | ").includes(byId("action").value))
    && (!has || (has === "all" && row.inPreg && row.inFreg && row.inPt) || (has === "only" && row.inPreg + row.inFreg + row.inPt === 1) || (has === "p" && row.inPreg) || (has === "not-p" && !row.inPreg) || (has === "not-t" && !row.inPt))
    && words.every(word => haystacks[place].includes(word));
}
function cell(value, name) { const element = document.createElement("td"); element.textContent = value ?? ""; if (name) element.className = name; return element; }
function counterpart(isThere, value, type) { return cell(isThere ? [value, type && `(${type})`].filter(Boolean).join(" ") : "–", "path"); }
function draw() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-no]")) element.textContent = element.dataset[language];
  for (const option of byId("action").options) if (option.value) option.textContent = ACTIONS[language][option.value];
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === language));
  const rows = FIELDS.filter(shown);
  byId("count").textContent = language === "no" ? `${rows.length} av ${FIELDS.length} felt` : `${rows.length} of ${FIELDS.length} fields`;
  document.querySelector("#rows tbody").replaceChildren(...rows.map(row => {
    const line = document.createElement("tr"), head = document.createElement("th");
    head.scope = "row"; head.textContent = row.entity === "folkeregisterperson" ? row.field : `${row.entity}.${row.field}`;
    line.append(cell(row.system), head, cell(row.type, "type"), counterpart(row.inPreg, row.preg, row.pregType), counterpart(row.inFreg, row.freg, row.fregType), counterpart(row.inPt, row.pt, row.ptType), cell(row.rule),
      cell(row.action.split(" | ").map(action => ACTIONS[language][action]).join(", ")), cell(language === "no" ? row.commentNo : row.comment, "text"), cell(BASIS[language][row.basis]));
    return line;
  }));
  history.replaceState(null, "", "#" + new URLSearchParams({ language, search: byId("search").value, system: byId("system").value, has: byId("has").value }));
}
for (const name of ["search", "system", "has", "action"]) byId(name).addEventListener("input", draw);
for (const button of document.querySelectorAll("[data-language]")) button.addEventListener("click", () => { language = button.dataset.language; keepLanguage(language); draw(); });
draw();
