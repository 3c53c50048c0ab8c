// The index: which tests are shown.

const tests = [...byId("tests").children];
const words = tests.map((test) => test.textContent.toLowerCase());

function show() {
  const terms = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  tests.forEach((test, at) => {
    test.hidden = !terms.every((term) => words[at].includes(term));
  });
  const shown = tests.filter((test) => !test.hidden).length;
  byId("nothing").hidden = shown > 0 || tests.length === 0;
  byId("count").textContent = terms.length ? `${shown} of ${counted(tests.length, "test")}` : "";
}

function move(step) {
  const links = tests.filter((test) => !test.hidden).map((test) => test.querySelector("a"));
  const next = links[links.indexOf(document.activeElement) + step];
  if (next) next.focus();
}

byId("filter").addEventListener("input", show);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const filter = byId("filter");
  const isTyping = document.activeElement === filter;
  if (event.key === "Escape") {
    filter.value = "";
    filter.blur();
    show();
  } else if (event.key === "ArrowDown" || (event.key === "j" && !isTyping)) move(1);
  else if (event.key === "ArrowUp" || (event.key === "k" && !isTyping)) move(-1);
  else if (isTyping) return;
  else if (event.key === "/") filter.focus();
  else if (event.key === "t") turnTheme();
  else return;
  event.preventDefault();
});
show();
