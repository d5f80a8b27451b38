// What has to be scrolled sideways can be reached by keyboard: code, formulas and tables wider than the page.
function letScrollersBeReached() {
  for (const box of document.querySelectorAll("article pre, .table-wrapper, .math-wrapper, .cell_output .text_html"))
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
}

addEventListener("load", letScrollersBeReached);
addEventListener("resize", letScrollersBeReached);
addEventListener("toggle", letScrollersBeReached, true); // an answer unfolds
