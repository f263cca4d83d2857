/* Lists that can be sorted, and the page of an example. Both are complete without it. */
(function () {
"use strict";
var doc = document, site = window.site, one = site.one, all = site.all, readHash = site.readHash, writeHash = site.writeHash, say = site.say, typing = site.typing;

/* Any other list: figures by their size, words by the alphabet, what is missing last in both directions. */
function sortable(table) {
  var body = table.tBodies[0], rows = Array.from(body.rows), heads = Array.from(table.tHead.rows[0].cells), now = -1, back = false;
  function key(row, at) {
    var text = row.cells[at].textContent.trim(), number = parseFloat(text.replace("−", "-"));
    return text === "–" ? null : heads[at].classList.contains("r") ? number : text;
  }
  function sort(at) {
    var keys = new Map(rows.map(function (row, place) { return [row, [key(row, at), place]]; }));
    rows.slice().sort(function (left, right) {
      var a = keys.get(left), b = keys.get(right);
      if (a[0] === null || b[0] === null) return (a[0] === null) - (b[0] === null) || a[1] - b[1];
      var order = typeof a[0] === "number" ? a[0] - b[0] : a[0].localeCompare(b[0], "en", { numeric: true });
      return (back ? -order : order) || a[1] - b[1];
    }).forEach(function (row) { body.appendChild(row); });
    heads.forEach(function (head, place) {
      if (place === at) head.setAttribute("aria-sort", back ? "descending" : "ascending"); else head.removeAttribute("aria-sort");
      one(".ar", head).textContent = place === at ? (back ? "▼" : "▲") : "";
    });
    now = at;
    writeHash({ sort: at + 1, dir: back ? "down" : "up" });
  }
  heads.forEach(function (head, at) {
    var button = doc.createElement("button"), arrow = doc.createElement("span");
    button.type = "button";
    while (head.firstChild) button.appendChild(head.firstChild);
    arrow.className = "ar";
    arrow.setAttribute("aria-hidden", "true");
    button.appendChild(arrow);
    head.appendChild(button);
    button.onclick = function () {
      back = at === now ? !back : head.classList.contains("r") && at > 0;
      sort(at);
      say("Sorted by " + button.textContent);
    };
  });
  var hash = readHash(), wanted = +hash.sort - 1;
  if (heads[wanted]) { back = hash.dir === "down"; sort(wanted); }
}

/* An example: which marks, and in which order. Both stay while the reader goes from paper to paper. */
function example() {
  var frame = one(".ex"), marks = all("input[name=mark]"), by = one("#by"), list = one(".outs"), outputs = all(".out", list);
  function value(output, at) {
    var text = output.dataset.k.split(" ")[at];
    return text === "-" || text === undefined ? -Infinity : +text;
  }
  /* The score that decides the order stands beside every output, also where the page does not show it. */
  function beside(output, at) {
    var old = one(".by", output), scores = one(".mx", output), option = by.options[at], text = output.dataset.k.split(" ")[at];
    if (old) old.remove();
    if (option.hasAttribute("data-beside")) return;
    var span = doc.createElement("span"), bold = doc.createElement("b");
    span.className = "by";
    span.textContent = option.text.split(", ")[0] + " ";
    bold.textContent = text === "-" || text === undefined ? "–" : text;
    span.appendChild(bold);
    scores.insertBefore(span, scores.firstChild);
  }
  function sort(at) {
    outputs.slice().sort(function (a, b) { return value(b, at) - value(a, at) || outputs.indexOf(a) - outputs.indexOf(b); })
      .forEach(function (output, place) { list.appendChild(output); one(".pos", output).textContent = place + 1; beside(output, at); });
  }
  function mark(name) {
    frame.dataset.mark = name;
    marks.forEach(function (input) { input.checked = input.value === name; });
  }
  function remember() {
    writeHash({ mark: frame.dataset.mark === "ref" ? "" : frame.dataset.mark, by: by.selectedIndex > 0 ? by.selectedIndex : "" });
    all("a[rel]").forEach(function (link) { link.hash = location.hash.indexOf("=") > 0 ? location.hash : ""; });
  }
  marks.forEach(function (input) { input.onchange = function () { mark(input.value); remember(); say("Marked: " + input.nextElementSibling.textContent); }; });
  by.onchange = function () { sort(by.selectedIndex); remember(); say("Sorted by " + by.options[by.selectedIndex].text); };
  var hash = readHash();
  if (marks.some(function (input) { return input.value === hash.mark; })) mark(hash.mark);
  if (by.options[+hash.by]) { by.selectedIndex = +hash.by; sort(+hash.by); }
  remember();
  doc.addEventListener("keydown", function (event) {
    var rel = { ArrowRight: "next", ArrowLeft: "prev" }[event.key], link = rel && !typing(event) && one("a[rel=" + rel + "]");
    if (link) link.click();
  });
}

doc.addEventListener("DOMContentLoaded", function () {
  all("table.sortable").forEach(sortable);
  if (one(".ex")) example();
});
})();
