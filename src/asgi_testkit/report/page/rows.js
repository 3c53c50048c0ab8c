// From the trace and what the reader has chosen to the rows that are shown. Draws nothing.

const trace = JSON.parse(byId("trace").textContent);

const view = {
  isByTime: false,
  terms: [],
  hiddenKinds: new Set(),
  failuresOnly: false,
  open: new Set(), // keys of exchanges and messages that are unfolded
};

// -- facts about the trace that never change --------------------------------------------

const LONGEST = Math.max(
  ...[0.001],
  ...trace.exchanges.map((exchange) => exchange.ended ?? 0),
  ...trace.exchanges.map((exchange) => Math.max(exchange.began, exchange.entries.at(-1)?.at ?? 0)),
);

const GOOD_CLOSES = [1000, 1001, 1005];

function verdictOf(exchange) {
  const { status, close_code: code, raised } = exchange;
  if (raised || status >= 500 || code === 1011) return "bad";
  if (status >= 400 || (code !== null && !GOOD_CLOSES.includes(code))) return "poor";
  if (status >= 300) return "moved";
  return status === null && code === null ? "none" : "good";
}

/** When an answer began and was complete; after that the app is at work in the background. */
function phasesOf({ kind, entries, began, ended }) {
  const end = ended ?? LONGEST;
  const start = entries.find(({ act }) => act === "http.response.start" || act === "websocket.accept");
  const last = entries.findLast(({ act, background }) => act.startsWith("http.response.") && !background);
  const isComplete = kind === "http" && last && last !== start && !last.more;
  const complete = isComplete ? Math.min(last.at, end) : end;
  const isLate = end - complete > Math.max(0.002, (end - began) / 10);
  const hasBackground = isLate || entries.some(({ act, background }) => background && act !== "raised");
  return { began, start: start ? start.at : null, complete: hasBackground ? complete : end, end, hasBackground };
}

const EXCHANGES = trace.exchanges.map((exchange, at) => {
  const known = { ...exchange, key: `${at}`, verdict: verdictOf(exchange), phases: phasesOf(exchange) };
  known.entries = exchange.entries.map((entry, index) => ({ ...entry, key: `${at}.${index}`, index, exchange: known }));
  return known;
});

const FAILURES = EXCHANGES.filter((exchange) => exchange.verdict === "bad");
const BY_KEY = new Map();
for (const exchange of EXCHANGES) {
  BY_KEY.set(exchange.key, exchange);
  for (const entry of exchange.entries) BY_KEY.set(entry.key, entry);
}

// -- lanes: who takes part --------------------------------------------------------------

const MOST_CLIENTS = 3;

function lanesOf(exchanges) {
  const clients = [...new Set(exchanges.map((exchange) => exchange.client))];
  const lanes = new Map();
  const add = (name, spans) => {
    if (!lanes.has(name)) lanes.set(name, []);
    lanes.get(name).push(...spans);
  };
  for (const client of clients.length > MOST_CLIENTS ? ["clients"] : clients) add(client, []);
  for (const name of ["app", "WebSocket", "background"]) {
    for (const exchange of exchanges) {
      if (name === appLane(exchange)) add(name, busySpans(exchange));
      else if (name === "background" && exchange.phases.hasBackground) add(name, [[exchange.phases.complete, exchange.phases.end]]);
    }
  }
  for (const [name, spans] of lanes) lanes.set(name, merged(spans));
  return { names: [...lanes.keys()], spans: [...lanes.values()], clients: clients.length };
}

/** When the app was at work: for a lifespan only from each message of the client to the app's next. */
function busySpans({ kind, entries, phases }) {
  if (kind !== "lifespan") return [[phases.began, phases.complete]];
  const asked = entries.filter((entry) => entry.actor === "client");
  return asked.map(({ at }) => [at, entries.find((entry) => entry.actor === "app" && entry.at >= at)?.at ?? phases.end]);
}

const appLane = (exchange) => (exchange.kind === "websocket" ? "WebSocket" : "app");

/** Whether it was the app's doing after its answer was complete. */
function isLate({ actor, at, background, exchange: { phases } }) {
  return actor === "app" && phases.hasBackground && (background || at > phases.complete);
}

function clientLane(exchange, lanes) {
  return lanes.clients > MOST_CLIENTS ? "clients" : exchange.client;
}

function merged(spans) {
  const found = [];
  for (const [from, to] of spans.toSorted((one, other) => one[0] - other[0])) {
    const last = found.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else found.push([from, to]);
  }
  return found;
}

