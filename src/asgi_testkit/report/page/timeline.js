// What rows look like, and what clicks and keys do.

// -- rows -------------------------------------------------------------------------------

function rowElement(row) {
  const made = ROWS[row.kind](row);
  made.setAttribute("role", "row");
  made.dataset.key = row.key;
  if (canBeSelected(row)) {
    made.setAttribute("aria-level", row.kind === "message" ? 2 : 1);
    made.setAttribute("aria-expanded", view.open.has(row.key));
  }
  return made;
}

const cell = (tag, ...content) => el(tag, { role: "gridcell" }, ...content);

const ROWS = {
  exchange: ({ thing }) => el(
    `div.row.exchange.${thing.verdict}`, {},
    cell("span.what", el("span.caret"), badge(thing), title(thing), trouble(thing), clientName(thing)),
    cell("span.took", tookOf(thing)),
    cell("span.when", bar(thing)),
  ),
  opening: (row) => el(
    `div.row.message.opening.${row.thing.verdict}`, {},
    cell("span.time", seconds(row.thing.began)), cell("span.lanes", lanePicture(row, HEIGHTS.opening)),
    cell("span.label", el("span.caret"), number(row.thing), title(row.thing), trouble(row.thing)), cell("span.size", badge(row.thing)),
  ),
  message: (row) => el(
    `div.row.message.of-${colourOf(row.thing)}`, {},
    cell("span.time", timeLabel(row.thing)), cell("span.lanes", lanePicture(row, HEIGHTS.message)),
    cell("span.label", el("span.caret"), ...label(row.thing)),
    cell("span.size", row.thing.size === null ? "" : bytes(row.thing.size)),
  ),
  pause: (row) => quiet(row, `${seconds(row.length)} until ${nextOf(row.thing)}`),
  dropped: (row) => quiet(row, `${counted(row.thing.dropped, "message")} in between not kept`),
  lanes: ({ lanes }) => el("div.row.heads", {}, el("span.time"), cell("span.lanes", laneNames(lanes))),
  summary: ({ thing }) => el("div.row.more", {}, cell("div.inside", exchangeSummary(thing))),
  detail: ({ thing, before }) => el("div.row.more", {}, cell("div.inside", messageDetail(thing, before))),
};

function quiet(row, text) {
  const picture = lanePicture(row, HEIGHTS[row.kind]);
  return el(`div.row.message.quiet.${row.kind}`, {}, el("span.time"), cell("span.lanes", picture), cell("span.label", text));
}

function nextOf(thing) {
  if (thing.entries) return `${thing.title} began`;
  if (!thing.act.includes(".")) return `the ${thing.actor} ${thing.act}`;
  return `the ${thing.actor}'s next message`;
}

function badge(exchange) {
  const { status, close_code: code, raised, ended, kind, verdict } = exchange;
  const text = status ?? code ?? (raised ? "raised" : ended === null ? "open" : kind === "lifespan" ? "ok" : "none");
  return el(`span.badge.${verdict}`, {}, `${text}`);
}

function title(exchange) {
  const [, method, target] = /^(\S+)(.*)$/s.exec(exchange.title) ?? [null, "", exchange.title];
  return el("span.title", {}, el("b", {}, ...marked(method)), ...marked(target));
}

const tookOf = ({ began, ended }) => (ended === null ? `${seconds(LONGEST - began)} …` : seconds(ended - began));
const trouble = ({ raised }) => (raised ? el("span.trouble", {}, ...marked(raised.text.split("\n")[0])) : null);
const clientName = ({ client }) => (ALL_LANES.clients > 1 ? el("span.whose", {}, client) : null);
const number = ({ number: which }) => el("span.number", {}, `#${which}`);

function timeLabel(entry) {
  return view.isByTime ? seconds(entry.at) : `+${seconds(entry.at - entry.exchange.began)}`;
}

const SHOWN = 160;

function label(entry) {
  const [, family, act] = /^(.*\.)?([^.]*)$/s.exec(entry.act) ?? [null, "", entry.act];
  return [
    view.isByTime ? number(entry.exchange) : null,
    el("span.act", {}, el("span.family", {}, family ?? ""), el("b", {}, ...marked(act))),
    entry.status === null ? null : el(`span.badge.${verdictOf({ status: entry.status, close_code: null })}`, {}, `${entry.status}`),
    entry.text ? el("span.gist", {}, ...marked(entry.text.slice(0, SHOWN))) : null,
    entry.body ? el("span.gist.code", {}, ...marked(gist(entry.body))) : null,
    entry.headers && !entry.body ? el("span.gist", {}, ...marked(gistOfHeaders(entry.headers))) : null,
    entry.more ? el("span.gist", {}, "more to come") : null,
  ];
}

