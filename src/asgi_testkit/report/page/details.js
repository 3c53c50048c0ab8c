// What unfolds: headers, bodies (JSON laid out, bytes in hex), the request's own facts.

const LONGEST_COLOURED = 60000;

function fields(pairs) {
  const rows = pairs.map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value || "(empty)")));
  return el("table.fields", {}, el("tbody", {}, ...rows));
}

function block(title, ...content) {
  return el("section.block", {}, el("h3", {}, title), ...content);
}

// -- messages ---------------------------------------------------------------------------

function messageDetail(entry, before) {
  const { exchange } = entry;
  const said = [
    `${seconds(entry.at - exchange.began)} after the beginning of #${exchange.number}`,
    entry.at > before ? `${seconds(entry.at - before)} after the line above` : "",
    entry.size === null ? "" : `${entry.size.toLocaleString("en")} bytes`,
    entry.more ? "more to come" : "",
    isLate(entry) ? "after the response was complete" : "",
  ];
  return el(
    "div.unfolded", {},
    el("p.said", {}, said.filter(Boolean).join(" · ")),
    entry.text ? el("pre.words", { class: `words ${entry.act}` }, entry.text) : null,
    entry.headers ? block("Headers", entry.headers.length ? fields(entry.headers) : el("p.said", {}, "none")) : null,
    entry.body ? body(entry.body, entry.size) : null,
  );
}

function body(kept, size) {
  if (!kept.text && !kept.base64) return size ? el("p.said", {}, "The body is compressed in a way that is not known here.") : null;
  const content = kept.kind === "bytes" ? hexDump(kept.base64) : kept.kind === "json" ? jsonText(kept.text) : plainText(kept.text);
  const title = { bytes: "Body, bytes", json: "Body, JSON", text: "Body, text" }[kept.kind];
  const copied = kept.kind === "bytes" ? content.textContent : kept.text;
  const note = kept.cut ? el("p.said", {}, "Cut: the rest was not kept.") : null;
  return block(title, el("div.code", {}, content, copyButton(copied, content)), note);
}

const pre = (label, ...content) => el("pre", { tabindex: 0, role: "region", "aria-label": label }, ...content);
const plainText = (text) => pre("text", text);

// -- JSON: laid out token by token, so that numbers and cut documents stay as they were ----

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"?|[{}[\],:]|[^\s{}[\],:"]+/g;

function jsonText(text) {
  if (text.length > LONGEST_COLOURED) return plainText(text);
  const parts = layOut(text.match(TOKEN) ?? []);
  return pre("JSON", ...parts.map(([name, part]) => (name ? el(`span.${name}`, {}, part) : part)));
}

function layOut(tokens) {
  const parts = [];
  let depth = 0;
  const newLine = () => parts.push(["", `\n${"  ".repeat(depth)}`]);
  tokens.forEach((token, at) => {
    if ("}]".includes(token)) {
      depth = Math.max(depth - 1, 0);
      if (!"{[".includes(tokens[at - 1])) newLine();
    }
    parts.push([tokenClass(token, tokens[at + 1]), token === ":" ? ": " : token]);
    if ("{[".includes(token)) depth += 1;
    const isEmpty = "{[".includes(token) && "}]".includes(tokens[at + 1] ?? " ");
    if ("{[,".includes(token) && !isEmpty) newLine();
  });
  return parts;
}

function tokenClass(token, next) {
  if ("{}[],:".includes(token)) return "";
  if (!token.startsWith('"')) return "literal";
  return next === ":" ? "key" : "string";
}

// -- bytes ------------------------------------------------------------------------------

function hexDump(base64) {
  const all = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const wide = narrow.matches ? 8 : 16;
  const lines = [];
  for (let at = 0; at < all.length; at += wide) lines.push(hexLine(all.subarray(at, at + wide), at, wide));
  return pre("bytes in hexadecimal", ...lines.flat());
}

function hexLine(piece, at, wide) {
  const hex = [...piece].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const letters = [...piece].map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
  return [el("span.at", {}, at.toString(16).padStart(6, "0")), `  ${hex.padEnd(wide * 3)} `, el("span.string", {}, letters), "\n"];
}

// -- exchanges --------------------------------------------------------------------------

function exchangeSummary(exchange) {
  const { raised, called_from: from } = exchange;
  return el(
    "div.unfolded.summary", {},
    el(
      "div.column", {},
      raised ? raisedBlock(raised) : null,
      from ? calledFrom(from) : null,
      block("Time", ...phrases(exchange).map((said) => el("p.said", {}, said))),
    ),
    el("div.column", {}, exchange.request_headers.length ? block(`Request headers (${protocol(exchange)})`, fields(exchange.request_headers)) : null),
    exchange.curl ? curlBlock(exchange.curl) : null,
  );
}

function calledFrom({ file, line, function: name, text }) {
  return block("Called from", place(`${file}:${line}`, name), text ? el("pre.line", {}, text) : null);
}

function raisedBlock(raised) {
  return el(
    "section.block.raised", {},
    el("h3", {}, raised.rule ? `The app raised; rule ${raised.rule}` : "The app raised"),
    raised.place ? place(raised.place) : null,
    el("pre.words.raised", {}, raised.text),
  );
}

const place = (where, within) => el("p.place", {}, el("code", {}, where), within ? ` in ${within}` : "");
const protocol = ({ scheme, http_version: version }) => `${scheme}, HTTP/${version}`;

function curlBlock(command) {
  const line = el("pre", { tabindex: 0, role: "region", "aria-label": "curl command" }, command);
  return block("To try it", el("div.code", {}, line, copyButton(command, line)));
}

/** A button that copies; where the browser forbids it, the text is selected for Ctrl+C. */
function copyButton(text, shown) {
  const button = el("button.copy", { type: "button" }, "Copy");
  const say = (word) => {
    button.textContent = word;
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  };
  button.addEventListener("click", () => {
    const copied = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
    copied.then(() => say("Copied"), () => { getSelection().selectAllChildren(shown); say("Selected"); });
  });
  return button;
}
