"use strict";
for (const figure of document.querySelectorAll("figure[data-reads]")) {
  const reads = JSON.parse(figure.dataset.reads), box = figure.querySelector(".box");
  const cross = figure.querySelector(".cross"), out = figure.querySelector("output"), was = out.textContent;
  const show = event => {
    const { left, width } = box.getBoundingClientRect(), at = 100 * (event.clientX - left) / width;
    const near = reads.reduce((a, b) => Math.abs(b.at - at) < Math.abs(a.at - at) ? b : a);
    cross.style.left = near.at + "%";
    cross.hidden = false;
    out.textContent = near.text;
  };
  box.addEventListener("pointermove", show);
  box.addEventListener("pointerdown", show);
  box.addEventListener("pointerleave", () => { cross.hidden = true; out.textContent = was; });
}