function gist({ kind, text, base64 }) {
  if (kind !== "bytes") return text.slice(0, SHOWN).replace(/\s+/g, " ");
  const first = [...atob(base64.slice(0, 32))].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0"));
  return first.join(" ") + (base64.length > 32 ? " …" : "");
}

function gistOfHeaders(headers) {
  const type = headers.find(([name]) => name.toLowerCase() === "content-type");
  return type ? type[1] : headers.length ? counted(headers.length, "header") : "";
}

/** The text in pieces, with what the filter looks for marked. */
function marked(text) {
  if (!view.terms.length || !text) return [text];
  const escaped = view.terms.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pieces = text.split(new RegExp(`(${escaped.join("|")})`, "gi"));
  return pieces.map((piece, at) => (at % 2 ? el("mark", {}, piece) : piece));
}

// -- the head of the page ---------------------------------------------------------------

function drawHead() {
  const { title: name, outcome, error } = trace;
  const cut = name.lastIndexOf("::") + 1 ? name.lastIndexOf("::") + 2 : 0;
  byId("title").append(el("span.where", {}, ...breakable(name.slice(0, cut))), ...breakable(name.slice(cut) || "Timeline"));
  byId("outcome").textContent = outcome;
  byId("outcome").className = `outcome ${outcome}`;
  byId("outcome").hidden = !outcome;
  byId("facts").textContent = facts();
  const suspects = suspectsOf();
  byId("verdict").hidden = !error && !suspects.length;
  if (error) byId("verdict").append(el("pre", { tabindex: 0, role: "region", "aria-label": "error" }, error));
  byId("verdict").append(...suspects.slice(0, 3).map(suspectButton));
  if (suspects[0] ?? (EXCHANGES.length === 1 && EXCHANGES[0])) {
    selected = (suspects[0] ?? EXCHANGES[0]).key;
    view.open.add(selected);
  }
}

