"use strict";
// What both pages share: elements, light and dark, words for lengths of time and sizes.

const byId = (id) => document.getElementById(id);

/** Make an element: "div.row.open". Children are elements or strings; strings are only ever text. */
function el(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  return furnished(made, { class: classes.join(" ") || null, ...attributes }, children);
}

const SVG = document.querySelector("svg").namespaceURI;

function svg(name, attributes = {}, ...children) {
  return furnished(document.createElementNS(SVG, name), attributes, children);
}

function furnished(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

// -- words ------------------------------------------------------------------------------

function seconds(length) {
  const ms = length * 1000;
  if (ms < 0.995) return `${ms.toFixed(2)} ms`;
  if (ms < 99.5) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return length < 99.5 ? `${length.toFixed(2)} s` : `${Math.round(length)} s`;
}

function bytes(size) {
  if (size < 1000) return `${size} B`;
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

const counted = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

// -- light and dark ---------------------------------------------------------------------

function remembered() {
  try {
    return localStorage.getItem("asgi-testkit theme");
  } catch {
    return null; // a browser that keeps nothing for pages from files
  }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("asgi-testkit theme", theme);
  } catch {
    // It lasts as long as the page, then.
  }
}

function turnTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const now = document.documentElement.dataset.theme || system;
  setTheme(now === "dark" ? "light" : "dark");
}

if (remembered()) document.documentElement.dataset.theme = remembered();
byId("theme").addEventListener("click", turnTheme);
