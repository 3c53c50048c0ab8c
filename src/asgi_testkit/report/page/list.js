// The list: only rows near the window are in the document, however many there are.

const list = byId("list");
const drawn = new Map(); // from a row's key to its element
const measured = new Map(); // from the key of what is unfolded to its height
const MARGIN = 400; // pixels drawn above and below the window
const GUESS = 240; // the height of what is unfolded, until it is measured

let rows = [];
let tops = [0];
let places = new Map(); // from a row's key to its index
let selected = null;

const HEIGHTS = { exchange: 38, opening: 32, message: 28, lanes: 28, pause: 24, dropped: 24 };

function heightOf(row) {
  if (row.kind === "exchange" && narrow.matches) return 58;
  return HEIGHTS[row.kind] ?? measured.get(row.key) ?? GUESS;
}

/** Show other rows: what is unfolded stays as it is, everything else is drawn anew. */
function refresh(shown = found()) {
  rows = rowsOf(shown);
  const kept = new Set(rows.filter((row) => !(row.kind in HEIGHTS)).map((row) => row.key));
  const hadFocus = drawn.get(selected)?.contains(document.activeElement);
  for (const [key, element] of drawn) if (!kept.has(key)) forget(key, element);
  layOutRows();
  draw();
  if (hadFocus) focusSelected();
}

function forget(key, element) {
  sizes.unobserve(element);
  element.remove();
  drawn.delete(key);
}

function layOutRows() {
  tops = new Float64Array(rows.length + 1);
  places = new Map();
  rows.forEach((row, at) => {
    tops[at + 1] = tops[at] + heightOf(row);
    places.set(row.key, at);
  });
  list.style.height = `${tops[rows.length]}px`;
  list.setAttribute("aria-rowcount", rows.length);
}

/** The index of the row that covers this distance from the list's top. */
function rowAt(distance) {
  let [low, high] = [0, rows.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tops[middle] <= distance) low = middle;
    else high = middle - 1;
  }
  return Math.max(low, 0);
}

function draw() {
  if (!rows.length) return;
  const hidden = -list.getBoundingClientRect().top;
  const from = rowAt(hidden - MARGIN);
  const to = rowAt(hidden + innerHeight + MARGIN);
  for (const [key, element] of drawn) {
    const at = places.get(key);
    if (at === undefined || at < from || at > to) forget(key, element);
  }
  let next = list.firstElementChild;
  for (let at = from; at <= to; at += 1) {
    const element = drawn.get(rows[at].key) ?? added(rows[at], next);
    element.style.transform = `translateY(${tops[at]}px)`;
    element.setAttribute("aria-rowindex", at + 1);
    next = element.nextElementSibling;
  }
}

function added(row, next) {
  const element = rowElement(row);
  list.insertBefore(element, next);
  drawn.set(row.key, element);
  if (row.kind in HEIGHTS) element.style.height = `${heightOf(row)}px`;
  else sizes.observe(element);
  showSelected(row.key);
  return element;
}

const sizes = new ResizeObserver((seen) => {
  let moved = 0;
  for (const { target } of seen) {
    const at = places.get(target.dataset.key);
    const height = target.offsetHeight;
    if (at === undefined || !height || heightOf(rows[at]) === height) continue;
    if (target.getBoundingClientRect().top < 0) moved += height - heightOf(rows[at]);
    measured.set(target.dataset.key, height);
  }
  layOutRows();
  if (moved) scrollBy(0, moved);
  draw();
});

// -- the selected row -------------------------------------------------------------------

const canBeSelected = (row) => ["exchange", "opening", "message"].includes(row.kind);

function showSelected(key) {
  const element = drawn.get(key);
  const isSelected = key === selected;
  if (!element || !canBeSelected(rows[places.get(key)])) return;
  element.setAttribute("aria-selected", isSelected);
  element.tabIndex = isSelected || (selected === null && places.get(key) === 0) ? 0 : -1;
}

function select(key) {
  const before = selected;
  selected = key;
  if (before !== null) showSelected(before);
  showSelected(key);
}

/** Select the row, bring it into sight and give it the focus. */
function goTo(key) {
  if (!places.has(key)) return;
  select(key);
  bringIntoSight(places.get(key));
  draw();
  focusSelected();
}

function focusSelected() {
  drawn.get(selected)?.focus({ preventScroll: true });
}

function bringIntoSight(at) {
  const top = list.getBoundingClientRect().top + tops[at];
  const above = byId("sticky").offsetHeight + 8;
  const below = innerHeight - heightOf(rows[at]) - 8;
  if (top < above) scrollBy(0, top - above);
  else if (top > below) scrollBy(0, top - below);
}

/** Bring what this row unfolds to into sight, as far as the row itself stays there. */
function reveal(key) {
  const detail = drawn.get(`${key} more`);
  if (!detail) return;
  measured.set(`${key} more`, detail.offsetHeight);
  layOutRows();
  const room = list.getBoundingClientRect().top + tops[places.get(key)] - byId("sticky").offsetHeight - 8;
  const hidden = detail.getBoundingClientRect().bottom + 8 - innerHeight;
  if (hidden > 0 && room > 0) scrollBy(0, Math.min(hidden, room));
  draw();
}

/** Select the nearest row in this direction, or the first or last one. */
function step(way) {
  let at = selected === null || !places.has(selected) ? (way > 0 ? -1 : rows.length) : places.get(selected);
  do at += way; while (rows[at] && !canBeSelected(rows[at]));
  if (rows[at]) goTo(rows[at].key);
}

function goToEnd(way) {
  const end = way > 0 ? rows.find(canBeSelected) : rows.findLast(canBeSelected);
  if (end) goTo(end.key);
}
