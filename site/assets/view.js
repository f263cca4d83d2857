/* The view of the main table as a file. Loaded when somebody asks for one. */
(function () {
"use strict";
function download(name, type, text) {
  var link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: type }));
  link.download = name;
  link.click();
  setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
}

function csvCell(text) {
  if (/^\s*[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text)) text = "'" + text;
  return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
}
var LATEX = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}", '"': "\\textquotedbl{}", "–": "--", "±": "$\\pm$" };
function latexCell(text) { return text.replace(/[\\~^<>|"–±&%$#_{}]/g, function (c) { return LATEX[c] || "\\" + c; }); }
function markdownCell(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/[\\`*_{}[\]()#+!|~]/g, "\\$&").replace(/:\/\//g, "&#58;//").replace(/@/g, "&#64;").replace(/www\./g, "www&#46;");
}
var FORMS = {
  csv: ["text/csv", function (rows) { return rows.map(function (row) { return row.map(csvCell).join(","); }).join("\n") + "\n"; }],
  json: ["application/json", function (rows) {
    return JSON.stringify(rows.slice(1).map(function (row) { return Object.fromEntries(row.map(function (cell, at) { return [rows[0][at], cell]; })); }), null, 2) + "\n";
  }],
  tex: ["text/x-tex", function (rows) {
    var lines = rows.map(function (row) { return row.map(latexCell).join(" & ") + " \\\\"; });
    return ["\\begin{tabular}{rll" + "r".repeat(rows[0].length - 3) + "}", "\\toprule", lines[0], "\\midrule"].concat(lines.slice(1), "\\bottomrule", "\\end{tabular}", "").join("\n");
  }],
  md: ["text/markdown", function (rows) {
    var lines = rows.map(function (row) { return "| " + row.map(markdownCell).join(" | ") + " |"; });
    return [lines[0], "|" + " --- |".repeat(rows[0].length)].concat(lines.slice(1), "").join("\n");
  }]
};
window.site.save = function (task, form, rows) { download(task + "-view." + form, FORMS[form][0], FORMS[form][1](rows)); };
})();
