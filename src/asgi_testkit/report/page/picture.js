// Pictures: bars of the waterfall, its axis, and the lanes of the sequence.

// -- the waterfall ----------------------------------------------------------------------

const SPAN = LONGEST * 1.01;
const percent = (at) => `${((at / SPAN) * 100).toFixed(3)}%`;

function bar(exchange) {
  const { began, start, complete, end } = exchange.phases;
  const picture = el(`div.bar.${exchange.verdict}`, { title: phrases(exchange).join("\n") });
  if (exchange.kind === "http") {
    part(picture, "waiting", began, start ?? complete);
    if (start !== null) part(picture, "streaming", start, complete);
  } else part(picture, "line", began, complete);
  if (complete < end) part(picture, "background", complete, end);
  if (exchange.kind === "websocket" || exchange.entries.length > 5) picture.append(...ticks(exchange));
  if (exchange.raised) mark(picture, exchange);
  return picture;
}

function part(picture, name, from, to) {
  const made = el(`span.${name}`);
  made.style.left = percent(from);
  made.style.width = percent(Math.max(to - from, 0));
  picture.append(made);
}

function mark(picture, exchange) {
  const made = el("span.raised");
  made.style.left = percent(exchange.entries.findLast((entry) => entry.act === "raised")?.at ?? exchange.phases.end);
  picture.append(made);
}

/** One stroke a message, at most one in each of 600 places; what is the client's hangs below. */
function ticks(exchange) {
  return ["client", "app"].map((actor) => {
    const own = exchange.entries.filter((entry) => entry.actor === actor && entry.act.includes("."));
    const places = new Set(own.map((entry) => Math.round((entry.at / SPAN) * 600)));
    const path = [...places].map((x) => (actor === "app" ? `M${x} 0V8` : `M${x} 8V16`)).join("");
    const strokes = svg("path", { d: path, "vector-effect": "non-scaling-stroke" });
    return svg("svg", { class: `ticks ${actor}`, viewBox: "0 0 600 16", preserveAspectRatio: "none" }, strokes);
  });
}

/** Where the time of an exchange went, in words. */
function phrases(exchange) {
  const { began, start, complete, end } = exchange.phases;
  const said = [];
  if (exchange.kind === "http" && start !== null) {
    said.push(`${seconds(start - began)} until the response began`);
    if (complete - start > 0) said.push(`${seconds(complete - start)} until it was complete`);
  } else if (exchange.kind === "http") said.push(`${seconds(complete - began)} without a response`);
  else if (start !== null) said.push(`${seconds(start - began)} until it was accepted`, `${seconds(complete - start)} open`);
  else said.push(`${seconds(complete - began)} in all`);
  if (complete < end) said.push(`${seconds(end - complete)} of background work`);
  if (exchange.ended === null) said.push("not over when the trace was made");
  return said;
}

/** The step between two lines of the axis: 1, 2 or 5 of a power of ten. */
function axisStep() {
  const rough = SPAN / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((factor) => power * factor >= rough);
}

function axis() {
  const step = axisStep();
  const marks = [];
  for (let at = 0; at < SPAN * 0.95; at += step) {
    const made = el("span", {}, at === 0 ? "0" : round(at));
    made.style.left = percent(at);
    marks.push(made);
  }
  return el("div.axis", {}, ...marks);
}

const round = (at) => (LONGEST < 1 ? `${+(at * 1000).toPrecision(3)} ms` : `${+at.toPrecision(3)} s`);

// -- the lanes --------------------------------------------------------------------------

const narrow = matchMedia("(max-width: 720px)");
const laneWidth = () => (narrow.matches ? 22 : 76);
const laneX = (at) => laneWidth() * (at + 0.5);

function laneNames(lanes) {
  const names = lanes.names.map((name) => el("span", { title: name }, narrow.matches ? short(name) : name));
  const made = el("div.lane-names", {}, ...names);
  made.style.setProperty("--lane", `${laneWidth()}px`);
  return made;
}

const short = (name) => name.replace(/^client /, "c").replace("background", "bg").replace("WebSocket", "ws").replace("clients", "c");

/** The piece of the sequence that belongs to one row: lanes, who is at work, and an arrow. */
function lanePicture(row, height) {
  const { lanes, thing } = row;
  const width = laneWidth() * lanes.names.length;
  const at = row.kind === "pause" ? (row.before + timeOf(thing)) / 2 : timeOf(thing);
  const ways = lanes.names.map((_, index) => `M${laneX(index)} 0V${height}`);
  const busy = ways.filter((_, index) => isBusy(lanes.spans[index], at));
  const act = ["message", "opening"].includes(row.kind) ? arrow(row, height / 2) : [];
  return svg(
    "svg", { class: "picture", width, height, "aria-hidden": "true" },
    svg("path", { d: ways.join(""), class: "lane" }),
    busy.length ? svg("path", { d: busy.join(""), class: "busy" }) : null,
    ...act,
  );
}

const isBusy = (spans, at) => spans.some(([from, to]) => from <= at && at <= to);

function arrow(row, y) {
  const { thing, lanes } = row;
  const exchange = thing.exchange ?? thing;
  const client = laneX(lanes.names.indexOf(clientLane(exchange, lanes)));
  const app = laneX(lanes.names.indexOf(thing.exchange && isLate(thing) ? "background" : appLane(exchange)));
  const name = row.kind === "opening" ? "client" : colourOf(thing);
  if (name === "raised") return [cross(app, y)];
  if (name === "returned") return [svg("circle", { cx: app, cy: y, r: 4, class: name })];
  return thing.actor === "app" ? shaft(app, client, y, name) : shaft(client, app, y, name);
}

function colourOf(entry) {
  if (entry.act === "raised" || entry.act === "returned") return entry.act;
  if (entry.act.includes("disconnect")) return "gone";
  return isLate(entry) ? "late" : entry.actor;
}

function shaft(from, to, y, name) {
  const way = Math.sign(to - from);
  const tip = to - way * 2;
  const dot = `M${from - 2.5} ${y}a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0z`;
  return [
    svg("path", { d: `M${from} ${y}H${tip - way * 5}`, class: `shaft ${name}` }),
    svg("path", { d: `${dot}M${tip} ${y}l${-7 * way} -4v8z`, class: `point ${name}` }),
  ];
}

function cross(x, y) {
  return svg("path", { d: `M${x - 5} ${y - 5}l10 10m0 -10l-10 10`, class: "raised" });
}
