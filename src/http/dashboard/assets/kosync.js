// Behind a proxy that strips a path prefix, only the browser knows the server's full address.
document.querySelectorAll("[data-base]").forEach(function (element) {
  var address = new URL(element.getAttribute("data-base"), location.href).href.replace(/\/$/, "");
  if (element.tagName !== "INPUT") {
    element.textContent = address;
  } else if (!/(^|\.)localhost\.?$|^localhost\.localdomain$|^(127\..*|0\.0\.0\.0|\[::1?\]|\[::ffff:7f.*\])$/.test(location.hostname)) {
    element.value = address;
  }
});
// Browsers that do not know `autofocus` on a summary of errors get the focus here.
var errors = document.getElementById("errors");
if (errors && document.activeElement !== errors) errors.focus();
// Where the row of pages is wider than the window, the current page is in view.
(function () {
  var row = document.querySelector(".tabs"), current = row && row.querySelector("[aria-current], .current");
  if (current) row.scrollLeft = current.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - current.offsetWidth) / 2;
})();