/** The text in pieces, between which a line may end. */
function breakable(text) {
  return text.split(/(?<=[_/:.\[-])/).flatMap((piece) => [piece, el("wbr")]);
}

function facts() {
  const messages = EXCHANGES.reduce((sum, { entries, dropped }) => sum + entries.length + dropped, 0);
  const counts = Object.entries(WORDS).map(([kind, word]) => [EXCHANGES.filter((one) => one.kind === kind).length, word]);
  const said = counts.filter(([count]) => count).map(([count, word]) => counted(count, word));
  return [...said, counted(messages, "message"), seconds(EXCHANGES.length ? LONGEST : 0)].join(" · ");
}

const WORDS = { http: "request", websocket: "WebSocket", lifespan: "lifespan" };

function suspectsOf() {
  if (FAILURES.length || trace.outcome !== "failed") return FAILURES;
  return EXCHANGES.filter((exchange) => exchange.verdict === "poor");
}

function suspectButton(exchange) {
  const { raised, called_from: from } = exchange;
  const places = [raised?.place, from ? `called from ${from.file}:${from.line}` : ""].filter(Boolean).join(", ");
  const said = [badge(exchange), title(exchange), trouble(exchange), places ? el("span.places", {}, places) : null];
  return el("button.suspect", { type: "button", onclick: () => unfold(exchange.key) }, ...said);
}

// -- choosing what is shown -------------------------------------------------------------

function change() {
  const shown = found();
  refresh(shown);
  const isNarrowed = view.terms.length || view.failuresOnly || view.hiddenKinds.size;
  const messages = shown.reduce((sum, { entries }) => sum + entries.length, 0);
  byId("count").textContent = isNarrowed ? `${shown.length} of ${EXCHANGES.length}, ${counted(messages, "message")}` : "";
  byId("nothing").hidden = rows.length > 0;
  byId("nothing").textContent = EXCHANGES.length ? "Nothing matches. Esc empties the filter." : "Nothing has crossed: no request was made.";
  byId("columns").replaceChildren(...columns());
  byId("columns").className = `columns ${view.isByTime ? "by-time" : "by-request"}`;
  byId("by-time").setAttribute("aria-pressed", view.isByTime);
  byId("by-request").setAttribute("aria-pressed", !view.isByTime);
  for (const chip of byId("chips").children) chip.setAttribute("aria-pressed", isPressed(chip.dataset.kind));
}

function columns() {
  if (!view.isByTime) return [el("span.what", {}, "Request"), el("span.took", {}, "Took"), el("span.when", {}, axis())];
  return [el("span.time", {}, "At"), el("span.lanes", {}, laneNames(ALL_LANES)), el("span.label", {}, "Message"), el("span.size", {}, "Size")];
}

const isPressed = (kind) => (kind === "failures" ? view.failuresOnly : !view.hiddenKinds.has(kind));

function drawChips() {
  const names = { http: "HTTP", websocket: "WebSocket", lifespan: "Lifespan" };
  const kinds = Object.keys(names).filter((kind) => EXCHANGES.some((exchange) => exchange.kind === kind));
  if (kinds.length > 1) byId("chips").append(...kinds.map((kind) => chip(kind, names[kind])));
  if (FAILURES.length) byId("chips").append(chip("failures", "Failures only"));
}

function chip(kind, text) {
  const count = kind === "failures" ? FAILURES.length : EXCHANGES.filter((exchange) => exchange.kind === kind).length;
  return el("button.chip", { type: "button", "data-kind": kind, onclick: () => press(kind) }, text, el("span", {}, `${count}`));
}

function press(kind) {
  if (kind === "failures") view.failuresOnly = !view.failuresOnly && FAILURES.length > 0;
  else if (!view.hiddenKinds.delete(kind)) view.hiddenKinds.add(kind);
  change();
}

function setFilter(text) {
  byId("filter").value = text;
  view.terms = text.toLowerCase().split(/\s+/).filter(Boolean);
  change();
}

function setOrder(isByTime) {
  view.isByTime = isByTime;
  change();
  if (selected !== null && !places.has(selected)) select(selected.split(".")[0]);
  if (places.has(selected)) bringIntoSight(places.get(selected));
  draw();
}

// -- unfolding --------------------------------------------------------------------------

function toggle(key, isOpen = !view.open.has(key)) {
  if (isOpen) view.open.add(key);
  else view.open.delete(key);
  select(key);
  refresh();
  if (isOpen) reveal(key);
}

function unfold(key) {
  view.open.add(key);
  change();
  goTo(key);
  reveal(key);
}

function toggleAll() {
  const isOpen = !EXCHANGES.every(({ key }) => view.open.has(key));
  for (const { key } of EXCHANGES) view.open[isOpen ? "add" : "delete"](key);
  refresh();
  if (!isOpen && selected !== null) select(selected.split(".")[0]);
}

function foldSelected() {
  if (selected === null) return;
  if (view.open.has(selected)) toggle(selected, false);
  else if (selected.includes(".") && !view.isByTime) goTo(selected.split(".")[0]);
}

function goToFailure(way) {
  const keys = FAILURES.map(({ key }) => key).filter((key) => places.has(key));
  const now = places.get(selected) ?? -1;
  const next = way > 0 ? keys.find((key) => places.get(key) > now) : keys.findLast((key) => places.get(key) < now);
  if (next ?? keys[0]) unfold(next ?? (way > 0 ? keys[0] : keys.at(-1)));
}

// -- keys and clicks --------------------------------------------------------------------

const KEYS = {
  j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
  Home: () => goToEnd(1), End: () => goToEnd(-1), n: () => goToFailure(1), p: () => goToFailure(-1),
  Enter: () => selected !== null && toggle(selected), ArrowRight: () => selected !== null && toggle(selected, true),
  ArrowLeft: foldSelected, Escape: foldSelected, e: toggleAll, f: () => press("failures"),
  v: () => setOrder(!view.isByTime), t: turnTheme, "/": () => byId("filter").focus(), "?": () => byId("keys").showModal(),
};

const OWN_KEYS = { BUTTON: ["Enter"], PRE: ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"] };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
  if (event.target === byId("filter")) {
    keyInFilter(event);
    return;
  }
  if (!Object.hasOwn(KEYS, event.key) || OWN_KEYS[event.target.tagName]?.includes(event.key)) return;
  if (event.key === "Escape" && byId("filter").value) setFilter("");
  else KEYS[event.key]();
  event.preventDefault();
});

function keyInFilter(event) {
  if (event.key === "Escape") setFilter("");
  else if (event.key !== "Enter" && event.key !== "ArrowDown") return;
  byId("filter").blur();
  if (event.key !== "Escape") goToEnd(1);
  event.preventDefault();
}

list.addEventListener("click", (event) => {
  const element = event.target.closest(".row[aria-expanded]");
  if (!element || !getSelection().isCollapsed) return;
  toggle(element.dataset.key);
  focusSelected();
});

list.addEventListener("focusin", (event) => {
  if (event.target.matches(".row[aria-expanded]")) select(event.target.dataset.key);
});

let isAwaited = false;
function drawSoon() {
  if (isAwaited) return;
  isAwaited = true;
  requestAnimationFrame(() => {
    isAwaited = false;
    draw();
  });
}

function redraw() {
  for (const [key, element] of drawn) forget(key, element);
  change();
}

byId("filter").addEventListener("input", (event) => setFilter(event.target.value));
byId("by-request").addEventListener("click", () => setOrder(false));
byId("by-time").addEventListener("click", () => setOrder(true));
byId("ask").addEventListener("click", () => byId("keys").showModal());
addEventListener("scroll", drawSoon, { passive: true });
addEventListener("resize", drawSoon);
narrow.addEventListener("change", redraw);

document.documentElement.style.setProperty("--axis-step", percent(axisStep()));
drawHead();
drawChips();
change();