const ALL_LANES = lanesOf(EXCHANGES);
const OWN_LANES = new Map();

function lanesFor(exchange) {
  if (!OWN_LANES.has(exchange.key)) OWN_LANES.set(exchange.key, lanesOf([exchange]));
  return OWN_LANES.get(exchange.key);
}

// -- what the filter leaves -------------------------------------------------------------

const words = new Map();

function wordsOf(thing) {
  if (!words.has(thing.key)) words.set(thing.key, (thing.entries ? exchangeWords : messageWords)(thing).join(" ").toLowerCase());
  return words.get(thing.key);
}

function exchangeWords(exchange) {
  const { title, kind, client, status, close_code, raised, called_from: from } = exchange;
  const asked = exchange.request_headers.flat();
  return [`#${exchange.number}`, title, kind, client, status ?? "", close_code ?? "", ...asked]
    .concat(raised ? [raised.text, raised.rule, raised.place] : [])
    .concat(from ? [from.file, from.function, from.text] : []);
}

function messageWords(entry) {
  return [entry.act, entry.status ?? "", entry.text, entry.body?.text ?? "", ...(entry.headers ?? []).flat()];
}

const matches = (thing) => view.terms.every((term) => wordsOf(thing).includes(term));

/** The exchanges that are shown, each with its messages that are. */
function found() {
  const shown = [];
  for (const exchange of EXCHANGES) {
    if (view.hiddenKinds.has(exchange.kind)) continue;
    if (view.failuresOnly && exchange.verdict !== "bad") continue;
    if (!view.terms.length || matches(exchange)) {
      shown.push({ exchange, entries: exchange.entries, isForced: false });
      continue;
    }
    const entries = exchange.entries.filter(matches);
    if (entries.length) shown.push({ exchange, entries, isForced: true });
  }
  return shown;
}

// -- the rows ---------------------------------------------------------------------------

const PAUSE = Math.max(0.05, LONGEST * 0.06);

function rowsOf(shown) {
  return view.isByTime ? rowsByTime(shown) : shown.flatMap(rowsOfExchange);
}

function rowsOfExchange({ exchange, entries, isForced }) {
  const rows = [{ kind: "exchange", key: exchange.key, thing: exchange }];
  if (!isForced && !view.open.has(exchange.key)) return rows;
  const lanes = lanesFor(exchange);
  if (view.open.has(exchange.key)) rows.push({ kind: "summary", key: `${exchange.key} more`, thing: exchange });
  rows.push({ kind: "lanes", key: `${exchange.key} lanes`, lanes });
  let before = exchange.began;
  for (const entry of entries) {
    if (!isForced) addBetween(rows, before, entry, lanes);
    addMessage(rows, entry, lanes, before);
    before = entry.at;
  }
  return rows;
}

function rowsByTime(shown) {
  const things = shown.flatMap(({ exchange, entries, isForced }) => (isForced ? entries : [exchange, ...entries]));
  things.sort((one, other) => timeOf(one) - timeOf(other));
  const rows = [];
  let before = 0;
  for (const thing of things) {
    if (!view.terms.length) addBetween(rows, before, thing, ALL_LANES);
    if (thing.entries) addOpening(rows, thing);
    else addMessage(rows, thing, ALL_LANES, before);
    before = timeOf(thing);
  }
  return rows;
}

const timeOf = (thing) => thing.at ?? thing.began;

function addOpening(rows, exchange) {
  rows.push({ kind: "opening", key: exchange.key, thing: exchange, lanes: ALL_LANES });
  if (view.open.has(exchange.key)) rows.push({ kind: "summary", key: `${exchange.key} more`, thing: exchange });
}

function addMessage(rows, entry, lanes, before) {
  rows.push({ kind: "message", key: entry.key, thing: entry, lanes, before });
  if (view.open.has(entry.key)) rows.push({ kind: "detail", key: `${entry.key} more`, thing: entry, before });
}

/** Say where messages were not kept, or where time passed. */
function addBetween(rows, before, thing, lanes) {
  const length = timeOf(thing) - before;
  if (thing.exchange && thing.index === thing.exchange.gap) {
    rows.push({ kind: "dropped", key: `${thing.key} dropped`, thing: thing.exchange, lanes });
  } else if (length >= PAUSE) rows.push({ kind: "pause", key: `${thing.key} pause`, thing, lanes, length, before });
}
