/* A classic script: no modules, no fetch, so that it works from a disk. Every page is complete without it. */
(function () {
"use strict";
var doc = document, html = doc.documentElement;
function one(selector, within) { return (within || doc).querySelector(selector); }
function all(selector, within) { return Array.from((within || doc).querySelectorAll(selector)); }
function stored(value) {
  try {
    if (value === undefined) return localStorage.getItem("theme");
    if (value) localStorage.setItem("theme", value); else localStorage.removeItem("theme");
  } catch (error) { /* private windows have no storage */ }
  return null;
}
html.classList.add("on");
if (stored()) html.setAttribute("data-theme", stored() === "dark" ? "dark" : "light");

function say(text) { one("#say").textContent = text; }

/* The view in the address: shareable on any host, and from a disk. */
function readHash() {
  var found = {};
  location.hash.slice(1).split("&").forEach(function (part) {
    var at = part.indexOf("=");
    if (at > 0) try { found[part.slice(0, at)] = decodeURIComponent(part.slice(at + 1)); } catch (error) { /* not ours */ }
  });
  return found;
}
function writeHash(view) {
  var text = Object.keys(view).filter(function (key) { return view[key]; })
    .map(function (key) { return key + "=" + encodeURIComponent(view[key]); }).join("&");
  if (text !== location.hash.slice(1) && (text || location.hash.indexOf("=") > 0))
    history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
}

function copied(button) {
  var label = one("span", button) || button, before = label.textContent;
  label.textContent = "Copied";
  say("Copied");
  setTimeout(function () { label.textContent = before; }, 1400);
}
function copy(text, button) {
  function byHand() {
    var area = doc.createElement("textarea");
    area.value = text;
    doc.body.appendChild(area);
    area.select();
    if (doc.execCommand("copy")) copied(button);
    area.remove();
  }
  if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(text).then(function () { copied(button); }, byHand);
  else byHand();
}
function themeButton() {
  var button = one("#theme"), names = { dark: "Dark", light: "Light" };
  if (!button) return;
  function show() {
    var now = html.getAttribute("data-theme");
    one("span", button).textContent = names[now] || "Auto";
    button.setAttribute("aria-label", (names[now] || "Auto") + ": colour theme, press to change");
  }
  button.onclick = function () {
    var now = html.getAttribute("data-theme"), next = !now ? "dark" : now === "dark" ? "light" : "";
    if (next) html.setAttribute("data-theme", next); else html.removeAttribute("data-theme");
    stored(next);
    show();
  };
  show();
}
function menus() {
  doc.addEventListener("click", function (event) {
    all("details.menu[open]").forEach(function (menu) { if (!menu.contains(event.target)) menu.open = false; });
  });
  doc.addEventListener("keydown", function (event) {
    if (event.key === "Escape") all("details.menu[open]").forEach(function (menu) { menu.open = false; one("summary", menu).focus(); });
  });
  all("[data-copy]").forEach(function (button) {
    button.onclick = function () { copy(button.dataset.copy === "link" ? location.href : one(button.dataset.copy).textContent, button); };
  });
}
function typing(event) {
  return /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey;
}

var site = window.site = { one: one, all: all, readHash: readHash, writeHash: writeHash, say: say, typing: typing };

/* The main table. Ranks, bars and intervals of every score come with the page; nothing is computed here. */
function board() {
  var table = one("table.lb"), data = JSON.parse(one("#data").textContent), body = table.tBodies[0], none = one("tr.none", body);
  var PAGE = 200, PARTS = ["top", "mid", "end", "skip"], FIRST = 4;
  var lines = all("tr[data-i]", body).map(function (row, place) {
    var name = one("a", row).textContent;
    return { row: row, i: place, name: name, hay: (name + " " + one(".sys", row).textContent + " " + one("a", row).getAttribute("href")).toLowerCase(), type: row.dataset.t || "", open: "o" in row.dataset, score: data.sort };
  });
  var heads = all("thead th[data-sort]", table), groups = all("[data-group]");
  var offAtFirst = groups.filter(function (chip) { return chip.getAttribute("aria-pressed") === "false"; }).map(function (chip) { return chip.dataset.group; }).join(" ");
  var view = {}, shown = [], everything = false;
  heads.forEach(function (head) {
    var button = doc.createElement("button");
    button.type = "button";
    while (head.firstChild) button.appendChild(head.firstChild);
    head.appendChild(button);
    head.dataset.arrow = head.hasAttribute("aria-sort") ? (data.scores[data.sort].up ? "↑" : "↓") : one(".ar", head).textContent;
    button.onclick = function () {
      var key = head.dataset.sort;
      if (view.sort === key) view.back = !view.back; else { view.sort = key; view.back = false; }
      draw("Sorted by " + head.title);
    };
  });
  /* Hidden groups by their metrics' names in the address, by their numbers here. */
  function numbers(text) {
    return groups.filter(function (chip) { return text.split(",").includes(chip.dataset.name); }).map(function (chip) { return chip.dataset.group; }).join(" ");
  }
  function names(off) { return off.split(" ").filter(Boolean).map(function (number) { return groups[number].dataset.name; }).join(","); }
  /* The score that ranks, bars and the forest column are about. */
  function about() { return view.sort === "name" ? data.sort : +view.sort; }
  function fromHash() {
    var hash = readHash();
    var sort = data.scores.findIndex(function (score) { return score.name === hash.sort; });
    view = {
      sort: hash.sort === "name" ? "name" : String(sort < 0 ? data.sort : sort), back: hash.dir === "back", q: hash.q || "",
      type: hash.type || "", open: hash.open === "1", off: hash.off === undefined ? offAtFirst : numbers(hash.off), half: hash.half !== "off"
    };
    if (one("#q")) one("#q").value = view.q;
    if (one("#type")) { one("#type").value = view.type; view.type = one("#type").value || ""; }
    if (one("#open")) one("#open").checked = view.open; else view.open = false;
  }
  function toHash() {
    var sort = view.sort === "name" ? "name" : data.scores[about()].name;
    writeHash({
      sort: view.sort === String(data.sort) ? "" : sort, dir: view.back ? "back" : "", q: view.q, type: view.type, open: view.open ? "1" : "",
      off: view.off === offAtFirst ? "" : names(view.off) || "-", half: view.half ? "" : "off"
    });
  }
  function place(line) {
    return data.scores[about()].places[line.i] || Infinity;
  }
  function compare(a, b) {
    if (view.sort === "name") return (view.back ? -1 : 1) * a.name.localeCompare(b.name, "en", { numeric: true }) || a.i - b.i;
    var left = place(a), right = place(b);
    if (left === right) return a.i - b.i;
    if (left === Infinity || right === Infinity) return left - right;
    return view.back ? right - left : left - right;
  }
  function rankCell(cell, rank) {
    cell.replaceChildren();
    cell.appendChild(doc.createElement("b")).textContent = rank ? rank[0] : "–";
    if (rank && rank[1] !== rank[2]) cell.appendChild(doc.createElement("small")).textContent = rank[1] + "–" + rank[2];
  }
  function paint(line) {
    var now = about(), score = data.scores[now], cells = line.row.cells, mark = score.marks[line.i], drawing = one("svg", cells[3]);
    if (line.score === now) return;
    line.score = now;
    rankCell(cells[0], score.ranks[line.i]);
    cells[1].replaceChildren();
    (score.bars[line.i] || []).forEach(function (piece) { cells[1].appendChild(doc.createElement("i")).className = "l" + piece[0] + " " + PARTS[piece[1]]; });
    var figure = cells[FIRST + now], half = one("small", figure);
    one("em", cells[3]).textContent = figure.textContent.replace(half ? half.textContent : "", "") + " ";
    if (half) one("em", cells[3]).appendChild(half.cloneNode(true));
    if (!drawing) {
      cells[3].insertAdjacentHTML("beforeend", '<svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true"><rect class="ci" y="6" height="8"/><rect class="pt" y="1" width="16" height="18"/></svg>');
      drawing = one("svg", cells[3]);
    }
    drawing.toggleAttribute("hidden", !mark);
    if (!mark) return;
    drawing.firstElementChild.setAttribute("x", mark[0]);
    drawing.firstElementChild.setAttribute("width", mark[1]);
    drawing.lastElementChild.setAttribute("x", mark[2] - 8);
  }
  function fits(words) {
    return function (line) {
      return (!view.type || line.type === view.type) && (!view.open || line.open) && words.every(function (word) { return line.hay.includes(word); });
    };
  }
  function heading() {
    var score = data.scores[about()], axis = all(".ax span", table);
    axis[0].textContent = score.axis[0];
    axis[1].textContent = score.label;
    axis[2].textContent = score.axis[1];
    heads.forEach(function (head) {
      var on = head.dataset.sort === view.sort, rising = view.sort === "name" || !data.scores[+view.sort].up;
      if (view.back) rising = !rising;
      if (on) head.setAttribute("aria-sort", rising ? "ascending" : "descending"); else head.removeAttribute("aria-sort");
      one(".ar", head).textContent = on ? (rising ? "▲" : "▼") : head.dataset.arrow;
    });
    table.classList.toggle("up", view.back);
    table.classList.toggle("nohalf", !view.half);
    groups.forEach(function (chip) {
      var off = view.off.split(" ").includes(chip.dataset.group);
      chip.setAttribute("aria-pressed", String(!off));
      table.classList.toggle("off" + chip.dataset.group, off);
    });
    one("#half").setAttribute("aria-pressed", String(view.half));
  }
  function counts(found) {
    var text = found === lines.length ? lines.length + (lines.length === 1 ? " system" : " systems") : found + " of " + lines.length + " systems; ranks are those of the full table";
    one("#count").textContent = text;
    one("#reset").hidden = !(view.q || view.type || view.open || view.off !== offAtFirst || !view.half || view.back || view.sort !== String(data.sort));
    return text;
  }
  function draw(message) {
    var words = view.q.toLowerCase().split(/\s+/).filter(Boolean), found = lines.filter(fits(words)).sort(compare), fragment = doc.createDocumentFragment();
    shown = found;
    (everything ? found : found.slice(0, PAGE)).forEach(function (line) {
      paint(line);
      line.row.classList.remove("late");
      fragment.appendChild(line.row);
    });
    table.classList.toggle("loose", view.sort === "name");
    fragment.appendChild(none);
    body.replaceChildren(fragment);
    none.hidden = found.length > 0;
    one(".more").hidden = everything || found.length <= PAGE;
    one("#more").textContent = "Show all " + found.length;
    heading();
    var text = counts(found.length);
    toHash();
    if (message) say(message + ". " + text);
  }
  function on(selector, name, act) { if (one(selector)) one(selector).addEventListener(name, act); }
  on("#q", "input", function () { view.q = this.value.trim(); draw("Filtered"); });
  on("#type", "change", function () { view.type = this.value; draw("Filtered"); });
  on("#open", "change", function () { view.open = this.checked; draw("Filtered"); });
  on("#half", "click", function () { view.half = !view.half; draw("Intervals " + (view.half ? "shown" : "hidden")); });
  on("#more", "click", function () { everything = true; draw("All rows shown"); });
  on("#reset", "click", function () { history.replaceState(null, "", location.pathname + location.search); fromHash(); draw("Reset"); one("#q").focus(); });
  groups.forEach(function (chip) {
    chip.onclick = function () {
      var off = view.off.split(" ").filter(Boolean), at = off.indexOf(chip.dataset.group);
      if (at < 0) off.push(chip.dataset.group); else off.splice(at, 1);
      view.off = off.sort().join(" ");
      draw(chip.textContent + (at < 0 ? " hidden" : " shown"));
    };
  });
  all("[data-view]").forEach(function (button) { button.onclick = function () { save(button.dataset.view); }; });

  /* The view as a file, with the figures as they are shown. Few ask for one: view.js, which writes it, comes then. */
  function cellsOf(line) {
    var cells = line.row.cells, columns = visible(), rank = line.row.cells[0];
    paint(line);
    return [rank.firstChild.textContent, rank.childNodes[1] ? rank.childNodes[1].textContent : "", line.name].concat(columns.flatMap(function (column) {
      var cell = cells[FIRST + column], half = one("small", cell), value = cell.firstChild.textContent;
      return view.half ? [value, half ? half.textContent.slice(1) : ""] : [value];
    }));
  }
  function visible() {
    return heads.filter(function (head) { return head.dataset.sort !== "name" && head.offsetParent !== null; }).map(function (head) { return +head.dataset.sort; });
  }
  function header() {
    return ["rank", "range", "name"].concat(visible().flatMap(function (column) {
      var name = data.scores[column].name;
      return view.half ? [name, name + " ±"] : [name];
    }));
  }
  function save(form) {
    var rows = [header()].concat(shown.map(cellsOf));
    if (site.save) return site.save(data.task, form, rows);
    var script = doc.createElement("script");
    script.src = one("script[src$='/script.js']").src.replace(/script\.js$/, "view.js");
    script.onload = function () { site.save(data.task, form, rows); };
    script.onerror = function () { say("assets/view.js cannot be loaded"); };
    doc.head.appendChild(script);
  }
  doc.addEventListener("keydown", function (event) { if (event.key === "/" && !typing(event)) { event.preventDefault(); one("#q").focus(); } });
  window.addEventListener("hashchange", function () { if (location.hash.indexOf("=") > 0 || !location.hash) { fromHash(); draw(); } });
  if (window.matchMedia("(max-width: 760px)").matches && location.hash.indexOf("=") < 0) one("details.ctl").open = false;
  one("details.ctl").classList.add("ready");
  fromHash();
  draw();
}

doc.addEventListener("DOMContentLoaded", function () {
  themeButton();
  menus();
  if (one("table.lb") && one("#data")) board();
});
})();
