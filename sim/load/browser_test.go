package load_test

import (
	"testing"

	"ringback/fixtures/browser"
)

// hover points at a place in the middle of the first plot, and returns what it says.
const hover = `{
  const box = document.querySelector("#latency .box"), r = box.getBoundingClientRect();
  box.dispatchEvent(new PointerEvent("pointermove", { clientX: r.left + r.width * 0.4, clientY: r.top + 5 }));
  return document.querySelector("#latency output").textContent;
}`

func TestReportInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("plays none of this code")
	}
	browser.Find(t).Check(t, hover, "16s to 17s: p50 60ms, p99 700ms, worst 2.004s", written(t, sampleReport()), limitPage(t, sampleLimit()))
}
